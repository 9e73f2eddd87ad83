//! Which open incidents are due to end? All that are open, ordered by when they end if nothing more happens.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
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
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Entries(Vec<(Timestamp, Digest)>);

impl Index {
    /// The index in the cell `<prefix>/open/index`.
    pub fn new(prefix: &str) -> Self {
        Self { table: Table::new(format!("{prefix}/open")) }
    }

    /// The users whose incidents may have ended by `now`, at most `most`, the earliest first.
    ///
    /// # Errors
    /// The cells can't be read.
    pub fn due(&self, cells: &impl Cells, now: Timestamp, most: usize) -> Result<Vec<Digest>, Failure> {
        let Entries(entries) = self.table.read(cells, "index").map_err(|_| Failure::Unavailable)?;
        Ok(entries.into_iter().take_while(|(due, _)| *due <= now).take(most).map(|(_, user)| user).collect())
    }

    /// Enters when the incidents of these users end. None: it has ended, and its entry is removed if it is due by `until`;
    /// a later entry belongs to an incident that opened in the meantime.
    ///
    /// # Errors
    /// The cells can't be changed: the incidents will be found later, among all records.
    pub fn enter(
        &self,
        cells: &impl Cells,
        users: &[(Digest, Option<Timestamp>)],
        until: Timestamp,
    ) -> Result<(), Failure> {
        if users.is_empty() {
            return Ok(());
        }
        self.table.update(cells, "index", |Entries(entries)| {
            let changes = users.iter().filter(|(user, due)| put(entries, *user, *due, until)).count();
            if changes > 0 { Change::Made(()) } else { Change::None(()) }
        })
    }
}

/// Returns whether it changed anything.
fn put(entries: &mut Vec<(Timestamp, Digest)>, user: Digest, due: Option<Timestamp>, until: Timestamp) -> bool {
    let known = entries.iter().position(|(_, known)| *known == user);
    let was = known.and_then(|at| entries.get(at)).map(|(due, _)| *due);
    if was == due || (due.is_none() && was.is_some_and(|was| was > until)) {
        return false;
    }
    if let Some(at) = known {
        entries.remove(at);
    }
    if let Some(due) = due.filter(|_| entries.len() < MOST) {
        let at = entries.partition_point(|(before, _)| *before <= due);
        entries.insert(at, (due, user));
    }
    true
}

impl Stored for Entries {
    const FORMAT: u8 = 1;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keyed_hash::Key;
    use crate::state::memory::Memory;

    #[test]
    fn the_earliest_come_first_and_each_user_once() {
        let (cells, index, key) = (Memory::default(), Index::new("t"), Key::from_passphrase("k"));
        let user = |name: &str| key.digest("user", &[name.as_bytes()]);
        let at = Timestamp::from_millis;
        let rows = [
            ("a", Some(30), 0),
            ("b", Some(10), 0),
            ("c", Some(20), 0),
            ("a", Some(5), 0),
            ("c", None, 20),
            // It opened again while a worker took its first incident off.
            ("b", None, 9),
        ];
        for (name, due, until) in rows {
            index.enter(&cells, &[(user(name), due.map(at))], at(until)).unwrap();
        }
        assert_eq!(index.due(&cells, at(4), 9).unwrap(), []);
        assert_eq!(index.due(&cells, at(99), 9).unwrap(), [user("a"), user("b")]);
        assert_eq!(index.due(&cells, at(99), 1).unwrap(), [user("a")]);
    }

    #[test]
    fn it_stays_bounded() {
        let (cells, index, key) = (Memory::default(), Index::new("t"), Key::from_passphrase("k"));
        let entry = |n: u64| (Timestamp::from_millis(n), key.digest("user", &[&n.to_le_bytes()]));
        let full = |Entries(entries): &mut Entries| {
            *entries = (0..MOST as u64).map(entry).collect();
            Change::Made(())
        };
        index.table.update(&cells, "index", full).unwrap();
        let one_more = (key.digest("user", &[b"one more"]), Some(Timestamp::default()));
        index.enter(&cells, &[one_more], Timestamp::default()).unwrap();
        assert_eq!(index.table.read(&cells, "index").unwrap().0.len(), MOST);
    }
}
