//! What is sent? A message with the right to send it, and what it says.

use crate::clock::Timestamp;
use crate::notify::batch::Batch;
use crate::notify::queue::departure::Departure;
use crate::notify::queue::lease::Lease;
use crate::notify::rollup::IncidentMessage;

/// A message that may be sent now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ready {
    /// The right to send it.
    pub lease: Lease,
    /// Its id, the same for every try.
    pub message_id: String,
    /// What it says.
    pub content: Content,
}

/// What a message says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// An incident, or many of them together.
    Incidents(Box<IncidentMessage>),
    /// Malicious requests.
    Requests(Batch),
}

/// What a look at a channel's queue came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// A message that may be sent now.
    pub ready: Option<Ready>,
    /// Since when the oldest message waits, before this one was taken.
    pub oldest: Option<Timestamp>,
    /// What has left without being sent, or became part of a message about many.
    pub departures: Vec<Departure>,
}
