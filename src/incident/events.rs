//! Which events made an open incident? The newest, for the console.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
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
    /// The proxy's id of the request; empty if it has none.
    pub request_id: String,
}

impl Events {
    /// Adds an event; the oldest is dropped if there are too many.
    pub(super) fn add(&mut self, event: EventEntry) {
        let at = self.0.partition_point(|known| *known > event);
        if self.0.get(at) != Some(&event) {
            self.0.insert(at, event);
            self.0.truncate(EVENTS);
        }
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
        self.0.dedup();
        self.0.truncate(EVENTS);
    }
}
