//! When is an exchange weighed that goes on after its answer began? At every 64 KiB and every five seconds of its traffic.
//!
//! WebSockets, gRPC streams and chunked uploads last for hours: what they bring must not wait for their end.

use std::time::Duration;

use crate::clock::Timestamp;

/// So much traffic is weighed at once, in bytes; and each such stretch has a cap of its own.
pub(crate) const STRETCH: usize = 64 * 1024;
/// Traffic waits no longer than this to be weighed.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// The traffic of a request's body that was not weighed yet.
#[derive(Debug, Default)]
pub(super) struct Ongoing {
    /// When the oldest of it came; none if there is none.
    since: Option<Timestamp>,
    unweighed: usize,
    /// How much of the current stretch has come.
    stretch: usize,
    is_late: bool,
}

impl Ongoing {
    /// Counts bytes that came `now`.
    pub(super) fn take(&mut self, bytes: usize, now: Timestamp) {
        let since = *self.since.get_or_insert(now);
        self.is_late = now.since(since) >= LONGEST_WAIT;
        self.unweighed = self.unweighed.saturating_add(bytes);
        self.stretch = self.stretch.saturating_add(bytes);
    }

    /// Is it time to weigh?
    pub(super) fn is_due(&self) -> bool {
        self.is_late || self.unweighed >= STRETCH
    }

    /// What has come is being weighed. Returns true if a stretch is complete: then the next one begins.
    pub(super) fn weigh(&mut self) -> bool {
        (self.since, self.unweighed, self.is_late) = (None, 0, false);
        let is_complete = self.stretch >= STRETCH;
        if is_complete {
            self.stretch = 0;
        }
        is_complete
    }
}
