//! What is kept of a message until every channel has it? The snapshot, and the channels that still need it.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::incident::snapshot::{Snapshot, Transition};
use crate::keyed_hash::Digest;
use crate::state::buckets::Kept;

/// A snapshot on its way.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Parcel {
    pub(super) id: Digest,
    pub(super) snapshot: Snapshot,
    pub(super) posted: Timestamp,
    /// The channels that do not have it yet.
    pub(super) to: Vec<Digest>,
}

impl Kept for Parcel {
    const FORMAT: u8 = 2;

    fn id(&self) -> Digest {
        self.id
    }

    /// Updates go first, then what has waited longest: it has been as_sent of as late as news can be.
    fn worth(&self) -> impl Ord {
        (self.snapshot.transition != Transition::Updated, self.posted)
    }
}
