//! What waits for one channel, and who may send it? A queue of ids with a lease, pauses and a circuit breaker.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::incident::snapshot::{IncidentId, Snapshot, Transition};
use crate::keyed::{Digest, Key};
use crate::notify::callout::Verdict;
use crate::notify::queue::fold::Gathering;
use crate::notify::queue::pause::{
    FAILURES_TO_OPEN, FIRST_PAUSE, LONGEST_HOLD, LONGEST_LEASE, PROBE_EVERY, is_ahead, pause,
};
use crate::notify::queue::silent::Silent;
use crate::notify::terms::Terms;
use crate::state::table::Stored;

mod fold;
mod pause;
mod silent;

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
    silent: Silent,
    /// When the newest messages left, as many as the rate counts.
    left: Vec<Timestamp>,
    gatherings: Vec<Gathering>,
    /// The number of the newest gathering.
    gathered: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Waiting {
    subject: Subject,
    user: Digest,
    transition: Transition,
    since: Timestamp,
    tries: u32,
    not_before: Timestamp,
    crowd: Option<Crowd>,
    /// The number of the batch of malicious requests, if it is one; those stand behind all that is told of incidents.
    batch: Option<u64>,
}

/// The incidents that one message tells of together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Crowd {
    /// How many.
    pub count: u32,
    /// Their openings; none where it is the end that is told.
    pub openings: Vec<Subject>,
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

/// A message that may be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The right.
    pub lease: Lease,
    /// What it tells this channel of.
    pub told_as: Transition,
    /// When it was queued.
    pub since: Timestamp,
    /// The incidents that it tells of together, if it is of several.
    pub crowd: Option<Crowd>,
    /// The number of the batch of malicious requests that it tells of, if it is none of an incident.
    pub batch: Option<u64>,
    /// What is told with them, and so no more by itself.
    pub folded: Vec<Subject>,
}

/// What became of a message that was queued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Queued {
    /// It waits now.
    Added,
    /// It waits already.
    Waiting,
    /// It was delivered a moment ago.
    Delivered,
    /// The channel is stopped until its options change.
    Stopped,
    /// The channel has not heard of the incident by itself, and so hears no more of it.
    Silent,
    /// It waits now, and these went to make room.
    Displaced(Vec<Subject>),
    /// There is no room for it.
    Full,
}

/// What an answer did to a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settled {
    /// It has arrived, and these are told.
    Delivered(Vec<Subject>),
    /// It will be tried again after this pause.
    Again(Duration),
    /// These will not be tried again: the message and, if it was an opening, what follows it.
    Dropped(Vec<Subject>),
    /// Somebody else was given the message since: the answer comes too late to count.
    Late,
}

impl Queue {
    /// Takes a message in, unless it is there or was just delivered; at most `room` wait. `told_as` is the transition
    /// that it tells this channel of.
    pub fn push(&mut self, snapshot: &Snapshot, told_as: Transition, now: Timestamp, room: usize) -> Queued {
        let subject = Subject::of(snapshot);
        if let Some(known) = self.known(subject) {
            return known;
        }
        if self.silent.holds(subject.incident) {
            if told_as == Transition::Resolved {
                self.silent.end(subject.incident);
                self.end_gatherings(now);
            }
            return Queued::Silent;
        }
        let mut queued = Queued::Added;
        if self.waiting.len() >= room {
            let Some(at) = self.spare(subject.incident, told_as) else {
                if told_as == Transition::Opened {
                    self.silent.add(subject.incident, 0);
                }
                return Queued::Full;
            };
            queued = Queued::Displaced(self.let_go(at));
        }
        self.waiting.push(Waiting::new(subject, snapshot.user_digest, told_as, now));
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
    pub fn is_due(&self, now: Timestamp, terms: &Terms) -> bool {
        self.due(now, terms).is_some()
    }

    /// Since when the oldest message waits.
    pub fn oldest(&self) -> Option<Timestamp> {
        self.waiting.iter().map(|waiting| waiting.since).min()
    }

    /// Grants the lease of the first message that is due; `nonce` tells this grant from any other.
    pub fn grant(&mut self, now: Timestamp, length: Duration, nonce: u64, terms: &Terms, key: &Key) -> Option<Grant> {
        let at = self.due(now, terms)?;
        let folded = self.fold(at, now, terms, key);
        if let (Some(rate), Some(Waiting { tries: 0, batch: None, .. })) = (terms.rate, self.waiting.get(at)) {
            self.left.insert(0, now);
            self.left.truncate(rate.messages());
        }
        let waiting = self.waiting.get_mut(at)?;
        waiting.tries = waiting.tries.saturating_add(1);
        let lease = Lease { subject: waiting.subject, attempt: waiting.tries, nonce, until: now.after(length) };
        self.lease = Some(lease);
        let Waiting { transition, since, batch, ref crowd, .. } = *waiting;
        Some(Grant { lease, told_as: transition, since, crowd: crowd.clone(), batch, folded })
    }

    /// Applies the answer to the try that `lease` allowed.
    pub fn settle(&mut self, lease: &Lease, verdict: &Verdict, terms: &Terms, now: Timestamp) -> Settled {
        let Some(at) = self.waiting.iter().position(|waiting| waiting.subject == lease.subject) else {
            return Settled::Late;
        };
        if self.lease != Some(*lease) {
            return Settled::Late;
        }
        self.lease = None;
        match verdict {
            Verdict::Delivered => {
                self.failures = 0;
                self.not_before = now.after(terms.spacing);
                self.delivered.insert(0, lease.subject);
                self.delivered.truncate(REMEMBERED);
                Settled::Delivered(self.waiting.remove(at).subjects())
            }
            Verdict::Refused { stop: true } => {
                self.stopped = true;
                self.gatherings.clear();
                Settled::Dropped(self.waiting.drain(..).flat_map(Waiting::subjects).collect())
            }
            Verdict::Refused { stop: false } => Settled::Dropped(self.let_go(at)),
            Verdict::Retry { hold } => self.retry(at, *hold, terms, now),
        }
    }

    /// Lets a message go whose content is lost, and what follows it; hands them back.
    pub fn forget(&mut self, subject: Subject) -> Vec<Subject> {
        self.lease = self.lease.filter(|lease| lease.subject != subject);
        let at = self.waiting.iter().position(|waiting| waiting.subject == subject);
        at.map(|at| self.let_go(at)).unwrap_or_default()
    }

    fn due(&self, now: Timestamp, terms: &Terms) -> Option<usize> {
        let leased = self.lease.is_some_and(|lease| is_ahead(lease.until, now, LONGEST_LEASE));
        if self.stopped || leased || is_ahead(self.not_before, now, LONGEST_HOLD) {
            return None;
        }
        let may_leave = self.allowance(now, terms) > 0;
        let is_free = |waiting: &Waiting| !is_ahead(waiting.not_before, now, LONGEST_HOLD);
        // In order per user, not just per incident: PagerDuty knows a user's incidents by one key, and the end of one must
        // not come behind the beginning of the next.
        let of_incident = self.waiting.iter().enumerate().position(|(at, waiting)| {
            waiting.batch.is_none()
                && is_free(waiting)
                && (may_leave || waiting.tries > 0)
                && !waiting.gathers(now, terms)
                && self.waiting.iter().take(at).all(|before| before.user != waiting.user)
        });
        of_incident.or_else(|| self.waiting.iter().position(|waiting| waiting.batch.is_some() && is_free(waiting)))
    }

    fn retry(&mut self, at: usize, hold: Option<Duration>, terms: &Terms, now: Timestamp) -> Settled {
        self.failures = self.failures.saturating_add(1);
        let Some(waiting) = self.waiting.get_mut(at) else { return Settled::Late };
        if now.since(waiting.since) >= terms.give_up_after {
            return Settled::Dropped(self.let_go(at));
        }
        let own = || pause(waiting.tries, waiting.subject.incident.0.short());
        let mut pause = hold.map_or_else(own, |wish| wish.max(FIRST_PAUSE));
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

    /// Which message goes to make room for a newcomer: an update, else an opening with its resolved, first one whose
    /// incident is over. What has waited longest goes: it would be told of as late as news can be.
    fn spare(&self, newcomer: IncidentId, told_as: Transition) -> Option<usize> {
        let leased = self.lease.map(|lease| lease.subject.incident);
        let all = || {
            let others = self.waiting.iter().enumerate();
            others.filter(|(_, w)| w.subject.incident != newcomer && Some(w.subject.incident) != leased)
        };
        let update = all().find(|(_, waiting)| waiting.transition == Transition::Updated);
        if update.is_some() || told_as == Transition::Updated {
            return update.map(|(at, _)| at);
        }
        let openings =
            || all().filter(|(_, waiting)| waiting.transition == Transition::Opened && waiting.crowd.is_none());
        let is_over = |opening: &Waiting| {
            let end =
                |w: &Waiting| w.subject.incident == opening.subject.incident && w.transition == Transition::Resolved;
            self.waiting.iter().any(end)
        };
        openings().find(|(_, opening)| is_over(opening)).or_else(|| openings().next()).map(|(at, _)| at)
    }

    /// Lets a message go. With an opening goes what follows it, also what is still to come: nobody wants to hear how
    /// something ended of which they never heard.
    fn let_go(&mut self, at: usize) -> Vec<Subject> {
        let Some(waiting) = self.waiting.get(at) else { return Vec::new() };
        if waiting.transition != Transition::Opened {
            return self.waiting.remove(at).subjects();
        }
        let incident = waiting.subject.incident;
        if waiting.crowd.is_some() {
            self.scatter(incident)
        } else {
            self.silent.add(incident, 0)
        }
        let (gone, kept) = std::mem::take(&mut self.waiting).into_iter().partition(|w| w.subject.incident == incident);
        self.waiting = kept;
        let gone: Vec<Waiting> = gone;
        gone.into_iter().flat_map(Waiting::subjects).collect()
    }
}

impl Waiting {
    fn new(subject: Subject, user: Digest, transition: Transition, now: Timestamp) -> Self {
        Self { subject, user, transition, since: now, tries: 0, not_before: now, crowd: None, batch: None }
    }

    /// All that is told with it.
    fn subjects(self) -> Vec<Subject> {
        let mut subjects = self.crowd.map(|crowd| crowd.openings).unwrap_or_default();
        subjects.push(self.subject);
        subjects
    }
}

impl Stored for Queue {
    const FORMAT: u8 = 2;
}
