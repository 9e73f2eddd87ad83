//! Detections that no value of the request shows by itself: a watcher's signal, a proof in the answer, a replayed log line.

use super::category::Severity;
use super::detection::{Note, Whose};
use super::detections::Kept;
use super::gate::Gate;
use super::rule::RuleId;
use super::rule_set::RuleSet;
use super::scan::Scan;
use super::signal::Signal;
use super::trace::Trace;
use crate::read::field::Field;
use crate::read::target::Target;

impl<T: Trace> Scan<T> {
    /// A watcher noticed something at this field, which is held against `whose`.
    pub fn note(&mut self, rules: &RuleSet, signal: Signal, field: Field<'_>, whose: Whose) {
        self.note_as(rules, signal, field, Note { whose, ..Note::default() });
    }

    /// A watcher noticed something at this field that has a name of its own.
    pub fn note_as(&mut self, rules: &RuleSet, signal: Signal, field: Field<'_>, note: Note) {
        if let Some(rule) = Gate::rule_of_signal(signal) {
            self.keep(rules, RuleId(rule), field, signal.reason(), field.value, note);
        }
    }

    /// A detection that was made elsewhere, for a simulation; whether the options let it count. None: there is no such rule.
    pub fn replay(
        &mut self,
        rules: &RuleSet,
        rule: &str,
        severity: Option<Severity>,
        field: Field<'_>,
        whose: Whose,
    ) -> Option<bool> {
        let id = RuleId(u16::try_from(rules.rules().position(|known| known.id == rule)?).ok()?);
        let note = Note { whose, ..Note::default() };
        let kept = self.keep(rules, id, field, RuleSet::reason(id, None), field.value, note);
        if let (Some(severity), Kept::New(index)) = (severity, kept) {
            self.found.set_severity(index, severity);
        }
        Some(matches!(kept, Kept::New(_)))
    }

    /// The answer holds what this rule looks for there; `name` says what it proves.
    pub fn prove(&mut self, rules: &RuleSet, rule: RuleId, name: String) {
        let field = Field { target: Target::Answer, name: b"", value: b"", encoded: false };
        let note = Note { name: Some(name), ..Note::default() };
        self.keep(rules, rule, field, RuleSet::reason(rule, None), b"", note);
    }
}
