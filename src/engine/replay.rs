//! What only a simulation asks of the engine: recorded events played again.

use crate::detect::category::Severity;
use crate::detect::detection::Whose;
use crate::engine::Engine;
use crate::engine::stream::Stream;
use crate::incident::record::Record;
use crate::keyed_hash::Digest;
use crate::read::field::Field;
use crate::state::cells::Cells;
use crate::worker::log_budget::LogBudget;

impl<C: Cells> Engine<C> {
    /// The same engine without a bound on its log: no disk is at stake.
    #[must_use]
    pub fn with_whole_log(mut self) -> Self {
        self.worker.log = LogBudget::unbounded();
        self
    }

    /// Adds a detection that was made elsewhere to an exchange. Returns whether the options let it count; none if there is
    /// no such rule.
    pub fn replay(
        &self,
        stream: &mut Stream,
        rule: &str,
        severity: Option<Severity>,
        field: Field<'_>,
        whose: Whose,
    ) -> Option<bool> {
        stream.scan.replay(&self.worker.rules, rule, severity, field, whose)
    }

    /// The user's record.
    pub fn record(&self, user: Digest) -> Option<Record> {
        self.worker.tables().ok()?.ledger.read(&self.worker.cells, user).ok()?
    }
}
