//! How far is a message with one channel? Waiting, being sent, or on its way into a message about many.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::incident::snapshot::Transition;
use crate::keyed_hash::Digest;
use crate::notify::delivery_policy::DeliveryPolicy;
use crate::notify::queue::backoff::{LONGEST_HOLD, is_ahead};

/// A message on its way to one channel.
///
/// ```text
///                grant                 delivered
///  ┌► Waiting ──────────► Sending ──────────────────────┐
///  │   │  │  ▲               │ │  failed, expired        │
///  │   │  │  └──── retry ────┘ └────────────────────────►├─► gone, by a named Exit
///  │   │  │  displaced, expired, failed (stopped)         │
///  │   │  └──────────────────────────────────────────────►│
///  │   ▼ join                         rolled up           │
///  └─ Joining ───────────────────────────────────────────►┘
///     (the rollup was sealed without it)
/// ```
///
/// The sender of a message may die: then it stays `Sending` until the channel's lease runs out, and is granted again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// To which channel.
    pub channel: Digest,
    /// What the channel receives: one that joins an incident late receives its opening.
    pub sent_as: Transition,
    /// When it was queued.
    pub since: Timestamp,
    /// How often it was sent.
    pub tries: u32,
    /// When it may be sent again.
    pub not_before: Timestamp,
    /// How far it is.
    pub state: State,
}

/// How far a delivery is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum State {
    /// It may be sent from `not_before` on.
    Waiting,
    /// It is being sent under the lease with this nonce.
    Sending(u64),
    /// It is being added to a rollup.
    Joining {
        /// The rollup's number.
        rollup: u32,
        /// Has the incident ended meanwhile?
        is_over: bool,
    },
}

impl Delivery {
    /// A message that was queued now.
    pub fn new(channel: Digest, sent_as: Transition, now: Timestamp) -> Self {
        Self { channel, sent_as, since: now, tries: 0, not_before: now, state: State::Waiting }
    }

    /// Is it an opening that was never sent? Such openings count towards the rate, and may become one message.
    pub fn is_fresh_opening(&self) -> bool {
        self.sent_as == Transition::Opened && self.tries == 0
    }

    /// May it be sent at `now`?
    pub fn is_ready(&self, now: Timestamp, policy: &DeliveryPolicy) -> bool {
        let moment = if self.is_fresh_opening() { self.since.after(policy.group_wait) } else { self.not_before };
        !is_ahead(moment, now, LONGEST_HOLD)
    }

    /// Has it been tried, or held back, for as long as the policy allows?
    pub fn is_expired(&self, now: Timestamp, policy: &DeliveryPolicy) -> bool {
        now.since(self.since) >= policy.give_up_after
    }

    /// May it be taken off to make room? Not while it is being sent or added to a rollup.
    pub fn is_idle(&self) -> bool {
        self.state == State::Waiting
    }

    /// The rollup to which it is being added, if it is.
    pub fn joining(&self) -> Option<u32> {
        if let State::Joining { rollup, .. } = self.state { Some(rollup) } else { None }
    }
}
