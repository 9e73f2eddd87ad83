//! How is what was found and weighed counted: in all, by category and severity, by rule, by the source of the user's name?

use crate::console::journal::Notes;
use crate::detect::category::Category;
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
                ActOutcome::Counted(_) => {
                    let rule = self.worker.rules.rule(detection.rule);
                    self.worker.note(|notes| notes.event(rule.category));
                    self.count_event(user, rule.id);
                }
                ActOutcome::CountedBefore => self.count(Counter::Repeats, 1),
                ActOutcome::Covered => {}
            }
        }
        for followed in &weighed.followed {
            self.worker.note(|notes| notes.event(Category::Persistence));
            self.count_event(user, followed.rule);
        }
    }

    /// Counts a request that could not be weighed.
    pub(super) fn count_unweighed(&mut self) {
        self.count(Counter::Unweighed, 1);
        self.worker.note(Notes::unweighed);
    }

    fn count_event(&mut self, user: &User, rule: &str) {
        self.count(Counter::Events, 1);
        self.count_labelled(Labelled::Events(rule.to_owned()));
        self.count_labelled(Labelled::SourceEvents(user.source.clone()));
    }
}
