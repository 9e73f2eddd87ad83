//! Queues batches of malicious requests for the channels that are notified of each.

use crate::state::cells::Cells;
use crate::worker::log_budget::Kind;
use crate::worker::log_line;
use crate::worker::metric::Counter;
use crate::worker::tables::Tables;
use crate::worker::turn::Turn;

impl<C: Cells> Turn<'_, C> {
    /// Queues the channel's open batch, once it is old enough.
    pub(super) fn queue_detected(&mut self, tables: &Tables, channel_index: usize) {
        let worker = self.worker;
        let (Some(entry), Some(id)) = (worker.config.notify.get(channel_index), tables.channels.get(channel_index))
        else {
            return;
        };
        if entry.route.takes_detections()
            && let Ok(unreported) = tables.outbox.queue_batch(&worker.cells, *id, self.now)
        {
            self.log_unreported(channel_index, unreported);
        }
    }

    /// Counts and logs malicious requests that a channel will not be notified of.
    pub(crate) fn log_unreported(&mut self, channel_index: usize, unreported: u32) {
        if unreported == 0 {
            return;
        }
        self.count(Counter::RequestsUnreported, unreported.into());
        let channel = self.worker.channel_name(channel_index);
        let line = log_line::notice(&format!(
            "{channel}: it is not notified of {unreported} malicious requests: more came than may wait; the next message \
             says how many"
        ));
        self.log(Kind::Service, log::Level::Error, line);
    }
}
