//! How an incident gets from its record into the outbox, whichever worker dies on the way.
//!
//! | step | a crash after it leaves |
//! |---|---|
//! | the transition is in the record, as pending (one compare-and-swap) | pending: the next event of the user, or the sweep, hands it off |
//! | the snapshot is in the outbox | a snapshot that no queue names: handing off again finds it there |
//! | its id is in each channel's queue | pending although queued: queueing again changes nothing, the message id is the same |
//! | the record says that it was queued | nothing to do |
//!
//! The steps inside the outbox have a table of their own in `notify/outbox.rs`.

use crate::incident::snapshot::{Snapshot, Transition};
use crate::keyed_hash::Digest;
use crate::notify::outbox::ChannelId;
use crate::state::cells::Cells;
use crate::worker::effect::Effect;
use crate::worker::tables::Tables;
use crate::worker::turn::Turn;

impl<C: Cells> Turn<'_, C> {
    /// Queues what is pending, and then notes in the records that it is queued; it is sent at once. `neighbour` is a user in
    /// whose bucket the records stand.
    pub(crate) fn hand_off(&mut self, tables: &Tables, neighbour: Digest, pending: &[Snapshot]) {
        if self.queue(tables, neighbour, pending) {
            self.push(Effect::Hasten);
        }
    }

    /// As [`Turn::hand_off`], but it is sent with the next tick. Returns whether something was queued.
    pub(crate) fn queue(&mut self, tables: &Tables, neighbour: Digest, pending: &[Snapshot]) -> bool {
        // Without a channel it stays pending: another filter that shares the records may have one.
        if pending.is_empty() || tables.channels.is_empty() {
            return false;
        }
        let worker = self.worker;
        let mut queued = Vec::new();
        for snapshot in pending {
            match tables.outbox.post(&worker.cells, snapshot, &self.recipients(tables, snapshot), self.now) {
                Ok(posted) => {
                    self.account_all(tables, &posted.departures);
                    queued.push(snapshot.clone());
                }
                Err(failure) => self.log_trouble("an incident could not be queued yet", &failure),
            }
        }
        if queued.is_empty() {
            return false;
        }
        let carrier = worker.config.store.is_some().then_some(tables.proxy);
        if let Err(failure) = tables.ledger.mark_queued(&worker.cells, neighbour, &queued, carrier) {
            self.log_trouble("an incident could not be marked as queued", &failure);
        }
        true
    }

    /// The channels whose routes take this snapshot, and the transition that each receives.
    fn recipients(&self, tables: &Tables, snapshot: &Snapshot) -> Vec<(ChannelId, Transition)> {
        let channels = self.worker.config.notify.iter().zip(&tables.channels);
        channels.filter_map(|(entry, id)| Some((*id, entry.route.transition_for(snapshot)?))).collect()
    }
}
