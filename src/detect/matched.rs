//! What does one view show? The rules whose literals stand in it, and what the verifiers see for which the budget has work left.

use super::budget::Budget;
use super::cost::Reading;
use super::literal::Verifiers;
use super::matcher::{Evidence, Verifier};
use super::rule_set::RuleSet;
use super::trace::Trace;
use super::verify::{self, subject::Subject};
use crate::sort::sort_by_key;
use crate::text::byte_set::ByteSet;

/// The start and the end of a view are verified alone only if they have so many bytes or more.
const END: usize = 96;

/// What one view shows: rules whose literals stand in it, and evidence, each once.
#[derive(Debug, Default)]
pub(super) struct Match {
    pub(super) rules: Vec<u16>,
    pub(super) evidence: Vec<Evidence>,
    /// How many bytes not all verifiers read, as the budget is spent.
    pub(super) left: usize,
}

impl Match {
    /// Of a view; the verifiers read the subject's, which is the same without padding.
    pub(super) fn of<T: Trace>(
        rules: &RuleSet,
        view: &[u8],
        subject: &Subject<'_>,
        is_path: bool,
        budget: &mut Budget,
        trace: &mut T,
    ) -> Self {
        let mut found = Self::default();
        let fired = rules.gate.run(subject.target, view, &mut |rule| {
            if !found.rules.contains(&rule) {
                found.rules.push(rule);
            }
        });
        let verifiers = if is_path { fired.only(Verifiers::of(Verifier::Path)) } else { fired };
        // `on` stands in every text, but means nothing without one of these.
        let is_markup = subject.marks.has(ByteSet::MARKUP);
        let verifiers = if is_markup { verifiers } else { verifiers.without(Verifier::Html) };
        if !verifiers.is_empty() {
            found.verify(subject, verifiers, budget, trace);
        }
        found
    }

    /// Runs the verifiers if there is work left for all; else they read the two ends, or the cheapest of them a short view.
    fn verify<T: Trace>(&mut self, subject: &Subject<'_>, verifiers: Verifiers, budget: &mut Budget, trace: &mut T) {
        let view = subject.view;
        let reading = Reading::of(view);
        let all = reading.by_all(verifiers);
        if budget.take(all) {
            verifiers.iter().for_each(|verifier| self.run(verifier, subject, budget, trace));
        } else if let Some((start, end)) = ends(view, budget.left(), all) {
            budget.charge(budget.left());
            self.left = view.len() - start.len() - end.len();
            for verifier in verifiers.iter() {
                for view in [start, end] {
                    self.run(verifier, &Subject { view, ..*subject }, budget, trace);
                }
            }
        } else {
            let mut by_cost: Vec<_> = verifiers.iter().map(|verifier| (reading.by(verifier), verifier)).collect();
            // A lookup before the others: it is short, and takes over whatever logs it.
            sort_by_key(&mut by_cost, |(cost, verifier)| (*verifier != Verifier::Jndi, *cost));
            for (cost, verifier) in by_cost {
                match budget.take(cost) {
                    true => self.run(verifier, subject, budget, trace),
                    false => self.left = view.len(),
                }
            }
        }
    }

    fn run<T: Trace>(&mut self, verifier: Verifier, subject: &Subject<'_>, budget: &mut Budget, trace: &mut T) {
        trace.verifier(verifier);
        verify::run(verifier, subject, &mut |evidence| {
            trace.evidence(evidence);
            if !self.evidence.contains(&evidence) {
                self.evidence.push(evidence);
            }
        });
        budget.charge(subject.effort.take_work());
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rules.is_empty() && self.evidence.is_empty()
    }
}

/// The start and the end of a view for which there is work left, if they are long enough to hold a payload.
fn ends(view: &[u8], left: u64, needed: u64) -> Option<(&[u8], &[u8])> {
    let part = (view.len() as u64).saturating_mul(left).checked_div(needed)? / 2;
    let part = usize::try_from(part).ok().filter(|part| *part >= END)?;
    Some((view.get(..part)?, view.get(view.len().checked_sub(part)?..)?))
}
