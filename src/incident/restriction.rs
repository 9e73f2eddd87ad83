//! Is a user blocked or redirected, until when and why? Kept in the record; each further block may last twice as long.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::risk::band::Band;

/// No restriction lasts longer.
pub const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// What is refused to a user for a while.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Restrictions {
    /// Everything is refused.
    pub block: Restriction,
    /// Everything is redirected, to where the user proves who they are.
    pub redirect: Restriction,
}

/// One kind of restriction of one user. Kept after it has ended, so that the next one can last longer.
///
/// ```text
///   ┌─────┐ ──── begin: an event in the band, or an order ──▶ ┌────┐
///   │ off │                                                   │ on │  (a dry one refuses nothing and is only counted)
///   └─────┘ ◀─── its end, or lift: an order, a step-up ────── └────┘
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Restriction {
    /// When it last began or was lifted: of two copies of a record the newer decision holds.
    changed: Timestamp,
    /// When the newest one ends.
    until: Timestamp,
    /// How many there were.
    count: u32,
    /// Why, in the newest.
    reason: Reason,
    /// Would it only have been, if responses were not on trial?
    is_dry: bool,
}

/// Why a user is restricted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Reason {
    /// The incident reached a band.
    #[default]
    Band,
    /// An operator ordered it.
    Operator,
}

impl Reason {
    /// `band`, `operator`.
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Band => "band",
            Self::Operator => "operator",
        }
    }
}

/// Which restriction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RestrictionKind {
    /// See [`Restrictions::block`].
    Block,
    /// See [`Restrictions::redirect`].
    Redirect,
}

/// With which event a restriction begins, and how long it lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RestrictionTerms {
    /// Which.
    pub kind: RestrictionKind,
    /// It begins with a new event while the user's incident is in this band or above.
    pub at: Band,
    /// How long the first one lasts.
    pub length: Duration,
    /// Does each further one last twice as long?
    pub longer: bool,
    /// Is it only counted?
    pub is_dry: bool,
}

impl RestrictionKind {
    /// `block`, `redirect`.
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Block => "block",
            Self::Redirect => "redirect",
        }
    }
}

impl Restrictions {
    /// The restriction of this kind.
    pub const fn of(&self, kind: RestrictionKind) -> &Restriction {
        match kind {
            RestrictionKind::Block => &self.block,
            RestrictionKind::Redirect => &self.redirect,
        }
    }

    /// The restriction of this kind, to begin or to lift it.
    pub const fn of_mut(&mut self, kind: RestrictionKind) -> &mut Restriction {
        match kind {
            RestrictionKind::Block => &mut self.block,
            RestrictionKind::Redirect => &mut self.redirect,
        }
    }

    /// When the last of them ends or ended.
    pub fn until(&self) -> Timestamp {
        self.block.until.max(self.redirect.until)
    }

    /// Is anything refused to the user at `now`?
    pub fn are_on(&self, now: Timestamp) -> bool {
        self.block.is_on(now) || self.redirect.is_on(now)
    }

    /// Merges another copy.
    pub(super) fn merge(&mut self, other: &Self) {
        self.block = self.block.max(other.block);
        self.redirect = self.redirect.max(other.redirect);
    }
}

impl Restriction {
    /// Begins one of `length`, or of twice that for each before if it is to grow `longer`; at most a day. Returns its end.
    /// One that is running is not shortened, except that a dry one gives way to a real one.
    pub fn begin(&mut self, length: Duration, longer: bool, is_dry: bool, reason: Reason, now: Timestamp) -> Timestamp {
        let before = if self.is_dry == is_dry { *self } else { Self::default() };
        let doublings = if longer { before.count.min(31) } else { 0 };
        let length = length.saturating_mul(1 << doublings).min(LONGEST);
        let until = before.until.max(now.after(length));
        *self = Self { changed: now, until, count: before.count.saturating_add(1), reason, is_dry };
        until
    }

    /// Begins one by these terms, unless one is running that is as strict. Returns its end if it began.
    pub(super) fn begin_by(&mut self, terms: &RestrictionTerms, now: Timestamp) -> Option<Timestamp> {
        let is_running = self.is_on(now) || (self.would_be_on(now) && terms.is_dry);
        (!is_running).then(|| self.begin(terms.length, terms.longer, terms.is_dry, Reason::Band, now))
    }

    /// Ends the running one. Returns whether there was one.
    pub fn lift(&mut self, now: Timestamp) -> bool {
        let is_running = now < self.until;
        if is_running {
            (self.until, self.changed) = (now, now);
        }
        is_running
    }

    /// Is the user restricted at `now`?
    pub fn is_on(&self, now: Timestamp) -> bool {
        now < self.until && !self.is_dry
    }

    /// Would the user be, if it was no dry run?
    pub fn would_be_on(&self, now: Timestamp) -> bool {
        now < self.until && self.is_dry
    }

    /// When the newest ends or ended.
    pub const fn until(&self) -> Timestamp {
        self.until
    }

    /// Why the newest began.
    pub const fn reason(&self) -> Reason {
        self.reason
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HALF_HOUR: Duration = Duration::from_secs(30 * 60);

    fn minute(number: u64) -> Timestamp {
        Timestamp::from_millis(number * 60_000)
    }

    #[test]
    fn each_block_lasts_twice_as_long_up_to_a_day() {
        let mut block = Restriction::default();
        for (at, longer, until) in [
            (0, true, 30),
            (100, true, 160),
            (110, false, 160),
            (1000, true, 1240),
            (2000, true, 2480),
            (9000, true, 9960),
        ] {
            assert_eq!(block.begin(HALF_HOUR, longer, false, Reason::Band, minute(at)), minute(until), "{at}");
        }
        let latest = minute(20_000 + 24 * 60);
        assert!((0..40).all(|_| block.begin(HALF_HOUR, true, false, Reason::Operator, minute(20_000)) <= latest));
        assert!(block.is_on(minute(20_001)) && block.lift(minute(20_001)));
        assert!(!block.is_on(minute(20_001)) && !block.lift(minute(20_002)) && block.until() == minute(20_001));
    }

    #[test]
    fn a_dry_one_gives_way_to_a_real_one_and_not_the_other_way_round() {
        let terms = |is_dry| RestrictionTerms {
            kind: RestrictionKind::Block,
            at: Band::Warning,
            length: HALF_HOUR,
            longer: true,
            is_dry,
        };
        let mut block = Restriction::default();
        let rows = [
            ("a dry one begins", 0, true, Some(30), (false, true)),
            ("it runs", 10, true, None, (false, true)),
            ("a real one is the first of its kind", 20, false, Some(50), (true, false)),
            ("a dry one changes nothing of it", 30, true, None, (true, false)),
            ("the second real one", 60, false, Some(120), (true, false)),
        ];
        for (name, at, is_dry, until, (is_on, would_be_on)) in rows {
            assert_eq!(block.begin_by(&terms(is_dry), minute(at)), until.map(minute), "{name}");
            assert_eq!((block.is_on(minute(at)), block.would_be_on(minute(at))), (is_on, would_be_on), "{name}");
        }
    }

    #[test]
    fn of_two_copies_the_newer_decision_holds() {
        let mut lifted = Restrictions::default();
        lifted.block.begin(HALF_HOUR, true, false, Reason::Band, minute(0));
        let running = lifted;
        lifted.block.lift(minute(5));
        for (mut one, other) in [(lifted, running), (running, lifted)] {
            one.merge(&other);
            assert!(!one.block.is_on(minute(6)));
        }
    }
}
