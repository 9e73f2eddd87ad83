//! The records of all users, each read and changed in one compare-and-swap.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::incident::common::Common;
use crate::incident::index::{Index, IndexChange};
use crate::incident::record::Record;
use crate::incident::snapshot::{Snapshot, Transition};
use crate::incident::user::User;
use crate::incident::weighing::{WeighContext, Weighed};
use crate::keyed_hash::Digest;
use crate::risk::acts::Event;
use crate::risk::exchange::Charged;
use crate::state::buckets::{Buckets, Kept};
use crate::state::cells::{Cells, Unavailable};
use crate::state::table::{Change, Failure};

/// The records of all users.
#[derive(Clone, Debug)]
pub struct Ledger {
    pub(super) users: Buckets<Record>,
    pub(super) index: Index,
    common: Common,
}

/// The result of weighing an exchange.
#[derive(Clone, Debug)]
pub struct Entered {
    /// What it changed in the user's record.
    pub weighed: Weighed,
    /// The transitions to queue now: of this user and, where another worker died before it could, of users in the same
    /// bucket.
    pub pending: Vec<Snapshot>,
    /// Was a record with points evicted?
    pub evicted: bool,
    /// The incidents of other users in the bucket that have ended, by time or because their record was evicted.
    pub ended: Vec<Snapshot>,
}

/// The result of looking at a user's incident.
#[derive(Clone, Debug, Default)]
pub struct Resolution {
    /// The end, if it has ended.
    pub ended: Vec<Snapshot>,
    /// The transitions to queue now.
    pub pending: Vec<Snapshot>,
    /// When it ends, if it is still open.
    pub due: Option<Timestamp>,
}

/// What a look at a bucket of records found.
#[derive(Clone, Debug, Default)]
pub struct Swept {
    /// How many records there are.
    pub records: usize,
    /// The users of whom a transition is pending, or whose incident has fallen quiet unnoticed.
    pub overdue: Vec<Digest>,
    /// The users whom a response may concern.
    pub concerned: Vec<Digest>,
}

/// After any moment at which an incident may end.
const END_OF_TIME: Timestamp = Timestamp::from_millis(u64::MAX);

impl Ledger {
    /// Room for `users` records in the cells `<prefix>/users/…`.
    pub fn new(prefix: &str, users: u32) -> Self {
        Self {
            users: Buckets::new(format!("{prefix}/users"), users),
            index: Index::new(prefix),
            common: Common::new(prefix),
        }
    }

    /// Records that `user` was seen with a rule at a target, for which `id` stands. Returns whether several users were.
    ///
    /// # Errors
    /// The cells can't be changed.
    pub fn is_common(
        &self,
        cells: &impl Cells,
        id: Digest,
        user: Digest,
        window: Duration,
        now: Timestamp,
    ) -> Result<bool, Failure> {
        self.common.see(cells, id, user, window, now)
    }

    /// Weighs the events of one exchange for `user`, in the order in which they fill its cap; `charged` is what it was
    /// charged with before. Spent records of the bucket are dropped first. Returns none, and weighs nothing, if the bucket
    /// is full of records with points for whose names somebody stronger vouches.
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
        context: WeighContext<'_>,
    ) -> Result<Option<Entered>, Failure> {
        let Some((entered, open)) = self.users.update(cells, user.id, |bucket| {
            let mut ended: Vec<_> = bucket
                .records_mut()
                .filter(|record| record.id() != user.id)
                .filter_map(|record| record.expire(now, context.policy.window(), context.notifies))
                .collect();
            bucket.retain(|record| record.id() == user.id || !record.is_spent(now));
            let newcomer = || Record::new(user.clone());
            let admitted = bucket.admit_over(user.id, newcomer, |record| record.gives_way_to(user, now));
            let Some((record, evicted)) = admitted else { return Change::None(None) };
            let had_points = evicted.as_ref().is_some_and(Record::has_points);
            ended.extend(evicted.and_then(|evicted| record.succeed(evicted, now, context.notifies)));
            let weighed = record.weigh(events, charged, now, context);
            let open = record.open().map(|open| (open.incident, open.resolve_at));
            let changed = !ended.is_empty() || weighed.is_changed;
            let pending = bucket.records_mut().flat_map(|record| record.pending().to_vec()).collect();
            let entered = Entered { weighed, pending, evicted: had_points, ended };
            if changed { Change::Made(Some((entered, open))) } else { Change::None(Some((entered, open))) }
        })?
        else {
            return Ok(None);
        };
        let transitions = || entered.weighed.transitions.iter();
        let ended = transitions().chain(&entered.ended).filter(|one| one.transition == Transition::Resolved);
        let ended = ended.map(|one| IndexChange::Ended(one.user_digest, one.incident));
        let opened = open.filter(|_| transitions().any(|one| one.transition != Transition::Updated));
        let opened = opened.map(|(incident, due)| IndexChange::Opened(user.id, incident, due));
        // Where this fails, or the worker dies, the sweep of all records finds the incident, only later.
        let _ = self.index.change(cells, &ended.chain(opened).collect::<Vec<_>>());
        Ok(Some(entered))
    }

    /// Notes how a request was answered that counted for `user`. Returns whether it was one that is remembered, and news.
    ///
    /// # Errors
    /// The cells can't be changed: notices lack the answer's status.
    pub fn note_answer(
        &self,
        cells: &impl Cells,
        user: Digest,
        request_id: &str,
        status: u16,
    ) -> Result<bool, Failure> {
        self.users.update(cells, user, |bucket| {
            let is_news = bucket.get_mut(user).is_some_and(|record| record.note_answer(request_id, status));
            if is_news { Change::Made(true) } else { Change::None(false) }
        })
    }

    /// The users whose incidents may have ended, at most `most`.
    ///
    /// # Errors
    /// The cells can't be read.
    pub fn due(&self, cells: &impl Cells, now: Timestamp, most: usize) -> Result<Vec<Digest>, Failure> {
        self.index.due(cells, now, most)
    }

    /// Ends the incident of `user` if it has fallen quiet, by the limits stored when it opened: any worker decides alike.
    ///
    /// # Errors
    /// The cells can't be changed: the next look finds it.
    pub fn resolve(
        &self,
        cells: &impl Cells,
        user: Digest,
        now: Timestamp,
        notifies: bool,
    ) -> Result<Resolution, Failure> {
        self.users.update(cells, user, |bucket| {
            let Some(record) = bucket.get_mut(user) else { return Change::None(Resolution::default()) };
            let ended: Vec<_> = record.resolve(now, notifies).into_iter().collect();
            let resolution = Resolution { pending: record.pending().to_vec(), ended, due: record.resolve_at() };
            bucket.retain(|record| record.id() != user || !record.is_spent(now));
            if resolution.ended.is_empty() { Change::None(resolution) } else { Change::Made(resolution) }
        })
    }

    /// Enters when the incidents of these users end; none: they have ended. All in one step: after an attack many fall
    /// due together.
    ///
    /// # Errors
    /// The cells can't be changed: they will be looked at again.
    pub fn note(
        &self,
        cells: &impl Cells,
        resolution: &[(Digest, Option<Timestamp>)],
        now: Timestamp,
    ) -> Result<(), Failure> {
        let checked =
            |(user, due): &(Digest, Option<Timestamp>)| IndexChange::Checked { user: *user, due: *due, until: now };
        self.index.change(cells, &resolution.iter().map(checked).collect::<Vec<_>>())
    }

    /// The users with an open incident that the index knows, the next to end first.
    ///
    /// # Errors
    /// The cells can't be read.
    pub fn open_users(&self, cells: &impl Cells) -> Result<Vec<Digest>, Failure> {
        self.index.due(cells, END_OF_TIME, usize::MAX)
    }

    /// The records in the bucket of this number, below [`Ledger::buckets`].
    ///
    /// # Errors
    /// The cells can't be read.
    pub fn records(&self, cells: &impl Cells, bucket: u64) -> Result<Vec<Record>, Failure> {
        self.users.records(cells, bucket).map_err(|Unavailable| Failure::Unavailable)
    }

    /// The record of `user`.
    ///
    /// # Errors
    /// The cells can't be read.
    pub fn read(&self, cells: &impl Cells, user: Digest) -> Result<Option<Record>, Failure> {
        self.users.read(cells, user).map_err(|Unavailable| Failure::Unavailable)
    }

    /// The record whose id begins with these digits, eight or more; none too if there are several.
    ///
    /// # Errors
    /// The cells can't be read.
    pub fn find(&self, cells: &impl Cells, digits: &str) -> Result<Option<Record>, Failure> {
        let Some(brief) = Digest::brief_of(digits) else { return Ok(None) };
        let bucket = self.users.index_of(brief);
        let records = self.users.records(cells, bucket).map_err(|Unavailable| Failure::Unavailable)?;
        let mut found = records.into_iter().filter(|record| record.id().to_string().starts_with(digits));
        Ok(found.next().filter(|_| found.next().is_none()))
    }

    /// Changes the record of `user` by hand. None if there is none.
    ///
    /// # Errors
    /// The record can't be changed: nothing has.
    pub fn act(
        &self,
        cells: &impl Cells,
        user: Digest,
        mut change: impl FnMut(&mut Record) -> Change<Option<Snapshot>>,
    ) -> Result<Option<Resolution>, Failure> {
        let resolution = self.users.update(cells, user, |bucket| {
            let Some(record) = bucket.get_mut(user) else { return Change::None(None) };
            let change = change(record);
            let (pending, due) = (record.pending().to_vec(), record.resolve_at());
            change.map(|ended| Some(Resolution { ended: ended.into_iter().collect(), pending, due }))
        })?;
        let Some(resolution) = resolution else { return Ok(None) };
        let ended = resolution.ended.iter().map(|ended| IndexChange::Ended(user, ended.incident));
        // The record has changed, which is what was asked. An entry that stays is removed when it falls due.
        let _ = self.index.change(cells, &ended.collect::<Vec<_>>());
        Ok(Some(resolution))
    }

    /// Changes the record of `user` by hand; if there is none yet it is made. Returns none, and changes nothing, if there is no
    /// room but that of users with points or under an order.
    ///
    /// # Errors
    /// The record can't be changed: nothing has.
    pub fn order(
        &self,
        cells: &impl Cells,
        user: &User,
        now: Timestamp,
        mut change: impl FnMut(&mut Record),
    ) -> Result<Option<Record>, Failure> {
        self.users.update(cells, user.id, |bucket| {
            bucket.retain(|record| record.id() == user.id || !record.is_spent(now));
            let admitted = bucket.admit_over(
                user.id,
                || Record::new(user.clone()),
                |record| record.has_nothing() && !record.is_ordered(now),
            );
            let Some((record, _)) = admitted else { return Change::None(None) };
            change(record);
            Change::Made(Some(record.clone()))
        })
    }

    /// How many buckets the records stand in.
    pub fn buckets(&self) -> u64 {
        self.users.count()
    }

    /// What stands in a bucket.
    ///
    /// # Errors
    /// The host gives no access.
    pub fn sweep(&self, cells: &impl Cells, bucket: u64, now: Timestamp) -> Result<Swept, Unavailable> {
        let records = self.users.records(cells, bucket)?;
        let users = |is: &dyn Fn(&Record) -> bool| records.iter().filter(|one| is(one)).map(Record::id).collect();
        Ok(Swept {
            records: records.len(),
            overdue: users(&|record| !record.pending().is_empty() || record.is_due(now)),
            concerned: users(&|record| record.open().is_some() || now < record.restrictions().until()),
        })
    }

    /// The outbox holds these transitions now: they are no longer pending; in a fleet the proxy `carrier` sends them. `user`
    /// stands in the same bucket.
    ///
    /// # Errors
    /// The cells can't be changed: they will be queued again, under the same message ids.
    pub fn mark_queued(
        &self,
        cells: &impl Cells,
        user: Digest,
        snapshots: &[Snapshot],
        carrier: Option<u32>,
    ) -> Result<(), Failure> {
        self.users.update(cells, user, |bucket| {
            let marked =
                bucket.records_mut().filter_map(|record| record.mark_queued(snapshots, carrier).then_some(())).count();
            if marked > 0 { Change::Made(()) } else { Change::None(()) }
        })
    }
}
