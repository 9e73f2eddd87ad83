//! Do several users match the same rule at the same target? That looks like a false alarm, and notices say so.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::keyed_hash::Digest;
use crate::state::buckets::{Buckets, Kept};
use crate::state::cells::Cells;
use crate::state::table::{Change, Failure};

/// So many users make it common.
const MANY: usize = 3;

/// So many pairs of a rule and a target are remembered; a service has a few thousand parameters, and few ever match.
const SIGHTINGS: u32 = 1024;

/// Where rules matched, and for which users.
#[derive(Clone, Debug)]
pub struct Common {
    sightings: Buckets<Sighting>,
}

/// A rule and a target, and the newest users for whom it matched there.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Sighting {
    id: Digest,
    users: Vec<(u64, Timestamp)>,
}

impl Common {
    /// Sightings in the cells `<prefix>/common/…`.
    pub fn new(prefix: &str) -> Self {
        Self { sightings: Buckets::new(format!("{prefix}/common"), SIGHTINGS) }
    }

    /// Records that the rule and target for which the hash `id` stands matched for `user`. Returns whether three users
    /// were within `window`.
    ///
    /// # Errors
    /// The cells can't be changed.
    pub fn see(
        &self,
        cells: &impl Cells,
        id: Digest,
        user: Digest,
        window: Duration,
        now: Timestamp,
    ) -> Result<bool, Failure> {
        self.sightings.update(cells, id, |bucket| {
            let (sighting, _) = bucket.admit(id, || Sighting { id, users: Vec::new() });
            let before = sighting.users.clone();
            sighting.users.retain(|(known, seen)| *known != user.short() && now.since(*seen) < window);
            sighting.users.insert(0, (user.short(), now));
            sighting.users.truncate(MANY);
            let is_common = sighting.users.len() == MANY;
            // The same users again within the hour change nothing worth writing.
            let is_known = |(user, seen): &(u64, Timestamp)| {
                before.iter().any(|(known, before)| known == user && seen.since(*before) < REFRESH)
            };
            if before.len() == sighting.users.len() && sighting.users.iter().all(is_known) {
                return Change::None(is_common);
            }
            Change::Made(is_common)
        })
    }
}

/// A sighting's time is rewritten no more often than this.
const REFRESH: Duration = Duration::from_secs(60 * 60);

impl Kept for Sighting {
    const FORMAT: u8 = 1;

    fn id(&self) -> Digest {
        self.id
    }

    /// The one seen longest ago is evicted: one client can't displace the sightings of others for long.
    fn worth(&self) -> impl Ord {
        self.users.iter().map(|(_, seen)| *seen).max()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keyed_hash::Key;
    use crate::state::memory::Memory;

    #[test]
    fn three_users_within_the_window_are_common() {
        let (cells, common, key) = (Memory::default(), Common::new("t"), Key::from_passphrase("k"));
        let hour = 60 * 60 * 1000;
        let rows = [
            ("a", 0, false),
            ("a", 1, false),
            ("b", 2, false),
            ("c", 3, true),
            ("a", 4, true),
            // All but the newest have left the window.
            ("d", 25 * hour, false),
        ];
        for (user, at, expected) in rows {
            let (id, user_id) = (key.digest("where", &[b"sqli query:q"]), key.digest("user", &[user.as_bytes()]));
            let day = Duration::from_secs(24 * 60 * 60);
            let seen = common.see(&cells, id, user_id, day, Timestamp::from_millis(at));
            assert_eq!(seen, Ok(expected), "{user} {at}");
        }
    }
}
