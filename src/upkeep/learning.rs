//! The learning mode on a tick: hands in what this worker saw, and writes the line of a day that is over.

use crate::learn::line;
use crate::learn::store::Day;
use crate::state::cells::Cells;
use crate::state::table::Failure;
use crate::worker::log_budget::Kind;
use crate::worker::tables::Tables;
use crate::worker::turn::Turn;

impl<C: Cells> Turn<'_, C> {
    /// Nothing unless the mode is `learn`.
    pub(super) fn hand_in_learned(&mut self, tables: &Tables) {
        let worker = self.worker;
        let Some(learning) = &worker.learning else { return };
        let days = learning.hand_in(&tables.learned, &worker.cells, self.now);
        let closed = days.and_then(|days| {
            self.log_days(&days);
            learning.close_day(&tables.learned, &worker.cells, self.now)
        });
        match closed {
            Ok(day) => self.log_days(day.as_slice()),
            Err(failure) => self.log_learning_trouble(&failure),
        }
    }

    pub(crate) fn log_learning_trouble(&mut self, failure: &Failure) {
        self.log_trouble("what was learned could not be noted", failure);
    }

    /// The lines of days. They are what the mode is for, so they stand at warning level, which most logs keep.
    fn log_days(&mut self, days: &[Day]) {
        for day in days {
            let line = line::learned(day, &self.worker.config.risk.user_limits(), self.now);
            self.log(Kind::Always, log::Level::Warn, line);
        }
    }
}
