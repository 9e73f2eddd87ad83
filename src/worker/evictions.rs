//! How many users' records went to make room? Told once a minute, however many: whoever invents names decides how many there are.

use std::cell::Cell;
use std::time::Duration;

use crate::clock::Timestamp;

/// Between two lines about it.
const EVERY: Duration = Duration::from_secs(60);

/// The records with points that one worker has evicted.
#[derive(Debug, Default)]
pub(crate) struct Evictions {
    untold: Cell<u64>,
    told: Cell<Option<Timestamp>>,
}

impl Evictions {
    /// A record with points was evicted.
    pub(crate) fn count(&self) {
        self.untold.set(self.untold.get() + 1);
    }

    /// The evictions since they were last told of, if it is time to tell.
    pub(crate) fn take_due(&self, now: Timestamp) -> Option<u64> {
        let is_early = self.told.get().is_some_and(|told| now.since(told) < EVERY);
        if is_early || self.untold.get() == 0 {
            return None;
        }
        self.told.set(Some(now));
        Some(self.untold.take())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_told_at_once_and_then_once_a_minute() {
        let at = |secs: u64| Timestamp::from_millis(secs * 1000);
        let evictions = Evictions::default();
        assert_eq!(evictions.take_due(at(5)), None, "none yet");
        evictions.count();
        assert_eq!(evictions.take_due(at(5)), Some(1));
        (0..70_000).for_each(|_| evictions.count());
        assert_eq!(evictions.take_due(at(64)), None, "within the minute");
        assert_eq!(evictions.take_due(at(65)), Some(70_000));
        assert_eq!(evictions.take_due(at(130)), None, "no more since");
    }
}
