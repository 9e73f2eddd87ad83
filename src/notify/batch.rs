//! Which malicious requests go into one webhook message (`states: [detected]`)? Those of a second, a hundred at most.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::keyed_hash::Digest;
use crate::notify::detected::{Detected, Packed};
use crate::state::cells::{Cells, Unavailable};
use crate::state::table::{Change, Failure, Stored, Table};

/// A batch is closed when it holds so many requests …
const MOST: u32 = 100;
/// … or so many bytes, which keeps its message near the 20 kB that Standard Webhooks advise …
const LARGEST: usize = 8 * 1024;
/// … or when its first request is so old.
const OLDEST: Duration = Duration::from_secs(1);

/// How many batches wait on a channel; then the oldest goes.
const SLOTS: u64 = 64;

/// The requests for all channels that receive each of them.
#[derive(Clone, Debug)]
pub(super) struct Batches {
    open: Table<OpenBatch>,
    closed: Table<Option<Batch>>,
}

/// The requests of one channel that are still collected.
///
/// ```text
///             full, or a second old            the slot and the queue have it          left
/// collected ────────────────────────► closed ────────────────────────────────► kept ────────► gone
/// ```
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct OpenBatch {
    collected: Batch,
    /// A batch that is full or old enough, until its channel's queue has it.
    closed: Option<Batch>,
}

/// Requests that are one message.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Batch {
    number: u64,
    since: Timestamp,
    count: u32,
    /// So many requests before these were not reported: there was no room for them.
    pub left_out: u32,
    packed: Packed,
}

impl Batches {
    pub(super) fn new(prefix: &str) -> Self {
        Self { open: Table::new(format!("{prefix}/open_batch")), closed: Table::new(format!("{prefix}/batch")) }
    }

    /// Adds a request to what its channel receives next; whether there was room for it, and whether a batch is full.
    pub(super) fn add(
        &self,
        cells: &impl Cells,
        channel: Digest,
        one: &Detected,
        now: Timestamp,
    ) -> Result<(bool, bool), Failure> {
        self.open.update(cells, channel, |open| {
            if open.collected.is_full() {
                open.close();
            }
            let batch = &mut open.collected;
            let has_room = !batch.is_full();
            if has_room {
                if batch.count == 0 {
                    batch.since = now;
                }
                batch.count += 1;
                batch.packed.push(one);
            } else {
                batch.left_out = batch.left_out.saturating_add(1);
            }
            Change::Made((has_room, batch.is_full()))
        })
    }

    /// The batch that may go, if one is full or old enough. It stays until [`Batches::sent`], so that a death in between
    /// loses nothing. Without a batch it costs one read.
    pub(super) fn ready(&self, cells: &impl Cells, channel: Digest, now: Timestamp) -> Result<Option<Batch>, Failure> {
        let open = self.open.read(cells, channel).map_err(|Unavailable| Failure::Unavailable)?;
        if open.closed.is_none() && !open.collected.is_due(now) {
            return Ok(None);
        }
        self.open.update(cells, channel, |open| {
            if open.closed.is_none() && open.collected.is_due(now) {
                open.close();
                return Change::Made(open.closed.clone());
            }
            Change::None(open.closed.clone())
        })
    }

    /// Keeps the batch for as long as it waits; the number of an older one whose slot it takes.
    pub(super) fn keep(&self, cells: &impl Cells, channel: Digest, batch: &Batch) -> Result<Option<u64>, Failure> {
        self.closed.update(cells, slot(channel, batch.number), |slot| {
            if slot.as_ref().is_some_and(|kept| kept.number >= batch.number) {
                return Change::None(None);
            }
            Change::Made(slot.replace(batch.clone()).map(|older| older.number))
        })
    }

    /// The channel's queue has the batch of this number, or will never have it.
    pub(super) fn sent(&self, cells: &impl Cells, channel: Digest, number: u64) -> Result<(), Failure> {
        self.open.update(cells, channel, |open| match open.closed.take_if(|closed| closed.number == number) {
            Some(_) => Change::Made(()),
            None => Change::None(()),
        })
    }

    /// So many requests will not be reported, which the next batch says.
    pub(super) fn lose(&self, cells: &impl Cells, channel: Digest, requests: u32) -> Result<(), Failure> {
        self.open.update(cells, channel, |open| {
            open.collected.left_out = open.collected.left_out.saturating_add(requests);
            Change::Made(())
        })
    }

    /// A batch that waits.
    pub(super) fn read(&self, cells: &impl Cells, channel: Digest, number: u64) -> Result<Option<Batch>, Failure> {
        let kept = self.closed.read(cells, slot(channel, number)).map_err(|Unavailable| Failure::Unavailable)?;
        Ok(kept.filter(|batch| batch.number == number))
    }

    /// A batch has left.
    pub(super) fn clear(&self, cells: &impl Cells, channel: Digest, number: u64) -> Result<(), Failure> {
        self.closed.update(cells, slot(channel, number), |slot| match slot.take_if(|kept| kept.number == number) {
            Some(_) => Change::Made(()),
            None => Change::None(()),
        })
    }
}

impl OpenBatch {
    /// Makes way for the next batch, if the one before is on its way.
    fn close(&mut self) {
        if self.closed.is_none() {
            let next = Batch { number: self.collected.number + 1, ..Batch::default() };
            self.closed = Some(std::mem::replace(&mut self.collected, next));
        }
    }
}

impl Batch {
    /// The requests.
    pub fn requests(&self) -> Vec<Detected> {
        self.packed.unpack()
    }

    /// How many requests these are.
    pub fn len(&self) -> u32 {
        self.count
    }

    /// Are there none?
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Its place among the channel's batches.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// When its first request came.
    pub fn since(&self) -> Timestamp {
        self.since
    }

    fn is_full(&self) -> bool {
        self.count >= MOST || self.packed.len() >= LARGEST
    }

    fn is_due(&self, now: Timestamp) -> bool {
        let is_old = now < self.since || now.since(self.since) >= OLDEST;
        !self.is_empty() && (self.is_full() || is_old)
    }
}

impl Stored for OpenBatch {
    const FORMAT: u8 = 1;
}

impl Stored for Option<Batch> {
    const FORMAT: u8 = 1;
}

/// Where a batch is kept: the keys of shared data are never freed, so batches take turns.
fn slot(channel: Digest, number: u64) -> String {
    format!("{channel}/{}", number % SLOTS)
}
