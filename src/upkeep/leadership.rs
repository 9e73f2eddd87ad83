//! Which configuration has the leadership? After a change the old one's root contexts go on ticking for minutes.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::keyed_hash::{Digest, Key};
use crate::notify::outbox::ChannelId;
use crate::state::cells::Cells;
use crate::state::table::{Change, Failure, Stored, Table};

/// Who has the leadership says so at least this often.
const SAY_SO_EVERY: Duration = Duration::from_secs(2);

/// From whom nobody has heard for so long has it no more: its listener is gone.
const SILENT_AFTER: Duration = Duration::from_secs(10);

/// The right to end incidents and to hand on what others left behind: the newest configuration's, so that what ends
/// after a change is told to the channels that are there now.
#[derive(Clone, Debug)]
pub(super) struct Leadership {
    table: Table<Leader>,
    mine: Option<Digest>,
    /// Without a channel it is taken only where nobody has it: others may have somebody to tell.
    tells: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Leader {
    /// A hash of the channels that it tells; whoever tells the same ones shares the leadership.
    channels: Option<Digest>,
    since: Timestamp,
    seen: Timestamp,
}

impl Leadership {
    /// The leadership in the cell `<prefix>/leadership`, as it concerns these channels.
    pub(super) fn new(prefix: &str, channels: &[ChannelId], key: &Key) -> Self {
        let ids: Vec<&[u8]> = channels.iter().map(|id| id.as_bytes().as_slice()).collect();
        Self { table: Table::new(prefix), mine: Some(key.digest("leader", &ids)), tells: !ids.is_empty() }
    }

    /// Has a worker that began at `born` the leadership at `now`? It takes it from an older configuration, and from one that
    /// fell silent.
    pub(super) fn is_leader(&self, cells: &impl Cells, born: Timestamp, now: Timestamp) -> Result<bool, Failure> {
        let born = if self.tells { born } else { Timestamp::default() };
        self.table.update(cells, "leader", |leader| {
            let silence = now.since(leader.seen).max(leader.seen.since(now));
            if leader.channels == self.mine {
                if silence < SAY_SO_EVERY {
                    return Change::None(true);
                }
            } else {
                if leader.channels.is_some() && born <= leader.since && silence < SILENT_AFTER {
                    return Change::None(false);
                }
                (leader.channels, leader.since) = (self.mine, born);
            }
            leader.seen = now;
            Change::Made(true)
        })
    }
}

impl Stored for Leader {
    const FORMAT: u8 = 1;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::memory::Memory;

    #[test]
    fn the_newest_has_it_until_it_falls_silent() {
        let (cells, key) = (Memory::default(), Key::from_passphrase("k"));
        let channel = |name: &[u8]| key.digest("channel", &[name]);
        let old = Leadership::new("t", &[channel(b"a")], &key);
        let new = Leadership::new("t", &[channel(b"a"), channel(b"b")], &key);
        let log_only = Leadership::new("t", &[], &key);
        let rows = [
            ("old", 0, 1, true),
            ("old", 1, 2, true),
            ("new", 1_000, 1_000, true),
            ("old", 0, 1_001, false),
            ("new", 1_000, 9_000, true),
            ("old", 0, 18_000, false),
            ("old", 0, 19_000, true),
            ("new", 1_000, 19_001, true),
            ("log only", 19_002, 19_002, false),
            ("log only", 19_002, 30_000, true),
            ("old", 0, 30_001, false),
            ("old", 1, 30_002, true),
        ];
        for (who, born, now, expected) in rows {
            let candidates = [("old", &old), ("new", &new), ("log only", &log_only)];
            let (_, leadership) = candidates.into_iter().find(|(name, _)| *name == who).unwrap();
            let [born, now] = [born, now].map(Timestamp::from_millis);
            assert_eq!(leadership.is_leader(&cells, born, now), Ok(expected), "{who} at {now}");
        }
    }
}
