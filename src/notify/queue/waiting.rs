//! What is one entry of the queue? A message that waits, and since when, and how often it was tried.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::incident::snapshot::{IncidentId, Transition};
use crate::keyed_hash::Digest;
use crate::notify::delivery_policy::DeliveryPolicy;
use crate::notify::queue::backoff::{LONGEST_HOLD, is_ahead};
use crate::notify::queue::subject::Subject;

/// A message that waits for its channel.
///
/// ```text
///           grant                delivered
/// waiting ────────► leased ──────────────────────► gone
///    ▲                │  refused, given up,
///    └──── retry ─────┘  displaced, rolled up
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Waiting {
    pub(super) subject: Subject,
    pub(super) user: Digest,
    pub(super) transition: Transition,
    pub(super) since: Timestamp,
    pub(super) tries: u32,
    pub(super) not_before: Timestamp,
    pub(super) rollup: Option<Rollup>,
    /// The number of the batch of malicious requests, if it is one; those stand behind all that is told of incidents.
    pub(super) batch: Option<u64>,
}

/// The incidents that one message tells of together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rollup {
    /// How many.
    pub count: u32,
    /// Their openings; none where it is the end that is told.
    pub openings: Vec<Subject>,
}

/// Incidents whose openings were told together, and whose end is told when the last of them has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct OpenRollup {
    pub(super) number: u32,
    pub(super) id: IncidentId,
    pub(super) count: u32,
}

impl Waiting {
    pub(super) fn new(subject: Subject, user: Digest, transition: Transition, now: Timestamp) -> Self {
        Self { subject, user, transition, since: now, tries: 0, not_before: now, rollup: None, batch: None }
    }

    /// All that is told with it.
    pub(super) fn subjects(self) -> Vec<Subject> {
        let mut subjects = self.rollup.map(|rollup| rollup.openings).unwrap_or_default();
        subjects.push(self.subject);
        subjects
    }

    /// Is it one incident's opening, and was it never tried?
    pub(super) fn is_new(&self) -> bool {
        self.transition == Transition::Opened && self.rollup.is_none() && self.tries == 0
    }

    /// Does it still wait for others, to be one message with them?
    pub(super) fn is_collecting(&self, now: Timestamp, policy: &DeliveryPolicy) -> bool {
        self.is_new() && is_ahead(self.since.after(policy.group_wait), now, LONGEST_HOLD)
    }
}
