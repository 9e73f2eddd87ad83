//! Who may send, and until when? A lease on the channel, so that only one worker sends at a time.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::notify::queue::subject::Subject;

/// How much longer than a try its lease lasts: the answer has to travel, and the worker to get to it.
pub const LEASE_SLACK: Duration = Duration::from_secs(5);

/// The right to send one message, for as long as its answer may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    /// What may be sent.
    pub subject: Subject,
    /// Which try this is, from 1.
    pub attempt: u32,
    /// Tells this lease from any other.
    pub(super) nonce: u64,
    /// From then on another worker may send the message again.
    pub(super) until: Timestamp,
}
