//! Which proxy of a fleet sends which transition, and which have been sent? So that another one sends what a dead one had not.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::incident::snapshot::Snapshot;
use crate::sort::{sort_by, sort_by_key};

/// The most transitions on their way; more wait only while nothing can be sent.
const CARRIED: usize = 16;

/// So many transitions are remembered as sent, the newest: a copy that has them as waiting is older than the others.
const DONE: usize = 24;

/// The transitions of one user that are on their way through some proxy's outbox.
///
/// ```text
///  ┌─────────┐  shared: the swap that records it   ┌──────────────────┐  its outbox has sent it  ┌──────┐
///  │ pending │ ──────────────────────────────────▶ │ carried by owner │ ───────────────────────▶ │ done │
///  └─────────┘                                     └──────────────────┘                          └──────┘
///                                                     │            ▲
///                                                     └────────────┘ the owner is dead: another proxy's swap takes it over
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Deliveries {
    carried: Vec<Carried>,
    done: Vec<Done>,
}

/// A transition that a proxy sends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Carried {
    snapshot: Snapshot,
    /// Which proxy.
    owner: u32,
    /// How often it was taken over: of two copies the later taking holds.
    claim: u32,
    /// Does this proxy's outbox hold it? Never in a shared copy.
    is_queued: bool,
}

/// A transition that was sent, or given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Done {
    at: Timestamp,
    /// Which incident of the user's, in short.
    incident: u64,
    number: u32,
}

impl Done {
    fn of(snapshot: &Snapshot) -> Self {
        Self { at: snapshot.at, incident: snapshot.incident.0.short(), number: snapshot.number }
    }

    fn is_of(&self, snapshot: &Snapshot) -> bool {
        (self.incident, self.number) == (snapshot.incident.0.short(), snapshot.number)
    }
}

impl Deliveries {
    /// Is nothing on its way?
    pub(super) fn is_empty(&self) -> bool {
        self.carried.is_empty()
    }

    /// `owner` sends this transition; `is_queued`: its outbox holds it.
    pub(super) fn carry(&mut self, snapshot: Snapshot, owner: u32, is_queued: bool) {
        if self.done.iter().any(|done| done.is_of(&snapshot)) {
            return;
        }
        match self.carried.iter_mut().find(|known| known.snapshot.is_same_transition(&snapshot)) {
            Some(known) => known.is_queued |= is_queued && known.owner == owner,
            None => self.carried.push(Carried { snapshot, owner, claim: 0, is_queued }),
        }
        self.tidy();
    }

    /// What `owner` has decided, and not queued.
    pub(super) fn first_claims(&self, owner: u32) -> Vec<Snapshot> {
        let is_own = |one: &&Carried| one.owner == owner && one.claim == 0 && !one.is_queued;
        self.carried.iter().filter(is_own).map(|one| one.snapshot.clone()).collect()
    }

    /// What `owner` has to queue: takes it off, to become pending.
    pub(super) fn take_unqueued(&mut self, owner: u32) -> Vec<Snapshot> {
        let is_due = |one: &Carried| one.owner == owner && !one.is_queued;
        let due = self.carried.iter().filter(|one| is_due(one)).map(|one| one.snapshot.clone()).collect();
        self.carried.retain(|one| !is_due(one));
        due
    }

    /// The transitions that this proxy's outbox held when last asked.
    pub(super) fn queued(&self, owner: u32) -> impl Iterator<Item = &Snapshot> {
        self.carried.iter().filter(move |one| one.owner == owner && one.is_queued).map(|one| &one.snapshot)
    }

    /// The other proxies that send something.
    pub(super) fn owners(&self, but: u32) -> impl Iterator<Item = u32> {
        self.carried.iter().map(|one| one.owner).filter(move |owner| *owner != but)
    }

    /// What dead proxies had to send, `owner` sends from now on. Returns whether there was anything.
    pub(super) fn take_over(&mut self, dead: &[u32], owner: u32) -> bool {
        let mut orphans = self.carried.iter_mut().filter(|one| one.owner != owner && dead.contains(&one.owner));
        orphans
            .by_ref()
            .map(|one| (one.owner, one.claim, one.is_queued) = (owner, one.claim.saturating_add(1), false))
            .count()
            > 0
    }

    /// These have been sent, or given up. Returns whether any of them was on its way.
    pub(super) fn finish(&mut self, sent: &[Snapshot]) -> bool {
        let before = self.carried.len();
        let is_sent = |one: &Carried| sent.iter().any(|sent| sent.is_same_transition(&one.snapshot));
        self.done.extend(self.carried.iter().filter(|one| is_sent(one)).map(|one| Done::of(&one.snapshot)));
        self.carried.retain(|one| !is_sent(one));
        self.tidy();
        self.carried.len() < before
    }

    /// The copy for others: whose outbox holds what is nobody else's business.
    pub(super) fn share(&mut self) {
        self.carried.iter_mut().for_each(|one| one.is_queued = false);
    }

    /// Keeps a name from others.
    pub(super) fn hide_name(&mut self) {
        self.carried.iter_mut().for_each(|one| one.snapshot.user.clear());
    }

    /// Merges another copy.
    pub(super) fn merge(&mut self, other: Self) {
        let rank = |one: &Carried| (one.claim, std::cmp::Reverse(one.owner), one.snapshot.to_bytes());
        for mut theirs in other.carried {
            match self.carried.iter_mut().find(|own| own.snapshot.is_same_transition(&theirs.snapshot)) {
                Some(own) => {
                    let is_queued = own.is_queued && own.owner == theirs.owner || theirs.is_queued;
                    if rank(&theirs) > rank(own) {
                        theirs.is_queued = is_queued;
                        *own = theirs;
                    } else if own.owner == theirs.owner {
                        own.is_queued |= theirs.is_queued;
                    }
                }
                None => self.carried.push(theirs),
            }
        }
        self.done.extend(other.done);
        self.tidy();
    }

    fn tidy(&mut self) {
        sort_by(&mut self.done, |a, b| b.cmp(a));
        self.done.dedup();
        self.done.truncate(DONE);
        let done = &self.done;
        self.carried.retain(|one| !done.iter().any(|done| done.is_of(&one.snapshot)));
        sort_by_key(&mut self.carried, |one| (one.snapshot.at, one.snapshot.incident.0, one.snapshot.number));
        let excess = self.carried.len().saturating_sub(CARRIED);
        self.carried.drain(..excess);
    }
}
