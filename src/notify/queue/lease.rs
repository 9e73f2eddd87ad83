//! Who may send, and until when? A lease on the channel, so that only one worker sends at a time.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::keyed_hash::Digest;
use crate::notify::queue::backoff::{LONGEST_LEASE, is_ahead};
use crate::notify::queue::subject::Subject;

/// How much longer than a try its lease lasts: the answer has to travel, and the worker to get to it.
pub const LEASE_SLACK: Duration = Duration::from_secs(5);

/// The right to send one message, for as long as its answer may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lease {
    /// What may be sent.
    pub subject: Subject,
    /// Which try this is, from 1.
    pub attempt: u32,
    /// Tells this try from any other.
    pub nonce: u64,
    /// Where the message is found again.
    pub origin: Origin,
}

/// Where a message stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// In the bucket of this user.
    User(Digest),
    /// Among the channel's bundles.
    Bundle,
}

/// The lease as the channel's control cell has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// The try that holds it.
    pub nonce: u64,
    /// From then on another worker may send.
    pub until: Timestamp,
}

impl Held {
    /// Does it still hold?
    pub fn is_live(&self, now: Timestamp) -> bool {
        is_ahead(self.until, now, LONGEST_LEASE)
    }
}
