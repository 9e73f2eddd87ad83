//! How an incident gets from its record into the outbox, whichever worker dies on the way.
//!
//! | step | a crash after it leaves |
//! |---|---|
//! | the transition is in the record, as pending (one compare-and-swap) | pending: the next event of the user, or the sweep, hands it off |
//! | the snapshot is in the outbox | a snapshot that no queue names: handing off again finds it there |
//! | its id is in each channel's queue | pending although queued: queueing again changes nothing, the message id is the same |
//! | the record says that it was queued | nothing to do |

use crate::incident::snapshot::{Snapshot, Transition};
use crate::keyed_hash::Digest;
use crate::notify::outbox::{ChannelId, Posted};
use crate::notify::queue::outcome::Queued;
use crate::state::cells::Cells;
use crate::worker::effect::Effect;
use crate::worker::log_budget::Kind;
use crate::worker::log_line;
use crate::worker::metric::Counter;
use crate::worker::tables::Tables;
use crate::worker::turn::Turn;

impl<C: Cells> Turn<'_, C> {
    /// Queues what is pending, and then notes in the records that it is queued. `neighbour` is a user in whose bucket the
    /// records stand.
    pub(crate) fn hand_off(&mut self, tables: &Tables, neighbour: Digest, pending: &[Snapshot]) {
        // Without a channel it stays pending: another filter that shares the records may have one.
        if pending.is_empty() || tables.channels.is_empty() {
            return;
        }
        let worker = self.worker;
        let mut queued = Vec::new();
        for snapshot in pending {
            let (channel_indexes, recipients) = self.recipients(tables, snapshot);
            match tables.outbox.post(&worker.cells, snapshot, &recipients, self.now) {
                Ok(Posted { queued: outcomes, lost }) => {
                    self.log_dropped(None, lost, "the oldest went to make room: raise memory.messages");
                    for (channel_index, outcome) in channel_indexes.into_iter().zip(&outcomes) {
                        self.log_queued(channel_index, outcome);
                    }
                    queued.push(snapshot.clone());
                }
                Err(failure) => self.log_trouble("an incident could not be queued yet", &failure),
            }
        }
        if !queued.is_empty()
            && let Err(failure) = tables.ledger.mark_queued(&worker.cells, neighbour, &queued)
        {
            self.log_trouble("an incident could not be marked as queued", &failure);
        }
    }

    /// The channels whose routes take this snapshot: their indexes under `notify`, and the transition that each is sent.
    fn recipients(&self, tables: &Tables, snapshot: &Snapshot) -> (Vec<usize>, Vec<(ChannelId, Transition)>) {
        let channels = self.worker.config.notify.iter().zip(&tables.channels).enumerate();
        channels.filter_map(|(index, (entry, id))| Some((index, (*id, entry.route.transition_for(snapshot)?)))).unzip()
    }

    fn log_queued(&mut self, channel_index: usize, queued: &Queued) {
        let (number, why) = match queued {
            Queued::Added | Queued::Waiting | Queued::Delivered | Queued::Suppressed => return,
            Queued::Stopped => (1, "it is stopped until its options change; the line of its last answer says why"),
            Queued::Displaced(gone) => {
                (gone.len(), "as many wait as may: updates went first, then the oldest openings")
            }
            Queued::Full => (1, "as many wait as may, and none of them could go before it"),
        };
        self.log_dropped(Some(channel_index), number, why);
    }

    /// Counts and logs messages that went without being sent: of one channel, or of several.
    fn log_dropped(&mut self, channel_index: Option<usize>, number: usize, why: &str) {
        if number == 0 {
            return;
        }
        self.count(Counter::Dropped, number as u64);
        if let Some(index) = channel_index {
            self.push(Effect::CountFor(index, Counter::Dropped, number as u64));
        }
        let channel = channel_index.map_or("the outbox", |index| self.worker.channel_name(index));
        let messages = if number == 1 { "message" } else { "messages" };
        let line = log_line::notice(&format!("{channel}: {number} {messages} dropped: {why}"));
        self.log(Kind::Service, log::Level::Error, line);
    }
}
