//! What does the queue answer? To a message that is posted, to a worker that asks for the next one, and to a reply.

use std::time::Duration;

use crate::incident::snapshot::Transition;
use crate::keyed_hash::Digest;
use crate::notify::queue::departure::{Departure, Exit};

/// A channel to which a message is posted, as its control cell stood a moment before.
#[derive(Clone, Copy, Debug)]
pub struct Recipient {
    /// The channel.
    pub channel: Digest,
    /// What the channel receives.
    pub sent_as: Transition,
    /// Is the channel stopped?
    pub is_stopped: bool,
    /// Do as many messages wait as may, and matters this one less than each of them?
    pub is_full: bool,
}

/// What became of a message for one channel when it was posted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Queued {
    /// It waits now.
    Added,
    /// It waits already.
    Waiting,
    /// It has left before.
    Left,
    /// The channel never received the opening, and so receives nothing more of the incident.
    Suppressed,
    /// The opening is part of the rollup of this number, and only the rollup's end will follow.
    RolledUp(u32),
    /// The channel is stopped until its options change.
    Stopped,
    /// As many messages wait as may, and each matters more.
    Full,
}

/// What became of a message when it was placed in its bucket.
#[derive(Clone, Debug, Default)]
pub struct Posted {
    /// What became of it, in the order of the channels.
    pub queued: Vec<Queued>,
    /// What left: the message itself, or others for it; each with its channel.
    pub departures: Vec<(Digest, Departure)>,
}

/// What came of the answer to a try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settled {
    /// What became of the message.
    pub outcome: AttemptOutcome,
    /// What left with it, itself first.
    pub departures: Vec<Departure>,
}

/// What an answer did to a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttemptOutcome {
    /// It has left.
    Left(Exit),
    /// It will be tried again after this pause.
    Retry(Duration),
    /// Another worker was granted the message since: the answer comes too late to count.
    Stale,
}
