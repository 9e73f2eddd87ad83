//! Which acts count? The newest of each rule inside the window; and whether an act was counted before.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::{Timestamp, Window};
use crate::detect::category::{Category, Severity};
use crate::detect::confidence::Confidence;
use crate::points::Points;
use crate::risk::crossing::{Quiet, Standing};
use crate::risk::entry::{Act, Entry, OTHER, merge_acts};
use crate::risk::fingerprint::{ActId, Fingerprint, ValueId};
use crate::risk::per_proxy::Counts;
use crate::risk::persistence::{Persistence, Signs};
use crate::sort::{sort, sort_by, sort_by_key};

/// The most rules with an entry of their own; beyond, the least severe share one.
const RULES: usize = 32;

/// The most acts that are remembered though they count nothing.
const REMEMBERED: usize = 32;

/// All low events together count for at most this.
const LOW_CAP: Points = Points::whole(5);

/// An act dated further ahead of the clock than this was dated by a broken clock.
const CLOCK_SKEW: Duration = Duration::from_secs(5 * 60);

/// An event: what a user did once.
#[derive(Clone, Debug)]
pub struct Event<'a> {
    /// The rule's id.
    pub rule: &'a str,
    /// Its category.
    pub category: Category,
    /// Its severity.
    pub severity: Severity,
    /// How sure it is that it was meant to attack.
    pub confidence: Confidence,
    /// Its points, before the exchange's cap.
    pub points: Points,
    /// What identifies the act.
    pub fingerprint: Fingerprint,
    /// The target, safe to print: `query:id`.
    pub target: &'a str,
    /// Was the same rule seen at the same target for several users? That has the shape of a false alarm.
    pub is_common: bool,
    /// The route, by name or template.
    pub route: &'a str,
    /// Did another site make the browser send it?
    pub cross_site: bool,
    /// Does it open an incident whatever the score?
    pub is_conclusive: bool,
}

/// The acts of one user.
///
/// ```text
///                   in its exchange it is charged points
///  ┌─────┐ ─────────────────────────────────────────────▶ ┌──────────┐ ─ a newer act of the rule than `stack` ─▶ ┌───────────┐
///  │ new │                                                │ counting │                                           │ forgotten │
///  └─────┘ ── covered by another act of its category ──▶  └──────────┘ ─ time + window ────────────────────────▶ │           │
///     │       or by the exchange's cap        ┌────────────┐                                                     │           │
///     │                                       │ remembered │ ─ time + window, or the newest 32 ────────────────▶ │           │
///     ▼                                       └────────────┘                                                     └───────────┘
///  counted before: the same as an act that counts or is remembered; adds nothing
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acts {
    rules: Vec<Entry>,
    /// The newest acts that count nothing, because another act of their exchange was counted instead: so that a repeat of
    /// the exchange adds nothing. Kept apart from those that count, which they can't push out.
    remembered: Vec<Act>,
}

impl Acts {
    /// The moment at which this record is to be looked at: `now`, or its newest act where the clock went back; acts
    /// from far in the future are re-dated to `now` first.
    pub fn moment(&mut self, now: Timestamp) -> Timestamp {
        let horizon = now.after(CLOCK_SKEW);
        let mut moment = now;
        let mut date = |act: &mut Act| {
            let is_ahead = act.time > horizon;
            if is_ahead {
                act.time = now;
            }
            moment = moment.max(act.time);
            is_ahead
        };
        for entry in &mut self.rules {
            if entry.newest.iter_mut().filter_map(|act| date(act).then_some(())).count() > 0 {
                sort_by(&mut entry.newest, Act::newest_first);
            }
        }
        self.remembered.iter_mut().for_each(|act| {
            date(act);
        });
        moment
    }

    /// Forgets the acts up to `moment`.
    pub fn forget_until(&mut self, moment: Timestamp) {
        for entry in &mut self.rules {
            entry.newest.retain(|act| act.time > moment);
        }
        self.rules.retain(|entry| !entry.newest.is_empty());
        self.remembered.retain(|act| act.time > moment);
    }

    /// Forgets the acts that have left the window. Acts ahead of its end stay: see [`Acts::moment`].
    pub fn expire(&mut self, window: Window) {
        let stays = |act: &Act| window.end < act.time.after(window.length);
        for entry in &mut self.rules {
            entry.newest.retain(stays);
        }
        self.rules.retain(|entry| !entry.newest.is_empty());
        self.remembered.retain(stays);
    }

    /// The points that count, of what has not left the window.
    pub fn increase(&self) -> Points {
        let sum = |low: bool| -> Points {
            self.rules.iter().filter(|entry| (entry.severity == Severity::Low) == low).map(Entry::points).sum()
        };
        sum(false) + sum(true).min(LOW_CAP)
    }

    /// What is compared with the limits, of what has not left the window.
    pub fn standing(&self) -> Standing {
        let categories = self.rules.iter().fold(0_u64, |seen, entry| seen | 1 << entry.category as u8);
        Standing { increase: self.increase(), categories: categories.count_ones() }
    }

    /// When the newest act was that counts.
    pub fn last(&self) -> Option<Timestamp> {
        self.rules.iter().map(Entry::last).max()
    }

    /// When the newest act of this category was that counts.
    pub fn last_of(&self, category: Category) -> Option<Timestamp> {
        self.rules.iter().filter(|entry| entry.category == category).map(Entry::last).max()
    }

    /// When the next act that counts leaves the window.
    pub fn next_leaves(&self, length: Duration) -> Option<Timestamp> {
        self.rules.iter().flat_map(|entry| &entry.newest).map(|act| act.time.after(length)).min()
    }

    /// When the user will be quiet if nothing more happens: the moment at which enough acts have left the window.
    pub fn quiet_at(&self, quiet: Quiet, length: Duration) -> Option<Timestamp> {
        let leave = self.rules.iter().flat_map(|entry| &entry.newest).map(|act| act.time.after(length));
        let mut left = self.clone();
        let mut moments: Vec<_> = leave.collect();
        sort(&mut moments);
        moments.into_iter().find(|moment| {
            left.expire(Window { end: *moment, length });
            quiet.holds(left.standing())
        })
    }

    /// Was the act counted before? Each of its values has to be: within a minute anywhere, or at the same place. So no known
    /// value shields a new one.
    pub fn knows(&self, fingerprint: &Fingerprint, now: Timestamp) -> bool {
        let values = fingerprint.values();
        let acts = || self.rules.iter().flat_map(|entry| &entry.newest).chain(&self.remembered);
        let is_known = |value: &ValueId| acts().any(|act| act.has(*value, now));
        let together = ValueId::together(values);
        !values.is_empty() && (values.iter().all(is_known) || acts().any(|act| act.values == [together]))
    }

    /// Adds an act that counts `points`, and keeps the newest `stack` of its rule. One that counts none is only remembered.
    pub fn add(&mut self, event: &Event<'_>, points: Points, id: ActId, stack: usize) {
        let ActId { hash, proxy, time } = id;
        let act = Act { id: hash, time, points, values: event.fingerprint.values().to_vec() };
        if points == Points::ZERO {
            if !act.values.is_empty() {
                self.remembered.insert(0, act);
                self.remembered.truncate(REMEMBERED);
            }
            return;
        }
        let Some(entry) = self.rules.iter_mut().find(|entry| entry.rule == event.rule) else {
            let mut counts = Counts::default();
            counts.add(proxy, event.cross_site);
            let entry = Entry {
                rule: event.rule.to_owned(),
                category: event.category,
                severity: event.severity,
                confidence: event.confidence,
                counts,
                first: time,
                route: event.route.to_owned(),
                target: event.target.to_owned(),
                is_common: event.is_common,
                persistence: Persistence::default(),
                newest: vec![act],
            };
            return self.admit(entry, stack);
        };
        // An application may call the same event low today and high tomorrow.
        entry.severity = entry.severity.max(event.severity);
        entry.confidence = entry.confidence.max(event.confidence);
        entry.counts.add(proxy, event.cross_site);
        if act.time >= entry.last() {
            event.route.clone_into(&mut entry.route);
            event.target.clone_into(&mut entry.target);
            entry.is_common = event.is_common;
        }
        entry.keep(act, stack);
    }

    /// What an act of the rule makes of those before it; `counted`: it is new and has added points. Low acts, and such as many
    /// users do at the same target, are no persistence.
    pub fn persist(&mut self, event: &Event<'_>, counted: bool, proxy: u32, window: Window) -> Signs {
        let Event { severity, category, target, route, fingerprint, is_common, .. } = event;
        if *is_common || matches!(category, Category::Persistence | Category::Test) {
            return Signs::default();
        }
        let Some(entry) = self.rules.iter_mut().find(|entry| entry.rule == event.rule) else { return Signs::default() };
        let (now, length) = (window.end, window.length);
        let mut signs = Signs::default();
        if counted && *severity >= Severity::Medium {
            signs = signs.and(entry.persistence.act(proxy, now, length));
        }
        // A page's assets carry its address as their Referer; other headers and cookies come with every request.
        let is_sent_along = target.starts_with("header:") || target.starts_with("cookie:");
        let least = if is_sent_along { Severity::Critical } else { Severity::High };
        if *severity >= least && *target != "header:referer" {
            for value in fingerprint.values() {
                signs = signs.and(entry.persistence.tried(value.value, route, now, length));
            }
        }
        signs
    }

    /// The entries, the most points first.
    pub fn entries(&self) -> Vec<&Entry> {
        let mut entries: Vec<_> = self.rules.iter().collect();
        sort_by(&mut entries, |a, b| b.points().cmp(&a.points()).then_with(|| a.rule.cmp(&b.rule)));
        entries
    }

    /// Is there nothing in it?
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty() && self.remembered.is_empty()
    }

    /// Merges another copy of the same user's acts, of which each is counted once.
    pub fn merge(&mut self, other: &Self, stack: usize) {
        for theirs in &other.rules {
            match self.rules.iter_mut().find(|entry| entry.rule == theirs.rule) {
                Some(own) => own.merge(theirs, stack),
                None => self.rules.push(theirs.clone()),
            }
        }
        sort_by(&mut self.rules, |a, b| a.rule.cmp(&b.rule));
        while self.rules.len() > RULES {
            self.join_least(stack);
        }
        merge_acts(&mut self.remembered, &other.remembered, REMEMBERED);
    }

    /// Gives up what matters least, for a record that is too large: remembered values one by one, then acts that are only
    /// remembered, then the routes on which values were tried, then values of acts that count, then the names of the least severe rules. Returns false if nothing is
    /// left to give up.
    pub fn shrink(&mut self, stack: usize) -> bool {
        let has_several = |act: &&mut Act| act.values.len() > 1;
        if let Some(act) = self.remembered.iter_mut().rev().find(has_several) {
            act.collapse();
        } else if self.remembered.pop().is_some()
            || self.rules.iter_mut().any(|entry| entry.persistence.forget_routes())
        {
        } else if let Some(act) = self.rules.iter_mut().flat_map(|entry| &mut entry.newest).find(has_several) {
            act.collapse();
        } else if self.rules.len() > 1 {
            self.join_least(stack);
        } else {
            return false;
        }
        true
    }

    /// Takes in the entry of a rule that has none; with too many rules the least severe two share one.
    fn admit(&mut self, entry: Entry, stack: usize) {
        self.rules.push(entry);
        if self.rules.len() > RULES {
            self.join_least(stack);
        }
    }

    /// The entry that several rules share takes in the least severe one; or else the least severe two become it.
    fn join_least(&mut self, stack: usize) {
        let rank = |entry: &Entry| (entry.rule != OTHER, entry.severity, entry.points(), entry.last());
        sort_by_key(&mut self.rules, rank);
        if self.rules.len() < 2 {
            return;
        }
        let least = self.rules.remove(1);
        if let Some(other) = self.rules.first_mut() {
            other.absorb(least, stack);
        }
    }
}
