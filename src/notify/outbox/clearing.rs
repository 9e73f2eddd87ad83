//! What leaves without being sent? What has expired and, on a stopped channel, everything; in bounded steps.

use crate::notify::outbox::store::{Store, Terms};
use crate::notify::queue::bucket::Bucket;
use crate::notify::queue::control::Control;
use crate::notify::queue::departure::{Departure, Exit};
use crate::state::cells::Cells;
use crate::state::table::{Change, Failure};

/// How many buckets are cleared in one step, at most: the next tick goes on.
const BUCKETS: usize = 64;

/// What a step cleared.
#[derive(Debug, Default)]
pub(super) struct Cleared {
    /// What has left.
    pub(super) departures: Vec<Departure>,
    /// Is there more to clear?
    pub(super) has_more: bool,
}

/// Clears what has expired; on a stopped channel everything.
pub(super) fn clear(
    store: &Store,
    cells: &impl Cells,
    terms: Terms<'_>,
    control: &Control,
) -> Result<Cleared, Failure> {
    let Terms { channel, policy, now } = terms;
    let is_stopped = control.stopped;
    let exit = if is_stopped { Exit::Failed } else { Exit::Expired };
    let mut cleared = Cleared::default();
    if control.has_bundle(|bundle| is_stopped || bundle.is_expired(now, policy)) {
        let gone = store.controls.update(cells, channel, |control| {
            Change::Made(control.dismiss(exit, |bundle| is_stopped || bundle.is_expired(now, policy)))
        })?;
        store.bury(cells, channel, &gone)?;
        cleared.departures.extend(gone);
    }
    let mut root = control.root.clone();
    for _ in 0..BUCKETS {
        let oldest = root.total().oldest;
        cleared.has_more = oldest.is_some_and(|oldest| is_stopped || now.since(oldest) >= policy.give_up_after);
        if !cleared.has_more {
            break;
        }
        let Some(place) = store.find(cells, channel, &root, |summary| summary.oldest)? else {
            root = store.control(cells, channel)?.root;
            continue;
        };
        let dismiss = |bucket: &mut Bucket| {
            let gone = bucket.dismiss_all(channel, exit, |delivery| {
                is_stopped || delivery.joining().is_none() && delivery.is_expired(now, policy)
            });
            if gone.is_empty() { Change::None(gone) } else { Change::Made(gone) }
        };
        let (gone, after) = store.change(cells, (channel, place), dismiss, |_, _| {})?;
        cleared.departures.extend(gone);
        root = after;
    }
    Ok(cleared)
}
