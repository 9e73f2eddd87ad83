//! What did a client, user or session do lately? The newest few steps with their times, in bounded shared memory.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::{Timestamp, Window};
use crate::detect::signal::Signal;
use crate::keyed_hash::Digest;
use crate::sort::sort;
use crate::state::buckets::{Buckets, Kept};
use crate::state::cells::Cells;
use crate::state::table::{Change, Failure};

/// The most steps of a history.
pub const STEPS: usize = 96;

/// The newest steps of a client, a user, a session or a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct History {
    id: Digest,
    /// When, and what: some bits of a keyed hash.
    steps: Vec<(Timestamp, u32)>,
    /// Which signals were given when: each at most once in its period.
    signalled: Vec<(u8, Timestamp)>,
}

// A signal and a step share a byte.
const _: () = assert!(Signal::ALL.len() <= 1 << 6);

/// The histories that all workers share; those of sessions apart, as every user has one.
#[derive(Clone, Debug)]
pub struct Histories {
    steps: Buckets<History>,
    sessions: Buckets<History>,
}

/// Whose history it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HistoryKey {
    /// A client, a user or a name.
    Actor(Digest),
    /// A session, or the user who has one.
    Session(Digest),
}

impl History {
    /// A history without a step.
    pub fn new(id: Digest) -> Self {
        Self { id, steps: Vec::new(), signalled: Vec::new() }
    }

    /// Forgets what lies before the window that ends now.
    pub fn forget(&mut self, now: Timestamp, window: Duration) {
        // Steps written by a worker whose clock is a little ahead stay.
        self.steps.retain(|(at, _)| *at > now || Window { end: now, length: window }.holds(*at));
    }

    /// One step more; the oldest goes where there are too many.
    pub fn add(&mut self, now: Timestamp, step: u32) {
        if self.steps.len() >= STEPS {
            self.steps.remove(0);
        }
        self.steps.push((now, step));
    }

    /// Takes these steps back; says whether there were any.
    pub fn take_back(&mut self, step: u32) -> bool {
        let before = self.steps.len();
        self.steps.retain(|(_, known)| *known != step);
        self.steps.len() < before
    }

    /// The newest step and its time.
    pub fn newest(&self) -> Option<(Timestamp, u32)> {
        self.steps.last().copied()
    }

    /// Is the step there?
    pub fn has(&self, step: u32) -> bool {
        self.steps.iter().any(|(_, known)| *known == step)
    }

    /// How many steps there are within `window`, and how many different ones.
    pub fn within(&self, now: Timestamp, window: Duration) -> (usize, usize) {
        let mut different: Vec<_> = self.steps_within(now, window).collect();
        let all = different.len();
        sort(&mut different);
        different.dedup();
        (all, different.len())
    }

    /// The steps within `window`, the oldest first.
    pub fn steps_within(&self, now: Timestamp, window: Duration) -> impl Iterator<Item = u32> {
        self.steps.iter().filter(move |(at, _)| now.since(*at) < window).map(|(_, step)| *step)
    }

    /// Takes all steps back. What was signalled stays.
    pub fn clear(&mut self) {
        self.steps.clear();
    }

    /// How many of the signal's steps were signalled within `period`.
    pub fn signalled_steps(&self, signal: Signal, now: Timestamp, period: Duration) -> u8 {
        let is_given = |step: &u8| {
            let key = signal as u8 | step << 6;
            self.signalled.iter().any(|(signalled, at)| *signalled == key && now.since(*at) < period)
        };
        (0..4).take_while(is_given).count() as u8
    }

    /// Is the signal to be given, as it was not within `period`? Then it counts as given.
    pub fn signal_once(&mut self, signal: Signal, now: Timestamp, period: Duration) -> bool {
        self.signal_step_once(signal, 0, now, period)
    }

    /// The same for a signal that is given again at each of several steps, from 0 to 3, of one thing that grows.
    pub fn signal_step_once(&mut self, signal: Signal, step: u8, now: Timestamp, period: Duration) -> bool {
        let key = signal as u8 | step << 6;
        match self.signalled.iter_mut().find(|(signalled, _)| *signalled == key) {
            Some((_, at)) if now.since(*at) < period => return false,
            Some((_, at)) => *at = now,
            None => self.signalled.push((key, now)),
        }
        true
    }
}

impl Kept for History {
    const FORMAT: u8 = 1;

    fn id(&self) -> Digest {
        self.id
    }

    /// The one quiet for longest is evicted; a newcomer is always admitted.
    fn worth(&self) -> impl Ord {
        let signalled = self.signalled.iter().map(|(_, at)| *at).max();
        self.newest().map(|(at, _)| at).max(signalled)
    }
}

impl Histories {
    /// Room for `records` histories of each kind, in cells under `prefix`.
    pub fn new(prefix: &str, records: u32) -> Self {
        Self {
            steps: Buckets::new(format!("{prefix}/histories"), records),
            sessions: Buckets::new(format!("{prefix}/sessions"), records),
        }
    }

    /// Changes a history; nothing is kept of one that `change` leaves without a change.
    ///
    /// # Errors
    /// As [`Buckets::update`].
    pub fn update<A>(
        &self,
        cells: &impl Cells,
        of: HistoryKey,
        mut change: impl FnMut(&mut History) -> Change<A>,
    ) -> Result<A, Failure> {
        let (buckets, id) = match of {
            HistoryKey::Actor(id) => (&self.steps, id),
            HistoryKey::Session(id) => (&self.sessions, id),
        };
        buckets.update(cells, id, |bucket| change(bucket.admit(id, || History::new(id)).0))
    }
}

/// The bits of a hash that a step keeps.
pub fn step(id: Digest) -> u32 {
    // Cut on purpose: within one history so few steps are compared that 32 bits are enough.
    id.short() as u32
}

#[cfg(test)]
mod tests;
