//! How do the records of this proxy follow those of its fleet? What the store tells about a user, entered in one step.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::incident::adopt::{FleetContext, Stored, Taken};
use crate::incident::index::IndexChange;
use crate::incident::ledger::Ledger;
use crate::incident::open::Open;
use crate::incident::record::Record;
use crate::incident::sharing::{Doubt, Undecided};
use crate::incident::snapshot::{IncidentId, Snapshot};
use crate::keyed_hash::Digest;
use crate::state::buckets::Kept;
use crate::state::cells::{Cells, Unavailable};
use crate::state::table::{Change, Failure};

/// What has come of entering what the store told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Adopted {
    /// Is there a record now?
    pub is_kept: bool,
    /// Does the user stand otherwise than before?
    pub is_stance_news: bool,
    /// Is there none because there is no room?
    pub has_no_room: bool,
    /// Does the store have to be asked again: it lacks something, or something is undecided?
    pub is_due: bool,
    /// Does somebody else have something to send for the user?
    pub is_watched: bool,
    /// The transitions to queue now.
    pub pending: Vec<Snapshot>,
    /// The incident that was open here before, and how many transitions of it were known.
    pub before: Option<(IncidentId, u32)>,
    /// What an own swap has decided whose answer was lost.
    pub unheard: Vec<Snapshot>,
    /// What has to be entered in the index of open incidents: by the caller, at once for all users of an answer.
    pub index_changes: Vec<IndexChange>,
}

/// What this proxy has decided by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecidedAlone {
    /// The transitions.
    pub transitions: Vec<Snapshot>,
    /// The transitions to queue now.
    pub pending: Vec<Snapshot>,
}

impl Ledger {
    /// Enters the store's copy of a user's record. A user of whom this proxy knows nothing is kept if there is something that
    /// every proxy has to know, and room.
    ///
    /// # Errors
    /// The cells can't be changed: the store will tell again.
    pub fn adopt(
        &self,
        cells: &impl Cells,
        stored: &Stored,
        now: Timestamp,
        context: FleetContext<'_>,
    ) -> Result<Adopted, Failure> {
        let user = stored.record.id();
        self.users.update(cells, user, |bucket| {
            bucket.retain(|record| record.id() == user || !record.is_spent(now));
            if bucket.get_mut(user).is_none() && !stored.record.matters_everywhere(now) {
                return Change::None(Adopted::default());
            }
            let newcomer = || Record::new(stored.record.user().clone());
            let admitted = bucket.admit_over(user, newcomer, |record| {
                record.gives_way_to(stored.record.user(), now) && record.open().is_none() && record.pending().is_empty()
            });
            let Some((record, _)) = admitted else {
                return Change::None(Adopted { has_no_room: true, ..Adopted::default() });
            };
            let before = record.open().map(|open| (open.incident, open.transitions));
            let (due_before, stance) = (record.resolve_at(), record.stance());
            let Taken { is_due, unheard } = record.adopt(stored, now, context);
            // Nothing is entered anew that stands there already.
            let is_same = |open: &&Open| {
                before.is_some_and(|(incident, _)| incident == open.incident) && due_before == Some(open.resolve_at)
            };
            let after = record.open().map(|open| (open.incident, (!is_same(&open)).then_some(open.resolve_at)));
            let ended = before.filter(|(before, _)| after.is_none_or(|(incident, _)| incident != *before));
            let ended = ended.map(|(incident, _)| IndexChange::Ended(user, incident));
            let opened = after.and_then(|(incident, due)| Some(IndexChange::Opened(user, incident, due?)));
            Change::Made(Adopted {
                is_kept: true,
                is_stance_news: record.stance() != stance,
                has_no_room: false,
                is_due,
                is_watched: !record.owners(context.proxy).is_empty(),
                pending: record.pending().to_vec(),
                before,
                unheard,
                index_changes: ended.into_iter().chain(opened).collect(),
            })
        })
    }

    /// Makes these changes of the index of open incidents. Where that fails the sweep of all records finds them, only later.
    pub fn enter(&self, cells: &impl Cells, changes: &[IndexChange]) {
        let _ = self.index.change(cells, changes);
    }

    /// The store has something under the user's key that is no record: the next swap writes over it.
    ///
    /// # Errors
    /// The cells can't be changed.
    pub fn replace(&self, cells: &impl Cells, user: Digest, held: [u8; 16], life: u32) -> Result<bool, Failure> {
        self.users.update(cells, user, |bucket| match bucket.get_mut(user) {
            Some(record) => {
                record.adopt_none(life);
                record.sharing_mut().known = Some(held);
                Change::Made(true)
            }
            None => Change::None(false),
        })
    }

    /// The store has no record of the user, in this life of it: what this proxy has is all there is. Returns whether it has
    /// any.
    ///
    /// # Errors
    /// The cells can't be changed.
    pub fn adopt_none(&self, cells: &impl Cells, user: Digest, life: u32) -> Result<bool, Failure> {
        self.users.update(cells, user, |bucket| match bucket.get_mut(user) {
            Some(record) => {
                record.adopt_none(life);
                Change::Made(true)
            }
            None => Change::None(false),
        })
    }

    /// The store has what is known of it.
    ///
    /// # Errors
    /// The cells can't be changed.
    pub fn note_unchanged(&self, cells: &impl Cells, user: Digest, life: u32) -> Result<(), Failure> {
        self.users.update(cells, user, |bucket| match bucket.get_mut(user) {
            Some(record) if record.sharing().life != life => {
                record.sharing_mut().life = life;
                Change::Made(())
            }
            _ => Change::None(()),
        })
    }

    /// Decides alone what the fleet has not decided for longer than `patience`. None: there was nothing to decide.
    ///
    /// # Errors
    /// The cells can't be changed.
    pub fn decide_alone(
        &self,
        cells: &impl Cells,
        user: Digest,
        patience: Duration,
        now: Timestamp,
        context: FleetContext<'_>,
    ) -> Result<Option<DecidedAlone>, Failure> {
        let decided = self.users.update(cells, user, |bucket| {
            let Some(record) = bucket.get_mut(user) else { return Change::None(None) };
            let undecided = record.sharing().undecided.clone().filter(|event| !event.is_decided_here);
            let Some(event) = undecided.filter(|event| now.since(event.since) >= patience) else {
                return Change::None(None);
            };
            let transitions = record.decide(&[], now, context);
            let sharing = record.sharing_mut();
            (sharing.is_changed, sharing.undecided) = (true, Some(Undecided { is_decided_here: true, ..event }));
            let open = record.open().map(|open| (open.incident, open.resolve_at));
            Change::Made(Some((transitions, record.pending().to_vec(), open)))
        })?;
        let Some((transitions, pending, open)) = decided else { return Ok(None) };
        let opened = open.map(|(incident, due)| IndexChange::Opened(user, incident, due));
        let _ = self.index.change(cells, &opened.into_iter().collect::<Vec<_>>());
        Ok(Some(DecidedAlone { transitions, pending }))
    }

    /// These transitions have been sent, or given up.
    ///
    /// # Errors
    /// The cells can't be changed.
    pub fn finish(&self, cells: &impl Cells, user: Digest, sent: &[Snapshot]) -> Result<(), Failure> {
        self.users.update(cells, user, |bucket| {
            let is_news = bucket.get_mut(user).is_some_and(|record| record.finish(sent));
            if is_news { Change::Made(()) } else { Change::None(()) }
        })
    }

    /// A proxy that has something to send for the user seems dead; none: they all live.
    ///
    /// # Errors
    /// The cells can't be changed.
    pub fn doubt(&self, cells: &impl Cells, user: Digest, doubt: Option<Doubt>) -> Result<(), Failure> {
        self.users.update(cells, user, |bucket| match bucket.get_mut(user) {
            Some(record) if record.sharing().doubt.map(|one| one.owner) != doubt.map(|one| one.owner) => {
                record.sharing_mut().doubt = doubt;
                Change::Made(())
            }
            _ => Change::None(()),
        })
    }

    /// The users in a bucket whose records the store may not have, in this life of it, or for whom another proxy has something
    /// to send.
    ///
    /// # Errors
    /// The host gives no access.
    pub fn unshared(&self, cells: &impl Cells, bucket: u64, life: u32, proxy: u32) -> Result<Vec<Digest>, Unavailable> {
        let records = self.users.records(cells, bucket)?;
        let is_due = |record: &&Record| {
            record.sharing().is_due(life) || record.awaits_delivery() || !record.owners(proxy).is_empty()
        };
        Ok(records.iter().filter(is_due).map(Record::id).collect())
    }
}
