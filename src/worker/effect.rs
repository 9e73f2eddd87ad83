//! What the proxy has to do: effects as data. The engine decides, the proxy acts.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::fleet::port::{Operation, Version};
use crate::fleet::to_sync::Due;
use crate::incident::record::Record;
use crate::incident::snapshot::{IncidentId, Snapshot, Transition};
use crate::notify::callout::Request;
use crate::notify::outbox::ChannelId;
use crate::notify::queue::lease::Lease;
use crate::worker::metric::{Counter, Gauge, Labelled};

/// Something that the proxy has to do.
pub enum Effect {
    /// Write a line to the log.
    Log(log::Level, String),
    /// Add to a counter.
    Count(Counter, u64),
    /// Add to a counter of one channel, the one at this place under `notify`: one of [`Counter::OF_CHANNELS`].
    CountFor(usize, Counter, u64),
    /// Add to a counter with labels.
    CountLabelled(Labelled, u64),
    /// Set a gauge.
    Set(Gauge, u64),
    /// Say for a channel how many seconds its oldest message has waited.
    Oldest(usize, u64),
    /// Send a request to a cluster, and hand in the answer with the pending_callout.
    Call {
        /// What the answer belongs to.
        pending_callout: PendingCallout,
        /// Where to.
        cluster: String,
        /// How long it may take.
        timeout: Duration,
        /// What.
        request: Request,
    },
    /// Send these bytes to the cluster of the fleet's store, and hand in the answer with the call.
    Ask {
        /// What was asked.
        call: StoreCall,
        /// Where to.
        cluster: String,
        /// How long it may take.
        timeout: Duration,
        /// What.
        body: Vec<u8>,
    },
    /// A message waits: have the next tick at once.
    Hasten,
    /// The store has more to tell or to be told: have the next tick soon.
    AskOn,
    /// Take a header off the request, before the application sees it.
    StripRequest(String),
    /// Take a header off the answer, before the client sees it.
    StripAnswer(String),
    /// Set a header of the request, before the application sees it.
    SetRequestHeader(&'static str, String),
    /// Set filter state of the exchange, `wasm.<name>`: for the proxy's access log and other filters.
    SetState(&'static str, String),
    /// Answer the request in the application's place.
    Respond {
        /// The status.
        status: u16,
        /// Headers beyond those that the proxy adds.
        headers: Vec<(&'static str, String)>,
        /// The body.
        body: Vec<u8>,
    },
}

/// A call to the store under way: handed back with its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreCall {
    pub(crate) nonce: u64,
    pub(crate) operations: Vec<Operation>,
    pub(crate) users: Vec<AskedUser>,
}

/// A user of whom the store was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AskedUser {
    pub(crate) due: Due,
    /// The index of the operation.
    pub(crate) operation: usize,
    /// What was to be written, if anything was.
    pub(crate) sent: Option<Box<Sent>>,
}

/// A record that the store was to take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sent {
    pub(crate) record: Record,
    pub(crate) version: Version,
    /// What was decided in it: it counts once the store has taken it.
    pub(crate) transitions: Vec<Snapshot>,
    /// The act that was decided on.
    pub(crate) decided: Option<u64>,
}

/// A callout under way: handed back with its answer, so that the answer settles the right attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingCallout {
    pub(crate) channel: ChannelId,
    pub(crate) message_id: String,
    pub(crate) lease: Lease,
    pub(crate) about: Option<Box<About>>,
}

/// What a message is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct About {
    /// The channel's name, or its kind: `slack`.
    pub channel: String,
    /// Which incident.
    pub incident: IncidentId,
    /// What happened to it.
    pub transition: Transition,
    /// When.
    pub at: Timestamp,
}

impl PendingCallout {
    /// What the message is about, if it is about incidents.
    pub fn about(&self) -> Option<&About> {
        self.about.as_deref()
    }
}
