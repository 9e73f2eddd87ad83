//! What waits for one channel, and who may send it? A queue of ids with a lease, pauses and a circuit breaker.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::incident::snapshot::{IncidentId, Snapshot, Transition};
use crate::keyed::{Digest, Key};
use crate::notify::callout::Verdict;
use crate::state::table::Stored;

/// For so long a message is tried.
const GIVE_UP_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

/// The pause after the first failure; it doubles with each further one.
const FIRST_PAUSE: Duration = Duration::from_secs(1);

/// The longest pause between two tries of a message.
const LONGEST_PAUSE: Duration = Duration::from_secs(5 * 60);

/// After so many failures in a row the channel's circuit opens.
const FAILURES_TO_OPEN: u32 = 5;

/// How often an open circuit is probed.
const PROBE_EVERY: Duration = Duration::from_secs(30);

/// No lease and no pause is longer; one that ends later was written before the clock stepped back, and is over.
const LONGEST_LEASE: Duration = Duration::from_secs(2 * 60);
const LONGEST_HOLD: Duration = Duration::from_secs(60 * 60);

/// How many delivered messages are remembered, so that one that is queued again is not sent again.
const REMEMBERED: usize = 64;

/// What a message is of: one transition of one incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// The incident.
    pub incident: IncidentId,
    /// The number of the transition.
    pub number: u32,
}

impl Subject {
    /// What the snapshot is of.
    pub fn of(snapshot: &Snapshot) -> Self {
        Self { incident: snapshot.incident, number: snapshot.number }
    }

    /// A keyed hash that stands for it, apart for each use.
    pub fn digest(&self, key: &Key, purpose: &str, of: &[u8]) -> Digest {
        key.digest(purpose, &[self.incident.0.as_bytes(), &self.number.to_le_bytes(), of])
    }
}

/// The state of one channel, shared by all workers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Queue {
    waiting: Vec<Waiting>,
    lease: Option<Lease>,
    failures: u32,
    not_before: Timestamp,
    stopped: bool,
    delivered: Vec<Subject>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Waiting {
    subject: Subject,
    user: Digest,
    transition: Transition,
    since: Timestamp,
    tries: u32,
    not_before: Timestamp,
}

/// The right to send one message, for as long as its answer may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    /// What may be sent.
    pub subject: Subject,
    /// Which try this is, from 1.
    pub attempt: u32,
    nonce: u64,
    until: Timestamp,
}

/// What became of a message that was queued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Queued {
    /// It waits now.
    Added,
    /// It waits already.
    Waiting,
    /// It was delivered a moment ago.
    Delivered,
    /// The channel is stopped until its options change.
    Stopped,
    /// It waits now, and this one went to make room.
    Displaced(Subject),
    /// There is no room for it.
    Full,
}

/// What an answer did to a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settled {
    /// It has arrived.
    Delivered,
    /// It will be tried again after this pause.
    Again(Duration),
    /// It will not be tried again, nor will the later ones of its incident.
    Dropped(Vec<Subject>),
    /// Somebody else was given the message since: the answer comes too late to count.
    Late,
}

impl Queue {
    /// Takes a message in, unless it is there or was just delivered; at most `room` wait. `told_as` is the transition
    /// that it tells this channel of.
    pub fn push(&mut self, snapshot: &Snapshot, told_as: Transition, now: Timestamp, room: usize) -> Queued {
        let subject = Subject::of(snapshot);
        if self.stopped {
            return Queued::Stopped;
        }
        if self.delivered.contains(&subject) {
            return Queued::Delivered;
        }
        if self.waiting.iter().any(|waiting| waiting.subject == subject) {
            return Queued::Waiting;
        }
        let mut queued = Queued::Added;
        if self.waiting.len() >= room {
            let leased = self.lease.map(|lease| lease.subject);
            let spare =
                |waiting: &Waiting| waiting.transition == Transition::Updated && Some(waiting.subject) != leased;
            let Some(at) = self.waiting.iter().position(spare) else { return Queued::Full };
            queued = Queued::Displaced(self.waiting.remove(at).subject);
        }
        self.waiting.push(Waiting {
            subject,
            user: snapshot.user_digest,
            transition: told_as,
            since: now,
            tries: 0,
            not_before: now,
        });
        queued
    }

    /// Is there something to send at `now`, and nobody sending?
    pub fn is_due(&self, now: Timestamp) -> bool {
        self.due(now).is_some()
    }

    /// Grants the lease of the first message that is due; `nonce` tells this grant from any other.
    pub fn grant(&mut self, now: Timestamp, length: Duration, nonce: u64) -> Option<Lease> {
        let at = self.due(now)?;
        let waiting = self.waiting.get_mut(at)?;
        waiting.tries = waiting.tries.saturating_add(1);
        let lease = Lease { subject: waiting.subject, attempt: waiting.tries, nonce, until: now.after(length) };
        self.lease = Some(lease);
        Some(lease)
    }

    /// Applies the answer to the try that `lease` allowed; after a delivery the channel rests for `spacing`.
    pub fn settle(&mut self, lease: &Lease, verdict: &Verdict, spacing: Duration, now: Timestamp) -> Settled {
        let Some(at) = self.waiting.iter().position(|waiting| waiting.subject == lease.subject) else {
            return Settled::Late;
        };
        if self.lease != Some(*lease) {
            return Settled::Late;
        }
        self.lease = None;
        match verdict {
            Verdict::Delivered => {
                self.waiting.remove(at);
                self.failures = 0;
                self.not_before = now.after(spacing);
                self.delivered.insert(0, lease.subject);
                self.delivered.truncate(REMEMBERED);
                Settled::Delivered
            }
            Verdict::Refused { stop: true } => {
                self.stopped = true;
                Settled::Dropped(self.waiting.drain(..).map(|waiting| waiting.subject).collect())
            }
            Verdict::Refused { stop: false } => Settled::Dropped(self.give_up(lease.subject.incident)),
            Verdict::Retry { hold } => self.retry(at, *hold, now),
        }
    }

    /// Lets a message go whose content is lost, and the later ones of its incident; hands them back.
    pub fn forget(&mut self, subject: Subject) -> Vec<Subject> {
        self.lease = self.lease.filter(|lease| lease.subject.incident != subject.incident);
        self.give_up(subject.incident)
    }

    fn due(&self, now: Timestamp) -> Option<usize> {
        let leased = self.lease.is_some_and(|lease| is_ahead(lease.until, now, LONGEST_LEASE));
        if self.stopped || leased || is_ahead(self.not_before, now, LONGEST_HOLD) {
            return None;
        }
        // In order per user, not just per incident: PagerDuty knows a user's incidents by one key, and the end of one must
        // not come behind the beginning of the next.
        self.waiting.iter().enumerate().position(|(at, waiting)| {
            !is_ahead(waiting.not_before, now, LONGEST_HOLD)
                && self.waiting.iter().take(at).all(|before| before.user != waiting.user)
        })
    }

    fn retry(&mut self, at: usize, hold: Option<Duration>, now: Timestamp) -> Settled {
        self.failures = self.failures.saturating_add(1);
        let Some(waiting) = self.waiting.get_mut(at) else { return Settled::Late };
        if now.since(waiting.since) >= GIVE_UP_AFTER {
            let incident = waiting.subject.incident;
            return Settled::Dropped(self.give_up(incident));
        }
        // A server may ask for a longer pause than ours, never for a shorter one.
        let mut pause = pause(waiting.tries, waiting.subject).max(hold.unwrap_or_default());
        let mut rest = hold.map_or(Duration::ZERO, |_| pause);
        if self.failures >= FAILURES_TO_OPEN {
            // An open circuit is probed by whichever message is due first; the longer pauses of others go on.
            pause = pause.min(PROBE_EVERY).max(hold.unwrap_or_default());
            rest = rest.max(PROBE_EVERY);
        }
        waiting.not_before = now.after(pause);
        self.not_before = now.after(rest);
        Settled::Again(pause.max(rest))
    }

    /// Drops what waits of an incident: nobody wants to hear how something ended of which they never heard.
    fn give_up(&mut self, incident: IncidentId) -> Vec<Subject> {
        let (gone, kept) = std::mem::take(&mut self.waiting).into_iter().partition(|w| w.subject.incident == incident);
        self.waiting = kept;
        let gone: Vec<Waiting> = gone;
        gone.into_iter().map(|waiting| waiting.subject).collect()
    }
}

impl Stored for Queue {
    const FORMAT: u8 = 1;
}

/// Is `moment` still to come? Not if it is so far ahead that only another clock can have written it.
fn is_ahead(moment: Timestamp, now: Timestamp, longest: Duration) -> bool {
    now < moment && moment <= now.after(longest)
}

/// The pause after the try number `tries`: doubling, with a jitter of a fifth either way. The jitter comes from the
/// message's own hash, so that two that failed together don't come back together.
fn pause(tries: u32, subject: Subject) -> Duration {
    let doubled = FIRST_PAUSE.saturating_mul(1 << tries.saturating_sub(1).min(16)).min(LONGEST_PAUSE);
    let dice = subject.incident.0.short().wrapping_add(u64::from(tries)).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
    let percent = 80 + u32::try_from(dice % 41).unwrap_or(20);
    doubled * percent / 100
}
