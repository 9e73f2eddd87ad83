//! What does one more exchange do to a user? The records of all users, each changed in one step.

use crate::clock::Timestamp;
use crate::incident::record::{Outcome, Record, Terms, User, Weighed};
use crate::incident::snapshot::Snapshot;
use crate::keyed::Digest;
use crate::risk::acts::Event;
use crate::risk::exchange::Charged;
use crate::state::buckets::{Buckets, Kept};
use crate::state::table::{Change, Failure};
use crate::state::{Cells, Unavailable};

/// The records of all users.
#[derive(Clone, Debug)]
pub struct Ledger {
    users: Buckets<Record>,
}

/// What weighing came to.
#[derive(Clone, Debug)]
pub struct Entered {
    /// What it did to the user.
    pub weighed: Weighed,
    /// What is to be told now: of this user and, where another worker died before it could, of its neighbours.
    pub pending: Vec<Snapshot>,
    /// A record went to make room, and had points.
    pub evicted: bool,
}

impl Ledger {
    /// Room for `users` records in the cells `<prefix>/users/…`.
    pub fn new(prefix: &str, users: u32) -> Self {
        Self { users: Buckets::new(format!("{prefix}/users"), users) }
    }

    /// Weighs the events of one exchange for `user`, in the order in which they fill its cap; `charged` is what it was
    /// charged with before. Records that have nothing left to remember make room first.
    ///
    /// # Errors
    /// The cells can't be changed: nothing was weighed.
    pub fn weigh(
        &self,
        cells: &impl Cells,
        user: &User,
        events: &[Event<'_>],
        charged: &Charged,
        now: Timestamp,
        terms: Terms<'_>,
    ) -> Result<Entered, Failure> {
        self.users.update(cells, user.id, |bucket| {
            for record in bucket.records_mut() {
                record.expire(now, terms.policy);
            }
            bucket.retain(|record| !record.is_spent());
            let (record, evicted) = bucket.admit(user.id, || Record::new(user.clone()));
            let weighed = record.weigh(events, charged, now, terms);
            let changed = weighed.outcomes.iter().any(|outcome| *outcome != Outcome::CountedBefore);
            let pending = bucket.records_mut().flat_map(|record| record.pending().to_vec()).collect();
            let evicted = evicted.is_some_and(|record| record.has_points());
            let entered = Entered { weighed, pending, evicted };
            if changed { Change::Made(entered) } else { Change::None(entered) }
        })
    }

    /// How many buckets the records stand in.
    pub fn buckets(&self) -> u64 {
        self.users.count()
    }

    /// What is still to be told of the users in a bucket, and one of them.
    ///
    /// # Errors
    /// The host gives no access.
    pub fn pending(&self, cells: &impl Cells, bucket: u64) -> Result<Option<(Digest, Vec<Snapshot>)>, Unavailable> {
        let records = self.users.records(cells, bucket)?;
        let pending: Vec<_> = records.iter().flat_map(|record| record.pending().to_vec()).collect();
        Ok(records.first().filter(|_| !pending.is_empty()).map(|record| (record.id(), pending)))
    }

    /// The outbox holds these now: they are pending no longer.
    ///
    /// # Errors
    /// The cells can't be changed: they will be handed on again, under the same message ids.
    pub fn told(&self, cells: &impl Cells, beside: Digest, snapshots: &[Snapshot]) -> Result<(), Failure> {
        self.users.update(cells, beside, |bucket| {
            let told = bucket.records_mut().filter_map(|record| record.told(snapshots).then_some(())).count();
            if told > 0 { Change::Made(()) } else { Change::None(()) }
        })
    }
}
