//! What becomes of a message? All messages of a user stand in one bucket, and each step there is one compare-and-swap.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::incident::snapshot::{Snapshot, Transition};
use crate::keyed_hash::Digest;
use crate::notify::delivery_policy::DeliveryPolicy;
use crate::notify::queue::delivery::{Delivery, State};
use crate::notify::queue::departure::{Departure, Exit};
use crate::notify::queue::outcome::{Posted, Queued, Recipient};
use crate::notify::queue::receipt::{Receipts, Standing};
use crate::notify::queue::subject::Subject;
use crate::notify::queue::worth::Worth;
use crate::state::table::Stored;

/// How many messages stand in a bucket at most; then the one that matters least goes.
const MOST: usize = 12;

/// A delivery that is so old is served by no worker: a week is the longest that a policy allows.
const ABANDONED: Duration = Duration::from_secs(8 * 24 * 60 * 60);

/// The messages of the users whose hashes begin alike, the oldest first, and what channels received of their incidents.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Bucket {
    /// Grows with each change: of two summaries the later one counts.
    pub(super) revision: u64,
    pub(super) messages: Vec<Message>,
    pub(super) receipts: Receipts,
}

/// A snapshot on its way, once for all channels.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Message {
    pub(super) snapshot: Snapshot,
    /// The channels that still need it.
    pub(super) deliveries: Vec<Delivery>,
}

/// A message that may be sent.
#[derive(Clone, Debug)]
pub struct Granted {
    /// The message, as the channel receives it.
    pub snapshot: Snapshot,
    /// Which try this is, from 1.
    pub attempt: u32,
    /// Does it count towards the rate?
    pub is_fresh_opening: bool,
}

/// What an answer means for a delivery.
#[derive(Clone, Copy, Debug)]
pub enum Answer {
    /// It leaves.
    Leave(Exit),
    /// It waits until then; but it leaves as expired if that was the last try.
    Retry(Timestamp),
}

impl Bucket {
    /// Is this snapshot still on its way to a channel?
    pub fn holds(&self, snapshot: &Snapshot) -> bool {
        let is_it = |message: &Message| message.snapshot.is_same_transition(snapshot) && !message.deliveries.is_empty();
        self.messages.iter().any(is_it)
    }

    /// Notes how a request was answered, in the messages about `user` that were sent to nobody yet. Returns whether there was
    /// one that named it.
    pub fn note_answer(&mut self, user: Digest, request_id: &str, status: u16) -> bool {
        let is_unsent = |message: &&mut Message| {
            message.snapshot.user_digest == user && message.deliveries.iter().all(|delivery| delivery.tries == 0)
        };
        let mut is_news = false;
        for message in self.messages.iter_mut().filter(is_unsent) {
            is_news |= message.snapshot.note_answer(request_id, status);
        }
        is_news
    }

    /// Queues a message for these channels. Whatever is queued already, has left or may not be sent is left out; what the
    /// bucket has no room for leaves.
    pub fn post(&mut self, snapshot: &Snapshot, to: &[Recipient], now: Timestamp) -> Posted {
        let subject = Subject::of(snapshot);
        let (mut placed, mut deliveries) = (Posted::default(), Vec::new());
        for recipient in to {
            let Recipient { channel, sent_as, .. } = *recipient;
            let queued = self.queued(subject, recipient);
            let leave = |exit| Departure::of(snapshot, sent_as, exit);
            match queued {
                Queued::Added => deliveries.push(Delivery::new(channel, sent_as, now)),
                Queued::Full => {
                    let standing =
                        if sent_as == Transition::Opened { Standing::Suppressed } else { Standing::Received };
                    self.receipts.record(channel, subject, standing);
                    placed.departures.push((channel, leave(Exit::Displaced)));
                }
                Queued::Stopped => {
                    self.receipts.record(channel, subject, Standing::Suppressed);
                    placed.departures.push((channel, leave(Exit::Failed)));
                }
                Queued::Waiting | Queued::Left | Queued::Suppressed | Queued::RolledUp(_) => {}
            }
            placed.queued.push(queued);
        }
        if !deliveries.is_empty() {
            placed.departures.extend(self.abandon(now));
            self.insert(snapshot, deliveries);
            placed.departures.extend(self.make_room());
        }
        placed
    }

    /// What becomes of a message for one channel.
    fn queued(&self, subject: Subject, to: &Recipient) -> Queued {
        let of_incident = self.messages.iter().filter(|message| message.snapshot.incident == subject.incident);
        for message in of_incident {
            let Some(delivery) = message.delivery(to.channel) else { continue };
            if Subject::of(&message.snapshot) == subject {
                return Queued::Waiting;
            }
            if let Some(rollup) = delivery.joining() {
                return Queued::RolledUp(rollup);
            }
        }
        match self.receipts.of(to.channel, subject) {
            Some((Standing::Suppressed, _)) => Queued::Suppressed,
            Some((Standing::RolledUp(rollup), _)) => Queued::RolledUp(rollup),
            Some((Standing::Received, upto)) if subject.number <= upto => Queued::Left,
            Some((Standing::Received, _)) | None if to.is_stopped => Queued::Stopped,
            Some((Standing::Received, _)) | None if to.is_full => Queued::Full,
            Some((Standing::Received, _)) | None => Queued::Added,
        }
    }

    /// A message that is there already goes to these channels too: an older configuration may have had fewer.
    fn insert(&mut self, snapshot: &Snapshot, deliveries: Vec<Delivery>) {
        let subject = Subject::of(snapshot);
        if let Some(known) = self.messages.iter_mut().find(|message| Subject::of(&message.snapshot) == subject) {
            known.deliveries.extend(deliveries);
            return;
        }
        let follows = |message: &Message| {
            message.snapshot.incident == subject.incident && message.snapshot.number > subject.number
        };
        let at = self.messages.iter().position(follows).unwrap_or(self.messages.len());
        self.messages.insert(at, Message { snapshot: snapshot.clone(), deliveries });
    }

    /// Takes off what is older than any policy allows: its channel is in no configuration any more.
    fn abandon(&mut self, now: Timestamp) -> Vec<(Digest, Departure)> {
        let all = self.messages.iter().flat_map(|message| &message.deliveries);
        let abandoned = all.filter(|delivery| now.since(delivery.since) > ABANDONED);
        let mut channels: Vec<_> = abandoned.map(|delivery| delivery.channel).collect();
        channels.dedup();
        let expire = |channel| {
            let gone = self.dismiss_all(channel, Exit::Expired, |delivery| now.since(delivery.since) > ABANDONED);
            gone.into_iter().map(move |departure| (channel, departure))
        };
        channels.into_iter().flat_map(expire).collect()
    }

    /// Takes off the message that matters least, for all its channels, while there are too many.
    fn make_room(&mut self) -> Vec<(Digest, Departure)> {
        let mut departures = Vec::new();
        while self.messages.len() > MOST {
            let rank = |message: &&Message| {
                let Message { snapshot, deliveries } = message;
                let is_idle = deliveries.iter().all(Delivery::is_idle);
                let since = deliveries.iter().map(|delivery| delivery.since).min().unwrap_or_default();
                let sent_as = deliveries.first().map_or(snapshot.transition, |delivery| delivery.sent_as);
                let worth = Worth::of(snapshot, sent_as, self.is_over(snapshot), since);
                (!is_idle, worth.is_none(), worth)
            };
            let Some(least) = self.messages.iter().min_by_key(rank) else { break };
            let subject = Subject::of(&least.snapshot);
            for channel in least.deliveries.iter().map(|delivery| delivery.channel).collect::<Vec<_>>() {
                let gone = self.dismiss(channel, subject, Exit::Displaced);
                departures.extend(gone.into_iter().map(|departure| (channel, departure)));
            }
        }
        departures
    }

    /// Grants the first delivery of the channel that may be sent; an opening that was never sent only if it `may_open`.
    pub fn grant(
        &mut self,
        channel: Digest,
        now: Timestamp,
        nonce: u64,
        may_open: bool,
        policy: &DeliveryPolicy,
    ) -> Option<Granted> {
        let may_leave = |delivery: &Delivery| {
            delivery.joining().is_none()
                && delivery.is_ready(now, policy)
                && !delivery.is_expired(now, policy)
                && (may_open || !delivery.is_fresh_opening())
        };
        let subject = self.heads(channel).into_iter().find(|(_, delivery)| may_leave(delivery)).map(|(of, _)| of)?;
        let message = self.message_mut(subject)?;
        let delivery = message.delivery_mut(channel)?;
        let is_fresh_opening = delivery.is_fresh_opening();
        delivery.tries = delivery.tries.saturating_add(1);
        delivery.state = State::Sending(nonce);
        let (attempt, transition) = (delivery.tries, delivery.sent_as);
        let snapshot = Snapshot { transition, ..message.snapshot.clone() };
        Some(Granted { snapshot, attempt, is_fresh_opening })
    }

    /// Applies the answer to the try with this nonce; none if another try was granted since, or the message has left.
    pub fn settle(
        &mut self,
        channel: Digest,
        (subject, nonce): (Subject, u64),
        answer: Answer,
        now: Timestamp,
        policy: &DeliveryPolicy,
    ) -> Option<Vec<Departure>> {
        let delivery = self.message_mut(subject)?.delivery_mut(channel)?;
        if delivery.state != State::Sending(nonce) {
            return None;
        }
        match answer {
            Answer::Leave(exit) => Some(self.dismiss(channel, subject, exit)),
            Answer::Retry(_) if delivery.is_expired(now, policy) => Some(self.dismiss(channel, subject, Exit::Expired)),
            Answer::Retry(not_before) => {
                (delivery.state, delivery.not_before) = (State::Waiting, not_before);
                Some(Vec::new())
            }
        }
    }

    /// Takes off all deliveries of the channel for which this holds.
    pub fn dismiss_all(&mut self, channel: Digest, exit: Exit, holds: impl Fn(&Delivery) -> bool) -> Vec<Departure> {
        let of_channel = |message: &Message| {
            let delivery = message.deliveries.iter().find(|delivery| delivery.channel == channel);
            delivery.is_some_and(&holds).then(|| Subject::of(&message.snapshot))
        };
        let subjects: Vec<_> = self.messages.iter().filter_map(of_channel).collect();
        subjects.into_iter().flat_map(|subject| self.dismiss(channel, subject, exit)).collect()
    }

    /// Takes off the delivery that matters least on the channel.
    pub fn displace(&mut self, channel: Digest) -> Vec<Departure> {
        let worth = |message: &Message| Some((self.worth(message, channel)?, Subject::of(&message.snapshot)));
        let least = self.messages.iter().filter_map(worth).min_by_key(|(worth, _)| *worth);
        least.map(|(_, subject)| self.dismiss(channel, subject, Exit::Displaced)).unwrap_or_default()
    }

    /// Takes a delivery off. With an opening that was not sent goes what follows it, also what is still to come: no
    /// channel receives the end of what it did not receive the beginning of.
    fn dismiss(&mut self, channel: Digest, subject: Subject, exit: Exit) -> Vec<Departure> {
        let Some((departure, delivery)) = self.take(channel, subject, exit) else { return Vec::new() };
        let mut departures = vec![departure];
        if delivery.sent_as != Transition::Opened || exit == Exit::Delivered {
            self.receipts.record(channel, subject, Standing::Received);
            return departures;
        }
        self.receipts.record(channel, subject, Standing::Suppressed);
        let of_incident = self.messages.iter().map(|message| Subject::of(&message.snapshot));
        let followers: Vec<_> = of_incident.filter(|other| other.incident == subject.incident).collect();
        departures.extend(followers.into_iter().filter_map(|other| Some(self.take(channel, other, exit)?.0)));
        departures
    }

    /// Takes a delivery off, and the message with the last one.
    pub(super) fn take(&mut self, channel: Digest, subject: Subject, exit: Exit) -> Option<(Departure, Delivery)> {
        let message = self.message_mut(subject)?;
        let at = message.deliveries.iter().position(|delivery| delivery.channel == channel)?;
        let delivery = message.deliveries.remove(at);
        let departure = Departure::of(&message.snapshot, delivery.sent_as, exit);
        self.messages.retain(|message| !message.deliveries.is_empty());
        Some((departure, delivery))
    }

    pub(super) fn message_mut(&mut self, subject: Subject) -> Option<&mut Message> {
        self.messages.iter_mut().find(|message| Subject::of(&message.snapshot) == subject)
    }

    /// How many messages stand here.
    #[cfg(test)]
    pub fn count(&self) -> usize {
        self.messages.len()
    }

    /// Notes that the bucket has changed; the revision of its summaries from now on.
    pub fn touch(&mut self) -> u64 {
        self.revision = self.revision.wrapping_add(1);
        self.revision
    }

    /// The revision of its summaries.
    pub fn revision(&self) -> u64 {
        self.revision
    }
}

impl Message {
    pub(super) fn delivery(&self, channel: Digest) -> Option<&Delivery> {
        self.deliveries.iter().find(|delivery| delivery.channel == channel)
    }

    pub(super) fn delivery_mut(&mut self, channel: Digest) -> Option<&mut Delivery> {
        self.deliveries.iter_mut().find(|delivery| delivery.channel == channel)
    }
}

impl Stored for Bucket {
    const FORMAT: u8 = 5;
}
