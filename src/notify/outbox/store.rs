//! Where do messages stand, and how is a change of them seen from above? The cells of the outbox, and one way to change them.

use crate::clock::Timestamp;
use crate::keyed_hash::{Digest, Key};
use crate::notify::batch::Batches;
use crate::notify::delivery_policy::DeliveryPolicy;
use crate::notify::outbox::rollups::Rollups;
use crate::notify::queue::bucket::Bucket;
use crate::notify::queue::control::Control;
use crate::notify::queue::departure::{Contents, Departure, Exit};
use crate::notify::queue::index::Index;
use crate::notify::queue::subject::Subject;
use crate::notify::queue::summary::{Level, Summary};
use crate::state::cells::{Cells, Unavailable};
use crate::state::table::{Change, Failure, Table};

/// The cells of the outbox.
#[derive(Clone, Debug)]
pub(super) struct Store {
    pub(super) buckets: Table<Bucket>,
    pub(super) index: Index,
    pub(super) controls: Table<Control>,
    pub(super) rollups: Rollups,
    pub(super) batches: Batches,
    pub(super) key: Key,
    /// How many buckets there are.
    count: u64,
    /// How many messages about single incidents may wait on a channel.
    pub(super) room: u32,
}

/// A channel and the terms of its delivery.
#[derive(Clone, Copy, Debug)]
pub(super) struct Terms<'a> {
    pub(super) channel: Digest,
    pub(super) policy: &'a DeliveryPolicy,
    pub(super) now: Timestamp,
}

/// How many messages share a bucket while a channel has as many as may wait: few enough that a full one is rare.
const MESSAGES_PER_BUCKET: u32 = 2;

impl Store {
    pub(super) fn new(prefix: &str, messages: u32, key: Key) -> Self {
        Self {
            buckets: Table::new(format!("{prefix}/messages")),
            index: Index::new(prefix),
            controls: Table::new(format!("{prefix}/control")),
            rollups: Rollups::new(prefix),
            batches: Batches::new(prefix),
            key,
            count: u64::from((messages / MESSAGES_PER_BUCKET).max(1)),
            room: messages,
        }
    }

    /// The bucket in which all messages of a user stand.
    pub(super) fn place(&self, user: Digest) -> u64 {
        u64::from(user.brief()) % self.count
    }

    /// How many buckets there are.
    #[cfg(test)]
    pub(super) fn count(&self) -> u64 {
        self.count
    }

    /// The channel's control cell.
    pub(super) fn control(&self, cells: &impl Cells, channel: Digest) -> Result<Control, Failure> {
        self.controls.read(cells, channel).map_err(|Unavailable| Failure::Unavailable)
    }

    /// Changes a bucket for one channel, and then the hints above it; `then` changes the control cell in the same step as
    /// the root. Returns the new root too.
    pub(super) fn change<A>(
        &self,
        cells: &impl Cells,
        (channel, place): (Digest, u64),
        mut change: impl FnMut(&mut Bucket) -> Change<A>,
        then: impl FnMut(&mut Control, &A),
    ) -> Result<(A, Level), Failure> {
        let (answer, revision, summary) = self.buckets.update(cells, place, |bucket| match change(bucket) {
            Change::Made(answer) => Change::Made((answer, bucket.touch(), bucket.summary(channel))),
            Change::None(answer) => Change::None((answer, bucket.revision(), bucket.summary(channel))),
        })?;
        let mut then = then;
        let root = self.note(cells, channel, Index::node_of(place), &[(place, revision, summary)], |control| {
            then(control, &answer);
        })?;
        Ok((answer, root))
    }

    /// Enters the summaries of buckets of one node into the hints above; returns the new root.
    pub(super) fn note(
        &self,
        cells: &impl Cells,
        channel: Digest,
        node: u64,
        buckets: &[(u64, u64, Summary)],
        mut then: impl FnMut(&mut Control),
    ) -> Result<Level, Failure> {
        let noted = self.index.note(cells, channel, node, buckets)?;
        self.controls.update(cells, channel, |control| {
            control.root.put(noted.node, noted.revision, noted.summary);
            then(control);
            Change::Made(control.root.clone())
        })
    }

    /// The bucket in which `by` is least, as the hints have it. A node that does not know of one is corrected in the root.
    pub(super) fn find<T: Ord>(
        &self,
        cells: &impl Cells,
        channel: Digest,
        root: &Level,
        by: impl Fn(&Summary) -> Option<T>,
    ) -> Result<Option<u64>, Failure> {
        let Some(node) = root.first(&by) else { return Ok(None) };
        let place = self.index.node(cells, channel, node)?.first(&by);
        if place.is_none() {
            self.note(cells, channel, node, &[], |_| {})?;
        }
        Ok(place)
    }

    /// Frees what rollups and batches had kept that have left otherwise than delivered; the requests of a batch count as
    /// left out of the next one.
    pub(super) fn bury(&self, cells: &impl Cells, channel: Digest, gone: &[Departure]) -> Result<(), Failure> {
        for departure in gone {
            match (&departure.about, departure.exit) {
                (Contents::Rollup { number, .. }, _) => {
                    self.rollups.clear(cells, (channel, u32::try_from(*number).unwrap_or_default()))?;
                }
                (Contents::Batch { number, .. }, Exit::Delivered) => self.batches.clear(cells, channel, *number)?,
                (Contents::Batch { number, requests }, _) => {
                    self.batches.lose(cells, channel, *requests)?;
                    self.batches.clear(cells, channel, *number)?;
                }
                (Contents::Incident(_), _) => {}
            }
        }
        Ok(())
    }

    /// The id of a message to a channel: constant over tries and workers.
    pub(super) fn message_id(&self, subject: Subject, channel: Digest) -> String {
        format!("msg_{}", subject.digest(&self.key, "message", channel.as_bytes()))
    }
}
