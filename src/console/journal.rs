//! What happened lately that no record has, for the console: which messages left and with what result, what each hour brought.
//!
//! Workers note it and hand it in on ticks, so that no request waits for a cell that all share. What a worker that dies has noted
//! since its last tick is lost.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::detect::category::Category;
use crate::incident::snapshot::Transition;
use crate::keyed_hash::Digest;
use crate::notify::queue::departure::Exit;
use crate::state::cells::{Cells, Unavailable};
use crate::state::table::{Change, Failure, Stored, Table};

/// The most deliveries that are kept, of all users together.
const DELIVERIES: usize = 512;

/// How many hours are kept.
pub const HOURS: usize = 24;

const HOUR_MILLIS: u64 = 60 * 60 * 1000;

/// The cells that all workers share.
#[derive(Clone, Debug)]
pub struct Journal {
    deliveries: Table<Deliveries>,
    tallies: Table<Tallies>,
}

/// What one worker has noted since its last tick.
#[derive(Debug, Default)]
pub struct Notes {
    deliveries: Vec<Delivery>,
    events: Vec<(Category, u32)>,
    evicted: u64,
    unweighed: u64,
    records: Option<u64>,
}

/// What came of a message about a user, or of an attempt to send it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// Whom it is about.
    pub user: Digest,
    /// When.
    pub at: Timestamp,
    /// The channel's name.
    pub channel: String,
    /// What the channel received, or would have received.
    pub transition: Transition,
    /// What came of it.
    pub result: DeliveryResult,
    /// What the server answered, if it was asked.
    pub answer: String,
}

/// What came of a message, or of an attempt to send it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DeliveryResult {
    /// The server took it.
    Delivered,
    /// It will be tried again.
    Retry,
    /// It became part of a message about many.
    RolledUp,
    /// The server refused it for good.
    Failed,
    /// It made room for others.
    Displaced,
    /// It was tried for as long as the channel's options say.
    Expired,
}

/// What the last hours brought, and what was lost since the process started.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tallies {
    /// The hours that brought anything, the newest last.
    hours: Vec<Hour>,
    /// How many records with points made room for others.
    pub evicted: u64,
    /// How many requests could not be counted.
    pub unweighed: u64,
    /// How many records there were when they were last counted, which takes several minutes.
    pub records: Option<u64>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Hour {
    /// Hours since the Unix epoch.
    number: u64,
    events: Vec<(Category, u32)>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Deliveries(Vec<Delivery>);

impl Notes {
    /// Notes what came of a message.
    pub fn delivery(&mut self, delivery: Delivery) {
        if self.deliveries.len() < DELIVERIES {
            self.deliveries.push(delivery);
        }
    }

    /// Notes an event.
    pub fn event(&mut self, category: Category) {
        add(&mut self.events, category, 1);
    }

    /// Notes that a record with points made room for another.
    pub fn evicted(&mut self) {
        self.evicted += 1;
    }

    /// Notes that a request could not be counted.
    pub fn unweighed(&mut self) {
        self.unweighed += 1;
    }

    /// Notes how many records there are.
    pub fn records(&mut self, number: u64) {
        self.records = Some(number);
    }
}

impl Journal {
    /// The cells `<prefix>/console/…`.
    pub fn new(prefix: &str) -> Self {
        let place = format!("{prefix}/console");
        Self { deliveries: Table::new(place.clone()), tallies: Table::new(place) }
    }

    /// Enters what a worker has noted; nothing noted costs nothing.
    ///
    /// # Errors
    /// The cells can't be changed: what was noted is lost.
    pub fn hand_in(&self, cells: &impl Cells, notes: Notes, now: Timestamp) -> Result<(), Failure> {
        let Notes { deliveries, events, evicted, unweighed, records } = notes;
        if !deliveries.is_empty() {
            self.deliveries.update(cells, "deliveries", |Deliveries(kept)| {
                kept.extend(deliveries.iter().cloned());
                let beyond = kept.len().saturating_sub(DELIVERIES);
                kept.drain(..beyond);
                Change::Made(())
            })?;
        }
        if events.is_empty() && evicted == 0 && unweighed == 0 && records.is_none() {
            return Ok(());
        }
        self.tallies.update(cells, "tallies", |tallies| {
            let hour = tallies.hour(now);
            events.iter().for_each(|(category, number)| add(hour, *category, *number));
            tallies.evicted += evicted;
            tallies.unweighed += unweighed;
            tallies.records = records.or(tallies.records);
            Change::Made(())
        })
    }

    /// What came of the newest messages about a user, the newest first.
    ///
    /// # Errors
    /// The cells can't be read.
    pub fn deliveries(&self, cells: &impl Cells, user: Digest) -> Result<Vec<Delivery>, Failure> {
        let Deliveries(kept) = self.deliveries.read(cells, "deliveries").map_err(|Unavailable| Failure::Unavailable)?;
        Ok(kept.into_iter().rev().filter(|delivery| delivery.user == user).collect())
    }

    /// What the last hours brought.
    ///
    /// # Errors
    /// The cells can't be read.
    pub fn tallies(&self, cells: &impl Cells) -> Result<Tallies, Failure> {
        self.tallies.read(cells, "tallies").map_err(|Unavailable| Failure::Unavailable)
    }
}

impl Tallies {
    /// For each category with an event in the last 24 hours, how many each of these brought, that of the running one last.
    pub fn by_category(&self, now: Timestamp) -> Vec<(Category, [u32; HOURS])> {
        let running = now.as_millis() / HOUR_MILLIS;
        let mut rows: Vec<(Category, [u32; HOURS])> = Vec::new();
        for hour in &self.hours {
            let age = running.checked_sub(hour.number).and_then(|age| usize::try_from(age).ok());
            let Some(index) = age.and_then(|age| (HOURS - 1).checked_sub(age)) else { continue };
            for (category, number) in &hour.events {
                let at = rows.iter().position(|(known, _)| known == category).unwrap_or_else(|| {
                    rows.push((*category, [0; HOURS]));
                    rows.len() - 1
                });
                if let Some(place) = rows.get_mut(at).and_then(|(_, hours)| hours.get_mut(index)) {
                    *place = place.saturating_add(*number);
                }
            }
        }
        rows
    }

    /// The events of the running hour. One whose clock is behind adds to the newest hour there is.
    fn hour(&mut self, now: Timestamp) -> &mut Vec<(Category, u32)> {
        let number = now.as_millis() / HOUR_MILLIS;
        if self.hours.last().is_none_or(|newest| newest.number < number) {
            self.hours.push(Hour { number, events: Vec::new() });
            let beyond = self.hours.len().saturating_sub(HOURS);
            self.hours.drain(..beyond);
        }
        let last = self.hours.len() - 1;
        #[expect(clippy::indexing_slicing, reason = "there is one, as it was just pushed or found")]
        &mut self.hours[last].events
    }
}

impl DeliveryResult {
    /// `delivered`, `retry`, `rolled_up`, `failed`, `displaced`, `expired`.
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Retry => "retry",
            Self::RolledUp => "rolled_up",
            Self::Failed => "failed",
            Self::Displaced => "displaced",
            Self::Expired => "expired",
        }
    }
}

impl From<Exit> for DeliveryResult {
    fn from(exit: Exit) -> Self {
        match exit {
            Exit::Delivered => Self::Delivered,
            Exit::RolledUp => Self::RolledUp,
            Exit::Failed => Self::Failed,
            Exit::Displaced => Self::Displaced,
            Exit::Expired => Self::Expired,
        }
    }
}

fn add(counts: &mut Vec<(Category, u32)>, category: Category, number: u32) {
    match counts.iter_mut().find(|(known, _)| *known == category) {
        Some((_, count)) => *count = count.saturating_add(number),
        None => counts.push((category, number)),
    }
}

impl Stored for Deliveries {
    const FORMAT: u8 = 1;
}

impl Stored for Tallies {
    const FORMAT: u8 = 1;
}

#[cfg(test)]
mod tests;
