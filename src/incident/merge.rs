//! How do the copies of one user's record on several proxies become one? Every act once, the same whoever merges.

use std::cmp::Reverse;

use crate::clock::Timestamp;
use crate::incident::life::{Life, PENDING};
use crate::incident::record::Record;
use crate::incident::request::REQUESTS;
use crate::incident::sharing::Sharing;
use crate::incident::snapshot::Snapshot;
use crate::risk::per_proxy::Hours;
use crate::sort::{sort_by, sort_by_key};

impl Record {
    /// Merges another proxy's copy of the same user's record. An act has the same id in each copy, and counts are kept per
    /// proxy, so that nothing is added twice: merging is commutative and idempotent. `stack` acts of a rule count.
    #[must_use]
    pub fn merge(mut self, mut other: Self, stack: usize) -> Self {
        // How the result stands to the store its caller knows.
        self.sharing = Sharing::default();
        // What was forgiven on one proxy is forgiven on all.
        let forgiven = self.forgiven.max(other.forgiven);
        self.forget_forgiven(forgiven);
        other.forget_forgiven(forgiven);
        let incident = |record: &Self| record.open().map(|open| open.incident);
        let (before, theirs) = (incident(&self), incident(&other));
        self.life.merge(other.life);
        if before == theirs {
            self.events.merge(&other.events);
        } else if incident(&self) != before {
            self.events = other.events;
        }
        if (other.user.strength, &other.user.name) > (self.user.strength, &self.user.name) {
            self.user = other.user;
        }
        self.acts.merge(&other.acts, stack);
        self.requests.extend(other.requests);
        sort_by(&mut self.requests, |a, b| b.cmp(a));
        // Of two copies of a request the one with its answer stands first.
        self.requests.dedup_by(|later, kept| (later.time, &later.named.id) == (kept.time, &kept.named.id));
        self.requests.truncate(REQUESTS);
        self.hours.merge(&other.hours);
        self.restrictions.merge(&other.restrictions);
        if let Some(open) = self.open() {
            let now = self.acts.last().unwrap_or(open.opened_at);
            self.life.quiet_since(&self.acts, now);
        }
        self.fit(stack);
        self
    }

    /// Forgets what happened before an operator forgave it at `moment`, unless this copy knows of that.
    fn forget_forgiven(&mut self, moment: Timestamp) {
        if self.forgiven >= moment {
            return;
        }
        self.forgiven = moment;
        self.acts.forget_until(moment);
        self.requests.retain(|request| request.time > moment);
        self.hours = Hours::default();
    }
}

impl Life {
    /// Merges another copy of the same user's life: of two open incidents the one that opened earlier stays.
    pub(super) fn merge(&mut self, mut other: Self) {
        self.note_ended(std::mem::take(&mut other.ended));
        other.note_ended(self.ended.iter().copied());
        let rank = |life: &Self| life.open.as_ref().map(|open| (Reverse(open.opened_at), Reverse(open.incident.0)));
        // With an open incident before without one; of two without one, the copy that saw more.
        let is_theirs = (rank(&other), other.opened, other.trigger) > (rank(self), self.opened, self.trigger);
        let is_same = rank(&other).is_some() && rank(&other) == rank(self);
        match (&mut self.open, &other.open) {
            (Some(own), Some(theirs)) if is_same => own.merge(theirs),
            _ if is_theirs => (self.open, self.trigger) = (other.open, other.trigger),
            _ => {}
        }
        if is_same {
            self.trigger = self.trigger.max(other.trigger);
        }
        self.opened = self.opened.max(other.opened);
        (self.mutes, self.muted_until) = (self.mutes, self.muted_until).max((other.mutes, other.muted_until));
        self.deliveries.merge(other.deliveries);
        for snapshot in other.pending {
            // Their bytes decide between two that are equally late and high: the same one stays, whoever merges.
            let rank = |one: &Snapshot| (one.at, one.increase, one.band, one.to_bytes());
            match self.pending.iter_mut().find(|kept| kept.is_same_transition(&snapshot)) {
                Some(kept) if rank(kept) >= rank(&snapshot) => {}
                Some(kept) => *kept = snapshot,
                None => self.pending.push(snapshot),
            }
        }
        sort_by_key(&mut self.pending, |one| (one.at, one.incident.0, one.number));
        let excess = self.pending.len().saturating_sub(PENDING);
        self.pending.drain(..excess);
    }
}
