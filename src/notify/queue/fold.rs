//! When are many openings one message? Where they wait for each other, or where more wait than may leave.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::incident::snapshot::{IncidentId, Transition};
use crate::keyed::{Digest, Key};
use crate::notify::queue::pause::{LONGEST_HOLD, is_ahead};
use crate::notify::queue::{Crowd, Queue, Subject, Waiting};
use crate::notify::terms::Terms;
use crate::order::ordered;

/// As many openings are one message, at most: each is read when it is sent.
const LARGEST: usize = 1024;

/// Incidents whose openings were told together, and whose end is told when the last of them has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Gathering {
    number: u32,
    id: IncidentId,
    count: u32,
}

impl Queue {
    /// How many messages may leave now.
    pub(super) fn allowance(&self, now: Timestamp, terms: &Terms) -> usize {
        terms.rate.map_or(usize::MAX, |rate| rate.messages().saturating_sub(rate.used(&self.left, now)))
    }

    /// If the message at `at` is an opening, and others wait that have to leave with it, they become one message in its
    /// place. What else waits of their incidents goes: it is handed back.
    pub(super) fn fold(&mut self, at: usize, now: Timestamp, terms: &Terms, key: &Key) -> Vec<Subject> {
        if terms.group_wait.is_zero() && terms.rate.is_none() || !self.waiting.get(at).is_some_and(Waiting::is_new) {
            return Vec::new();
        }
        let openings = self.openings(at, LARGEST);
        if openings.len() < 2 || terms.group_wait.is_zero() && openings.len() <= self.allowance(now, terms) {
            return Vec::new();
        }
        let parts: Vec<&[u8]> = openings.iter().map(|opening| opening.incident.0.as_bytes().as_slice()).collect();
        let id = IncidentId(key.digest("together", &parts));
        self.gathered = self.gathered.wrapping_add(1).max(1);
        let (number, count) = (self.gathered, u32::try_from(openings.len()).unwrap_or(u32::MAX));
        for opening in &openings {
            self.silent.add(opening.incident, if terms.tells_end { number } else { 0 });
        }
        let members = ordered(openings.iter().map(|opening| opening.incident.0), &Digest::cmp);
        let (mut rest, mut since) = (Vec::new(), now);
        for (place, waiting) in std::mem::take(&mut self.waiting).into_iter().enumerate() {
            if members.binary_search(&waiting.subject.incident.0).is_err() {
                self.waiting.push(waiting);
                continue;
            }
            since = since.min(waiting.since);
            if waiting.transition == Transition::Resolved {
                self.silent.end(waiting.subject.incident);
            }
            if waiting.transition != Transition::Opened {
                rest.push(waiting.subject);
            }
            if place == at {
                let subject = Subject { incident: id, number: 1 };
                let crowd = Some(Crowd { count, openings: openings.clone() });
                let message = Waiting::new(subject, id.0, Transition::Opened, now);
                self.waiting.push(Waiting { since, crowd, ..message });
            }
        }
        if terms.tells_end {
            self.gatherings.push(Gathering { number, id, count });
            self.end_gatherings(now);
        }
        rest
    }

    /// Queues the end of the gatherings of which nothing is open any more.
    pub(super) fn end_gatherings(&mut self, now: Timestamp) {
        let (open, over) = std::mem::take(&mut self.gatherings)
            .into_iter()
            .partition(|gathering| self.silent.is_open(gathering.number));
        self.gatherings = open;
        let over: Vec<Gathering> = over;
        for Gathering { id, count, .. } in over {
            let (subject, crowd) = (Subject { incident: id, number: 2 }, Some(Crowd { count, openings: Vec::new() }));
            let message = Waiting::new(subject, id.0, Transition::Resolved, now);
            self.waiting.push(Waiting { crowd, ..message });
        }
    }

    /// Nobody was told of this gathering, so nobody is told of its end.
    pub(super) fn scatter(&mut self, id: IncidentId) {
        let gone = self.gatherings.iter().position(|gathering| gathering.id == id);
        if let Some(gathering) = gone.map(|at| self.gatherings.remove(at)) {
            self.silent.release(gathering.number);
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

impl Waiting {
    /// Is it one incident's opening, and was it never tried?
    fn is_new(&self) -> bool {
        self.transition == Transition::Opened && self.crowd.is_none() && self.tries == 0
    }

    /// Does it still wait for others, to be one message with them?
    pub(super) fn gathers(&self, now: Timestamp, terms: &Terms) -> bool {
        self.is_new() && is_ahead(self.since.after(terms.group_wait), now, LONGEST_HOLD)
    }
}
