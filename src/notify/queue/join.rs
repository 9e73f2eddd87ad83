//! How does an opening become part of a message about many? It joins in one step and leaves its bucket in another.

use crate::clock::Timestamp;
use crate::incident::snapshot::{Snapshot, Transition};
use crate::keyed_hash::Digest;
use crate::notify::queue::bucket::Bucket;
use crate::notify::queue::delivery::{Delivery, State};
use crate::notify::queue::departure::{Departure, Exit};
use crate::notify::queue::receipt::Standing;
use crate::notify::queue::subject::Subject;

/// An opening that joins a rollup.
#[derive(Clone, Debug)]
pub struct Joined {
    /// The opening.
    pub snapshot: Snapshot,
    /// When it was queued.
    pub since: Timestamp,
    /// Has the incident ended already?
    pub is_over: bool,
}

impl Bucket {
    /// Makes the openings of the channel that were never sent join a rollup, at most so many; those that had joined it
    /// before are among what is returned. What followed them leaves as rolled up. Openings that had joined another rollup
    /// are left alone: see [`Bucket::strays`].
    pub fn join(&mut self, channel: Digest, rollup: u32, most: usize) -> (Vec<Joined>, Vec<Departure>) {
        let (mut joined, mut departures) = (Vec::new(), Vec::new());
        let may_join =
            |delivery: &Delivery| delivery.is_fresh_opening() && delivery.joining().is_none_or(|of| of == rollup);
        let fresh = self.heads(channel).into_iter().filter(|(_, delivery)| may_join(delivery));
        for (subject, delivery) in fresh.take(most).collect::<Vec<_>>() {
            let of_incident = self.messages.iter().filter(|other| other.snapshot.incident == subject.incident);
            let others: Vec<_> = of_incident.map(|other| Subject::of(&other.snapshot)).collect();
            let others = others.into_iter().filter(|other| *other != subject);
            let gone: Vec<_> = others.filter_map(|other| Some(self.take(channel, other, Exit::RolledUp)?.0)).collect();
            let was_over = matches!(delivery.state, State::Joining { is_over: true, .. });
            let is_over = was_over || gone.iter().any(|gone| gone.transition == Transition::Resolved);
            departures.extend(gone);
            let Some(message) = self.message_mut(subject) else { continue };
            let snapshot = message.snapshot.clone();
            if let Some(delivery) = message.delivery_mut(channel) {
                delivery.state = State::Joining { rollup, is_over };
                joined.push(Joined { snapshot, since: delivery.since, is_over });
            }
        }
        (joined, departures)
    }

    /// The openings that joined another rollup than `current`, and did not leave: their worker died in between.
    pub fn strays(&self, channel: Digest, current: Option<u32>) -> Vec<(Subject, u32)> {
        let stray = |(subject, delivery): (Subject, Delivery)| {
            delivery.joining().filter(|of| Some(*of) != current).map(|of| (subject, of))
        };
        self.heads(channel).into_iter().filter_map(stray).collect()
    }

    /// An opening joined a rollup that was sealed without it: it waits again.
    pub fn rejoin(&mut self, channel: Digest, subject: Subject) {
        let delivery = self.message_mut(subject).and_then(|message| message.delivery_mut(channel));
        if let Some(delivery) = delivery.filter(|delivery| delivery.joining().is_some()) {
            delivery.state = State::Waiting;
        }
    }

    /// Takes off the openings that joined this rollup, now that it holds them. `has_end` if its end will be sent.
    pub fn leave(&mut self, channel: Digest, rollup: u32, has_end: bool) -> Vec<Departure> {
        let joined = |(subject, delivery): (Subject, Delivery)| (delivery.joining() == Some(rollup)).then_some(subject);
        let subjects: Vec<_> = self.heads(channel).into_iter().filter_map(joined).collect();
        let standing = if has_end { Standing::RolledUp(rollup) } else { Standing::Suppressed };
        let leave = |subject| {
            self.receipts.record(channel, subject, standing);
            Some(self.take(channel, subject, Exit::RolledUp)?.0)
        };
        subjects.into_iter().filter_map(leave).collect()
    }
}
