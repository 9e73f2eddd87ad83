//! Is a user blocked, until when and why? Kept in the record; each further block lasts twice as long.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;

/// No block lasts longer.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// The blocks of one user. Kept after a block has ended, so that the next one can last longer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Blocks {
    /// When the newest block ends.
    until: Timestamp,
    /// When it began.
    since: Timestamp,
    /// How many there were.
    count: u32,
    /// Why, in the newest.
    reason: Reason,
}

/// Why a user is blocked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Reason {
    /// The incident reached a band.
    #[default]
    Band,
    /// An operator ordered it.
    Operator,
}

impl Blocks {
    /// Begins a block of `length`, or of twice that for each block before if it is to grow `longer`; at most a day. Returns
    /// its end. A block that is running is not shortened.
    pub fn begin(&mut self, length: Duration, longer: bool, reason: Reason, now: Timestamp) -> Timestamp {
        let doublings = if longer { self.count.min(31) } else { 0 };
        let length = length.saturating_mul(1 << doublings).min(LONGEST);
        *self = Self {
            until: self.until.max(now.after(length)),
            since: if self.is_blocked(now) { self.since } else { now },
            count: self.count.saturating_add(1),
            reason,
        };
        self.until
    }

    /// Ends the running block.
    pub fn lift(&mut self, now: Timestamp) {
        self.until = self.until.min(now);
    }

    /// Is the user blocked at `now`?
    pub fn is_blocked(&self, now: Timestamp) -> bool {
        now < self.until
    }

    /// When the newest block ends or ended.
    pub fn until(&self) -> Timestamp {
        self.until
    }

    /// Merges another copy: the one that ends later.
    pub(super) fn merge(&mut self, other: &Self) {
        let count = self.count.max(other.count);
        *self = Self { count, ..(*self).max(*other) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_block_lasts_twice_as_long_up_to_a_day() {
        let minute = |number: u64| Timestamp::from_millis(number * 60_000);
        let mut blocks = Blocks::default();
        let half_hour = Duration::from_secs(30 * 60);
        for (at, longer, until) in [
            (0, true, 30),
            (100, true, 160),
            (110, false, 160),
            (1000, true, 1240),
            (2000, true, 2480),
            (9000, true, 9960),
        ] {
            assert_eq!(blocks.begin(half_hour, longer, Reason::Band, minute(at)), minute(until), "{at}");
        }
        assert!(
            (0..40).all(|_| blocks.begin(half_hour, true, Reason::Band, minute(20_000)) <= minute(20_000 + 24 * 60))
        );
        assert!(blocks.is_blocked(minute(20_001)));
        blocks.lift(minute(20_001));
        assert!(!blocks.is_blocked(minute(20_001)) && blocks.until() == minute(20_001));
    }
}
