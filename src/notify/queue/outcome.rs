//! What does the queue answer? To a message that is pushed, to a worker that asks for the next one, and to a reply.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::incident::snapshot::Transition;
use crate::notify::queue::lease::Lease;
use crate::notify::queue::subject::Subject;
use crate::notify::queue::waiting::Rollup;

/// A message that may be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The right.
    pub lease: Lease,
    /// What it tells this channel of.
    pub sent_as: Transition,
    /// When it was queued.
    pub since: Timestamp,
    /// The incidents that it tells of together, if it is of several.
    pub rollup: Option<Rollup>,
    /// The number of the batch of malicious requests that it tells of, if it is none of an incident.
    pub batch: Option<u64>,
    /// What is told with them, and so no more by itself.
    pub rolled_up: Vec<Subject>,
}

/// What became of a message that was queued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Queued {
    /// It waits now.
    Added,
    /// It waits already.
    Waiting,
    /// It was delivered a moment ago.
    Delivered,
    /// The channel is stopped until its options change.
    Stopped,
    /// The channel has not heard of the incident by itself, and so hears no more of it.
    Suppressed,
    /// It waits now, and these went to make room.
    Displaced(Vec<Subject>),
    /// There is no room for it.
    Full,
}

/// What an answer did to a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AttemptOutcome {
    /// It has arrived, and these are told.
    Delivered(Vec<Subject>),
    /// It will be tried again after this backoff.
    Retry(Duration),
    /// These will not be tried again: the message and, if it was an opening, what follows it.
    Dropped(Vec<Subject>),
    /// Somebody else was given the message since: the answer comes too late to count.
    Stale,
}
