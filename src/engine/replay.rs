//! What only a simulation asks of the engine: recorded events played again.

use crate::detect::category::Severity;
use crate::detect::detection::Whose;
use crate::engine::stream::Stream;
use crate::incident::record::Record;
use crate::keyed_hash::Digest;
use crate::read::field::Field;
use crate::state::cells::Cells;
use crate::worker::log_budget::LogBudget;
use crate::worker::state::Worker;

impl<C: Cells> Worker<C> {
    /// Takes the bound off the log: no disk is at stake.
    pub(super) fn unbound_log(&mut self) {
        self.log = LogBudget::unbounded();
    }

    /// Adds a detection that was made elsewhere to an exchange. Returns whether the options let it count; none if there is
    /// no such rule.
    pub(super) fn replay(
        &self,
        stream: &mut Stream,
        rule: &str,
        severity: Option<Severity>,
        field: Field<'_>,
        whose: Whose,
    ) -> Option<bool> {
        stream.scan.replay(&self.rules, rule, severity, field, whose)
    }

    /// The user's record.
    pub(super) fn record(&self, user: Digest) -> Option<Record> {
        self.tables().ok()?.ledger.read(&self.cells, user).ok()?
    }
}
