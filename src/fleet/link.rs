//! May the store be asked now, and how does it stand? One call at a time per process, pauses after failures, what was read.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::fleet::feed::Position;
use crate::state::cells::{Cells, Unavailable};
use crate::state::table::{Change, Failure, Stored, Table};

/// The longest pause after failures.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// At least so often the store is asked what others did.
const POLL: Duration = Duration::from_secs(2);

/// Slack for the answer's way, beyond the call's own timeout.
const SLACK: Duration = Duration::from_secs(1);

/// How far the feed is read again after a failure, in ms: what came while nobody looked may have come under earlier numbers.
const READ_AGAIN: u64 = 60_000;

/// The process's connection to the store, in one cell.
#[derive(Clone, Debug)]
pub struct Link(Table<State>);

/// How the store stands.
///
/// ```text
///           begin             succeed
///  ┌──────┐ ─────▶ ┌───────┐ ──────────▶ idle, after `every` or at once if something is due
///  │ idle │        │ asked │
///  └──────┘ ◀───── └───────┘ ──────────▶ idle, after a pause that doubles up to 30 s
///         lease over          fail
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// The call that is under way, and until when its answer is waited for.
    lease: Option<(u64, Timestamp)>,
    /// When the store may be asked next.
    next: Timestamp,
    /// When it was asked last.
    asked: Timestamp,
    /// How often in a row it has failed.
    pub failures: u32,
    /// When it last answered.
    pub answered: Option<Timestamp>,
    /// How far the feed was read.
    pub position: Position,
    /// Has the feed been read to its end?
    pub is_caught_up: bool,
    /// The store's count of calls.
    calls: u64,
    /// How often the store has lost data, as far as this process could tell: records that were shared before are shared again.
    pub life: u32,
    /// How far the proxy's clock is ahead of the store's; negative: behind.
    pub skew_millis: i64,
    /// When the log last said that it fails.
    pub complained: Option<Timestamp>,
}

/// What a good answer said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heard {
    /// The store's clock and its count of calls.
    pub clock: Option<(Timestamp, u64)>,
    /// How far the feed was read.
    pub position: Option<Position>,
    /// Was the page full, so that more may follow?
    pub is_page_full: bool,
}

impl State {
    /// Does the store answer, as far as is known? If not, this proxy decides by itself.
    pub fn is_answering(&self) -> bool {
        self.failures == 0
    }
}

impl Link {
    /// The link in the cell `<prefix>/store/link`.
    pub fn new(prefix: &str) -> Self {
        Self(Table::new(format!("{prefix}/store")))
    }

    /// How the store stands.
    ///
    /// # Errors
    /// The cells can't be read.
    pub fn state(&self, cells: &impl Cells) -> Result<State, Unavailable> {
        self.0.read(cells, "link")
    }

    /// May this worker ask now? Then it has to, and to say what came of it. `has_due`: there is more to ask than what others
    /// did. `nonce` has to be new each time, and spreads the polls of many proxies.
    ///
    /// # Errors
    /// The cells can't be changed.
    pub fn begin(
        &self,
        cells: &impl Cells,
        nonce: u64,
        timeout: Duration,
        has_due: bool,
        now: Timestamp,
    ) -> Result<Option<State>, Failure> {
        self.0.update(cells, "link", |state| {
            if state.lease.is_some_and(|(_, until)| now < until && until.since(now) <= timeout + SLACK) {
                return Change::None(None);
            }
            let is_lost = state.lease.take().is_some();
            let waited = now.since(state.asked).max(state.asked.since(now));
            let is_early = now < state.next && state.next.since(now) <= LONGEST_PAUSE;
            let is_idle = state.is_caught_up && !has_due && state.failures == 0 && waited < jittered(POLL, nonce);
            if !is_lost && (is_early || is_idle) {
                return Change::None(None);
            }
            state.lease = Some((nonce, now.after(timeout + SLACK)));
            state.asked = now;
            Change::Made(Some(state.clone()))
        })
    }

    /// The store has answered. Returns how it stands, and whether it has lost data since it was last asked.
    ///
    /// # Errors
    /// The cells can't be changed.
    pub fn succeed(
        &self,
        cells: &impl Cells,
        nonce: u64,
        heard: Heard,
        now: Timestamp,
    ) -> Result<Option<(State, bool)>, Failure> {
        self.0.update(cells, "link", |state| {
            if state.lease.is_none_or(|(held, _)| held != nonce) {
                return Change::None(None);
            }
            let was_failing = state.failures > 0;
            let mut has_lost = false;
            if let Some((time, calls)) = heard.clock {
                state.skew_millis = now.as_millis() as i64 - time.as_millis() as i64;
                has_lost = state.life > 0 && !follows(state.calls, calls);
                if has_lost || state.life == 0 || was_failing {
                    state.life = state.life.saturating_add(1);
                }
                state.calls = calls;
                if has_lost || time.as_millis() < state.position.millis {
                    (state.position, state.is_caught_up) = (Position::default(), false);
                }
            }
            if !has_lost && let Some(position) = heard.position {
                state.position = state.position.max(position);
            }
            if was_failing {
                state.position = state.position.back(READ_AGAIN);
            }
            state.is_caught_up = !has_lost && !was_failing && !heard.is_page_full;
            (state.lease, state.failures, state.answered, state.complained) = (None, 0, Some(now), None);
            state.next = now;
            Change::Made(Some((state.clone(), has_lost)))
        })
    }

    /// The store has not answered, or refused everything. Returns how it stands.
    ///
    /// # Errors
    /// The cells can't be changed.
    pub fn fail(&self, cells: &impl Cells, nonce: u64, now: Timestamp) -> Result<Option<State>, Failure> {
        self.0.update(cells, "link", |state| {
            if state.lease.is_none_or(|(held, _)| held != nonce) {
                return Change::None(None);
            }
            state.lease = None;
            state.failures = state.failures.saturating_add(1);
            let doublings = state.failures.saturating_sub(1).min(5);
            let pause = Duration::from_secs(1 << doublings).min(LONGEST_PAUSE);
            state.next = now.after(jittered(pause, nonce));
            Change::Made(Some(state.clone()))
        })
    }

    /// May the log say again that it fails? At the first failure, and then every five minutes.
    ///
    /// # Errors
    /// The cells can't be changed.
    pub fn may_complain(&self, cells: &impl Cells, now: Timestamp) -> Result<bool, Failure> {
        self.0.update(cells, "link", |state| {
            if state.complained.is_some_and(|last| now.since(last) < AGAIN) {
                return Change::None(false);
            }
            state.complained = Some(now);
            Change::Made(true)
        })
    }
}

/// After so long the log says again that the store fails.
const AGAIN: Duration = Duration::from_secs(300);

/// So many calls of others are believed between two of this process: years of them.
const MOST_BETWEEN: u64 = 1 << 32;

/// Is this count of calls a later one of the same life of the store? A life's count begins anywhere ([`first_count`]), and one that an
/// older copy goes on with is no higher.
fn follows(before: u64, count: u64) -> bool {
    before < count && count - before <= MOST_BETWEEN
}

/// Where a store without a count begins: anywhere below what it can count to. `nonce` has to be new each time.
pub fn first_count(nonce: u64) -> u64 {
    scrambled(nonce) >> 2
}

/// Nonces of one worker follow each other; these don't.
fn scrambled(nonce: u64) -> u64 {
    nonce.wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// Between four fifths of it and all of it.
fn jittered(pause: Duration, nonce: u64) -> Duration {
    let spread = (scrambled(nonce) >> 32) % 200;
    pause.saturating_mul(1000 - u32::try_from(spread).unwrap_or_default()) / 1000
}

impl Stored for State {
    const FORMAT: u8 = 1;
}

#[cfg(test)]
mod tests {
    use super::{MOST_BETWEEN, first_count, follows};

    #[test]
    fn a_later_count_of_the_same_life_follows_and_no_other() {
        assert!(follows(41, 42) && follows(41, 41 + MOST_BETWEEN));
        assert!(!follows(42, 42) && !follows(42, 41) && !follows(41, 42 + MOST_BETWEEN));
    }

    #[test]
    fn the_lives_of_a_store_begin_far_from_each_other_and_below_what_it_counts_to() {
        let firsts: Vec<_> = (0..100).map(|more| first_count(0xfedc_ba98_7654_3210 + more)).collect();
        assert!(firsts.iter().all(|first| i64::try_from(first + MOST_BETWEEN).is_ok()));
        let is_far = |one: &u64, other: &u64| one.abs_diff(*other) > 1000 * MOST_BETWEEN;
        assert!(firsts.iter().enumerate().all(|(at, one)| firsts[..at].iter().all(|other| is_far(one, other))));
    }
}
