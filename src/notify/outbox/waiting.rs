//! Which messages wait for a channel, one by one? For whoever has to say which are lost.

use crate::incident::snapshot::Transition;
use crate::keyed_hash::Digest;
use crate::notify::outbox::store::Store;
use crate::notify::queue::departure::{Contents, Departure, Exit};
use crate::state::cells::{Cells, Unavailable};
use crate::state::table::Failure;

/// A message that waits for a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Its id, the same over all tries.
    pub message_id: String,
    /// What the channel would receive.
    pub transition: Transition,
    /// What it is about.
    pub about: Contents,
    /// Is a try under way? Then it may have arrived.
    pub is_under_way: bool,
}

/// As [`super::Outbox::waiting`].
pub(super) fn waiting(
    store: &Store,
    cells: &impl Cells,
    channel: Digest,
    most: usize,
) -> Result<(Vec<Waiting>, usize), Failure> {
    let control = store.control(cells, channel)?;
    let one = |Departure { subject, transition, about, .. }: Departure, is_under_way| Waiting {
        message_id: store.message_id(subject, channel),
        transition,
        about,
        is_under_way,
    };
    // The way out that they never took does not show.
    let bundles = control.bundles().iter().map(|bundle| one(bundle.departure(Exit::Expired), bundle.sending.is_some()));
    let mut waiting: Vec<_> = bundles.take(most).collect();
    for node in control.root.places(|hint| hint.waiting > 0) {
        for place in store.index.node(cells, channel, node)?.places(|hint| hint.waiting > 0) {
            if waiting.len() >= most {
                return Ok((waiting, control.waiting()));
            }
            let bucket = store.buckets.read(cells, place).map_err(|Unavailable| Failure::Unavailable)?;
            let of_channel = bucket.of(channel).map(|(snapshot, delivery)| {
                one(Departure::of(snapshot, delivery.sent_as, Exit::Expired), !delivery.is_idle())
            });
            waiting.extend(of_channel.take(most - waiting.len()));
        }
    }
    Ok((waiting, control.waiting()))
}
