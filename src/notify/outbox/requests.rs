//! How are malicious requests queued that a webhook receives each of? In batches, of which as many wait as there are slots.

use crate::clock::Timestamp;
use crate::keyed_hash::Digest;
use crate::notify::detected::Detected;
use crate::notify::outbox::store::Store;
use crate::notify::queue::bundle::{Bundle, Kind};
use crate::notify::queue::departure::{Departure, Exit};
use crate::state::cells::Cells;
use crate::state::table::{Change, Failure};

/// What came of collecting requests.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Collected {
    /// So many requests will not be reported: there was no room for them.
    pub unreported: u32,
    /// Batches that had to go.
    pub departures: Vec<Departure>,
}

/// As [`super::Outbox::note`].
pub(super) fn note(
    store: &Store,
    cells: &impl Cells,
    channel: Digest,
    one: &Detected,
    now: Timestamp,
) -> Result<Collected, Failure> {
    let (has_room, is_full) = store.batches.add(cells, channel, one, now)?;
    let mut collected = if is_full { queue(store, cells, channel, now)? } else { Collected::default() };
    collected.unreported += u32::from(!has_room);
    Ok(collected)
}

/// As [`super::Outbox::queue_batch`].
///
/// | after this step | a crash leaves | and the next worker |
/// |---|---|---|
/// | the batch is closed | a closed batch | keeps it in its slot |
/// | it is in its slot | the same, and perhaps an older batch that waits without contents | queues it, and takes the older one off |
/// | the control cell has it | a closed batch that waits already | clears the closed one |
pub(super) fn queue(store: &Store, cells: &impl Cells, channel: Digest, now: Timestamp) -> Result<Collected, Failure> {
    let Some(batch) = store.batches.ready(cells, channel, now)? else { return Ok(Collected::default()) };
    let replaced = store.batches.keep(cells, channel, &batch)?;
    let (number, since) = (batch.number().to_le_bytes(), batch.since().as_millis().to_le_bytes());
    let id = store.key.digest("batch", &[channel.as_bytes(), &number, &since]);
    let bundle =
        Bundle::new(Kind::Batch(batch.len().saturating_add(batch.left_out)), batch.number(), id, batch.since());
    let departures = store.controls.update(cells, channel, |control| {
        let exit = if control.stopped { Exit::Failed } else { Exit::Displaced };
        let mut gone = control.dismiss(exit, |one| one.is_batch() && Some(one.number) == replaced);
        if control.stopped {
            if control.is_new(&bundle) {
                control.skip(&bundle);
                gone.push(bundle.departure(exit));
            }
        } else {
            gone.extend(control.push(bundle));
        }
        Change::Made(gone)
    })?;
    store.batches.sent(cells, channel, batch.number())?;
    store.bury(cells, channel, &departures)?;
    Ok(Collected { unreported: 0, departures })
}
