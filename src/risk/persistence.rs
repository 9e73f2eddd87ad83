//! Does a user go on and on? New acts of one rule within an hour and a day, and one value tried on many routes.
//!
//! Only the newest acts of a rule count points, so that noise of one kind opens no incident. Two hundred tries are no noise:
//! they are behaviour, and an event of their own.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::risk::ring::Ring;
use crate::sort::{sort, sort_by_key};

/// So many new acts of a rule within [`HOUR`] or within [`DAY`] are persistence.
const WITHIN_HOUR: u32 = 20;
const WITHIN_DAY: u32 = 60;

/// So many within [`HOUR`] are conclusive.
const CONCLUSIVE: u32 = 100;

/// On so many routes the same value is spread.
const ROUTES: usize = 5;

/// The most values whose routes are remembered.
const VALUES: usize = 4;

/// The most proxies whose acts are counted.
const PROXIES: usize = 4;

/// Acts are counted by slots of a sixth of an hour and of a day, and a slot that began longer ago does not count: never too
/// many are counted.
const SLOTS: usize = 6;
const HOUR: u64 = 60 * 60 * 1000;
const DAY: u64 = 24 * HOUR;

/// What is remembered of one rule of one user.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Persistence {
    tries: Vec<Tries>,
    spreads: Vec<Spread>,
    /// When an event was last made of it; zero if never.
    persisted_at: Timestamp,
    spread_at: Timestamp,
}

/// What a new act, or a known value on a new route, has made of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Signs {
    /// The user goes on with this rule: once a window.
    pub persists: bool,
    /// The user tries one value on many routes: once a window.
    pub spreads: bool,
    /// The user goes on so fast that no score is needed.
    pub is_conclusive: bool,
    /// Something has changed that has to be kept.
    pub is_changed: bool,
}

/// How many new acts one proxy saw.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Tries {
    proxy: u32,
    hour: Ring<u16, SLOTS>,
    day: Ring<u16, SLOTS>,
}

/// On which routes a value was tried, by hashes of both.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Spread {
    value: u32,
    routes: Vec<u16>,
    last: Timestamp,
}

impl Persistence {
    /// A new act has happened.
    pub fn act(&mut self, proxy: u32, now: Timestamp, window: Duration) -> Signs {
        let [hour, day] = [HOUR, DAY].map(|length| slot(now, length));
        let at = self.tries.iter().position(|tries| tries.proxy == proxy).unwrap_or_else(|| {
            self.tries.push(Tries { proxy, hour: Ring::new(hour), day: Ring::new(day) });
            self.tries.len() - 1
        });
        if let Some(tries) = self.tries.get_mut(at) {
            for number in [tries.hour.at_mut(hour), tries.day.at_mut(day)].into_iter().flatten() {
                *number = number.saturating_add(1);
            }
        }
        self.bound();
        let within_hour = self.sum(|tries| &tries.hour, hour);
        let is_due = within_hour >= WITHIN_HOUR || self.sum(|tries| &tries.day, day) >= WITHIN_DAY;
        let persists = is_due && is_first(&mut self.persisted_at, now, window);
        Signs { persists, is_conclusive: within_hour >= CONCLUSIVE, is_changed: true, ..Signs::default() }
    }

    /// A value was tried on a route, in an act that is new or not.
    pub fn tried(&mut self, value: u32, route: &str, now: Timestamp, window: Duration) -> Signs {
        self.spreads.retain(|spread| now.since(spread.last) < window);
        let route = hash(route);
        let at = self.spreads.iter().position(|spread| spread.value == value).unwrap_or_else(|| {
            self.spreads.push(Spread { value, routes: Vec::new(), last: now });
            self.spreads.len() - 1
        });
        let Some(spread) = self.spreads.get_mut(at) else { return Signs::default() };
        let is_changed = spread.routes.len() < ROUTES && !spread.routes.contains(&route);
        if is_changed {
            spread.routes.push(route);
            spread.last = spread.last.max(now);
        }
        let is_due = is_changed && spread.routes.len() == ROUTES;
        self.order();
        Signs { spreads: is_due && is_first(&mut self.spread_at, now, window), is_changed, ..Signs::default() }
    }

    /// Merges another copy.
    pub fn merge(&mut self, other: &Self) {
        for theirs in &other.tries {
            match self.tries.iter_mut().find(|tries| tries.proxy == theirs.proxy) {
                Some(own) => {
                    own.hour.merge(&theirs.hour);
                    own.day.merge(&theirs.day);
                }
                None => self.tries.push(*theirs),
            }
        }
        self.bound();
        for theirs in &other.spreads {
            match self.spreads.iter_mut().find(|spread| spread.value == theirs.value) {
                Some(own) => {
                    own.routes.extend(&theirs.routes);
                    own.last = own.last.max(theirs.last);
                }
                None => self.spreads.push(theirs.clone()),
            }
        }
        self.order();
        self.persisted_at = self.persisted_at.max(other.persisted_at);
        self.spread_at = self.spread_at.max(other.spread_at);
    }

    /// Forgets on which routes values were tried, for a record that is too large. Returns false if there was nothing.
    pub fn forget_routes(&mut self) -> bool {
        !std::mem::take(&mut self.spreads).is_empty()
    }

    fn sum(&self, of: impl Fn(&Tries) -> &Ring<u16, SLOTS>, newest: u64) -> u32 {
        let slots = || (0..SLOTS as u64).filter_map(|age| newest.checked_sub(age));
        self.tries.iter().flat_map(|tries| slots().filter_map(|slot| of(tries).at(slot))).map(u32::from).sum()
    }

    /// The value that last came to a new route first, its routes by their hashes, and no more of both than are kept.
    fn order(&mut self) {
        for spread in &mut self.spreads {
            sort(&mut spread.routes);
            spread.routes.dedup();
            spread.routes.truncate(ROUTES);
        }
        sort_by_key(&mut self.spreads, |spread| (std::cmp::Reverse(spread.last), spread.value));
        self.spreads.truncate(VALUES);
    }

    fn bound(&mut self) {
        sort_by_key(&mut self.tries, |tries| (std::cmp::Reverse(tries.day.newest()), tries.proxy));
        self.tries.truncate(PROXIES);
    }
}

impl Signs {
    /// What both have made of it.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            persists: self.persists || other.persists,
            spreads: self.spreads || other.spreads,
            is_conclusive: self.is_conclusive || other.is_conclusive,
            is_changed: self.is_changed || other.is_changed,
        }
    }
}

/// The slot of this moment, of [`SLOTS`] that make up `length`.
fn slot(now: Timestamp, length: u64) -> u64 {
    now.as_millis() / (length / SLOTS as u64)
}

/// Is it the first within a window? Remembers when it was.
fn is_first(last: &mut Timestamp, now: Timestamp, window: Duration) -> bool {
    let is_first = *last == Timestamp::default() || now.since(*last) >= window;
    if is_first {
        *last = now;
    }
    is_first
}

/// A hash of a route. It is no secret, and two routes with the same one make a spread be seen one route later.
fn hash(route: &str) -> u16 {
    route.bytes().fold(0x9dc5, |hash: u16, byte| (hash ^ u16::from(byte)).wrapping_mul(0x0193).rotate_left(3))
}
