//! How long until the next try without a `Retry-After`? Doubling pauses, and moments that another clock may have written.

use std::time::Duration;

use crate::clock::Timestamp;

/// The pause after the first failure; it doubles with each further one. No server gets us to come back sooner.
pub(super) const FIRST_BACKOFF: Duration = Duration::from_secs(1);

/// The longest pause between two tries of a message.
const LONGEST_BACKOFF: Duration = Duration::from_secs(5 * 60);

/// After so many failures in a row the channel's circuit opens.
pub(super) const FAILURES_TO_OPEN: u32 = 5;

/// How often an open circuit is probed.
pub(super) const PROBE_EVERY: Duration = Duration::from_secs(30);

/// No lease and no hold ends later than this; one that does was written before the clock stepped back, and is over. A hold
/// lasts an hour at most, and workers' clocks may differ by a little: hence the five minutes.
pub(super) const LONGEST_LEASE: Duration = Duration::from_secs(2 * 60);
pub(super) const LONGEST_HOLD: Duration = Duration::from_secs(65 * 60);

/// Is `moment` still to come? Not if it is so far ahead that only another clock can have written it.
pub(super) fn is_ahead(moment: Timestamp, now: Timestamp, longest: Duration) -> bool {
    now < moment && moment <= now.after(longest)
}

/// The pause after the try number `tries`: doubling, with a jitter of a fifth either way. The jitter comes from the
/// message's own hash, so that two that failed together don't come back together.
pub(super) fn backoff(tries: u32, hash: u64) -> Duration {
    let doubled = FIRST_BACKOFF.saturating_mul(1 << tries.saturating_sub(1).min(16)).min(LONGEST_BACKOFF);
    let dice = hash.wrapping_add(u64::from(tries)).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
    let percent = 80 + u32::try_from(dice % 41).unwrap_or(20);
    doubled * percent / 100
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_five_minutes_and_no_two_messages_share_them() {
        for (try_, secs) in [(1, 1), (2, 2), (3, 4), (4, 8), (5, 16), (9, 256), (10, 300), (11, 300), (u32::MAX, 300)] {
            let all: Vec<_> = (0..500).map(|hash| backoff(try_, hash)).collect();
            let (least, most) = (all.iter().min().unwrap(), all.iter().max().unwrap());
            let base = Duration::from_secs(secs);
            assert_eq!((*least, *most), (base * 80 / 100, base * 120 / 100), "the try number {try_}");
        }
    }
}
