//! How is what was recorded played again? What only a simulation asks of the engine.

use crate::detect::category::Severity;
use crate::detect::detection::Whose;
use crate::engine::Engine;
use crate::engine::log_line::Budget;
use crate::engine::stream::Stream;
use crate::incident::record::Record;
use crate::keyed_hash::Digest;
use crate::read::Field;
use crate::state::cells::Cells;

impl<C: Cells> Engine<C> {
    /// The same engine, but for the bound on its log: no disk is at stake.
    #[must_use]
    pub fn with_whole_log(self) -> Self {
        Self { budget: Budget::unbounded(), ..self }
    }

    /// Adds a detection that was made elsewhere to an exchange; whether the options let it count. None: there is no such
    /// rule.
    pub fn replay(
        &self,
        stream: &mut Stream,
        rule: &str,
        severity: Option<Severity>,
        field: Field<'_>,
        whose: Whose,
    ) -> Option<bool> {
        stream.scan_mut().replay(&self.rules, rule, severity, field, whose)
    }

    /// What is remembered of a user.
    pub fn record(&self, user: Digest) -> Option<Record> {
        self.shared().ok()?.ledger.read(&self.cells, user).ok()?
    }
}
