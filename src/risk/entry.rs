//! The acts of one rule: those that count, how many there were, where the newest was.

use std::cmp::Ordering;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::detect::category::{Category, Severity};
use crate::detect::confidence::Confidence;
use crate::points::Points;
use crate::risk::fingerprint::ValueId;
use crate::risk::per_proxy::Counts;
use crate::risk::persistence::Persistence;
use crate::sort::{sort_by, sort_by_key};

/// For so long the same value counts once wherever it is seen: a page's assets, redirects and retries repeat it.
const ECHO: Duration = Duration::from_secs(60);

/// The name of the entry that the least severe rules share.
pub(super) const OTHER: &str = "other";

/// The newest acts of one rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The rule's id.
    pub rule: String,
    /// Its category.
    pub category: Category,
    /// Its severity.
    pub severity: Severity,
    /// How sure the surest act is.
    pub confidence: Confidence,
    /// New acts since `first`, whether they still count or not.
    pub counts: Counts,
    /// The first act since the rule last had none in the window.
    pub first: Timestamp,
    /// The route of the newest act.
    pub route: String,
    /// The target of the newest act.
    pub target: String,
    /// Was it seen at the same target for several users?
    pub is_common: bool,
    /// How often and where the user tries.
    pub(super) persistence: Persistence,
    /// The newest acts, the newest first; as many as count.
    pub(super) newest: Vec<Act>,
}

/// An act that counts or is remembered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Act {
    /// See [`crate::risk::fingerprint::ActId`].
    #[serde(with = "postcard::fixint::le")]
    pub(super) id: u64,
    /// When it happened; re-dated if it came from a clock that was far ahead.
    pub(super) time: Timestamp,
    /// What it counts.
    pub(super) points: Points,
    /// What identifies it; nothing if each act is new.
    pub(super) values: Vec<ValueId>,
}

impl Act {
    /// Was this value counted before, by this act?
    pub(super) fn has(&self, value: ValueId, now: Timestamp) -> bool {
        let is_same =
            |own: &ValueId| own.placed == value.placed || own.value == value.value && now.since(self.time) <= ECHO;
        self.values.iter().any(is_same)
    }

    /// Keeps only the hash of all values together: a repeat of just these is still known.
    pub(super) fn collapse(&mut self) {
        self.values = vec![ValueId::together(&self.values)];
    }

    /// The newest first, of the same moment the one with most points.
    pub(super) fn newest_first(&self, other: &Self) -> Ordering {
        (other.time, other.points).cmp(&(self.time, self.points))
    }
}

impl Entry {
    /// The points of the acts that count.
    pub fn points(&self) -> Points {
        self.newest.iter().map(|act| act.points).sum()
    }

    /// The newest act.
    pub fn last(&self) -> Timestamp {
        self.newest.first().map_or(self.first, |act| act.time)
    }

    /// Keeps the newest `stack` acts, whatever the order they come in.
    pub(super) fn keep(&mut self, act: Act, stack: usize) {
        let at = self.newest.partition_point(|kept| kept.newest_first(&act) == Ordering::Less);
        self.newest.insert(at, act);
        self.newest.truncate(stack);
    }

    /// Merges another copy of the same rule's acts.
    pub(super) fn merge(&mut self, other: &Self, stack: usize) {
        // By what both copies have: whichever is merged into the other, the same is left.
        let newest = |entry: &Self| (entry.last(), entry.newest.first().map(|act| act.id), entry.is_common);
        if (newest(other), &other.route, &other.target) > (newest(self), &self.route, &self.target) {
            (self.route, self.target) = (other.route.clone(), other.target.clone());
            self.is_common = other.is_common;
        }
        self.severity = self.severity.max(other.severity);
        self.confidence = self.confidence.max(other.confidence);
        self.counts.merge(&other.counts);
        self.first = self.first.min(other.first);
        self.persistence.merge(&other.persistence);
        merge_acts(&mut self.newest, &other.newest, stack);
    }

    /// Takes in another rule's acts, for the entry that several rules share.
    pub(super) fn absorb(&mut self, other: Self, stack: usize) {
        OTHER.clone_into(&mut self.rule);
        self.persistence = Persistence::default();
        self.severity = self.severity.max(other.severity);
        self.confidence = self.confidence.max(other.confidence);
        self.counts.absorb(other.counts);
        self.first = self.first.min(other.first);
        if other.newest.first().map(|act| act.time) > self.newest.first().map(|act| act.time) {
            (self.route, self.target, self.is_common) = (other.route, other.target, other.is_common);
        }
        for act in other.newest {
            self.keep(act, stack);
        }
    }
}

/// The newest `most` acts of both copies, each once: an act has the same id in each.
pub(super) fn merge_acts(own: &mut Vec<Act>, other: &[Act], most: usize) {
    for theirs in other {
        match own.iter_mut().find(|act| act.id == theirs.id) {
            // One copy may have been re-dated, or have given up values.
            Some(act) => {
                act.time = act.time.min(theirs.time);
                act.points = act.points.max(theirs.points);
                if (theirs.values.len(), &theirs.values) > (act.values.len(), &act.values) {
                    act.values.clone_from(&theirs.values);
                }
            }
            None => own.push(theirs.clone()),
        }
    }
    // The same values on two proxies are one act, the earlier one, as they are on one proxy: a bookmark counts once however many
    // proxies see it.
    sort_by_key(own, |act| (act.time, act.id));
    let mut kept: Vec<Act> = Vec::new();
    for act in own.drain(..) {
        let is_known = |value: &ValueId| kept.iter().any(|before| before.has(*value, act.time));
        if act.values.is_empty() || !act.values.iter().all(is_known) {
            kept.push(act);
        }
    }
    *own = kept;
    sort_by(own, |a, b| a.newest_first(b).then(a.id.cmp(&b.id)));
    own.truncate(most);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(rule: &str, acts: &[(u64, u64)]) -> Entry {
        let mut entry = Entry {
            rule: rule.to_owned(),
            category: Category::Test,
            severity: Severity::Low,
            counts: Counts::default(),
            first: Timestamp::from_millis(1),
            route: format!("/{rule}"),
            target: String::new(),
            is_common: false,
            confidence: Confidence::High,
            persistence: Persistence::default(),
            newest: Vec::new(),
        };
        for (id, time) in acts {
            let time = Timestamp::from_millis(*time);
            entry.keep(Act { id: *id, time, points: Points::whole(1), values: Vec::new() }, 3);
        }
        entry
    }

    #[test]
    fn the_last_act_is_the_newest_whatever_the_order_they_come_in() {
        let rows = [
            (vec![], 1, 0),
            (vec![(1, 50)], 50, 1),
            (vec![(1, 50), (2, 90), (3, 70)], 90, 3),
            (vec![(1, 9), (2, 8), (3, 7), (4, 6)], 9, 3),
        ];
        for (acts, last, kept) in rows {
            let entry = entry("a", &acts);
            assert_eq!((entry.last(), entry.newest.len()), (Timestamp::from_millis(last), kept), "{acts:?}");
        }
    }

    #[test]
    fn where_the_newest_act_was_is_kept_when_entries_are_joined() {
        let (older, newer) = (entry("older", &[(1, 50)]), entry("newer", &[(2, 60)]));
        for (mut one, other) in [(older.clone(), newer.clone()), (newer.clone(), older.clone())] {
            let mut merged = one.clone();
            merged.merge(&other, 3);
            assert_eq!((merged.route.as_str(), merged.last()), ("/newer", newer.last()));
            one.absorb(other, 3);
            assert_eq!((one.rule.as_str(), one.route.as_str(), one.newest.len()), (OTHER, "/newer", 2));
        }
        let mut same = older.clone();
        same.absorb(Entry { route: "/elsewhere".to_owned(), ..older.clone() }, 3);
        assert_eq!(same.route, "/older", "of the same moment the one that was there stays");
    }

    /// One proxy may have given up an act's values to save room: the other still knows them one by one.
    #[test]
    fn of_two_copies_of_an_act_the_values_that_say_more_are_kept() {
        let value = |number| ValueId { value: number, placed: number };
        let act = |time, points, values: &[u32]| Act {
            id: 7,
            time: Timestamp::from_millis(time),
            points: Points::whole(points),
            values: values.iter().copied().map(value).collect(),
        };
        let (whole, collapsed) = (act(90, 3, &[1, 2, 3]), act(80, 5, &[9]));
        for (own, other) in [(&whole, &collapsed), (&collapsed, &whole)] {
            let mut merged = vec![own.clone()];
            merge_acts(&mut merged, std::slice::from_ref(other), 3);
            assert_eq!(merged, [act(80, 5, &[1, 2, 3])]);
        }
    }
}
