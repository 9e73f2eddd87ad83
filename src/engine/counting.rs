//! How is what was found and weighed counted: in all, by category and severity, by rule, by the source of the user's name?

use crate::detect::detection::Detection;
use crate::incident::user::User;
use crate::incident::weighing::{ActOutcome, Weighed};
use crate::state::cells::Cells;
use crate::worker::metric::{Counter, Labelled};
use crate::worker::turn::Turn;

impl<C: Cells> Turn<'_, C> {
    /// Counts detections.
    pub(super) fn count_detections(&mut self, found: &[Detection]) {
        self.count(Counter::Detections, found.len() as u64);
        for detection in found {
            let category = self.worker.rules.rule(detection.rule).category;
            self.count_labelled(Labelled::Detections(category, detection.severity));
        }
    }

    /// Counts what came of the detections in `found`, in their order, for the user.
    pub(super) fn count_events(&mut self, user: &User, found: &[Detection], weighed: &Weighed) {
        for (detection, outcome) in found.iter().zip(&weighed.outcomes) {
            match outcome {
                // By the rule's id: the names that applications give are theirs to choose, and without a bound.
                ActOutcome::Counted(_) => self.count_event(user, self.worker.rules.rule(detection.rule).id),
                ActOutcome::CountedBefore => self.count(Counter::Repeats, 1),
                ActOutcome::Covered => {}
            }
        }
        weighed.followed.iter().for_each(|followed| self.count_event(user, followed.rule));
    }

    fn count_event(&mut self, user: &User, rule: &str) {
        self.count(Counter::Events, 1);
        self.count_labelled(Labelled::Events(rule.to_owned()));
        self.count_labelled(Labelled::SourceEvents(user.source.clone()));
    }
}
