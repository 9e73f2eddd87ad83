//! By which way did a message leave the queue? Each way out has a name, and each departure is decided exactly once.

use crate::incident::snapshot::{Snapshot, Transition};
use crate::notify::detected::Culprit;
use crate::notify::queue::subject::Subject;

/// The ways out of the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// The server took it.
    Delivered,
    /// It became part of a message about many, or followed one that did.
    RolledUp,
    /// The server refused it for good, or the channel is stopped.
    Failed,
    /// It made room for a message that matters more, or mattered least itself.
    Displaced,
    /// It was tried, or held back, for as long as the channel's policy allows.
    Expired,
}

/// A message that has left the queue of one channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Departure {
    /// Which message.
    pub subject: Subject,
    /// What the channel received or would have received.
    pub transition: Transition,
    /// By which way it left.
    pub exit: Exit,
    /// What it was about.
    pub about: Contents,
}

/// What a message is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Contents {
    /// One user's incident.
    Incident(Culprit),
    /// Several incidents together.
    Rollup {
        /// The number of the rollup.
        number: u64,
        /// How many incidents.
        incidents: u32,
    },
    /// Malicious requests.
    Batch {
        /// The number of the batch.
        number: u64,
        /// How many requests.
        requests: u32,
    },
}

impl Departure {
    /// The departure of a message about one incident.
    pub fn of(snapshot: &Snapshot, transition: Transition, exit: Exit) -> Self {
        let Snapshot { user, source, user_digest, .. } = snapshot;
        let user = Culprit { name: user.clone(), source: source.clone(), digest: *user_digest };
        Self { subject: Subject::of(snapshot), transition, exit, about: Contents::Incident(user) }
    }

    /// How many malicious requests it was about.
    pub fn requests(&self) -> u32 {
        if let Contents::Batch { requests, .. } = self.about { requests } else { 0 }
    }
}
