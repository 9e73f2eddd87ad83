//! Which events made an open incident? The newest, for the console.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::incident::request::NamedRequest;
use crate::points::Points;
use crate::sort::sort_by;

/// The most events that are kept.
const EVENTS: usize = 32;

/// The newest events of an open incident, the newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Events(Vec<EventEntry>);

/// An event as an operator reads it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct EventEntry {
    /// When.
    pub time: Timestamp,
    /// The rule's id.
    pub rule: String,
    /// The target: `query:id`.
    pub target: String,
    /// The points that it counted.
    pub points: Points,
    /// The request, and how it was answered; without an id if it has none.
    pub request: NamedRequest,
}

impl Events {
    /// Adds an event; the oldest is dropped if there are too many.
    pub(super) fn add(&mut self, event: EventEntry) {
        let at = self.0.partition_point(|known| known.key() > event.key());
        if self.0.get(at).is_none_or(|known| known.key() != event.key()) {
            self.0.insert(at, event);
            self.0.truncate(EVENTS);
        }
    }

    /// Notes how a request was answered. Returns whether that was news.
    pub(super) fn note_answer(&mut self, id: &str, status: u16) -> bool {
        let mut is_news = false;
        for event in &mut self.0 {
            is_news |= event.request.note_answer(id, status);
        }
        is_news
    }

    /// The incident has ended.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// Drops the oldest, for a record that is too large. Returns false if there is none.
    pub(super) fn shrink(&mut self) -> bool {
        self.0.pop().is_some()
    }

    /// The events, the newest first.
    pub fn iter(&self) -> impl Iterator<Item = &EventEntry> {
        self.0.iter()
    }

    /// Merges another copy of the same incident's events.
    pub(super) fn merge(&mut self, other: &Self) {
        self.0.extend(other.0.iter().cloned());
        sort_by(&mut self.0, |a, b| b.cmp(a));
        // Of two copies of an event the one with its answer stands first.
        self.0.dedup_by(|later, kept| later.key() == kept.key());
        self.0.truncate(EVENTS);
    }
}

impl EventEntry {
    /// What makes it this event, whether or not it was answered.
    fn key(&self) -> (Timestamp, &str, &str, Points, &str) {
        (self.time, &self.rule, &self.target, self.points, &self.request.id)
    }
}
