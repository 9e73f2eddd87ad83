//! When are many openings one message? Where they wait for each other, or where more wait than may leave.

use crate::clock::Timestamp;
use crate::incident::snapshot::{IncidentId, Transition};
use crate::keyed_hash::{Digest, Key};
use crate::notify::delivery_policy::DeliveryPolicy;
use crate::notify::queue::channel_queue::Queue;
use crate::notify::queue::subject::Subject;
use crate::notify::queue::waiting::{OpenRollup, Rollup, Waiting};

/// As many openings are one message, at most: each is read when it is sent.
const LARGEST: usize = 1024;

impl Queue {
    /// How many messages may leave now.
    pub(super) fn allowance(&self, now: Timestamp, policy: &DeliveryPolicy) -> usize {
        policy.rate.map_or(usize::MAX, |rate| rate.messages().saturating_sub(rate.used(&self.left, now)))
    }

    /// If the message at `at` is an opening, and others wait that have to leave with it, they become one message in its
    /// place. What else waits of their incidents goes: it is handed back.
    pub(super) fn roll_up(&mut self, at: usize, now: Timestamp, policy: &DeliveryPolicy, key: &Key) -> Vec<Subject> {
        if policy.group_wait.is_zero() && policy.rate.is_none() || !self.waiting.get(at).is_some_and(Waiting::is_new) {
            return Vec::new();
        }
        let openings = self.openings(at, LARGEST);
        if openings.len() < 2 || policy.group_wait.is_zero() && openings.len() <= self.allowance(now, policy) {
            return Vec::new();
        }
        let parts: Vec<&[u8]> = openings.iter().map(|opening| opening.incident.0.as_bytes().as_slice()).collect();
        let id = IncidentId(key.digest("together", &parts));
        self.rollups_made = self.rollups_made.wrapping_add(1).max(1);
        let (number, count) = (self.rollups_made, u32::try_from(openings.len()).unwrap_or(u32::MAX));
        for opening in &openings {
            self.suppressed.add(opening.incident, if policy.sends_resolved { number } else { 0 });
        }
        let mut members: Vec<_> = openings.iter().map(|opening| opening.incident.0).collect();
        members.sort_unstable();
        let (mut rest, mut since) = (Vec::new(), now);
        for (place, waiting) in std::mem::take(&mut self.waiting).into_iter().enumerate() {
            if members.binary_search(&waiting.subject.incident.0).is_err() {
                self.waiting.push(waiting);
                continue;
            }
            since = since.min(waiting.since);
            if waiting.transition == Transition::Resolved {
                self.suppressed.end(waiting.subject.incident);
            }
            if waiting.transition != Transition::Opened {
                rest.push(waiting.subject);
            }
            if place == at {
                let subject = Subject { incident: id, number: 1 };
                let rollup = Some(Rollup { count, openings: openings.clone() });
                let message = Waiting::new(subject, id.0, Transition::Opened, now);
                self.waiting.push(Waiting { since, rollup, ..message });
            }
        }
        if policy.sends_resolved {
            self.open_rollups.push(OpenRollup { number, id, count });
            self.end_open_rollups(now);
        }
        rest
    }

    /// Queues the end of the open_rollups of which nothing is open any more.
    pub(super) fn end_open_rollups(&mut self, now: Timestamp) {
        let (open, over) = std::mem::take(&mut self.open_rollups)
            .into_iter()
            .partition(|open_rollup| self.suppressed.is_open(open_rollup.number));
        self.open_rollups = open;
        let over: Vec<OpenRollup> = over;
        for OpenRollup { id, count, .. } in over {
            let (subject, rollup) = (Subject { incident: id, number: 2 }, Some(Rollup { count, openings: Vec::new() }));
            let message = Waiting::new(subject, id.0, Transition::Resolved, now);
            self.waiting.push(Waiting { rollup, ..message });
        }
    }

    /// Nobody was told of this open_rollup, so nobody is told of its end.
    pub(super) fn discard_rollup(&mut self, id: IncidentId) {
        let gone = self.open_rollups.iter().position(|open_rollup| open_rollup.id == id);
        if let Some(open_rollup) = gone.map(|at| self.open_rollups.remove(at)) {
            self.suppressed.release(open_rollup.number);
        }
    }

    /// The openings from `at` on, at most so many, that could leave with the one there: not tried yet, and with nothing
    /// of the same user before them.
    fn openings(&self, at: usize, most: usize) -> Vec<Subject> {
        let (mut users, mut openings): (Vec<Digest>, Vec<Subject>) = (Vec::new(), Vec::new());
        for (place, waiting) in self.waiting.iter().enumerate() {
            let Err(free) = users.binary_search(&waiting.user) else { continue };
            users.insert(free, waiting.user);
            if place >= at && waiting.is_new() && openings.len() < most {
                openings.push(waiting.subject);
            }
        }
        openings
    }
}
