//! What is a pattern of the shell verifier: when it holds, what it is evidence of, an example and a counter-example.
//!
//! The rows stand in `tables/`; `tests.rs` tries each on its own examples.

use super::command::SimpleCommand;
use super::position::Positions;
use crate::detect::matcher::Evidence;
use crate::text::byte_set::ByteSet;

/// Takes what was found: the pattern's name and its evidence.
pub(super) type Found<'a> = dyn FnMut(&'static str, Evidence) + 'a;

/// A pattern of one simple command.
///
/// `when` must not depend on rows before it: what a row excludes stands in the row.
pub(super) struct Pattern {
    /// Unique among all patterns of the verifier.
    pub(super) name: &'static str,
    /// At which positions it is tried.
    pub(super) positions: Positions,
    /// Does it hold?
    pub(super) when: fn(&SimpleCommand<'_>) -> bool,
    /// What it is evidence of.
    pub(super) evidence: Evidence,
    /// A value, in lower case, in which this pattern alone gives the evidence.
    #[cfg_attr(not(test), expect(dead_code, reason = "read by the tests"))]
    pub(super) example: &'static str,
    /// A similar value without this evidence.
    #[cfg_attr(not(test), expect(dead_code, reason = "read by the tests"))]
    pub(super) counter_example: &'static str,
}

impl Pattern {
    /// Does it hold for this command?
    pub(super) fn holds(&self, command: &SimpleCommand<'_>) -> bool {
        self.positions.contains(command.position) && (self.when)(command)
    }
}

/// Reports the first row that holds. In a table with several kinds of evidence the strongest comes first, so that this is
/// the strongest evidence; rows of the same evidence can stand in any order.
pub(super) fn report_first(table: &[Pattern], command: &SimpleCommand<'_>, found: &mut Found<'_>) -> bool {
    let first = table.iter().find(|pattern| pattern.holds(command));
    if let Some(pattern) = first {
        found(pattern.name, pattern.evidence);
    }
    first.is_some()
}

/// A whole value, in lower case.
pub(super) struct Value<'a> {
    /// The value.
    pub(super) view: &'a [u8],
    /// Which signs stand in it.
    pub(super) marks: ByteSet,
}

/// A pattern of a whole value, wherever in it commands may stand.
pub(super) struct ValuePattern {
    /// Unique among all patterns of the verifier.
    pub(super) name: &'static str,
    /// Does it hold?
    pub(super) when: fn(&Value<'_>) -> bool,
    /// What it is evidence of.
    pub(super) evidence: Evidence,
    /// A value, in lower case, in which this pattern alone gives the evidence.
    #[cfg_attr(not(test), expect(dead_code, reason = "read by the tests"))]
    pub(super) example: &'static str,
    /// A similar value without this evidence.
    #[cfg_attr(not(test), expect(dead_code, reason = "read by the tests"))]
    pub(super) counter_example: &'static str,
}

/// Reports every row that holds, independently of the others.
pub(super) fn report_all(table: &[ValuePattern], value: &Value<'_>, found: &mut Found<'_>) {
    for pattern in table.iter().filter(|pattern| (pattern.when)(value)) {
        found(pattern.name, pattern.evidence);
    }
}
