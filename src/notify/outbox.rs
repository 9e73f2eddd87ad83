//! Which messages are still to be sent, and to which channels? Kept in shared data, so that no worker's death loses one.
//!
//! Crash safety: each step is one compare-and-swap, and any worker may die between two of them.
//!
//! | after this step | a crash leaves | and the next worker |
//! |---|---|---|
//! | post: the message is in its bucket | a message without a hint, still pending in the user's record | posts it again, which writes the hint |
//! | post: node and root have the hint | one message too many, if the queue was full | takes two off with the next one |
//! | take: the lease is taken | nothing | sends when the lease has run out |
//! | take: the delivery is `Sending` | a message that may have been sent | sends it again, under the same id |
//! | settle: the delivery has left | a lease that nobody holds, hints of what is gone | corrects the hints when it comes by |
//! | settle: the hints are right | nothing | goes on |
//!
//! The departure of a message is decided by the step that takes its delivery off the bucket, or the bundle off the control
//! cell, and so exactly once. It is counted and logged after that: a worker that dies in between leaves one departure
//! uncounted. Rollups have a table of their own in `assembly.rs`, batches in `requests.rs`.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::incident::snapshot::{Snapshot, Transition};
use crate::keyed_hash::{Digest, Key};
use crate::notify::callout::Verdict;
use crate::notify::delivery_policy::DeliveryPolicy;
use crate::notify::detected::Detected;
use crate::notify::outbox::message::Taken;
use crate::notify::outbox::requests::Collected;
use crate::notify::outbox::store::{Store, Terms};
use crate::notify::outbox::waiting::Waiting;
use crate::notify::queue::lease::Lease;
use crate::notify::queue::outcome::{Posted, Settled};
use crate::state::cells::Cells;
use crate::state::table::{Change, Failure};

mod assembly;
mod clearing;
pub mod message;
mod posting;
pub mod requests;
mod rollups;
mod settling;
mod store;
mod taking;
pub mod waiting;

/// A channel, by a keyed hash of what it sends where: a worker with other options never serves its queue.
pub type ChannelId = Digest;

/// How it stands with a channel's messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// How many wait, rollups and batches included.
    pub waiting: usize,
    /// Since when the oldest waits.
    pub oldest: Option<Timestamp>,
    /// Have so many attempts failed in a row that only now and then one is made?
    pub is_failing: bool,
    /// Is nothing sent until the channel's options change?
    pub is_stopped: bool,
}

/// Messages in shared cells: each snapshot once for all channels, with a delivery for each.
#[derive(Clone, Debug)]
pub struct Outbox(Store);

impl Outbox {
    /// Room for `messages` messages a channel, in the cells `<prefix>/…`: a cell for each two messages, and for each
    /// channel a control cell, a node for each 64 of these cells, and slots for 256 rollups and 64 batches.
    pub fn new(prefix: &str, messages: u32, key: Key) -> Self {
        Self(Store::new(prefix, messages, key))
    }

    /// Queues a snapshot for these channels, each with the transition that it receives: one that joins an incident late
    /// receives its opening. Posting it again changes nothing, but channels that were not among the first are added.
    ///
    /// It costs one small cell, and for each channel two more and, where as many messages wait as may, another three.
    ///
    /// # Errors
    /// The cells can't be changed; what has been done until then stands, and posting again does the rest.
    pub fn post(
        &self,
        cells: &impl Cells,
        snapshot: &Snapshot,
        channels: &[(ChannelId, Transition)],
        now: Timestamp,
    ) -> Result<Posted, Failure> {
        let mut recipients: Vec<(ChannelId, Transition)> = Vec::new();
        for (channel, sent_as) in channels {
            // Two entries of one channel may share its queue.
            if recipients.iter().all(|(known, _)| known != channel) {
                recipients.push((*channel, *sent_as));
            }
        }
        if recipients.is_empty() {
            return Ok(Posted::default());
        }
        posting::post(&self.0, cells, snapshot, &recipients, now)
    }

    /// Is this snapshot still on its way to a channel?
    ///
    /// # Errors
    /// The cells can't be read.
    pub fn holds(&self, cells: &impl Cells, snapshot: &Snapshot) -> Result<bool, Failure> {
        let bucket = self.0.buckets.read(cells, self.0.place(snapshot.user_digest));
        bucket.map(|bucket| bucket.holds(snapshot)).map_err(|_| Failure::Unavailable)
    }

    /// Notes how a request was answered, in the messages about `user` that no channel was sent yet: a message that is sent
    /// again is the same. Returns whether there was one.
    ///
    /// # Errors
    /// The cells can't be changed: the messages lack the answer's status.
    pub fn note_answer(
        &self,
        cells: &impl Cells,
        user: Digest,
        request_id: &str,
        status: u16,
    ) -> Result<bool, Failure> {
        // What the hints say of the bucket stays true.
        self.0.buckets.update(cells, self.0.place(user), |bucket| {
            if bucket.note_answer(user, request_id, status) { Change::Made(true) } else { Change::None(false) }
        })
    }

    /// Takes the next message that this channel may send at `now`, with a lease of `length`; `nonce` has to be new
    /// each time. What has expired leaves first, in bounded steps. An idle channel costs one read.
    ///
    /// # Errors
    /// The cells can't be changed.
    pub fn take(
        &self,
        cells: &impl Cells,
        (channel, policy): (ChannelId, &DeliveryPolicy),
        now: Timestamp,
        length: Duration,
        nonce: u64,
    ) -> Result<Taken, Failure> {
        taking::take(&self.0, cells, Terms { channel, policy, now }, length, nonce)
    }

    /// Applies what came of a try.
    ///
    /// # Errors
    /// The cells can't be changed: the lease will run out, and the message be tried again.
    pub fn settle(
        &self,
        cells: &impl Cells,
        (channel, policy): (ChannelId, &DeliveryPolicy),
        lease: &Lease,
        verdict: &Verdict,
        now: Timestamp,
    ) -> Result<Settled, Failure> {
        settling::settle(&self.0, cells, Terms { channel, policy, now }, lease, verdict)
    }

    /// How it stands with a channel's messages.
    ///
    /// # Errors
    /// The cells can't be read.
    pub fn standing(&self, cells: &impl Cells, channel: ChannelId) -> Result<Standing, Failure> {
        let control = self.0.control(cells, channel)?;
        Ok(Standing {
            waiting: control.waiting(),
            oldest: control.oldest(),
            is_failing: control.is_open(),
            is_stopped: control.stopped,
        })
    }

    /// The messages that wait for a channel, at most so many of them, and how many there are in all.
    ///
    /// # Errors
    /// The cells can't be read.
    pub fn waiting(
        &self,
        cells: &impl Cells,
        channel: ChannelId,
        most: usize,
    ) -> Result<(Vec<Waiting>, usize), Failure> {
        waiting::waiting(&self.0, cells, channel, most)
    }

    /// Collects a malicious request for a channel that receives each of them.
    ///
    /// # Errors
    /// The cells can't be changed.
    pub fn note(
        &self,
        cells: &impl Cells,
        to: ChannelId,
        one: &Detected,
        now: Timestamp,
    ) -> Result<Collected, Failure> {
        requests::note(&self.0, cells, to, one, now)
    }

    /// Queues the requests that were collected for a channel, once they are enough or old enough.
    ///
    /// # Errors
    /// The cells can't be changed.
    pub fn queue_batch(&self, cells: &impl Cells, to: ChannelId, now: Timestamp) -> Result<Collected, Failure> {
        requests::queue(&self.0, cells, to, now)
    }
}

#[cfg(test)]
mod tests;
