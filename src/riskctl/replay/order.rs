//! In which order do things happen? Exchanges wait until nothing earlier can come.

use std::collections::BTreeMap;
use std::time::Duration;

use user_risk_filter::clock::Timestamp;

use super::batch::Pair;

/// A server writes a line when a request ends, with the time at which it began. This is how long later lines may be behind.
const SLACK: Duration = Duration::from_secs(10 * 60);

/// At most so many exchanges wait, so that a log without order fills no memory.
const MOST: usize = 50_000;

/// Exchanges that wait for earlier ones.
#[derive(Default)]
pub(super) struct Order {
    waiting: BTreeMap<(Timestamp, u64), Pair>,
    next: u64,
    /// The latest time that was let go.
    gone: Timestamp,
    /// How many came after later ones had been let go.
    pub(super) late: u64,
}

impl Order {
    /// Takes in an exchange.
    pub(super) fn push(&mut self, pair: Pair) {
        let time = pair.real.time;
        self.late += u64::from(time < self.gone);
        self.waiting.insert((time, self.next), pair);
        self.next += 1;
    }

    /// The exchanges that may happen now, the earliest first, as nothing before `until` comes any more.
    pub(super) fn ready(&mut self, until: Timestamp) -> impl Iterator<Item = Pair> + '_ {
        let edge = Timestamp::from_millis(until.as_millis().saturating_sub(SLACK.as_millis() as u64));
        std::iter::from_fn(move || {
            let ((time, _), _) = self.waiting.first_key_value()?;
            if *time > edge && self.waiting.len() <= MOST && until != END {
                return None;
            }
            self.gone = self.gone.max(*time);
            self.waiting.pop_first().map(|(_, pair)| pair)
        })
    }
}

/// No more lines come.
pub(super) const END: Timestamp = Timestamp::from_millis(u64::MAX);
