//! May the channel send now, and what first? Its lease, circuit and rate, its bundles, and the root of its index.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::notify::delivery_policy::DeliveryPolicy;
use crate::notify::queue::backoff::{FAILURES_TO_OPEN, FIRST_BACKOFF, LONGEST_HOLD, PROBE_EVERY, backoff, is_ahead};
use crate::notify::queue::bundle::Bundle;
use crate::notify::queue::departure::{Departure, Exit};
use crate::notify::queue::lease::Held;
use crate::notify::queue::subject::Subject;
use crate::notify::queue::summary::{Level, least};
use crate::state::table::Stored;

/// How many rollups wait at most, openings and ends; then the oldest goes.
const ROLLUPS: usize = 64;

/// The state of one channel, shared by all workers.
///
/// ```text
///          5 failures in a row                      410, or Slack's 403, 404
/// closed ─────────────────────► open         any ────────────────────────────► stopped
///    ▲                            │                (until the channel's options change)
///    └────────── delivered ───────┘
/// ```
///
/// An open circuit is probed every 30 s by whichever message is due first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Control {
    lease: Option<Held>,
    failures: u32,
    /// Nothing is sent before.
    not_before: Timestamp,
    /// Nothing is sent until the channel's options change.
    pub stopped: bool,
    /// When the newest openings left, as many as the rate counts.
    left: Vec<Timestamp>,
    /// The nodes of the index.
    pub root: Level,
    /// The rollups and batches that wait, the oldest first.
    bundles: Vec<Bundle>,
    /// The number of the newest rollup.
    pub rollups_made: u32,
    /// The number of the newest batch that was queued.
    newest_batch: Option<u64>,
    /// The rollup whose openings are being brought together, if one is.
    pub assembling: Option<u32>,
}

/// What a channel sends next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// This rollup or batch.
    Bundle(Bundle),
    /// An opening that was never sent.
    Opening,
    /// As many openings as wait, as one message.
    Rollup,
    /// Any other message about one incident.
    Other,
}

impl Control {
    /// Is nobody sending?
    pub fn is_free(&self, now: Timestamp) -> bool {
        self.lease.is_none_or(|lease| !lease.is_live(now))
    }

    /// Since when the oldest message waits.
    pub fn oldest(&self) -> Option<Timestamp> {
        least(self.root.total().oldest, self.bundles.iter().map(|bundle| bundle.since).min())
    }

    /// How many messages wait.
    pub fn waiting(&self) -> usize {
        self.root.total().waiting as usize + self.bundles.len()
    }

    /// Is the circuit open?
    pub fn is_open(&self) -> bool {
        self.failures >= FAILURES_TO_OPEN
    }

    /// What may be sent at `now`, if nobody is sending and the channel is not held: what has been due longest, batches
    /// behind all that is about incidents.
    pub fn choose(&self, now: Timestamp, policy: &DeliveryPolicy) -> Option<Choice> {
        if self.stopped || !self.is_free(now) || is_ahead(self.not_before, now, LONGEST_HOLD) {
            return None;
        }
        if self.assembling.is_some() {
            return Some(Choice::Rollup);
        }
        let total = self.root.total();
        let allowance =
            policy.rate.map_or(usize::MAX, |rate| rate.messages().saturating_sub(rate.used(&self.left, now)));
        let openings = usize::try_from(total.openings).unwrap_or(usize::MAX);
        let is_rollup = openings > 1 && (!policy.group_wait.is_zero() || openings > allowance);
        let opening = total
            .opening_at
            .filter(|_| allowance > 0)
            .map(|since| (since.after(policy.group_wait), if is_rollup { Choice::Rollup } else { Choice::Opening }));
        let rollup =
            self.bundles.iter().filter(|bundle| !bundle.is_batch()).map(|one| (one.not_before, Choice::Bundle(*one)));
        let other = total.ready_at.map(|at| (at, Choice::Other));
        let due = rollup.chain(other).chain(opening).filter(|(at, _)| !is_ahead(*at, now, LONGEST_HOLD));
        let of_incidents = due.min_by_key(|(at, _)| *at).map(|(_, choice)| choice);
        let batch = || self.bundles.iter().find(|bundle| bundle.is_batch() && bundle.is_ready(now));
        of_incidents.or_else(|| batch().map(|batch| Choice::Bundle(*batch)))
    }

    /// Takes the lease.
    pub fn lease(&mut self, nonce: u64, until: Timestamp) {
        self.lease = Some(Held { nonce, until });
    }

    /// Gives the lease back, if it is that of this try.
    pub fn release(&mut self, nonce: u64) {
        self.lease = self.lease.filter(|lease| lease.nonce != nonce);
    }

    /// Counts an opening that leaves now towards the rate.
    pub fn count(&mut self, now: Timestamp, policy: &DeliveryPolicy) {
        if let Some(rate) = policy.rate {
            self.left.insert(0, now);
            self.left.truncate(rate.messages());
        }
    }

    /// A try succeeded: the circuit closes, and the channel rests as long as its policy has it.
    pub fn succeed(&mut self, now: Timestamp, policy: &DeliveryPolicy) {
        (self.failures, self.not_before) = (0, now.after(policy.spacing));
    }

    /// The pauses after a failed try: the message's and the channel's. `hold` is the server's own wish, which holds the
    /// channel.
    pub fn pauses(&self, subject: Subject, attempt: u32, hold: Option<Duration>) -> (Duration, Duration) {
        let own = || backoff(attempt, subject.incident.0.short());
        let pause = hold.map_or_else(own, |wish| wish.max(FIRST_BACKOFF));
        let rest = hold.map_or(Duration::ZERO, |_| pause);
        if self.failures.saturating_add(1) < FAILURES_TO_OPEN {
            return (pause, rest);
        }
        // An open circuit is probed by whichever message is due first; the longer pauses of others go on.
        (pause.min(PROBE_EVERY).max(hold.unwrap_or_default()), rest.max(PROBE_EVERY))
    }

    /// A try failed, and the channel rests for so long.
    pub fn fail(&mut self, now: Timestamp, rest: Duration) {
        self.failures = self.failures.saturating_add(1);
        self.not_before = now.after(rest);
    }

    /// Queues a bundle, unless it waits already or is a batch that was queued before. Returns what went to make room.
    pub fn push(&mut self, bundle: Bundle) -> Option<Departure> {
        if self.bundles.iter().any(|known| known.is_same(&bundle)) || bundle.is_batch() && !self.is_new(&bundle) {
            return None;
        }
        if bundle.is_batch() {
            self.skip(&bundle);
        }
        self.bundles.push(bundle);
        let idle = |one: &Bundle| !one.is_batch() && one.sending.is_none();
        let rollups = self.bundles.iter().filter(|one| !one.is_batch()).count();
        let at = self.bundles.iter().position(idle).filter(|_| rollups > ROLLUPS)?;
        Some(self.bundles.remove(at).departure(Exit::Displaced))
    }

    /// Is it a batch that was never queued?
    pub fn is_new(&self, batch: &Bundle) -> bool {
        Some(batch.number) > self.newest_batch
    }

    /// A batch leaves without being queued.
    pub fn skip(&mut self, batch: &Bundle) {
        self.newest_batch = Some(batch.number);
    }

    /// The bundle that is this message.
    pub fn bundle_mut(&mut self, subject: Subject) -> Option<&mut Bundle> {
        self.bundles.iter_mut().find(|bundle| bundle.subject() == subject)
    }

    /// Takes the bundles off for which this holds.
    pub fn dismiss(&mut self, exit: Exit, holds: impl Fn(&Bundle) -> bool) -> Vec<Departure> {
        let (gone, kept): (Vec<Bundle>, _) = std::mem::take(&mut self.bundles).into_iter().partition(holds);
        self.bundles = kept;
        gone.iter().map(|bundle| bundle.departure(exit)).collect()
    }

    /// The bundles that wait.
    pub fn bundles(&self) -> &[Bundle] {
        &self.bundles
    }

    /// Is there a bundle for which this holds?
    pub fn has_bundle(&self, holds: impl Fn(&Bundle) -> bool) -> bool {
        self.bundles.iter().any(holds)
    }
}

impl Stored for Control {
    const FORMAT: u8 = 3;
}
