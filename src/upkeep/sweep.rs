//! Which incidents are over, and which records did a dead worker leave unfinished?

use std::time::Duration;

use crate::incident::ledger::Resolution;
use crate::incident::record::Record;
use crate::incident::sharing::Deciding;
use crate::keyed_hash::Digest;
use crate::state::cells::Cells;
use crate::worker::tables::Tables;
use crate::worker::turn::Turn;

/// A worker has visited all records after so many ticks (100 s), unless that were more than [`BUCKETS_PER_TICK`] a tick: of a table
/// for more than 204,800 users it visits 2,048 a second.
const TICKS_PER_SWEEP: u64 = 400;

/// At most so many incidents are ended in one tick: with full queues each costs milliseconds.
const RESOLVED_PER_TICK: usize = 32;

/// An incident that the fleet was asked to end is looked at again after so long.
const AGAIN: Duration = Duration::from_secs(2);

/// At most so many buckets of records are visited in one tick.
const BUCKETS_PER_TICK: u64 = 64;

impl<C: Cells> Turn<'_, C> {
    /// Ends the incidents that have fallen quiet, whoever's they are: the user may never return.
    pub(super) fn resolve_due(&mut self, tables: &Tables) {
        let due = tables.ledger.due(&self.worker.cells, self.now, RESOLVED_PER_TICK).unwrap_or_default();
        self.resolve(tables, &due);
    }

    /// Visits the next few buckets of records for users whom a response concerns without the others knowing, for incidents whose worker died before it could queue them, and for those
    /// that the index of open incidents had no room for.
    pub(super) fn sweep(&mut self, tables: &Tables) {
        let worker = self.worker;
        let buckets = tables.ledger.buckets();
        for _ in 0..(buckets / TICKS_PER_SWEEP).clamp(1, BUCKETS_PER_TICK) {
            let bucket = worker.swept.get() % buckets;
            worker.swept.set(bucket + 1);
            let swept = tables.ledger.sweep(&worker.cells, bucket, self.now).unwrap_or_default();
            self.measure_records(bucket, swept.records);
            self.find_concerned(tables, swept.concerned);
            self.resolve(tables, &swept.overdue);
            self.ask_about_unshared(tables, bucket);
        }
    }

    /// The fleet ends incidents together: whoever's swap is first tells.
    fn resolve_in_fleet(&mut self, tables: &Tables, users: &[Digest]) {
        let worker = self.worker;
        let mut looked_at = Vec::new();
        for user in users {
            let record = tables.ledger.read(&worker.cells, *user).ok().flatten();
            if let Some(record) = record.as_ref().filter(|record| !record.pending().is_empty()) {
                self.hand_off(tables, *user, record.pending());
            }
            let mut due = record.as_ref().and_then(Record::resolve_at);
            if record.is_some_and(|record| record.is_due(self.now)) {
                self.ask_now(tables, *user);
                due = Some(self.now.after(AGAIN));
            }
            looked_at.push((*user, due));
        }
        let _ = tables.ledger.note(&worker.cells, &looked_at, self.now);
    }

    fn resolve(&mut self, tables: &Tables, users: &[Digest]) {
        let worker = self.worker;
        let mut resolved = Vec::new();
        if !users.is_empty() && self.deciding(tables) == Deciding::Fleet {
            return self.resolve_in_fleet(tables, users);
        }
        for user in users {
            match tables.ledger.resolve(&worker.cells, *user, self.now, worker.notifies()) {
                Ok(Resolution { ended, pending, due }) => {
                    resolved.push((*user, due));
                    self.note_transitions(&ended, None);
                    self.hand_off(tables, *user, &pending);
                }
                Err(failure) => self.log_trouble("an incident that fell quiet could not be ended yet", &failure),
            }
        }
        // Last: a worker that dies before this leaves them due, and the next one looks again.
        let _ = tables.ledger.note(&worker.cells, &resolved, self.now);
    }
}
