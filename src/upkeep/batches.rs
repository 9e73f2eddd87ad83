//! Queues batches of malicious requests for the channels that are notified of each.

use crate::notify::outbox::requests::Collected;
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
            && let Ok(collected) = tables.outbox.queue_batch(&worker.cells, *id, self.now)
        {
            self.account_requests(channel_index, &collected);
        }
    }

    /// Counts and logs the batches that left, and the malicious requests that a channel will not be notified of.
    pub(crate) fn account_requests(&mut self, channel_index: usize, Collected { unreported, departures }: &Collected) {
        self.account(Some(channel_index), departures, None);
        if *unreported == 0 {
            return;
        }
        self.count(Counter::RequestsUnreported, (*unreported).into());
        let channel = self.worker.channel_name(channel_index);
        let line = log_line::notice(&format!(
            "{channel}: {unreported} malicious requests are not reported: more came than may wait; the next message says how \
             many"
        ));
        self.log(Kind::Service, log::Level::Error, line);
    }
}
