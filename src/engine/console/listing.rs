//! Which users does a list of the console show? A part of an index, or a walk through the records; never all at once.

use std::cmp::Reverse;

use crate::console::command::List;
use crate::console::query::Part;
use crate::engine::console::answer::Answer;
use crate::incident::record::Record;
use crate::keyed_hash::Digest;
use crate::sort::sort_by_key;
use crate::state::cells::Cells;
use crate::state::table::Failure;
use crate::text::json::{Json, NOTHING};
use crate::worker::tables::Tables;
use crate::worker::turn::Turn;

/// A step of a walk visits at most so many buckets of eight records, …
const BUCKETS: u64 = 64;
/// … and ends with the bucket in which it has found so many users.
const USERS: usize = 50;

impl<C: Cells> Turn<'_, C> {
    /// A part of a list. It costs one look at the index and one at the bucket of each user that is shown.
    pub(super) fn list(&self, tables: &Tables, list: List, part: Part) -> Result<Answer, Failure> {
        let users = self.listed(tables, list)?;
        let cells = &self.worker.cells;
        let mut shown = Vec::new();
        for user in users.iter().skip(part.offset).take(part.limit) {
            shown.extend(tables.ledger.read(cells, *user)?.map(|record| self.row(&self.as_of_now(record))));
        }
        let next = part.offset.saturating_add(part.limit);
        let answer = Json::object(&[
            (list.slug(), Json::list(&shown)),
            ("total", Json::number(&users.len())),
            // Where the next part begins, if there is one.
            ("next", if next < users.len() { Json::number(&next) } else { NOTHING }),
        ]);
        Ok((200, answer))
    }

    /// The users of a list, in its order.
    fn listed(&self, tables: &Tables, list: List) -> Result<Vec<Digest>, Failure> {
        let (cells, now) = (&self.worker.cells, self.now);
        if list == List::Incidents {
            return tables.ledger.open_users(cells);
        }
        let mut stances = tables.concerned.list(cells)?;
        stances.retain(|stance| match list {
            List::Blocked => stance.restrictions.are_on(now),
            List::Muted => now < stance.muted_until,
            List::Risky | List::Incidents => stance.is_listed(now),
        });
        sort_by_key(&mut stances, |one| Reverse((one.band(now), one.increase, one.user)));
        Ok(stances.iter().map(|stance| stance.user).collect())
    }

    /// A step of the walk through all records, also of those who have only few points.
    pub(super) fn walk(&self, tables: &Tables, from: u64) -> Result<Answer, Failure> {
        let buckets = tables.ledger.buckets();
        let (mut shown, mut next) = (Vec::new(), from.min(buckets));
        let end = next.saturating_add(BUCKETS).min(buckets);
        while next < end && shown.len() < USERS {
            let records = tables.ledger.records(&self.worker.cells, next)?;
            let records = records.into_iter().map(|record| self.as_of_now(record));
            shown.extend(records.filter(|record| self.is_worth_showing(record)).map(|record| self.row(&record)));
            next += 1;
        }
        let answer = Json::object(&[
            ("records", Json::list(&shown)),
            // Where the next step begins, if there is one, of so many.
            ("next", if next < buckets { Json::number(&next) } else { NOTHING }),
            ("end", Json::number(&buckets)),
        ]);
        Ok((200, answer))
    }

    fn is_worth_showing(&self, record: &Record) -> bool {
        record.has_points() || record.stance().is_listed(self.now)
    }
}
