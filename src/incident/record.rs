//! What is remembered of one user? Acts, the incident they led to, and what is still to be told of it.

use serde::{Deserialize, Serialize};

use crate::clock::{Timestamp, Window};
use crate::incident::audience::Audience;
use crate::incident::snapshot::{IncidentId, Snapshot, Tally, Transition};
use crate::keyed::{Digest, Key};
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
    /// The name for the log, cut to what is kept.
    pub name: String,
    /// The name for messages: the same, or a stand-in for an address, which never leaves.
    pub told_as: String,
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
    pending: Vec<Snapshot>,
}

/// An incident that has been opened and not resolved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Open {
    incident: IncidentId,
    transitions: u32,
    audience: Audience,
}

/// The terms under which a user is weighed.
#[derive(Clone, Copy, Debug)]
pub struct Terms<'a> {
    /// What the operator set for everybody.
    pub policy: &'a Policy,
    /// What holds for this kind of user.
    pub limits: Limits,
    /// The key of the incident's id.
    pub key: &'a Key,
    /// Is there anybody to tell?
    pub tell: bool,
    /// Whom an incident that opens now concerns.
    pub audience: &'a Audience,
}

/// What came of the events of one exchange.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Weighed {
    /// What came of each event.
    pub outcomes: Vec<Outcome>,
    /// What the exchange has been charged with, with them.
    pub charged: Charged,
    /// The user's increase, with them.
    pub increase: Points,
    /// The incident that they opened.
    pub opened: Option<Snapshot>,
}

/// What came of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
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
        Self { user, acts: Acts::default(), trigger: Trigger::Armed, open: None, pending: Vec::new() }
    }

    /// Expires, adds, decides, and keeps the transition as pending: one step. `events` stand in the order in which they
    /// fill the exchange's cap; `charged` is what the exchange was charged with before.
    pub fn weigh(&mut self, events: &[Event<'_>], charged: &Charged, now: Timestamp, terms: Terms<'_>) -> Weighed {
        let Terms { policy, limits, .. } = terms;
        let moment = self.expire(now, policy);
        let mut charged = charged.clone();
        let outcomes = events
            .iter()
            .map(|event| {
                if self.acts.knows(event, now) {
                    return Outcome::CountedBefore;
                }
                let points = charged.charge(event.category, event.points);
                self.acts.add(event, points.unwrap_or_default(), now, policy.stack());
                points.map_or(Outcome::Covered, Outcome::Counted)
            })
            .collect::<Vec<_>>();
        let increase = self.acts.increase();
        let new = outcomes.iter().any(|outcome| matches!(outcome, Outcome::Counted(_)));
        let opened = (new && self.trigger.rise(increase, &limits)).then(|| self.open(moment, terms));
        Weighed { outcomes, charged, increase, opened }
    }

    /// Forgets what has left the window at `now`, and closes an incident that has fallen quiet by it. Returns the moment
    /// that counts: `now`, or that of the newest act where the clock went back.
    pub fn expire(&mut self, now: Timestamp, policy: &Policy) -> Timestamp {
        let moment = self.acts.moment(now);
        self.acts.expire(Window { end: moment, length: policy.window().duration() });
        if self.trigger.fall(self.acts.increase()) {
            self.open = None;
        }
        moment
    }

    /// Is there nothing left to remember?
    pub fn is_spent(&self) -> bool {
        self.acts.is_empty() && self.pending.is_empty()
    }

    /// What is still to be told; it stays until [`Record::told`].
    pub fn pending(&self) -> &[Snapshot] {
        &self.pending
    }

    /// These have been handed on. Returns whether any of them was pending.
    pub fn told(&mut self, snapshots: &[Snapshot]) -> bool {
        let before = self.pending.len();
        self.pending.retain(|kept| !snapshots.iter().any(|told| kept.is_same_transition(told)));
        self.pending.len() < before
    }

    /// Has the user any points?
    pub fn has_points(&self) -> bool {
        self.acts.increase() > Points::ZERO
    }

    fn open(&mut self, now: Timestamp, Terms { policy, limits, key, tell, audience }: Terms<'_>) -> Snapshot {
        let crossing = now.as_millis().to_le_bytes();
        let incident = IncidentId(key.digest("incident", &[self.user.id.as_bytes(), &crossing]));
        let open = self.open.insert(Open { incident, transitions: 0, audience: audience.clone() });
        open.transitions += 1;
        let audience = open.audience.clone();
        let increase = self.acts.increase();
        let snapshot = Snapshot {
            incident,
            transition: Transition::Opened,
            number: open.transitions,
            at: now,
            user: self.user.told_as.clone(),
            user_digest: self.user.id,
            source: self.user.source.clone(),
            increase,
            threshold: limits.threshold,
            window_millis: policy.window().as_millis(),
            band: limits.bands.of(increase),
            events: self.tallies(),
            audience,
        };
        if tell {
            if let Some(open) = &mut self.open {
                open.audience.before = snapshot.reach();
            }
            self.pending.push(snapshot.clone());
        }
        snapshot
    }

    fn tallies(&self) -> Vec<Tally> {
        let tally = |entry: &Entry| Tally {
            rule: entry.rule.clone(),
            category: entry.category,
            severity: entry.severity,
            count: entry.count,
            points: entry.points(),
            first: entry.first,
            last: entry.last(),
            route: entry.route.clone(),
            cross_site: entry.cross_site,
        };
        self.acts.entries().into_iter().map(tally).collect()
    }
}

impl Kept for Record {
    const FORMAT: u8 = 1;

    fn id(&self) -> Digest {
        self.user.id
    }

    fn worth(&self) -> impl Ord {
        (!self.pending.is_empty(), self.open.is_some(), self.user.strength, self.acts.increase())
    }
}
