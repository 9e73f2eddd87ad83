//! What did a client, user or session do lately? The newest few steps with their times, in bounded shared memory.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::{Timestamp, Window};
use crate::detect::signal::Signal;
use crate::keyed_hash::Digest;
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
        let steps = || self.steps.iter().filter(|(at, _)| now.since(*at) < window).map(|(_, step)| *step);
        let mut different: Vec<_> = steps().collect();
        different.sort_unstable();
        different.dedup();
        (steps().count(), different.len())
    }

    /// Is the signal to be given, as it was not within `period`? Then it counts as given.
    pub fn signal_once(&mut self, signal: Signal, now: Timestamp, period: Duration) -> bool {
        match self.signalled.iter_mut().find(|(signalled, _)| *signalled == signal as u8) {
            Some((_, at)) if now.since(*at) < period => return false,
            Some((_, at)) => *at = now,
            None => self.signalled.push((signal as u8, now)),
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
