//! What waits in a bucket for one channel, as it looks from above, and what could leave?

use crate::incident::snapshot::{Snapshot, Transition};
use crate::keyed_hash::Digest;
use crate::notify::queue::bucket::{Bucket, Message};
use crate::notify::queue::delivery::Delivery;
use crate::notify::queue::subject::Subject;
use crate::notify::queue::summary::{Summary, least};
use crate::notify::queue::worth::Worth;

impl Bucket {
    /// The messages that wait here for the channel.
    pub fn of(&self, channel: Digest) -> impl Iterator<Item = (&Snapshot, &Delivery)> {
        self.messages.iter().filter_map(move |message| Some((&message.snapshot, message.delivery(channel)?)))
    }

    /// What waits here for the channel.
    pub fn summary(&self, channel: Digest) -> Summary {
        let mut summary = Summary::default();
        for message in &self.messages {
            let Some(delivery) = message.delivery(channel) else { continue };
            summary.waiting += 1;
            // What is being added to a rollup neither expires nor makes room.
            let since = Some(delivery.since).filter(|_| delivery.joining().is_none());
            summary.oldest = least(summary.oldest, since);
            summary.least = least(summary.least, self.worth(message, channel));
        }
        for (_, delivery) in self.heads(channel) {
            if delivery.is_fresh_opening() {
                summary.openings += 1;
                summary.opening_at = least(summary.opening_at, Some(delivery.since));
            } else {
                summary.ready_at = least(summary.ready_at, Some(delivery.not_before));
            }
        }
        summary
    }

    /// The deliveries of the channel that nothing of the same user is before: PagerDuty knows a user's incidents by one
    /// key, so the end of one must not come after the beginning of the next.
    pub(super) fn heads(&self, channel: Digest) -> Vec<(Subject, Delivery)> {
        let mut users: Vec<Digest> = Vec::new();
        let mut heads = Vec::new();
        for message in &self.messages {
            let Some(delivery) = message.delivery(channel) else { continue };
            if !users.contains(&message.snapshot.user_digest) {
                users.push(message.snapshot.user_digest);
                heads.push((Subject::of(&message.snapshot), *delivery));
            }
        }
        heads
    }

    pub(super) fn worth(&self, message: &Message, channel: Digest) -> Option<Worth> {
        let delivery = message.delivery(channel).filter(|delivery| delivery.is_idle())?;
        Worth::of(&message.snapshot, delivery.sent_as, self.is_over(&message.snapshot), delivery.since)
    }

    /// Does the resolution of the incident wait too?
    pub(super) fn is_over(&self, snapshot: &Snapshot) -> bool {
        let ends = |message: &Message| message.snapshot.transition == Transition::Resolved;
        self.messages.iter().any(|message| message.snapshot.incident == snapshot.incident && ends(message))
    }
}
