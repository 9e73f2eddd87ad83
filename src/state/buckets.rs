//! Bounded records: a fixed number of buckets of at most eight. Which one is evicted, each kind of record says by its `worth`.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::keyed_hash::Digest;
use crate::state::cells::{Cells, Unavailable};
use crate::state::table::{Change, Failure, Stored, Table};

/// The most records of a bucket.
pub const BUCKET_SIZE: usize = 8;

/// A record that can be found again, and that can make room for another.
pub trait Kept: Serialize + DeserializeOwned {
    /// The number of the record's format.
    const FORMAT: u8;

    /// What the record is found by.
    fn id(&self) -> Digest;

    /// What is lost if the record has to go: in a full bucket the one with the least goes.
    fn worth(&self) -> impl Ord;
}

/// The records of one bucket.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(bound = "R: Kept")]
pub struct Bucket<R> {
    records: Vec<R>,
}

/// A fixed number of buckets.
#[derive(Clone, Debug)]
pub struct Buckets<R> {
    table: Table<Bucket<R>>,
    count: u64,
}

impl<R: Kept> Buckets<R> {
    /// Room for `records` records, rounded up to whole buckets, in the cells `<prefix>/…`.
    pub fn new(prefix: impl Into<String>, records: u32) -> Self {
        let count = u64::from(records).div_ceil(BUCKET_SIZE as u64).max(1);
        Self { table: Table::new(prefix), count }
    }

    /// Changes the bucket in which the record `id` stands or would stand.
    ///
    /// # Errors
    /// As [`Table::update`].
    pub fn update<A>(
        &self,
        cells: &impl Cells,
        id: Digest,
        change: impl FnMut(&mut Bucket<R>) -> Change<A>,
    ) -> Result<A, Failure> {
        self.table.update(cells, self.index(id), change)
    }

    /// The record `id`, if it is kept.
    ///
    /// # Errors
    /// The host gives no access.
    pub fn read(&self, cells: &impl Cells, id: Digest) -> Result<Option<R>, Unavailable> {
        let bucket = self.table.read(cells, self.index(id))?;
        Ok(bucket.records.into_iter().find(|record| record.id() == id))
    }

    /// How many buckets there are.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The records of the bucket number `index`.
    ///
    /// # Errors
    /// The host gives no access.
    pub fn records(&self, cells: &impl Cells, index: u64) -> Result<Vec<R>, Unavailable> {
        Ok(self.table.read(cells, index)?.records)
    }

    /// The number of the bucket of all records whose ids begin with these 32 bits: eight digits of an id are enough to find it.
    pub fn index_of(&self, brief: u32) -> u64 {
        u64::from(brief) % self.count
    }

    fn index(&self, id: Digest) -> u64 {
        self.index_of(id.brief())
    }
}

impl<R: Kept> Bucket<R> {
    /// The records, in no order.
    pub fn records_mut(&mut self) -> impl Iterator<Item = &mut R> {
        self.records.iter_mut()
    }

    /// The record `id`, if it stands here.
    pub fn get_mut(&mut self, id: Digest) -> Option<&mut R> {
        self.records_mut().find(|record| record.id() == id)
    }

    /// The record `id`. If it is absent, `newcomer` is inserted; in a full bucket the record of least worth is evicted for
    /// it, and returned.
    pub fn admit(&mut self, id: Digest, newcomer: impl FnOnce() -> R) -> (&mut R, Option<R>) {
        let evicted = if self.is_full_for(id) { self.evict(|_| true) } else { None };
        (self.insert(id, newcomer), evicted)
    }

    /// The same, but only records that `may_go` are evicted. None if there is no such record in a full bucket.
    pub fn admit_over(
        &mut self,
        id: Digest,
        newcomer: impl FnOnce() -> R,
        may_go: impl Fn(&R) -> bool,
    ) -> Option<(&mut R, Option<R>)> {
        let evicted = if self.is_full_for(id) { Some(self.evict(may_go)?) } else { None };
        Some((self.insert(id, newcomer), evicted))
    }

    fn is_full_for(&self, id: Digest) -> bool {
        self.records.len() >= BUCKET_SIZE && self.records.iter().all(|record| record.id() != id)
    }

    fn evict(&mut self, may_go: impl Fn(&R) -> bool) -> Option<R> {
        let candidates = self.records.iter().enumerate().filter(|(_, record)| may_go(record));
        let (least, _) = candidates.min_by_key(|(_, record)| record.worth())?;
        Some(self.records.swap_remove(least))
    }

    #[expect(clippy::indexing_slicing, reason = "the position was found or just pushed")]
    fn insert(&mut self, id: Digest, newcomer: impl FnOnce() -> R) -> &mut R {
        let known = self.records.iter().position(|record| record.id() == id);
        let at = known.unwrap_or_else(|| {
            self.records.push(newcomer());
            self.records.len() - 1
        });
        &mut self.records[at]
    }

    /// Keeps only these records.
    pub fn retain(&mut self, keep: impl FnMut(&R) -> bool) {
        self.records.retain(keep);
    }
}

impl<R> Default for Bucket<R> {
    fn default() -> Self {
        Self { records: Vec::new() }
    }
}

impl<R: Kept> Stored for Bucket<R> {
    const FORMAT: u8 = R::FORMAT;
}
