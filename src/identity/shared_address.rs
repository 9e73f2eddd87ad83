//! Do several people share an address? Counts the named users who had events behind it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::keyed_hash::Digest;
use crate::state::buckets::{Buckets, Kept};
use crate::state::cells::Cells;
use crate::state::table::{Change, Failure};

/// From so many users on an address is shared.
const MANY: usize = 3;

/// The time of a known user is rewritten no more often than this.
const REFRESH: Duration = Duration::from_secs(60 * 60);

/// The addresses from which named users had events.
#[derive(Clone, Debug)]
pub struct SharedAddresses {
    addresses: Buckets<SharedAddress>,
}

/// An address and the newest users behind it.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct SharedAddress {
    id: Digest,
    users: Vec<(u64, Timestamp)>,
}

impl SharedAddresses {
    /// Room for `addresses` in the cells `<prefix>/shared/…`.
    pub fn new(prefix: &str, addresses: u32) -> Self {
        Self { addresses: Buckets::new(format!("{prefix}/shared"), addresses) }
    }

    /// Records an event of `user` from `address`. A user who is known there costs one read.
    ///
    /// # Errors
    /// The cells can't be changed.
    pub fn record(
        &self,
        cells: &impl Cells,
        address: Digest,
        user: Digest,
        window: Duration,
        now: Timestamp,
    ) -> Result<(), Failure> {
        let short = user.short();
        let refresh = REFRESH.min(window / 2);
        self.addresses.update(cells, address, |bucket| {
            let (entry, _) = bucket.admit(address, || SharedAddress { id: address, users: Vec::new() });
            if entry.users.iter().any(|(known, seen)| *known == short && now.since(*seen) < refresh) {
                return Change::None(());
            }
            entry.users.retain(|(known, seen)| *known != short && now.since(*seen) < window);
            entry.users.insert(0, (short, now));
            entry.users.truncate(MANY);
            Change::Made(())
        })
    }

    /// Had three named users events from `address` within `window`?
    ///
    /// # Errors
    /// The cells can't be read.
    pub fn is_shared(
        &self,
        cells: &impl Cells,
        address: Digest,
        window: Duration,
        now: Timestamp,
    ) -> Result<bool, Failure> {
        let entry = self.addresses.read(cells, address).map_err(|_| Failure::Unavailable)?;
        let users = entry.map_or_else(Vec::new, |entry| entry.users);
        Ok(users.iter().filter(|(_, seen)| now.since(*seen) < window).count() >= MANY)
    }
}

impl Kept for SharedAddress {
    const FORMAT: u8 = 1;

    fn id(&self) -> Digest {
        self.id
    }

    /// The one seen longest ago is evicted: no client can displace others for long.
    fn worth(&self) -> impl Ord {
        self.users.first().map(|(_, seen)| *seen)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keyed_hash::Key;
    use crate::state::memory::Memory;

    #[test]
    fn three_named_users_within_the_window_share_an_address() {
        let (cells, key) = (Memory::default(), Key::from_passphrase("k"));
        let shared = SharedAddresses::new("t", 8);
        let (here, there) = (key.digest("user", &[b"here"]), key.digest("user", &[b"there"]));
        let (hour, window) = (60 * 60 * 1000, Duration::from_secs(24 * 60 * 60));
        let rows = [
            ("a", 0, false),
            ("a", 1, false),
            ("b", 2, false),
            ("a", 3, false),
            ("c", 4, true),
            ("d", 5, true),
            // Only the newest are within the window.
            ("e", 25 * hour, false),
            ("f", 25 * hour, false),
            ("e", 25 * hour, false),
            ("g", 25 * hour, true),
        ];
        for (user, at, expected) in rows {
            let now = Timestamp::from_millis(at);
            shared.record(&cells, here, key.digest("user", &[user.as_bytes()]), window, now).unwrap();
            assert_eq!(shared.is_shared(&cells, here, window, now), Ok(expected), "{user} {at}");
            assert_eq!(shared.is_shared(&cells, there, window, now), Ok(false));
        }
    }

    #[test]
    fn the_time_of_a_known_user_is_rewritten_once_an_hour_or_each_half_window() {
        let (cells, key) = (Memory::default(), Key::from_passphrase("k"));
        let shared = SharedAddresses::new("t", 8);
        let here = key.digest("user", &[b"here"]);
        let minute = 60 * 1000;
        let day: &[(&str, u64, bool)] = &[
            ("a", 0, false),
            ("b", 0, false),
            ("b", 59, false),
            ("a", 61, false),
            ("c", 24 * 60 + 1, false),
            ("d", 24 * 60 + 2, true),
        ];
        let hour: &[(&str, u64, bool)] = &[
            ("x", 2000, false),
            ("y", 2000, false),
            ("y", 2029, false),
            ("x", 2031, false),
            ("z", 2061, false),
            ("u", 2062, true),
        ];
        // Within the hour it stays as it was.
        let kept: &[(&str, u64, bool)] =
            &[("k", 5000, false), ("k", 5059, false), ("l", 5000 + 24 * 60, false), ("m", 5001 + 24 * 60, false)];
        // A window in minutes, and events at minutes: is the address shared then?
        for (window, events) in [(24 * 60, day), (60, hour), (24 * 60, kept)] {
            let window = Duration::from_secs(window * 60);
            for (user, at, expected) in events {
                let now = Timestamp::from_millis(at * minute);
                shared.record(&cells, here, key.digest("user", &[user.as_bytes()]), window, now).unwrap();
                assert_eq!(shared.is_shared(&cells, here, window, now), Ok(*expected), "{user} {at}");
            }
        }
    }

    #[test]
    fn addresses_that_come_and_go_take_no_more_room() {
        let (cells, key) = (Memory::default(), Key::from_passphrase("k"));
        let shared = SharedAddresses::new("t", 8);
        let here = key.digest("user", &[b"here"]);
        let (hour, window) = (60 * 60 * 1000, Duration::from_secs(24 * 60 * 60));
        for number in 0..100_u32 {
            let address = key.digest("user", &[&number.to_le_bytes()]);
            shared.record(&cells, address, here, window, Timestamp::from_millis(26 * hour)).unwrap();
        }
        assert_eq!(cells.len(), 1, "bounded, whoever comes");
    }
}
