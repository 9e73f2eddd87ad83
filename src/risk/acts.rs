//! Which acts count? The newest of each rule inside the window; and when an act is the same as one before.

use std::cmp::Ordering;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::{Timestamp, Window};
use crate::detect::category::{Category, Severity};
use crate::points::Points;
use crate::risk::crossing::{Quiet, Standing};

/// The most rules with an entry of their own; beyond, the least severe share one.
const RULES: usize = 32;

/// The name of the entry that the least severe rules share.
const OTHER: &str = "other";

/// The most acts that are kept though they count nothing.
const REMEMBERED: usize = 32;

/// All low events together count for at most this.
const LOW_CAP: Points = Points::whole(5);

/// For so long the same act counts once wherever it is seen: a page's assets, redirects and retries repeat it.
const ECHO: Duration = Duration::from_secs(60);

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
    /// Its points, before the exchange's cap.
    pub points: Points,
    /// A keyed hash of the rule and the value that matched; `None` for what is a new act each time.
    pub fingerprint: Option<u64>,
    /// A keyed hash of the target.
    pub target: u64,
    /// The target, safe to print: `query:id`.
    pub target_name: &'a str,
    /// Was the same rule seen at the same target for several users? That has the shape of a false alarm.
    pub is_common: bool,
    /// The route, by name or template.
    pub route: &'a str,
    /// Did another site make the browser send it?
    pub cross_site: bool,
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

/// The newest acts of one rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The rule's id.
    pub rule: String,
    /// Its category.
    pub category: Category,
    /// Its severity.
    pub severity: Severity,
    /// New acts since `first`, counted or not any more.
    pub count: u32,
    /// The first act since the rule last had none in the window.
    pub first: Timestamp,
    /// The route of the newest act.
    pub route: String,
    /// The target of the newest act.
    pub target: String,
    /// Was it seen at the same target for several users?
    pub is_common: bool,
    /// How many of the new acts another site made the browser send.
    pub cross_site: u32,
    /// The newest acts, the newest first; as many as count.
    newest: Vec<Act>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Act {
    time: Timestamp,
    points: Points,
    fingerprint: Option<u64>,
    target: u64,
}

impl Act {
    fn newest_first(&self, other: &Self) -> Ordering {
        (other.time, other.points).cmp(&(self.time, self.points))
    }
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
                entry.newest.sort_by(Act::newest_first);
            }
        }
        self.remembered.iter_mut().for_each(|act| {
            date(act);
        });
        moment
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

    /// When the next act that counts leaves the window.
    pub fn next_leaves(&self, length: Duration) -> Option<Timestamp> {
        self.rules.iter().flat_map(|entry| &entry.newest).map(|act| act.time.after(length)).min()
    }

    /// When the user will be quiet if nothing more happens: the moment at which enough acts have left the window.
    pub fn quiet_at(&self, quiet: Quiet, length: Duration) -> Option<Timestamp> {
        let leave = self.rules.iter().flat_map(|entry| &entry.newest).map(|act| act.time.after(length));
        let mut left = self.clone();
        let mut moments: Vec<_> = leave.collect();
        moments.sort_unstable();
        moments.into_iter().find(|moment| {
            left.expire(Window { end: *moment, length });
            quiet.holds(left.standing())
        })
    }

    /// Was the same act counted before: the same value of the same rule within a minute anywhere, or at the same target?
    pub fn knows(&self, event: &Event<'_>, now: Timestamp) -> bool {
        let Some(fingerprint) = event.fingerprint else { return false };
        self.rules.iter().flat_map(|entry| &entry.newest).chain(&self.remembered).any(|act| {
            act.fingerprint == Some(fingerprint) && (act.target == event.target || now.since(act.time) <= ECHO)
        })
    }

    /// Adds an act at `now` that counts `points`, and keeps the newest `stack` of its rule. One that counts none is
    /// only remembered.
    pub fn add(&mut self, event: &Event<'_>, points: Points, now: Timestamp, stack: usize) {
        let act = Act { time: now, points, fingerprint: event.fingerprint, target: event.target };
        if points == Points::ZERO {
            self.remembered.insert(0, act);
            self.remembered.truncate(REMEMBERED);
            return;
        }
        match self.rules.iter_mut().find(|entry| entry.rule == event.rule) {
            Some(entry) => {
                // An application may call the same event low today and high tomorrow.
                entry.severity = entry.severity.max(event.severity);
                entry.cross_site = entry.cross_site.saturating_add(event.cross_site.into());
                entry.add(act, event, stack);
            }
            None => self.admit(
                Entry {
                    rule: event.rule.to_owned(),
                    category: event.category,
                    severity: event.severity,
                    count: 1,
                    first: now,
                    route: event.route.to_owned(),
                    target: event.target_name.to_owned(),
                    is_common: event.is_common,
                    cross_site: event.cross_site.into(),
                    newest: vec![act],
                },
                stack,
            ),
        }
    }

    /// The entries, the most points first.
    pub fn entries(&self) -> Vec<&Entry> {
        let mut entries: Vec<_> = self.rules.iter().collect();
        entries.sort_by(|a, b| b.points().cmp(&a.points()).then_with(|| a.rule.cmp(&b.rule)));
        entries
    }

    /// Is there nothing in it?
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty() && self.remembered.is_empty()
    }

    /// Takes in the entry of a rule that was not there; with too many rules the least severe two share one.
    fn admit(&mut self, entry: Entry, stack: usize) {
        self.rules.push(entry);
        if self.rules.len() <= RULES {
            return;
        }
        let rank = |entry: &Entry| (entry.rule != OTHER, entry.severity, entry.points(), entry.last());
        self.rules.sort_by_key(rank);
        let least = self.rules.remove(1);
        if let Some(other) = self.rules.first_mut() {
            other.merge(least, stack);
        }
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

    fn add(&mut self, act: Act, event: &Event<'_>, stack: usize) {
        self.count = self.count.saturating_add(1);
        if act.time >= self.last() {
            event.route.clone_into(&mut self.route);
            event.target_name.clone_into(&mut self.target);
            self.is_common = event.is_common;
        }
        self.keep(act, stack);
    }

    fn merge(&mut self, other: Self, stack: usize) {
        OTHER.clone_into(&mut self.rule);
        self.severity = self.severity.max(other.severity);
        self.count = self.count.saturating_add(other.count);
        self.cross_site = self.cross_site.saturating_add(other.cross_site);
        self.first = self.first.min(other.first);
        if other.last() > self.last() {
            (self.route, self.target, self.is_common) = (other.route, other.target, other.is_common);
        }
        for act in other.newest {
            self.keep(act, stack);
        }
    }

    /// Keeps the newest, whatever the order they come in.
    fn keep(&mut self, act: Act, stack: usize) {
        let at = self.newest.partition_point(|kept| kept.newest_first(&act) == Ordering::Less);
        self.newest.insert(at, act);
        self.newest.truncate(stack);
    }
}
