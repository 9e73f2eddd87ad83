//! What does one rule say? The fixed part of every detection; the rules themselves are the files in `rules/`.

use super::category::{Category, Severity};
use crate::read::target::Targets;

/// The number of a rule in its [`RuleSet`](super::rule_set::RuleSet). It changes from release to release: store [`Rule::id`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RuleId(pub(super) u16);

/// A rule: what it finds, where, and how bad that is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule<'a> {
    /// The stable name: `sqli.union-select`.
    pub id: &'a str,
    /// What kind of attack it finds.
    pub category: Category,
    /// How bad one act is.
    pub severity: Severity,
    /// The detection point in OWASP AppSensor: `CIE1`.
    pub appsensor: &'a str,
    /// What it finds, in one sentence.
    pub summary: &'a str,
    /// Where it looks.
    pub targets: Targets,
    /// The only parameters or headers it looks at; empty for all.
    pub names: &'a [&'a str],
    /// Does it mean the same inside a long text? Others count for less there: people paste code.
    pub firm: bool,
    /// Does it only look like code, so that it means nothing in a document of many members?
    pub weak: bool,
    /// Where it is common as data, and counts least.
    pub mild: Targets,
    /// Does one act open an incident, whatever the score? Only what proves that an attack has worked.
    pub conclusive: bool,
}
