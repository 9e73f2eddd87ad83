//! What is remembered of one user? Acts, the incident they led to, and the transitions that wait to be queued.

use serde::{Deserialize, Serialize};

use crate::clock::{Span, Timestamp, Window};
use crate::incident::life::{Facts, Life};
use crate::incident::open::Open;
use crate::incident::snapshot::{Ending, Snapshot, Tally};
use crate::incident::user::User;
use crate::incident::weighing::{ActOutcome, WeighContext, Weighed};
use crate::keyed_hash::Digest;
use crate::points::Points;
use crate::risk::acts::{Acts, Event};
use crate::risk::exchange::Charged;
use crate::state::buckets::Kept;

/// How many requests an incident names.
const REQUESTS: usize = 3;

/// The record of one user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    user: User,
    acts: Acts,
    life: Life,
    /// The ids of the newest requests that counted, the newest first.
    requests: Vec<String>,
}

impl Record {
    /// The record of a user without any acts.
    pub fn new(user: User) -> Self {
        Self { user, acts: Acts::default(), life: Life::new(), requests: Vec::new() }
    }

    /// Expires, adds, decides, and keeps the transitions as pending: one step. `events` stand in the order in which they
    /// fill the exchange's cap; `charged` is what the exchange was charged with before.
    pub fn weigh(
        &mut self,
        events: &[Event<'_>],
        charged: &Charged,
        now: Timestamp,
        context: WeighContext<'_>,
    ) -> Weighed {
        let mut transitions = Vec::new();
        transitions.extend(self.expire(now, context.policy.window(), context.notifies));
        let moment = self.acts.moment(now);
        let before = self.acts.increase();
        let mut charged = charged.clone();
        let outcomes: Vec<_> = events
            .iter()
            .map(|event| {
                if self.acts.knows(event, now) {
                    return ActOutcome::CountedBefore;
                }
                let points = charged.charge(event.category, event.points);
                self.acts.add(event, points.unwrap_or_default(), now, context.policy.stack());
                points.map_or(ActOutcome::Covered, ActOutcome::Counted)
            })
            .collect();
        if outcomes.iter().any(|outcome| matches!(outcome, ActOutcome::Counted(_))) {
            self.note_request(context.request_id);
            let (life, facts) = self.parts();
            transitions.extend(life.grow(facts, moment, context));
        }
        let is_muted = now < self.life.muted_until();
        Weighed { outcomes, charged, before, increase: self.acts.increase(), transitions, is_muted }
    }

    /// Forgets what has left the window at `now`, and ends an incident that has fallen quiet by then; an open incident is
    /// judged by the window with which it opened. Returns the end, if there was one.
    pub fn expire(&mut self, now: Timestamp, window: Span, notifies: bool) -> Option<Snapshot> {
        let end = self.acts.moment(now);
        // Before anything is forgotten: the incident ends at the moment at which it fell quiet, not at the next look.
        let quiet_since = self.life.quiet_since(&self.acts, end);
        let resolved = quiet_since.filter(|quiet| *quiet <= end).and_then(|quiet| {
            let length = self.life.open()?.window().duration();
            self.acts.expire(Window { end: quiet, length });
            let (life, facts) = self.parts();
            life.end(Ending::Quiet, facts, quiet, notifies)
        });
        self.acts.expire(Window { end, length: window.duration() });
        self.life.fall(&self.acts);
        resolved
    }

    /// Ends an incident that has fallen quiet by its own window. Without one there is nothing to resolve.
    pub fn resolve(&mut self, now: Timestamp, notifies: bool) -> Option<Snapshot> {
        let window = self.life.open()?.window();
        self.expire(now, window, notifies)
    }

    /// Ends the open incident by hand: the next one opens only after quiet, or in a higher band.
    pub fn close(&mut self, now: Timestamp, notifies: bool) -> Option<Snapshot> {
        let (life, facts) = self.parts();
        life.close(facts, now, notifies)
    }

    /// Forgets the user's acts, and ends the open incident.
    pub fn forgive(&mut self, now: Timestamp, notifies: bool) -> Option<Snapshot> {
        let (life, facts) = self.parts();
        let forgiven = life.end(Ending::Forgiven, facts, now, notifies);
        self.life.arm();
        self.acts = Acts::default();
        self.requests.clear();
        forgiven
    }

    /// Until `until` nobody is notified of the user, except of the end of an incident whose opening was sent.
    pub fn mute(&mut self, until: Timestamp) {
        self.life.mute(until);
    }

    /// Has the open incident fallen quiet by `now`?
    pub fn is_due(&self, now: Timestamp) -> bool {
        self.resolve_at().is_some_and(|due| due <= now)
    }

    /// Whose record it is.
    pub fn user(&self) -> &User {
        &self.user
    }

    /// The open incident.
    pub fn open(&self) -> Option<&Open> {
        self.life.open()
    }

    /// The points that count, of what was not forgotten yet.
    pub fn increase(&self) -> Points {
        self.acts.increase()
    }

    /// When the increase falls next if nothing more happens.
    pub fn next_fall(&self, window: Span) -> Option<Timestamp> {
        self.acts.next_leaves(window.duration())
    }

    /// Until when nobody is notified of the user.
    pub fn muted_until(&self) -> Timestamp {
        self.life.muted_until()
    }

    /// The ids of the newest requests that counted.
    pub fn requests(&self) -> &[String] {
        &self.requests
    }

    /// When the open incident ends if nothing more happens.
    pub fn resolve_at(&self) -> Option<Timestamp> {
        self.life.open().map(|open| open.resolve_at)
    }

    /// Can the record be dropped? Not while the user is muted.
    pub fn is_spent(&self, now: Timestamp) -> bool {
        self.acts.is_empty() && self.life.is_spent(now)
    }

    /// The transitions that the outbox does not hold yet; each stays until [`Record::mark_queued`].
    pub fn pending(&self) -> &[Snapshot] {
        self.life.pending()
    }

    /// The outbox holds these transitions now. Returns whether any of them was pending.
    pub fn mark_queued(&mut self, snapshots: &[Snapshot]) -> bool {
        self.life.mark_queued(snapshots)
    }

    /// Has the user any points?
    pub fn has_points(&self) -> bool {
        self.acts.increase() > Points::ZERO
    }

    /// This record takes the place of another. The other's open incident ends, and what is pending of it moves here.
    pub fn succeed(&mut self, mut evicted: Self, now: Timestamp, notifies: bool) -> Option<Snapshot> {
        let (life, facts) = evicted.parts();
        let resolved = life.end(Ending::Evicted, facts, now, notifies);
        self.life.inherit(evicted.life);
        resolved
    }

    /// What the user did, rule by rule, the most points first.
    pub fn tallies(&self) -> Vec<Tally> {
        Tally::all(&self.acts)
    }

    fn note_request(&mut self, id: &str) {
        if !id.is_empty() && self.requests.first().is_none_or(|newest| newest != id) {
            self.requests.insert(0, id.to_owned());
            self.requests.truncate(REQUESTS);
        }
    }

    fn parts(&mut self) -> (&mut Life, Facts<'_>) {
        let Self { user, acts, life, requests } = self;
        (life, Facts { user, acts, requests })
    }
}

impl Kept for Record {
    const FORMAT: u8 = 3;

    fn id(&self) -> Digest {
        self.user.id
    }

    /// Pending transitions add nothing: the record that evicts this one keeps them.
    fn worth(&self) -> impl Ord {
        (self.life.open().is_some(), self.user.strength, self.acts.increase())
    }
}
