//! Which rules are in force? The built-in ones, the operator's own, and what the operator changed about them.

use super::category::Severity;
use super::gate::Gate;
use super::matcher::Evidence;
use super::options::{Options, Scope};
use super::rule::{Rule, RuleId};
use super::signal::Signal;
use crate::points::Points;
use crate::read::field::Field;
use crate::read::target::Target;

/// The rules, ready to be used: those that are built in, the operator's own, and what the operator changed about them.
#[derive(Debug)]
pub struct RuleSet {
    pub(super) gate: Gate,
    pub(super) options: Options,
}

impl RuleSet {
    /// The rules that are built in, as they are.
    pub fn builtin() -> Self {
        Self::new(Options::default())
    }

    /// The rules under these options.
    pub fn new(options: Options) -> Self {
        Self { gate: Gate::builtin(), options }
    }

    /// The rule of a detection.
    pub fn rule(&self, id: RuleId) -> Rule<'_> {
        const NONE: Rule<'_> = Rule {
            id: "none",
            category: super::category::Category::Test,
            severity: Severity::Low,
            appsensor: "",
            summary: "",
            targets: crate::read::target::Targets::of(&[]),
            names: &[],
            firm: false,
            weak: false,
            mild: crate::read::target::Targets::of(&[]),
            conclusive: false,
        };
        let number = usize::from(id.0);
        let own = || self.options.own.rule(number.checked_sub(Gate::rules().len())?);
        Gate::rules().get(number).copied().or_else(own).unwrap_or(NONE)
    }

    /// The rule of this name.
    pub fn by_id(&self, id: &str) -> Option<Rule<'_>> {
        self.rules().find(|rule| rule.id == id)
    }

    /// The rule that finds what is seen.
    pub fn of_evidence(&self, evidence: Evidence) -> Option<Rule<'_>> {
        Gate::rules().get(usize::from(Gate::rule_of(evidence)?)).copied()
    }

    /// The severity of the rule for this signal, and the points that the operator gave it; none if it is off.
    pub fn of_signal(&self, signal: Signal) -> Option<(Severity, Option<Points>)> {
        let rule = self.rule(RuleId(Gate::rule_of_signal(signal)?));
        let field = Field { target: Target::Answer, name: b"", value: b"", encoded: false };
        let change = self.options.change(&rule, field, b"", Scope::default())?;
        Some((change.severity.unwrap_or(rule.severity), change.points))
    }

    /// All rules, in the order of their numbers.
    pub fn rules(&self) -> impl Iterator<Item = Rule<'_>> {
        Gate::rules().iter().copied().chain(self.options.own.rules())
    }

    /// Does a literal of any rule stand in the view: one that means something at such a place, or anywhere?
    pub(super) fn fires(&self, target: Option<Target>, view: &[u8]) -> bool {
        let fires = match target {
            Some(target) => self.gate.fires_at(target, view),
            None => self.gate.fires(view),
        };
        fires || self.options.own.fires(view)
    }

    /// Does a rule look at this field?
    pub(super) fn looks_at(&self, id: RuleId, rule: &Rule<'_>, field: Field<'_>) -> bool {
        let own = usize::from(id.0).checked_sub(Gate::rules().len());
        let named = match own {
            Some(own) => self.options.own.looks_at(own, field.name),
            None => rule.names.is_empty() || rule.names.iter().any(|name| name.as_bytes() == field.name),
        };
        named && rule.targets.has(field.target)
    }

    /// Why a rule matched, in words.
    pub(super) fn reason(id: RuleId, evidence: Option<Evidence>) -> &'static str {
        let summary = || Gate::rules().get(usize::from(id.0)).map_or("a pattern of an own rule", |rule| rule.summary);
        evidence.map_or_else(summary, Evidence::reason)
    }
}
