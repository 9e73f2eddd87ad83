//! One call into a worker: the time at which it happens and the effects that it leaves for the proxy.
//!
//! This is the context value of the rooms above: what happens in an exchange (`engine`) and on ticks (`upkeep`) are methods
//! on it, each in its own file.

use std::fmt::Display;

use crate::clock::Timestamp;
use crate::keyed_hash::Digest;
use crate::learn::Learning;
use crate::state::cells::Cells;
use crate::state::table::Failure;
use crate::worker::effect::Effect;
use crate::worker::log_budget::Kind;
use crate::worker::log_line;
use crate::worker::metric::{Counter, Gauge, Labelled};
use crate::worker::state::Worker;
use crate::worker::tables::Tables;

/// A call into a worker, from its input to its effects.
pub(crate) struct Turn<'a, C> {
    pub(crate) worker: &'a Worker<C>,
    pub(crate) now: Timestamp,
    effects: Vec<Effect>,
}

impl<'a, C: Cells> Turn<'a, C> {
    /// A call at `now` that has no effects yet.
    pub(crate) fn new(worker: &'a Worker<C>, now: Timestamp) -> Self {
        Self { worker, now, effects: Vec::new() }
    }

    /// What the proxy has to do, in order.
    pub(crate) fn into_effects(self) -> Vec<Effect> {
        self.effects
    }

    /// The shared tables; they outlive the call.
    pub(crate) fn tables(&self) -> Result<&'a Tables, Failure> {
        self.worker.tables()
    }

    pub(crate) fn push(&mut self, effect: Effect) {
        self.effects.push(effect);
    }

    /// Adds to a counter; nothing for zero.
    pub(crate) fn count(&mut self, counter: Counter, number: u64) {
        if number > 0 {
            self.effects.push(Effect::Count(counter, number));
        }
    }

    /// Sets a gauge.
    pub(crate) fn gauge(&mut self, gauge: Gauge, value: u64) {
        self.effects.push(Effect::Set(gauge, value));
    }

    /// Adds one to a counter with labels.
    pub(crate) fn count_labelled(&mut self, labelled: Labelled) {
        self.effects.push(Effect::CountLabelled(labelled, 1));
    }

    /// Adds to a counter and to the same counter of one channel, given by its index under `notify`.
    pub(crate) fn count_for(&mut self, channel_index: usize, counter: Counter, number: u64) {
        self.count(counter, number);
        if number > 0 {
            self.effects.push(Effect::CountFor(channel_index, counter, number));
        }
    }

    /// Writes a line if the log budget of its kind has room; counts it as suppressed otherwise.
    pub(crate) fn log(&mut self, kind: Kind, level: log::Level, line: String) {
        self.log_of(kind, None, level, line);
    }

    /// The same for a line about a request of `user`, whom the log calls by the name: from their share of the budget.
    pub(crate) fn log_of(&mut self, kind: Kind, user: Option<(Digest, &str)>, level: log::Level, line: String) {
        if self.worker.log.takes(kind, user, self.now) {
            self.effects.push(Effect::Log(level, line));
        } else {
            self.count(Counter::Suppressed, 1);
        }
    }

    /// An error line about the filter itself: what did not work, and why.
    pub(crate) fn log_trouble(&mut self, what: &str, why: &dyn Display) {
        self.log(Kind::Service, log::Level::Error, log_line::trouble(what, why));
    }

    /// Notes something for the day's summary, where the mode is `learn`.
    pub(crate) fn learn(&self, note: impl FnOnce(&Learning)) {
        if let Some(learning) = &self.worker.learning {
            note(learning);
        }
    }
}
