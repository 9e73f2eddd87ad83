//! What does a part of the queue look like from above? A few numbers, merged upwards, by which the next message is found.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::notify::queue::worth::Worth;

/// What waits for one channel in a bucket, in a node or in all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// How many messages wait.
    pub waiting: u32,
    /// How many openings could leave: never tried, and nothing of the same user before them.
    pub openings: u32,
    /// Since when the oldest waits.
    pub oldest: Option<Timestamp>,
    /// Since when the first of these openings waits.
    pub opening_at: Option<Timestamp>,
    /// When the first of the others may leave that nothing of the same user is before.
    pub ready_at: Option<Timestamp>,
    /// What would make room first.
    pub least: Option<Worth>,
}

/// The summaries of the parts of a whole, by their places.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Level {
    slots: Vec<Slot>,
    revision: u64,
}

/// The summary of one part, as of its revision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Slot {
    place: u64,
    revision: u64,
    summary: Summary,
}

impl Summary {
    fn merge(mut self, other: &Self) -> Self {
        self.waiting = self.waiting.saturating_add(other.waiting);
        self.openings = self.openings.saturating_add(other.openings);
        self.oldest = least(self.oldest, other.oldest);
        self.opening_at = least(self.opening_at, other.opening_at);
        self.ready_at = least(self.ready_at, other.ready_at);
        self.least = least(self.least, other.least);
        self
    }
}

/// The lesser of two, of which either may be missing.
pub fn least<T: Ord>(one: Option<T>, other: Option<T>) -> Option<T> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

impl Level {
    /// Enters the summary of the part at `place`, unless a later one is known: workers may come here in any order.
    pub fn put(&mut self, place: u64, revision: u64, summary: Summary) {
        let at = self.slots.partition_point(|slot| slot.place < place);
        let slot = Slot { place, revision, summary };
        match self.slots.get_mut(at).filter(|known| known.place == place) {
            Some(known) if known.revision > revision => return,
            Some(known) => *known = slot,
            None => self.slots.insert(at, slot),
        }
        self.revision = self.revision.wrapping_add(1);
    }

    /// How often it has changed.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// All parts together.
    pub fn total(&self) -> Summary {
        self.slots.iter().fold(Summary::default(), |total, slot| total.merge(&slot.summary))
    }

    /// The place of the part in which `by` is least.
    pub fn first<T: Ord>(&self, by: impl Fn(&Summary) -> Option<T>) -> Option<u64> {
        let with = self.slots.iter().filter_map(|slot| Some((by(&slot.summary)?, slot.place)));
        with.min().map(|(_, place)| place)
    }

    /// The places of all parts for which this holds.
    pub fn places(&self, holds: impl Fn(&Summary) -> bool) -> Vec<u64> {
        self.slots.iter().filter(|slot| holds(&slot.summary)).map(|slot| slot.place).collect()
    }
}
