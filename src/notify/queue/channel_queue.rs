//! What waits for one channel, and who may send it? A queue of ids with a lease, pauses and a circuit breaker.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::incident::snapshot::{IncidentId, Snapshot, Transition};
use crate::keyed_hash::Key;
use crate::notify::callout::Verdict;
use crate::notify::delivery_policy::DeliveryPolicy;
use crate::notify::queue::backoff::{
    FAILURES_TO_OPEN, FIRST_BACKOFF, LONGEST_HOLD, LONGEST_LEASE, PROBE_EVERY, backoff, is_ahead,
};
use crate::notify::queue::lease::Lease;
use crate::notify::queue::outcome::{AttemptOutcome, Grant, Queued};
use crate::notify::queue::subject::Subject;
use crate::notify::queue::suppressed::Suppressed;
use crate::notify::queue::waiting::{OpenRollup, Waiting};
use crate::state::table::Stored;

/// How many delivered messages are remembered, so that one that is queued again is not sent again.
const REMEMBERED: usize = 64;

/// The state of one channel, shared by all workers.
///
/// ```text
///          5 failures in a row                410, or Slack's 403, 404
/// closed ───────────────────────► open        any ────────────────────► stopped
///    ▲                              │
///    └────────── delivered ─────────┘  (probed every 30 s)
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Queue {
    pub(super) waiting: Vec<Waiting>,
    pub(super) lease: Option<Lease>,
    pub(super) failures: u32,
    pub(super) not_before: Timestamp,
    pub(super) stopped: bool,
    pub(super) delivered: Vec<Subject>,
    pub(super) suppressed: Suppressed,
    /// When the newest messages left, as many as the rate counts.
    pub(super) left: Vec<Timestamp>,
    pub(super) open_rollups: Vec<OpenRollup>,
    /// The number of the newest gathering.
    pub(super) rollups_made: u32,
}

impl Queue {
    /// Takes a message in, unless it is there or was just delivered; at most `room` wait. `sent_as` is the transition
    /// that it tells this channel of.
    pub fn push(&mut self, snapshot: &Snapshot, sent_as: Transition, now: Timestamp, room: usize) -> Queued {
        let subject = Subject::of(snapshot);
        if let Some(known) = self.known(subject) {
            return known;
        }
        if self.suppressed.holds(subject.incident) {
            if sent_as == Transition::Resolved {
                self.suppressed.end(subject.incident);
                self.end_open_rollups(now);
            }
            return Queued::Suppressed;
        }
        let mut queued = Queued::Added;
        if self.waiting.len() >= room {
            let Some(at) = self.spare(subject.incident, sent_as) else {
                if sent_as == Transition::Opened {
                    self.suppressed.add(subject.incident, 0);
                }
                return Queued::Full;
            };
            queued = Queued::Displaced(self.displace(at));
        }
        self.waiting.push(Waiting::new(subject, snapshot.user_digest, sent_as, now));
        queued
    }

    /// Takes in a batch of malicious requests, unless it is there or was just delivered; at most `room` messages wait.
    pub fn push_batch(&mut self, subject: Subject, number: u64, now: Timestamp, room: usize) -> Queued {
        if let Some(known) = self.known(subject) {
            return known;
        }
        if self.waiting.len() >= room {
            return Queued::Full;
        }
        // In a full queue it goes where an update would.
        let waiting = Waiting::new(subject, subject.incident.0, Transition::Updated, now);
        self.waiting.push(Waiting { batch: Some(number), ..waiting });
        Queued::Added
    }

    /// Why a message is not taken in, if it is not.
    fn known(&self, subject: Subject) -> Option<Queued> {
        if self.stopped {
            Some(Queued::Stopped)
        } else if self.delivered.contains(&subject) {
            Some(Queued::Delivered)
        } else if self.waiting.iter().any(|waiting| waiting.subject == subject) {
            Some(Queued::Waiting)
        } else {
            None
        }
    }

    /// Is there something to send at `now`, and nobody sending?
    pub fn is_due(&self, now: Timestamp, policy: &DeliveryPolicy) -> bool {
        self.due(now, policy).is_some()
    }

    /// Since when the oldest message waits.
    pub fn oldest(&self) -> Option<Timestamp> {
        self.waiting.iter().map(|waiting| waiting.since).min()
    }

    /// Grants the lease of the first message that is due; `nonce` tells this grant from any other.
    pub fn grant(
        &mut self,
        now: Timestamp,
        length: Duration,
        nonce: u64,
        policy: &DeliveryPolicy,
        key: &Key,
    ) -> Option<Grant> {
        let at = self.due(now, policy)?;
        let rolled_up = self.roll_up(at, now, policy, key);
        if let (Some(rate), Some(Waiting { tries: 0, batch: None, .. })) = (policy.rate, self.waiting.get(at)) {
            self.left.insert(0, now);
            self.left.truncate(rate.messages());
        }
        let waiting = self.waiting.get_mut(at)?;
        waiting.tries = waiting.tries.saturating_add(1);
        let lease = Lease { subject: waiting.subject, attempt: waiting.tries, nonce, until: now.after(length) };
        self.lease = Some(lease);
        let Waiting { transition, since, batch, ref rollup, .. } = *waiting;
        Some(Grant { lease, sent_as: transition, since, rollup: rollup.clone(), batch, rolled_up })
    }

    /// Applies the answer to the try that `lease` allowed.
    pub fn settle(
        &mut self,
        lease: &Lease,
        verdict: &Verdict,
        policy: &DeliveryPolicy,
        now: Timestamp,
    ) -> AttemptOutcome {
        let Some(at) = self.waiting.iter().position(|waiting| waiting.subject == lease.subject) else {
            return AttemptOutcome::Stale;
        };
        if self.lease != Some(*lease) {
            return AttemptOutcome::Stale;
        }
        self.lease = None;
        match verdict {
            Verdict::Delivered => {
                self.failures = 0;
                self.not_before = now.after(policy.spacing);
                self.delivered.insert(0, lease.subject);
                self.delivered.truncate(REMEMBERED);
                AttemptOutcome::Delivered(self.waiting.remove(at).subjects())
            }
            Verdict::Refused { stop: true } => {
                self.stopped = true;
                self.open_rollups.clear();
                AttemptOutcome::Dropped(self.waiting.drain(..).flat_map(Waiting::subjects).collect())
            }
            Verdict::Refused { stop: false } => AttemptOutcome::Dropped(self.displace(at)),
            Verdict::Retry { hold } => self.retry(at, *hold, policy, now),
        }
    }

    /// Lets a message go whose content is lost, and what follows it; hands them back.
    pub fn forget(&mut self, subject: Subject) -> Vec<Subject> {
        self.lease = self.lease.filter(|lease| lease.subject != subject);
        let at = self.waiting.iter().position(|waiting| waiting.subject == subject);
        at.map(|at| self.displace(at)).unwrap_or_default()
    }

    fn due(&self, now: Timestamp, policy: &DeliveryPolicy) -> Option<usize> {
        let leased = self.lease.is_some_and(|lease| is_ahead(lease.until, now, LONGEST_LEASE));
        if self.stopped || leased || is_ahead(self.not_before, now, LONGEST_HOLD) {
            return None;
        }
        let may_leave = self.allowance(now, policy) > 0;
        let is_free = |waiting: &Waiting| !is_ahead(waiting.not_before, now, LONGEST_HOLD);
        // In order per user, not just per incident: PagerDuty knows a user's incidents by one key, and the end of one must
        // not come behind the beginning of the next.
        let of_incident = self.waiting.iter().enumerate().position(|(at, waiting)| {
            waiting.batch.is_none()
                && is_free(waiting)
                && (may_leave || waiting.tries > 0)
                && !waiting.is_collecting(now, policy)
                && self.waiting.iter().take(at).all(|before| before.user != waiting.user)
        });
        of_incident.or_else(|| self.waiting.iter().position(|waiting| waiting.batch.is_some() && is_free(waiting)))
    }

    fn retry(&mut self, at: usize, hold: Option<Duration>, policy: &DeliveryPolicy, now: Timestamp) -> AttemptOutcome {
        self.failures = self.failures.saturating_add(1);
        let Some(waiting) = self.waiting.get_mut(at) else { return AttemptOutcome::Stale };
        if now.since(waiting.since) >= policy.give_up_after {
            return AttemptOutcome::Dropped(self.displace(at));
        }
        let own = || backoff(waiting.tries, waiting.subject.incident.0.short());
        let mut backoff = hold.map_or_else(own, |wish| wish.max(FIRST_BACKOFF));
        let mut rest = hold.map_or(Duration::ZERO, |_| backoff);
        if self.failures >= FAILURES_TO_OPEN {
            // An open circuit is probed by whichever message is due first; the longer pauses of others go on.
            backoff = backoff.min(PROBE_EVERY).max(hold.unwrap_or_default());
            rest = rest.max(PROBE_EVERY);
        }
        waiting.not_before = now.after(backoff);
        self.not_before = now.after(rest);
        AttemptOutcome::Retry(backoff.max(rest))
    }

    /// Which message goes to make room for a newcomer: an update, else an opening with its resolved, first one whose
    /// incident is over. What has waited longest goes: it would be told of as late as news can be.
    fn spare(&self, newcomer: IncidentId, sent_as: Transition) -> Option<usize> {
        let leased = self.lease.map(|lease| lease.subject.incident);
        let all = || {
            let others = self.waiting.iter().enumerate();
            others.filter(|(_, w)| w.subject.incident != newcomer && Some(w.subject.incident) != leased)
        };
        let update = all().find(|(_, waiting)| waiting.transition == Transition::Updated);
        if update.is_some() || sent_as == Transition::Updated {
            return update.map(|(at, _)| at);
        }
        let openings =
            || all().filter(|(_, waiting)| waiting.transition == Transition::Opened && waiting.rollup.is_none());
        let is_over = |opening: &Waiting| {
            let end =
                |w: &Waiting| w.subject.incident == opening.subject.incident && w.transition == Transition::Resolved;
            self.waiting.iter().any(end)
        };
        openings().find(|(_, opening)| is_over(opening)).or_else(|| openings().next()).map(|(at, _)| at)
    }

    /// Lets a message go. With an opening goes what follows it, also what is still to come: nobody wants to hear how
    /// something ended of which they never heard.
    fn displace(&mut self, at: usize) -> Vec<Subject> {
        let Some(waiting) = self.waiting.get(at) else { return Vec::new() };
        if waiting.transition != Transition::Opened {
            return self.waiting.remove(at).subjects();
        }
        let incident = waiting.subject.incident;
        if waiting.rollup.is_some() {
            self.discard_rollup(incident)
        } else {
            self.suppressed.add(incident, 0)
        }
        let (gone, kept) = std::mem::take(&mut self.waiting).into_iter().partition(|w| w.subject.incident == incident);
        self.waiting = kept;
        let gone: Vec<Waiting> = gone;
        gone.into_iter().flat_map(Waiting::subjects).collect()
    }
}

impl Stored for Queue {
    const FORMAT: u8 = 2;
}
