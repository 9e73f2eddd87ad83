//! What is said when a worker ends? Envoy calls it, but nothing can leave any more: the last one names what was not sent.

use crate::notify::outbox::ChannelId;
use crate::notify::outbox::waiting::Waiting;
use crate::state::cells::Cells;
use crate::text::json::Json;
use crate::upkeep::presence::{Presence, SAY_SO_EVERY};
use crate::worker::log_budget::Kind;
use crate::worker::log_line;
use crate::worker::tables::Tables;
use crate::worker::turn::Turn;

/// How many messages of a channel the line names.
const NAMED: usize = 20;

impl<C: Cells> Turn<'_, C> {
    /// Says now and then which channels this worker serves.
    pub(super) fn note_presence(&mut self, tables: &Tables) {
        let worker = self.worker;
        if worker.present.get().is_some_and(|last| self.now.since(last) < SAY_SO_EVERY) {
            return;
        }
        worker.present.set(Some(self.now));
        let presence = Presence::new(&tables.prefix);
        for channel in &tables.channels {
            // One that is missing is taken for gone, and so the line at the end may come too early: no more than that.
            let _ = presence.note(&worker.cells, *channel, worker.number(), self.now);
        }
    }

    /// The worker ends: for each channel that nobody serves from now on, one line about what it leaves unsent.
    pub(crate) fn end(&mut self) {
        let worker = self.worker;
        // One that never ticked, as while Envoy only validates a configuration, has nothing to say.
        let (Some(_), Ok(tables)) = (worker.present.take(), worker.tables()) else { return };
        let presence = Presence::new(&tables.prefix);
        for (channel_index, channel) in tables.channels.iter().enumerate() {
            if presence.leave(&worker.cells, *channel, worker.number(), self.now) == Ok(true) {
                self.name_unsent(tables, channel_index, *channel);
            }
        }
    }

    fn name_unsent(&mut self, tables: &Tables, channel_index: usize, channel: ChannelId) {
        let worker = self.worker;
        let Ok((messages, all)) = tables.outbox.waiting(&worker.cells, channel, NAMED) else { return };
        if all == 0 {
            return;
        }
        let name = |one: &Waiting| {
            let doubt = if one.is_under_way { ", under way" } else { "" };
            format!("{}{doubt}", self.name_of(one.transition, &one.about))
        };
        let mut names: Vec<_> = messages.iter().map(name).collect();
        if all > messages.len() {
            names.push(format!("{} more", all - messages.len()));
        }
        let (what, level) = match worker.config.store {
            None => ("lost, but for what was under way and may have arrived", log::Level::Error),
            Some(_) => ("a proxy that shares the store sends those about incidents", log::Level::Warn),
        };
        let ids: Vec<_> = messages.iter().map(|one| Json::text(&one.message_id)).collect();
        let line = log_line::line(&[
            ("event", Json::text("unsent")),
            ("time", Json::text(&self.now.to_string())),
            ("channel", Json::text(worker.channel_name(channel_index))),
            ("messages", Json::number(&all)),
            ("message_ids", Json::list(&ids)),
            ("what", Json::text(&format!("Envoy ended before they were sent ({}): {what}", names.join("; ")))),
        ]);
        self.log(Kind::Always, level, line);
    }
}
