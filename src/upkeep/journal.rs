//! Hands in what this worker has noted for the console.

use crate::state::cells::Cells;
use crate::worker::tables::Tables;
use crate::worker::turn::Turn;

impl<C: Cells> Turn<'_, C> {
    /// On a tick; without notes it costs nothing. What can't be handed in is lost: it is there to be looked at, and nothing
    /// follows from it.
    pub(super) fn hand_in_notes(&mut self, tables: &Tables) {
        if let Some(notes) = self.worker.take_notes() {
            let _ = tables.journal.hand_in(&self.worker.cells, notes, self.now);
        }
    }
}
