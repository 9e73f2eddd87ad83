//! One message about many incidents: the numbers that it is made of. Its sentences are in `notice/rollup.rs`.

use std::cmp::Reverse;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::incident::audience::Audience;
use crate::incident::restriction::Restrictions;
use crate::incident::snapshot::{IncidentId, Snapshot, Tally, Transition};
use crate::points::Points;
use crate::risk::band::Band;
use crate::sort::sort_by_key;

/// How many users are named.
const NAMED: usize = 5;

/// How many requests are named.
const REQUESTS: usize = 3;

/// How many pairs of rule and route are counted separately.
const KINDS: usize = 64;

/// What stands for the sources of names, where they differ.
const SEVERAL: &str = "several";

/// What one message says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncidentMessage {
    /// The incident or, of many, what they come to: their rules and routes, the highest band and increase.
    pub snapshot: Snapshot,
    /// The many, if it is more than one.
    pub rollup: Option<RollupSummary>,
}

/// The users of a message about many.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RollupSummary {
    /// How many.
    pub count: u32,
    /// The first few of them, those with the highest band and increase first.
    pub first: Vec<Snapshot>,
}

impl IncidentMessage {
    /// One incident, by itself.
    pub fn one(snapshot: Snapshot) -> Self {
        Self { snapshot, rollup: None }
    }

    /// So many incidents, of which nothing else is known yet. `id` stands for all of them, and `at` is when the first of
    /// them was queued.
    pub fn new(id: IncidentId, count: u32, transition: Transition, at: Timestamp) -> Self {
        let snapshot = Snapshot {
            incident: id,
            transition,
            ending: None,
            number: if transition == Transition::Opened { 1 } else { 2 },
            at,
            user: String::new(),
            user_digest: id.0,
            source: String::new(),
            increase: Points::ZERO,
            threshold: Points::ZERO,
            window_millis: 0,
            band: Band::Warning,
            events: Vec::new(),
            requests: Vec::new(),
            addresses: Vec::new(),
            audience: Audience::default(),
            restrictions: Restrictions::default(),
        };
        Self { snapshot, rollup: Some(RollupSummary { count, first: Vec::new() }) }
    }

    /// One of them.
    pub fn add(&mut self, one: &Snapshot) {
        let Self { snapshot, rollup: Some(rollup) } = self else { return };
        if rollup.first.is_empty() {
            snapshot.source.clone_from(&one.source);
        } else if snapshot.source != one.source {
            SEVERAL.clone_into(&mut snapshot.source);
        }
        let rank = |one: &Snapshot| (Reverse((one.band, one.increase)), one.at);
        let at = rollup.first.partition_point(|named| rank(named) <= rank(one));
        if at < NAMED {
            rollup.first.insert(at, one.clone());
            rollup.first.truncate(NAMED);
        }
        if one.increase > snapshot.increase {
            (snapshot.increase, snapshot.threshold) = (one.increase, one.threshold);
            snapshot.window_millis = one.window_millis;
        }
        snapshot.band = snapshot.band.max(one.band);
        let room = REQUESTS.saturating_sub(snapshot.requests.len());
        snapshot.requests.extend(one.requests.iter().take(room.min(1)).cloned());
        one.events.iter().for_each(|tally| merge(&mut snapshot.events, tally));
    }

    /// Fixes which incidents it is about: so many, for which `id` stands. Nothing may be added afterwards.
    #[must_use]
    pub fn sealed(mut self, id: IncidentId, count: u32) -> Self {
        (self.snapshot.incident, self.snapshot.user_digest) = (id, id.0);
        if let Some(rollup) = &mut self.rollup {
            rollup.count = count;
        }
        self.complete()
    }

    /// As a channel may see it: each user renamed by `veil`. Many have no name of their own.
    #[must_use]
    pub fn seen(self, veil: &dyn Fn(Snapshot) -> Snapshot) -> Self {
        match self.rollup {
            None => Self { snapshot: veil(self.snapshot), rollup: None },
            Some(RollupSummary { count, first }) => {
                let first = first.into_iter().map(veil).collect();
                Self { rollup: Some(RollupSummary { count, first }), ..self }
            }
        }
    }

    /// Is there enough to send? For the end of many incidents their number is enough.
    pub fn is_complete(&self) -> bool {
        let is_known = |rollup: &RollupSummary| !rollup.first.is_empty();
        self.snapshot.transition == Transition::Resolved || self.rollup.as_ref().is_none_or(is_known)
    }

    /// When all are added: what most of them did stands in front, and they have a name in common.
    #[must_use]
    pub fn complete(mut self) -> Self {
        if let Some(RollupSummary { count, .. }) = self.rollup {
            sort_by_key(&mut self.snapshot.events, |tally| Reverse((tally.points, tally.count)));
            let noun = match (self.snapshot.source == "address", count) {
                (true, 1) => "address",
                (true, _) => "addresses",
                (false, 1) => "user",
                (false, _) => "users",
            };
            self.snapshot.user = format!("{count} {noun}");
        }
        self
    }
}

/// Adds the events of a rule on a route to those of others.
fn merge(events: &mut Vec<Tally>, tally: &Tally) {
    let is_known = |known: &&mut Tally| known.rule == tally.rule && known.route == tally.route;
    if let Some(known) = events.iter_mut().find(is_known) {
        known.count = known.count.saturating_add(tally.count);
        known.cross_site = known.cross_site.saturating_add(tally.cross_site);
        known.points = known.points + tally.points;
        (known.first, known.last) = (known.first.min(tally.first), known.last.max(tally.last));
        known.is_common |= tally.is_common;
    } else if events.len() < KINDS {
        events.push(tally.clone());
    }
}
