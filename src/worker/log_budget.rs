//! How many log lines may a worker write in a second, and which share has each kind of line?

use std::cell::Cell;

use crate::clock::Timestamp;

/// Lines a second, of all kinds together.
const LINES: u32 = 10;

/// A worker's budget of log lines. Each kind has its share, so that a noisy attack hides neither its incident nor a failure
/// to notify.
#[derive(Debug, Default)]
pub(crate) struct LogBudget {
    second: Cell<u64>,
    written: Cell<[u32; 4]>,
    is_unbounded: bool,
}

/// What a line is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A malicious request.
    Request,
    /// An incident.
    Incident,
    /// A message, or the filter itself.
    Service,
    /// A message that was lost: whatever the other kinds leave of the second, which is one line at least.
    Loss,
}

impl Kind {
    const fn share(self) -> u32 {
        match self {
            Self::Request => 5,
            Self::Incident | Self::Service => 2,
            Self::Loss => LINES,
        }
    }
}

impl LogBudget {
    /// A budget without a limit.
    pub(crate) fn unbounded() -> Self {
        Self { is_unbounded: true, ..Self::default() }
    }

    /// Takes a line of this kind from the budget of the second of `now`; false if there is none left.
    pub(crate) fn takes(&self, kind: Kind, now: Timestamp) -> bool {
        if self.second.replace(now.as_secs()) != now.as_secs() {
            self.written.take();
        }
        let mut written = self.written.get();
        let has_room = written.iter().sum::<u32>() < LINES;
        let Some(lines) = written.get_mut(kind as usize) else { return false };
        if !self.is_unbounded && (!has_room || *lines >= kind.share()) {
            return false;
        }
        *lines += 1;
        self.written.set(written);
        true
    }
}
