//! What is still to be as_sent, and to whom? Snapshots that wait until every channel has them, whatever happens to a worker.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::incident::snapshot::{IncidentId, Snapshot, Transition};
use crate::keyed_hash::{Digest, Key};
use crate::notify::batch::{Batch, Batches};
use crate::notify::callout::Verdict;
use crate::notify::delivery_policy::DeliveryPolicy;
use crate::notify::detected::Detected;
use crate::notify::outbox::parcel::Parcel;
use crate::notify::queue::channel_queue::Queue;
use crate::notify::queue::lease::Lease;
use crate::notify::queue::outcome::{AttemptOutcome, Grant, Queued};
use crate::notify::queue::subject::Subject;
use crate::notify::rollup::IncidentMessage;
use crate::state::buckets::Buckets;
use crate::state::cells::{Cells, Unavailable};
use crate::state::table::{Change, Failure, Table};

mod parcel;

/// A channel, by a keyed hash of what it sends where: a worker with other options never serves its queue.
pub type ChannelId = Digest;

/// As many messages whose content is gone are passed over in one go.
const SKIPPED: usize = 64;

/// Messages in shared cells: each snapshot once, and for each channel a queue that names the snapshots.
#[derive(Clone, Debug)]
pub struct Outbox {
    queues: Table<Queue>,
    parcels: Buckets<Parcel>,
    batches: Batches,
    room: usize,
    key: Key,
}

/// A message that may be sent now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ready {
    /// The right to send it.
    pub lease: Lease,
    /// Its id, the same for every try.
    pub message_id: String,
    /// What it tells.
    pub content: Content,
}

/// What a message tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// An incident, or many of them message.
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
}

/// What became of a snapshot that was posted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Posted {
    /// What each channel's queue said, in the order of the channels.
    pub queued: Vec<Queued>,
    /// An older snapshot went to make room, before these many channels had it.
    pub lost: usize,
}

impl Outbox {
    /// Room for `messages` messages a channel in the cells `<prefix>/…`, and four times that for their snapshots: these
    /// stand in buckets by a hash, and a full bucket has to be rare while there is room.
    pub fn new(prefix: &str, messages: u32, key: Key) -> Self {
        Self {
            queues: Table::new(format!("{prefix}/queue")),
            parcels: Buckets::new(format!("{prefix}/parcels"), messages.saturating_mul(4)),
            batches: Batches::new(prefix),
            room: usize::try_from(messages).unwrap_or(usize::MAX),
            key,
        }
    }

    /// Queues a snapshot for these channels, each with what it is as_sent as: one that comes late to an incident is as_sent of
    /// its opening. Posting it again changes nothing.
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
        if channels.is_empty() {
            return Ok(Posted::default());
        }
        let id = self.parcel_id(Subject::of(snapshot));
        // The parcel first: a queue must not name what is not there.
        let lost = self.parcels.update(cells, id, |bucket| {
            if bucket.get_mut(id).is_some() {
                return Change::None(0);
            }
            let to = || channels.iter().map(|(channel, _)| *channel).collect();
            let parcel = || Parcel { id, snapshot: snapshot.clone(), posted: now, to: to() };
            let (_, evicted) = bucket.admit(id, parcel);
            Change::Made(evicted.map_or(0, |parcel| parcel.to.len()))
        })?;
        let mut posted = Posted { queued: Vec::new(), lost };
        for (channel, sent_as) in channels {
            let queued =
                self.queues.update(cells, channel, |queue| match queue.push(snapshot, *sent_as, now, self.room) {
                    none @ (Queued::Waiting | Queued::Delivered | Queued::Stopped) => Change::None(none),
                    change => Change::Made(change),
                })?;
            match &queued {
                Queued::Added | Queued::Waiting => {}
                Queued::Delivered | Queued::Stopped | Queued::Suppressed | Queued::Full => {
                    self.release(cells, id, *channel)?;
                }
                Queued::Displaced(others) => self.release_all(cells, others, *channel)?,
            }
            posted.queued.push(queued);
        }
        Ok(posted)
    }

    /// Takes the next message that this channel may send at `now`, with a lease of `length`; `nonce` has to be new
    /// each time. An idle channel costs one read.
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
        let queue = self.queues.read(cells, channel).map_err(|Unavailable| Failure::Unavailable)?;
        let mut taken = Taken { oldest: queue.oldest(), ..Taken::default() };
        if !queue.is_due(now, policy) {
            return Ok(taken);
        }
        for _ in 0..SKIPPED {
            let granted = self.queues.update(cells, channel, |queue| {
                match queue.grant(now, length, nonce, policy, &self.key) {
                    Some(grant) => Change::Made(Some(grant)),
                    None => Change::None(None),
                }
            })?;
            let Some(grant) = granted else { break };
            self.release_all(cells, &grant.rolled_up, channel)?;
            if let Some(content) = self.content(cells, channel, &grant)? {
                let message_id = self.message_id(grant.lease.subject, channel);
                taken.ready = Some(Ready { lease: grant.lease, message_id, content });
                break;
            }
            // It went to make room; that was counted when it happened.
            let gone = self.queues.update(cells, channel, |queue| Change::Made(queue.forget(grant.lease.subject)))?;
            self.release_all(cells, &gone, channel)?;
        }
        Ok(taken)
    }

    /// What the message tells; none if its parcels are gone.
    fn content(&self, cells: &impl Cells, channel: ChannelId, grant: &Grant) -> Result<Option<Content>, Failure> {
        if let Some(number) = grant.batch {
            return Ok(self.batches.read(cells, channel, number)?.map(Content::Requests));
        }
        let read = |subject: &Subject| {
            let parcel = self.parcels.read(cells, self.parcel_id(*subject));
            parcel.map(|parcel| parcel.map(|parcel| parcel.snapshot)).map_err(|Unavailable| Failure::Unavailable)
        };
        let incidents = |message| Content::Incidents(Box::new(message));
        let Some(rollup) = &grant.rollup else {
            // The parcel is the same for all: to a channel that comes late to an incident it tells of the opening.
            let as_sent = |snapshot| Snapshot { transition: grant.sent_as, ..snapshot };
            return Ok(read(&grant.lease.subject)?.map(|snapshot| incidents(IncidentMessage::one(as_sent(snapshot)))));
        };
        let mut message = IncidentMessage::new(grant.lease.subject.incident, rollup.count, grant.sent_as, grant.since);
        for opening in &rollup.openings {
            read(opening)?.iter().for_each(|snapshot| message.add(snapshot));
        }
        Ok(Some(message.complete()).filter(IncidentMessage::is_complete).map(incidents))
    }

    /// Notes a malicious request for a channel that is as_sent of them; how many it won't be as_sent of, now that there is no
    /// room.
    ///
    /// # Errors
    /// The cells can't be changed.
    pub fn note(&self, cells: &impl Cells, to: ChannelId, one: &Detected, now: Timestamp) -> Result<u32, Failure> {
        let (has_room, is_full) = self.batches.add(cells, to, one, now)?;
        let gone = if is_full { self.queue_batch(cells, to, now)? } else { 0 };
        Ok(gone + u32::from(!has_room))
    }

    /// Queues the requests that a channel is as_sent of message, once they are enough or old enough; how many of other
    /// requests went for them. Whoever dies in between, the next one finishes.
    ///
    /// # Errors
    /// The cells can't be changed.
    pub fn queue_batch(&self, cells: &impl Cells, to: ChannelId, now: Timestamp) -> Result<u32, Failure> {
        let Some(batch) = self.batches.ready(cells, to, now)? else { return Ok(0) };
        let gone = self.batches.keep(cells, to, &batch)?;
        let (number, since) = (batch.number().to_le_bytes(), batch.since().as_millis().to_le_bytes());
        let id = self.key.digest("batch", &[to.as_bytes(), &number, &since]);
        let subject = Subject { incident: IncidentId(id), number: 1 };
        let queued =
            self.queues.update(cells, to, |queue| match queue.push_batch(subject, batch.number(), now, self.room) {
                Queued::Added => Change::Made(Queued::Added),
                none => Change::None(none),
            })?;
        let is_told = matches!(queued, Queued::Added | Queued::Waiting | Queued::Delivered);
        if !matches!(queued, Queued::Added | Queued::Waiting) {
            self.batches.clear(cells, to, batch.number())?;
        }
        let lost: Vec<_> = gone.iter().chain(Some(&batch).filter(|_| !is_told)).collect();
        self.batches.sent(cells, to, &batch, &lost)?;
        Ok(lost.iter().map(|batch| batch.len()).sum())
    }

    /// Applies what came of a try; `batch` is the number of the batch, if it was one.
    ///
    /// # Errors
    /// The cells can't be changed: the lease will run out, and the message be tried again.
    pub fn settle(
        &self,
        cells: &impl Cells,
        (channel, policy): (ChannelId, &DeliveryPolicy),
        (lease, batch): (&Lease, Option<u64>),
        verdict: &Verdict,
        now: Timestamp,
    ) -> Result<AttemptOutcome, Failure> {
        let settled = self.queues.update(cells, channel, |queue| match queue.settle(lease, verdict, policy, now) {
            AttemptOutcome::Stale => Change::None(AttemptOutcome::Stale),
            settled => Change::Made(settled),
        })?;
        match &settled {
            AttemptOutcome::Delivered(subjects) | AttemptOutcome::Dropped(subjects) => {
                if let Some(number) = batch {
                    self.batches.clear(cells, channel, number)?;
                }
                self.release_all(cells, subjects, channel)?;
            }
            AttemptOutcome::Retry(_) | AttemptOutcome::Stale => {}
        }
        Ok(settled)
    }

    /// The id of the message that tells a channel of this: constant over tries and workers.
    fn message_id(&self, subject: Subject, channel: ChannelId) -> String {
        format!("msg_{}", subject.digest(&self.key, "message", channel.as_bytes()))
    }

    fn parcel_id(&self, subject: Subject) -> Digest {
        subject.digest(&self.key, "parcel", &[])
    }

    fn release_all(&self, cells: &impl Cells, subjects: &[Subject], channel: ChannelId) -> Result<(), Failure> {
        subjects.iter().try_for_each(|subject| self.release(cells, self.parcel_id(*subject), channel))
    }

    /// The channel needs the parcel no longer; the last one takes it away.
    fn release(&self, cells: &impl Cells, id: Digest, channel: ChannelId) -> Result<(), Failure> {
        self.parcels.update(cells, id, |bucket| {
            let Some(parcel) = bucket.get_mut(id) else { return Change::None(()) };
            parcel.to.retain(|to| *to != channel);
            if parcel.to.is_empty() {
                bucket.retain(|parcel| parcel.id != id);
            }
            Change::Made(())
        })
    }
}

#[cfg(test)]
mod batches;
#[cfg(test)]
mod pauses;
#[cfg(test)]
mod rollups;
#[cfg(test)]
mod tests;
