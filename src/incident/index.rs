//! Which open incidents are due to end? All that are open, ordered by when they end if nothing more happens.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::incident::snapshot::IncidentId;
use crate::keyed_hash::Digest;
use crate::state::cells::Cells;
use crate::state::table::{Change, Failure, Stored, Table};

/// The most open incidents in the index. Those beyond are found later, by the sweep of all records.
const MOST: usize = 4096;

/// The open incidents, in one cell.
///
/// An entry may be too early, as a new act puts the end off: the worker that finds it due looks at the record and enters
/// the new end. So the index is written when an incident opens and when it may end, not with each act.
#[derive(Clone, Debug)]
pub struct Index {
    table: Table<Entries>,
    /// The beginning of the same cell.
    earliest: Table<Earliest>,
}

/// The open incidents, the next to end first.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Entries {
    earliest: Earliest,
    all: Vec<Entry>,
}

/// When the first of them may end: with thousands of them, all that each tick decodes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Earliest(Option<Timestamp>);

/// An open incident.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Entry {
    /// When it may end.
    due: Timestamp,
    user: Digest,
    /// Which incident of the user's, in short.
    incident: u64,
}

/// A change of the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IndexChange {
    /// The user's incident has opened, and ends then if nothing more happens.
    Opened(Digest, IncidentId, Timestamp),
    /// The user's incident has ended. The entry of another one, which another worker has opened since, stays.
    Ended(Digest, IncidentId),
    /// A worker has looked at the user's incident, because it was due by `until`: it ends at `due`, or there is none.
    Checked {
        /// Whose incident.
        user: Digest,
        /// When it ends.
        due: Option<Timestamp>,
        /// By when it was due.
        until: Timestamp,
    },
}

impl Index {
    /// The index in the cell `<prefix>/open/index`.
    pub fn new(prefix: &str) -> Self {
        let prefix = format!("{prefix}/open");
        Self { table: Table::new(prefix.clone()), earliest: Table::new(prefix) }
    }

    /// The users whose incidents may have ended by `now`, at most `most`, the earliest first.
    ///
    /// # Errors
    /// The cells can't be read.
    pub fn due(&self, cells: &impl Cells, now: Timestamp, most: usize) -> Result<Vec<Digest>, Failure> {
        let Earliest(earliest) = self.earliest.read(cells, "index").map_err(|_| Failure::Unavailable)?;
        if earliest.is_none_or(|earliest| earliest > now) {
            return Ok(Vec::new());
        }
        let Entries { all, .. } = self.table.read(cells, "index").map_err(|_| Failure::Unavailable)?;
        Ok(all.into_iter().take_while(|entry| entry.due <= now).take(most).map(|entry| entry.user).collect())
    }

    /// Makes these changes, in one step.
    ///
    /// # Errors
    /// The cells can't be changed: the incidents will be found later, among all records.
    pub fn change(&self, cells: &impl Cells, changes: &[IndexChange]) -> Result<(), Failure> {
        if changes.is_empty() {
            return Ok(());
        }
        self.table.update(cells, "index", |Entries { earliest, all }| {
            let made = changes.iter().filter(|change| make(all, **change)).count();
            *earliest = Earliest(all.first().map(|entry| entry.due));
            if made > 0 { Change::Made(()) } else { Change::None(()) }
        })
    }
}

/// Makes a change. Returns false if there was nothing to change.
fn make(entries: &mut Vec<Entry>, change: IndexChange) -> bool {
    let (IndexChange::Opened(user, ..) | IndexChange::Ended(user, _) | IndexChange::Checked { user, .. }) = change;
    let at = entries.iter().position(|entry| entry.user == user);
    let known = at.and_then(|at| entries.get(at)).copied();
    let next = match change {
        IndexChange::Opened(_, incident, due) => Some(Entry { due, user, incident: short(incident) }),
        IndexChange::Ended(_, incident) => known.filter(|entry| entry.incident != short(incident)),
        IndexChange::Checked { due: Some(due), .. } => {
            Some(Entry { due, user, incident: known.map_or(0, |entry| entry.incident) })
        }
        IndexChange::Checked { due: None, until, .. } => known.filter(|entry| entry.due > until),
    };
    if known.map(|entry| (entry.due, entry.incident)) == next.map(|entry| (entry.due, entry.incident)) {
        return false;
    }
    if let Some(at) = at {
        entries.remove(at);
    }
    if let Some(next) = next.filter(|_| entries.len() < MOST) {
        let at = entries.partition_point(|before| before.due <= next.due);
        entries.insert(at, next);
    }
    true
}

fn short(incident: IncidentId) -> u64 {
    incident.0.short()
}

impl Stored for Entries {
    const FORMAT: u8 = 3;
}

impl Stored for Earliest {
    const FORMAT: u8 = Entries::FORMAT;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keyed_hash::Key;
    use crate::state::memory::Memory;

    fn id(name: &str) -> Digest {
        Key::from_passphrase("k").digest("id", &[name.as_bytes()])
    }

    #[test]
    fn the_earliest_come_first_and_each_user_once() {
        let (cells, index) = (Memory::default(), Index::new("t"));
        let at = Timestamp::from_millis;
        let opened = |user, incident, due| IndexChange::Opened(id(user), IncidentId(id(incident)), at(due));
        let ended = |user, incident| IndexChange::Ended(id(user), IncidentId(id(incident)));
        let checked =
            |user, due: Option<u64>, until| IndexChange::Checked { user: id(user), due: due.map(at), until: at(until) };
        let rows: [(IndexChange, &[&str]); 10] = [
            (opened("a", "1", 30), &["a"]),
            (opened("b", "2", 10), &["b", "a"]),
            (opened("c", "3", 20), &["b", "c", "a"]),
            (checked("a", Some(5), 0), &["a", "b", "c"]),
            (checked("c", None, 20), &["a", "b"]),
            // It opened again while a worker looked at its first incident.
            (checked("b", None, 9), &["a", "b"]),
            // The same, while a worker evicted or ended the first one.
            (opened("b", "4", 12), &["a", "b"]),
            (ended("b", "2"), &["a", "b"]),
            (ended("b", "4"), &["a"]),
            (ended("a", "1"), &[]),
        ];
        for (number, (change, expected)) in rows.into_iter().enumerate() {
            index.change(&cells, &[change]).unwrap();
            let expected: Vec<_> = expected.iter().map(|user| id(user)).collect();
            assert_eq!(index.due(&cells, at(99), 9).unwrap(), expected, "row {number}");
        }
        index.change(&cells, &[opened("a", "1", 30), opened("b", "2", 10)]).unwrap();
        assert_eq!(index.due(&cells, at(9), 9).unwrap(), []);
        assert_eq!(index.due(&cells, at(99), 1).unwrap(), [id("b")]);
    }

    #[test]
    fn it_stays_bounded() {
        let (cells, index) = (Memory::default(), Index::new("t"));
        let entry = |n: u64| Entry { due: Timestamp::from_millis(n), user: id(&n.to_string()), incident: n };
        let full = |entries: &mut Entries| {
            entries.all = (0..MOST as u64).map(entry).collect();
            Change::Made(())
        };
        index.table.update(&cells, "index", full).unwrap();
        let one_more = IndexChange::Opened(id("one more"), IncidentId(id("x")), Timestamp::default());
        index.change(&cells, &[one_more]).unwrap();
        assert_eq!(index.table.read(&cells, "index").unwrap().all.len(), MOST);
    }
}
