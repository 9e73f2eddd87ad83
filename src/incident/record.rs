//! What is remembered of one user? Acts, the incident they led to, and what is still to be mark_queued of it.

use serde::{Deserialize, Serialize};

use crate::clock::{Span, Timestamp, Window};
use crate::incident::audience::Audience;
use crate::incident::open::Open;
use crate::incident::snapshot::{Ending, IncidentId, Snapshot, Tally, Transition};
use crate::keyed_hash::{Digest, Key};
use crate::points::Points;
use crate::risk::acts::{Acts, Entry, Event};
use crate::risk::crossing::{Limits, Trigger};
use crate::risk::exchange::Charged;
use crate::risk::policy::Policy;
use crate::state::buckets::Kept;

/// Who it is that has a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// A keyed hash of source and name: what the record is found by.
    pub id: Digest,
    /// The name, cut to what is kept; an address by itself. How others read it is a matter of `privacy`.
    pub name: String,
    /// Where the name comes from: `header:x-user-id`, `address`.
    pub source: String,
    /// How much the source is to be trusted; the weakest go first when there is no room.
    pub strength: u8,
}

/// The record of one user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    user: User,
    acts: Acts,
    trigger: Trigger,
    open: Option<Open>,
    /// Nothing is mark_queued of the user before this.
    muted_until: Timestamp,
    /// The ids of the newest requests that counted, the newest first.
    requests: Vec<String>,
    /// What is still to be mark_queued: of this user or, where a record had to go, of the one that stood here before.
    pending: Vec<Snapshot>,
}

/// The requests that an incident names.
const REQUESTS: usize = 3;

/// The most transitions that wait to be handed on. More come together only while the shared data can't be written.
const PENDING: usize = 16;

/// The context under which a user is weighed.
#[derive(Clone, Copy, Debug)]
pub struct WeighContext<'a> {
    /// What the operator set for everybody.
    pub policy: &'a Policy,
    /// What holds for this kind of user.
    pub limits: Limits,
    /// The key of the incident's id.
    pub key: &'a Key,
    /// Is there anybody to tell?
    pub tell: bool,
    /// The proxy's id of the request.
    pub request_id: &'a str,
    /// UserRef an incident that opens now concerns.
    pub audience: &'a Audience,
}

/// What came of the events of one exchange.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Weighed {
    /// What came of each event.
    pub outcomes: Vec<ActOutcome>,
    /// What the exchange has been charged with, with them.
    pub charged: Charged,
    /// The user's increase before them.
    pub before: Points,
    /// The user's increase, with them.
    pub increase: Points,
    /// What they, or time, did to the user's incident, in this order.
    pub transitions: Vec<Snapshot>,
    /// Is nobody to be mark_queued of the user for now?
    pub is_muted: bool,
}

/// What came of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActOutcome {
    /// It counts so many points.
    Counted(Points),
    /// The same act was counted before.
    CountedBefore,
    /// A worse act of its category, in the same exchange, stands for it.
    Covered,
}

impl Record {
    /// The record of a user who has done nothing yet.
    pub fn new(user: User) -> Self {
        let (acts, trigger, open, muted_until) = (Acts::default(), Trigger::Armed, None, Timestamp::default());
        Self { user, acts, trigger, open, muted_until, requests: Vec::new(), pending: Vec::new() }
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
        transitions.extend(self.expire(now, context.policy.window(), context.tell));
        let moment = self.acts.moment(now);
        let before = self.acts.increase();
        let mut charged = charged.clone();
        let outcomes = events
            .iter()
            .map(|event| {
                if self.acts.knows(event, now) {
                    return ActOutcome::CountedBefore;
                }
                let points = charged.charge(event.category, event.points);
                self.acts.add(event, points.unwrap_or_default(), now, context.policy.stack());
                points.map_or(ActOutcome::Covered, ActOutcome::Counted)
            })
            .collect::<Vec<_>>();
        if outcomes.iter().any(|outcome| matches!(outcome, ActOutcome::Counted(_))) {
            self.remember(context.request_id);
            transitions.extend(self.grow(moment, context));
        }
        let is_muted = now < self.muted_until;
        Weighed { outcomes, charged, before, increase: self.acts.increase(), transitions, is_muted }
    }

    /// Forgets what has left the window at `now`, and ends an incident that has fallen quiet by it; of an open one its own
    /// window counts. Returns the end, if there was one.
    pub fn expire(&mut self, now: Timestamp, window: Span, tell: bool) -> Option<Snapshot> {
        let end = self.acts.moment(now);
        // Before anything is forgotten: the incident ends at the moment at which it fell quiet, not at the next look.
        let quiet_since = self.open.as_mut().map(|open| {
            open.look(&self.acts, end);
            open.resolve_at
        });
        let resolved = quiet_since.filter(|quiet| *quiet <= end).and_then(|quiet| {
            let length = self.open.as_ref()?.window().duration();
            self.acts.expire(Window { end: quiet, length });
            self.end(Ending::Quiet, quiet, tell)
        });
        self.acts.expire(Window { end, length: window.duration() });
        self.trigger.fall(self.acts.standing());
        resolved
    }

    /// Ends an incident that has fallen quiet by its own window. Without one there is nothing to resolve.
    pub fn resolve(&mut self, now: Timestamp, tell: bool) -> Option<Snapshot> {
        let window = self.open.as_ref()?.window();
        self.expire(now, window, tell)
    }

    /// Ends the open incident because somebody looked into it: it opens again only after quiet, or in a higher band.
    pub fn close(&mut self, now: Timestamp, tell: bool) -> Option<Snapshot> {
        let open = self.open.as_ref()?;
        self.trigger = Trigger::Closed(open.quiet(), open.band);
        self.end(Ending::Closed, now, tell)
    }

    /// Forgets what the user did.
    pub fn forgive(&mut self, now: Timestamp, tell: bool) -> Option<Snapshot> {
        let forgiven = self.end(Ending::Forgiven, now, tell);
        (self.acts, self.trigger) = (Acts::default(), Trigger::Armed);
        self.requests.clear();
        forgiven
    }

    /// Tells nothing more of the user before `until`, but the end of what was mark_queued.
    pub fn mute(&mut self, until: Timestamp) {
        self.muted_until = until;
    }

    /// Is it time to look at the record again, because its incident has fallen quiet?
    pub fn is_due(&self, now: Timestamp) -> bool {
        self.open.as_ref().is_some_and(|open| open.resolve_at <= now)
    }

    /// Whose record it is.
    pub fn user(&self) -> &User {
        &self.user
    }

    /// The open incident.
    pub fn open(&self) -> Option<&Open> {
        self.open.as_ref()
    }

    /// The points that count, of what was not forgotten yet.
    pub fn increase(&self) -> Points {
        self.acts.increase()
    }

    /// When the increase falls next if nothing more happens.
    pub fn next_fall(&self, window: Span) -> Option<Timestamp> {
        self.acts.next_leaves(window.duration())
    }

    /// Until when nothing is mark_queued of the user.
    pub fn muted_until(&self) -> Timestamp {
        self.muted_until
    }

    /// The ids of the newest requests that counted.
    pub fn requests(&self) -> &[String] {
        &self.requests
    }

    /// When the open incident ends if nothing more happens.
    pub fn resolve_at(&self) -> Option<Timestamp> {
        self.open.as_ref().map(|open| open.resolve_at)
    }

    /// Is there nothing left to remember? That the user is muted is.
    pub fn is_spent(&self, now: Timestamp) -> bool {
        self.acts.is_empty() && self.pending.is_empty() && self.open.is_none() && self.muted_until <= now
    }

    /// What is still to be mark_queued; it stays until [`Record::mark_queued`].
    pub fn pending(&self) -> &[Snapshot] {
        &self.pending
    }

    /// These have been handed on. Returns whether any of them was pending.
    pub fn mark_queued(&mut self, snapshots: &[Snapshot]) -> bool {
        let before = self.pending.len();
        self.pending.retain(|kept| !snapshots.iter().any(|mark_queued| kept.is_same_transition(mark_queued)));
        self.pending.len() < before
    }

    /// Has the user any points?
    pub fn has_points(&self) -> bool {
        self.acts.increase() > Points::ZERO
    }

    /// This record takes the place of another, which may have an incident: that ends, and what is still to be mark_queued of it
    /// is kept here.
    pub fn succeed(&mut self, mut evicted: Self, now: Timestamp, tell: bool) -> Option<Snapshot> {
        let resolved = evicted.end(Ending::Evicted, now, tell);
        for snapshot in evicted.pending {
            self.keep(snapshot);
        }
        resolved
    }

    /// After a new event: does the incident open or grow?
    fn grow(&mut self, now: Timestamp, context: WeighContext<'_>) -> Option<Snapshot> {
        let WeighContext { policy, limits, key, tell, .. } = context;
        let standing = self.acts.standing();
        let band = limits.bands.of(standing.increase);
        if let Some(open) = &mut self.open {
            open.look(&self.acts, now);
            let mark_queued = open.grow(band, policy.repeat_interval(), now);
            return if mark_queued { self.step(Transition::Updated, None, now, tell) } else { None };
        }
        if !self.trigger.rise(standing, &limits) {
            return None;
        }
        let crossing = now.as_millis().to_le_bytes();
        let incident = IncidentId(key.digest("incident", &[self.user.id.as_bytes(), &crossing]));
        self.open = Some(Open::new(incident, &limits, policy.window(), context.audience.clone(), &self.acts, now));
        self.step(Transition::Opened, None, now, tell)
    }

    /// Ends the open incident.
    fn end(&mut self, ending: Ending, now: Timestamp, tell: bool) -> Option<Snapshot> {
        let resolved = self.step(Transition::Resolved, Some(ending), now, tell);
        self.open = None;
        resolved
    }

    /// Takes the incident through a transition; what is to be mark_queued of it is kept as pending in the same step.
    fn step(&mut self, transition: Transition, ending: Option<Ending>, now: Timestamp, tell: bool) -> Option<Snapshot> {
        let increase = self.acts.increase();
        let events = self.tallies();
        let open = self.open.as_mut()?;
        let number = open.step(now);
        // Of what nobody was mark_queued nobody needs to hear the end; of what they were mark_queued they do, muted or not, and even if
        // a filter looks that has nobody to tell. What they were not mark_queued comes as an opening when there is news.
        let may_open = tell && now >= self.muted_until;
        let (transition, is_wanted) = match transition {
            Transition::Updated if may_open && !open.is_known => (Transition::Opened, true),
            Transition::Resolved => (transition, open.is_known),
            Transition::Opened | Transition::Updated => (transition, may_open),
        };
        let snapshot = Snapshot {
            incident: open.incident,
            transition,
            ending,
            number,
            at: now,
            user: self.user.name.clone(),
            user_digest: self.user.id,
            source: self.user.source.clone(),
            increase,
            threshold: open.threshold,
            window_millis: open.window().as_millis(),
            band: open.band,
            events,
            requests: self.requests.clone(),
            audience: open.audience.clone(),
        };
        if is_wanted {
            open.audience.before = snapshot.reach();
            open.is_known = true;
            self.keep(snapshot.clone());
        }
        Some(snapshot)
    }

    /// Keeps what is to be mark_queued; with too much of it an update goes.
    fn keep(&mut self, snapshot: Snapshot) {
        self.pending.push(snapshot);
        if self.pending.len() > PENDING {
            let update = self.pending.iter().position(|kept| kept.transition == Transition::Updated);
            self.pending.remove(update.unwrap_or(0));
        }
    }

    fn remember(&mut self, request_id: &str) {
        if !request_id.is_empty() && self.requests.first().is_none_or(|newest| newest != request_id) {
            self.requests.insert(0, request_id.to_owned());
            self.requests.truncate(REQUESTS);
        }
    }

    /// What the user did, rule by rule, the most points first.
    pub fn tallies(&self) -> Vec<Tally> {
        let tally = |entry: &Entry| Tally {
            rule: entry.rule.clone(),
            category: entry.category,
            severity: entry.severity,
            count: entry.count,
            points: entry.points(),
            first: entry.first,
            last: entry.last(),
            route: entry.route.clone(),
            target: entry.target.clone(),
            is_common: entry.is_common,
            cross_site: entry.cross_site,
        };
        self.acts.entries().into_iter().map(tally).collect()
    }
}

impl Kept for Record {
    const FORMAT: u8 = 3;

    fn id(&self) -> Digest {
        self.user.id
    }

    fn worth(&self) -> impl Ord {
        // What is pending is no worth: the record that comes in its place keeps it.
        (self.open.is_some(), self.user.strength, self.acts.increase())
    }
}
