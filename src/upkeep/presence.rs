//! Who still serves a channel? The last one to go says what is left unsent: after it nobody will send that.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::notify::outbox::ChannelId;
use crate::state::cells::Cells;
use crate::state::table::{Change, Failure, Stored, Table};

/// Who serves a channel says so at least this often.
pub(super) const SAY_SO_EVERY: Duration = Duration::from_secs(5);

/// From whom nobody has heard for so long is gone: a VM that trapped takes no leave.
const SILENT_AFTER: Duration = Duration::from_secs(60);

/// The workers that serve each channel, of all configurations of the process, in a cell for each channel.
#[derive(Clone, Debug)]
pub(super) struct Presence {
    table: Table<Present>,
}

/// Each by a number of its own, with the time at which it was last heard of.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Present(Vec<(u64, Timestamp)>);

impl Presence {
    /// Presence in the cells `<prefix>/present/…`.
    pub(super) fn new(prefix: &str) -> Self {
        Self { table: Table::new(format!("{prefix}/present")) }
    }

    /// The worker `own` serves the channel at `now`.
    pub(super) fn note(&self, cells: &impl Cells, channel: ChannelId, own: u64, now: Timestamp) -> Result<(), Failure> {
        self.table.update(cells, channel, |present| {
            present.retain_others(own, now);
            present.0.push((own, now));
            Change::Made(())
        })
    }

    /// The worker `own` serves the channel no more. Returns whether it was the last that did.
    pub(super) fn leave(
        &self,
        cells: &impl Cells,
        channel: ChannelId,
        own: u64,
        now: Timestamp,
    ) -> Result<bool, Failure> {
        self.table.update(cells, channel, |present| {
            present.retain_others(own, now);
            Change::Made(present.0.is_empty())
        })
    }
}

impl Present {
    fn retain_others(&mut self, own: u64, now: Timestamp) {
        self.0.retain(|(one, seen)| *one != own && now.since(*seen) < SILENT_AFTER);
    }
}

impl Stored for Present {
    const FORMAT: u8 = 1;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keyed_hash::Key;
    use crate::state::memory::Memory;

    #[test]
    fn the_last_to_leave_is_told_so() {
        let (cells, key) = (Memory::default(), Key::from_passphrase("k"));
        let [slack, other] = [b"slack", b"other"].map(|name| key.digest("channel", &[name.as_slice()]));
        let (presence, at) = (Presence::new("t"), Timestamp::from_millis);
        for (own, seconds) in [(1, 10), (2, 11), (3, 12), (3, 50)] {
            presence.note(&cells, slack, own, at(seconds * 1000)).unwrap();
        }
        presence.note(&cells, other, 1, at(10_000)).unwrap();
        let rows = [
            ("two others stay", slack, 1, 60, false),
            ("the same again", slack, 1, 61, false),
            ("another channel's last one", other, 1, 62, true),
            ("the second was silent for a minute, the third was not", slack, 4, 72, false),
            ("nobody but the silent one", slack, 3, 73, true),
        ];
        for (what, channel, own, seconds, expected) in rows {
            assert_eq!(presence.leave(&cells, channel, own, at(seconds * 1000)), Ok(expected), "{what}");
        }
    }
}
