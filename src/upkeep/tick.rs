//! The order of work on a tick: greet, end incidents, finish what others left, learn, send.

use crate::state::cells::Cells;
use crate::upkeep::leadership::Leadership;
use crate::worker::log_budget::Kind;
use crate::worker::log_line;
use crate::worker::tables::Tables;
use crate::worker::turn::Turn;

impl<C: Cells> Turn<'_, C> {
    /// All that falls due with time. Without shared data nothing can be waiting: the first malicious request will log why.
    pub(crate) fn tick(&mut self) {
        let worker = self.worker;
        if let Some(line) = worker.log.suppressed(self.now) {
            self.log(Kind::Always, log::Level::Warn, line);
        }
        if let Ok(mut site) = worker.site.try_borrow_mut() {
            site.pass(self.now);
        }
        self.note_naming();
        self.note_evictions();
        let Ok(tables) = worker.tables() else { return };
        self.greet(tables);
        self.note_presence(tables);
        self.refresh_concerned(tables);
        let started = *worker.started.get_or_init(|| self.now);
        let leadership = Leadership::new(&tables.prefix, &tables.channels, &tables.key);
        if leadership.is_leader(&worker.cells, started, self.now) == Ok(true) {
            self.resolve_due(tables);
            self.sweep(tables);
            self.measure(tables);
            self.sync(tables);
        }
        self.hand_in_learned(tables);
        self.hand_in_notes(tables);
        for channel_index in 0..worker.config.notify.len() {
            self.queue_detected(tables, channel_index);
            self.send_next(tables, channel_index);
        }
    }

    /// One line at the start, from the first worker of the process.
    fn greet(&mut self, tables: &Tables) {
        let worker = self.worker;
        if worker.is_greeted.replace(true) || !tables.is_first(&worker.cells, worker.seed) {
            return;
        }
        let channels: Vec<_> = worker.config.notify.iter().map(|entry| entry.channel.kind()).collect();
        let line = format!(
            "user-risk-filter {} runs with {} rules; notifies: {}; {}",
            env!("CARGO_PKG_VERSION"),
            worker.rules.rules().count(),
            if channels.is_empty() { "nobody, the log only".to_owned() } else { channels.join(", ") },
            match &worker.config.store {
                None => "scores and open incidents are kept in this process and forgotten when it ends".to_owned(),
                Some(store) => {
                    let (cluster, namespace) = (&store.redis.cluster, &store.namespace);
                    format!(
                        "scores and open incidents are shared through the cluster {cluster} (namespace {namespace})"
                    )
                }
            },
        );
        self.log(Kind::Always, log::Level::Info, log_line::notice(&line));
    }
}
