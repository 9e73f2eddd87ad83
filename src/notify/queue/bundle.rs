//! Entries of a queue that stand for many: openings and ends of a rollup, batches of malicious requests.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::incident::snapshot::{IncidentId, Transition};
use crate::keyed_hash::Digest;
use crate::notify::delivery_policy::DeliveryPolicy;
use crate::notify::queue::backoff::{LONGEST_HOLD, is_ahead};
use crate::notify::queue::departure::{Contents, Departure, Exit};
use crate::notify::queue::subject::Subject;

/// A message that stands for many, in the channel's control cell; what it says is in a cell of its own.
///
/// ```text
///            grant              delivered, failed, expired
/// waiting ──────────► sending ────────────────────────────► gone, by a named Exit
///    ▲ │                 │      displaced, expired             ▲
///    │ └─────────────────│─────────────────────────────────────┘
///    └────── retry ──────┘
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bundle {
    /// What it stands for.
    pub kind: Kind,
    /// The number of the rollup or batch.
    pub number: u64,
    /// A hash that stands for it as an incident's id does.
    pub id: Digest,
    /// When it, or the first that it stands for, was queued.
    pub since: Timestamp,
    /// How often it was sent.
    pub tries: u32,
    /// When it may be sent again.
    pub not_before: Timestamp,
    /// The try that is under way, if one is.
    pub sending: Option<u64>,
}

/// What a bundle stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// The openings of so many incidents.
    Opened(u32),
    /// The end of a rollup of so many incidents.
    Resolved(u32),
    /// So many malicious requests.
    Batch(u32),
}

impl Bundle {
    /// A bundle that has waited since then.
    pub fn new(kind: Kind, number: u64, id: Digest, since: Timestamp) -> Self {
        Self { kind, number, id, since, tries: 0, not_before: since, sending: None }
    }

    /// The message that it is.
    pub fn subject(&self) -> Subject {
        let number = if matches!(self.kind, Kind::Resolved(_)) { 2 } else { 1 };
        Subject { incident: IncidentId(self.id), number }
    }

    /// Is it a batch of malicious requests? Those are sent when nothing of incidents is due.
    pub fn is_batch(&self) -> bool {
        matches!(self.kind, Kind::Batch(_))
    }

    /// Do both stand for the same?
    pub fn is_same(&self, other: &Self) -> bool {
        self.number == other.number
            && self.subject().number == other.subject().number
            && self.is_batch() == other.is_batch()
    }

    /// May it be sent at `now`?
    pub fn is_ready(&self, now: Timestamp) -> bool {
        !is_ahead(self.not_before, now, LONGEST_HOLD)
    }

    /// Has it been tried for as long as the policy allows?
    pub fn is_expired(&self, now: Timestamp, policy: &DeliveryPolicy) -> bool {
        now.since(self.since) >= policy.give_up_after
    }

    /// Its departure by this way.
    pub fn departure(&self, exit: Exit) -> Departure {
        let number = self.number;
        let (transition, about) = match self.kind {
            Kind::Opened(incidents) => (Transition::Opened, Contents::Rollup { number, incidents }),
            Kind::Resolved(incidents) => (Transition::Resolved, Contents::Rollup { number, incidents }),
            Kind::Batch(requests) => (Transition::Opened, Contents::Batch { number, requests }),
        };
        Departure { subject: self.subject(), transition, exit, about }
    }
}
