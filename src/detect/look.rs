//! What do the views of a suspect value show? Gate, verifiers and own rules over each of them, and over what lies inside.

use super::address::{before_query, is_address, once_decoded, parameters};
use super::cost::{self, Reading};
use super::detection::{Note, is_name};
use super::gate::Gate;
use super::literal::Verifiers;
use super::matcher::{Evidence, Verifier};
use super::random::is_chance;
use super::rule::RuleId;
use super::rule_set::RuleSet;
use super::scan::{Scan, plus_is_blank};
use super::trace::Trace;
use super::verify;
use super::verify::subject::Subject;
use crate::decode::Views;
use crate::read::field::Field;
use crate::read::inside;
use crate::read::target::Target;
use std::cell::Cell;

/// The start and the end of a view are looked at alone only if they have so many bytes or more.
const END: usize = 96;

impl<T: Trace> Scan<T> {
    pub(super) fn look_at(&mut self, rules: &RuleSet, field: Field<'_>) {
        let mut views = std::mem::take(&mut self.views);
        self.look(rules, field, &mut views);
        self.views = views;
    }

    fn look(&mut self, rules: &RuleSet, field: Field<'_>, views: &mut Views) {
        if !self.budget.take(cost::views(field.value.len())) {
            return self.leave(field.value.len());
        }
        let plus = plus_is_blank(field);
        let is_path = matches!(field.target, Target::Path | Target::Segment);
        views.of(field.value, plus, is_path);
        self.trace.views(views);
        if views.more {
            self.cut = self.cut.max(views.plain.len());
        }
        if ![&views.low, &views.deep, &views.path].into_iter().any(|view| rules.fires(view)) {
            return;
        }
        if is_address(&views.plain) {
            // An address is taken apart first, so that a payload in it has the same value wherever the address stands.
            let once = once_decoded(field);
            let part = self.found.value_number();
            for value in parameters(&once) {
                if !self.budget.take(cost::views(value.len())) {
                    self.leave(value.len());
                    break;
                }
                views.of(value, true, false);
                self.trace.views(views);
                self.found.begin_value();
                self.match_views(rules, field, views);
            }
            if self.found.has_matched_since(part) {
                // What stands before the query is a value of its own: a known payload in the query hides no new one there.
                views.of(before_query(&once), false, false);
                self.trace.views(views);
                self.found.begin_values_only(part);
                self.match_views(rules, field, views);
            }
            views.of(field.value, plus, is_path);
            self.trace.views(views);
            self.found.begin_rest(part);
        } else {
            self.found.begin_value();
        }
        self.match_views(rules, field, views);
        if self.inside && inside::is_container(&views.plain) {
            self.cut = self.cut.max(views.plain.len());
        } else if inside::is_container(&views.plain) {
            self.inside = true;
            let outer = std::mem::take(&mut views.plain);
            inside::strings(&outer, field.target, &mut |value| {
                self.value(rules, Field { value, encoded: false, ..field });
            });
            self.inside = false;
        }
    }

    fn match_views(&mut self, rules: &RuleSet, field: Field<'_>, views: &Views) {
        let before = self.found.matched().len();
        for (view, is_path) in [(&views.low, false), (&views.deep, false), (&views.path, true)] {
            self.trace.view(rules, view);
            if view.is_empty() {
                continue;
            }
            let fired =
                rules.gate.run(field.target, view, &mut |rule| self.add(rules, rule, field, None, &views.plain));
            if !fired.is_empty() {
                self.verify(rules, field, views, view, is_path, fired);
            }
            rules.options.own.run(view, &mut |own| {
                // Bounded by the number of rules, which fits.
                let rule = u16::try_from(Gate::rules().len() + own).unwrap_or(u16::MAX);
                self.add(rules, rule, field, None, &views.plain);
            });
        }
        if views.rounds > 1 && self.found.matched().len() > before {
            self.evidence(rules, field, Evidence::ProtocolCoded, &views.plain);
        }
        if views.odd && self.found.matched().len() > before {
            self.evidence(rules, field, Evidence::ProtocolOverlong, &views.plain);
        }
    }

    fn verify(
        &mut self,
        rules: &RuleSet,
        field: Field<'_>,
        views: &Views,
        view: &[u8],
        is_path: bool,
        fired: Verifiers,
    ) {
        let unread = Cell::new(0);
        let subject = Subject {
            is_name: is_name(field),
            rounds: views.rounds,
            odd: views.odd,
            ..Subject::new(view, field.target, field.name, &unread)
        };
        let verifiers = if is_path { fired.only(Verifiers::of(Verifier::Path)) } else { fired };
        let reading = Reading::of(view);
        let all = reading.by_all(verifiers);
        let run = |scan: &mut Self, verifier, subject: &Subject<'_>| {
            scan.trace.verifier(verifier);
            verify::run(verifier, subject, &mut |evidence| scan.evidence(rules, field, evidence, &views.plain));
        };
        if self.budget.take(all) {
            verifiers.iter().for_each(|verifier| run(self, verifier, &subject));
        } else if let Some((start, end)) = ends(view, self.budget.left(), all) {
            self.budget.charge(self.budget.left());
            self.leave(view.len() - start.len() - end.len());
            for verifier in verifiers.iter() {
                for view in [start, end] {
                    run(self, verifier, &Subject { view, ..subject });
                }
            }
        } else {
            // Too short for less of it to mean anything: as many verifiers as there is work left for.
            let mut by_cost: Vec<_> = verifiers.iter().map(|verifier| (reading.by(verifier), verifier)).collect();
            by_cost.sort_by_key(|(cost, _)| *cost);
            for (cost, verifier) in by_cost {
                match self.budget.take(cost) {
                    true => run(self, verifier, &subject),
                    false => self.leave(view.len()),
                }
            }
        }
        self.cut = self.cut.max(unread.get());
    }

    /// Notes that so many bytes of the field are not looked at, as the budget is spent.
    fn leave(&mut self, bytes: usize) {
        self.cut = self.cut.max(bytes);
        self.is_short = true;
    }

    fn evidence(&mut self, rules: &RuleSet, field: Field<'_>, evidence: Evidence, value: &[u8]) {
        self.trace.evidence(evidence);
        if let Some(rule) = Gate::rule_of(evidence) {
            self.add(rules, rule, field, Some(evidence), value);
        }
    }

    pub(super) fn add(
        &mut self,
        rules: &RuleSet,
        rule: u16,
        field: Field<'_>,
        evidence: Option<Evidence>,
        value: &[u8],
    ) {
        let id = RuleId(rule);
        let found = rules.rule(id);
        if rules.looks_at(id, &found, field) && !is_chance(found.category, field, value) {
            self.keep(rules, id, field, RuleSet::reason(id, evidence), value, Note::default());
        }
    }
}

/// The start and the end of a view for which there is work left, if they are long enough to hold a payload.
fn ends(view: &[u8], left: u64, needed: u64) -> Option<(&[u8], &[u8])> {
    let part = (view.len() as u64).saturating_mul(left).checked_div(needed)? / 2;
    let part = usize::try_from(part).ok().filter(|part| *part >= END)?;
    Some((view.get(..part)?, view.get(view.len().checked_sub(part)?..)?))
}
