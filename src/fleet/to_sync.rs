//! Of which users does the store have to be asked, and when? A bounded set in shared cells.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::fleet::feed::Kind;
use crate::keyed_hash::Digest;
use crate::sort::sort_by_key;
use crate::state::cells::{Cells, Unavailable};
use crate::state::table::{Change, Failure, Stored, Table};

/// How many cells the set is spread over, so that workers seldom meet in one.
const SHARDS: u32 = 8;

/// The most users in a cell. Those beyond are found later, by the sweep of all records.
const USERS: usize = 512;

/// The users of whom the store has to be asked.
#[derive(Clone, Debug)]
pub struct ToSync(Table<Shard>);

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Shard(Vec<Due>);

/// A user of whom the store has to be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Due {
    /// Whom.
    pub user: Digest,
    /// Not before.
    pub at: Timestamp,
    /// Since when.
    pub since: Timestamp,
    /// What to tell the others, if it is an order.
    pub order: Option<Kind>,
    /// Before the others: requests of this user are refused elsewhere.
    pub is_first: bool,
}

/// What came of asking about a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    /// What was due.
    pub due: Due,
    /// When the store is to be asked again, if it is.
    pub next: Option<Timestamp>,
    /// Has the store taken what was to be told?
    pub is_told: bool,
}

impl ToSync {
    /// The set in the cells `<prefix>/to-sync/…`.
    pub fn new(prefix: &str) -> Self {
        Self(Table::new(format!("{prefix}/to-sync")))
    }

    /// Adds a user of whom the store is to be asked then, or earlier if that was said before. Returns false if there is no room.
    ///
    /// # Errors
    /// The cells can't be changed: the sweep finds the user.
    pub fn add(&self, cells: &impl Cells, due: Due) -> Result<bool, Failure> {
        self.0.update(cells, shard_of(due.user), |Shard(users)| {
            if let Some(known) = users.iter_mut().find(|known| known.user == due.user) {
                let is_first = known.is_first || due.is_first;
                let next = Due { at: known.at.min(due.at), order: due.order.or(known.order), is_first, ..*known };
                let is_same = next == *known;
                *known = next;
                return if is_same { Change::None(true) } else { Change::Made(true) };
            }
            let has_room = users.len() < USERS;
            if has_room {
                users.push(due);
            }
            if has_room { Change::Made(true) } else { Change::None(false) }
        })
    }

    /// The users that are due, at most `most`: those that go first, then those that waited longest; and how many wait in all.
    ///
    /// # Errors
    /// The cells can't be read.
    pub fn due(&self, cells: &impl Cells, now: Timestamp, most: usize) -> Result<(Vec<Due>, usize), Unavailable> {
        let mut all = Vec::new();
        for shard in 0..SHARDS {
            all.extend(self.0.read(cells, shard)?.0);
        }
        let waiting = all.len();
        // After a clock that stepped back by minutes nothing would be due for as long.
        all.retain(|due| due.at <= now || due.at.since(now) > STEP);
        sort_by_key(&mut all, |due| (!due.is_first, due.since, due.user));
        all.truncate(most);
        Ok((all, waiting))
    }

    /// The store has been asked about these users.
    ///
    /// # Errors
    /// The cells can't be changed: they will be asked about once more.
    pub fn settle(&self, cells: &impl Cells, asked: &[Asked]) -> Result<(), Failure> {
        for shard in 0..SHARDS {
            let own: Vec<_> = asked.iter().filter(|asked| shard_of(asked.due.user) == shard).collect();
            if own.is_empty() {
                continue;
            }
            self.0.update(cells, shard, |Shard(users)| {
                users.retain_mut(|known| {
                    let Some(asked) = own.iter().find(|asked| asked.due.user == known.user) else { return true };
                    // An order stays until the store has it, and one that was given in the meantime too.
                    if asked.is_told && known.order == asked.due.order {
                        known.order = None;
                    }
                    let again = asked.next.or(known.order.map(|_| known.at));
                    known.at = again.unwrap_or_default();
                    again.is_some()
                });
                Change::Made(())
            })?;
        }
        Ok(())
    }
}

/// No user is to be asked about later than this from now.
const STEP: Duration = Duration::from_secs(120);

fn shard_of(user: Digest) -> u32 {
    // The last bits: the first ones choose the bucket of records.
    u32::from(user.as_bytes().last().copied().unwrap_or_default()) % SHARDS
}

impl Stored for Shard {
    const FORMAT: u8 = 2;
}
