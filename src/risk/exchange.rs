//! What does one exchange count for? Of each category its worst detection, the worst first, together at most a cap.

use crate::detect::category::Category;
use crate::detect::scan::{Detection, RuleSet};
use crate::order::ordered;
use crate::risk::points::Points;
use crate::risk::policy::Policy;

/// A detection, and whether it stands for its category.
#[derive(Clone, Debug)]
pub struct Charge {
    /// The detection.
    pub detection: Detection,
    /// Is it the one of its category that counts?
    pub stands: bool,
}

/// The detections in the order in which they fill the exchange's cap: the worst first, then by category. Of each
/// category one stands for all: its worst; none, if one of an earlier weighing stands already, as `stood` knows.
pub fn charges(rules: &RuleSet, found: Vec<Detection>, stood: &dyn Fn(Category) -> bool) -> Vec<Charge> {
    let category = |charge: &Charge| rules.rule(charge.detection.rule).category;
    let charges = found.into_iter().map(|detection| Charge { detection, stands: false });
    let mut charges = ordered(charges, &|a, b| {
        let by_severity = b.detection.severity.cmp(&a.detection.severity);
        by_severity.then_with(|| category(a).slug().cmp(category(b).slug()))
    });
    let mut seen: Vec<Category> = Vec::new();
    for charge in &mut charges {
        let category = category(charge);
        charge.stands = !seen.contains(&category) && !stood(category);
        seen.push(category);
    }
    charges
}

/// What is left of the most that an exchange may add.
#[derive(Clone, Copy, Debug)]
pub struct Cap(Points);

impl Cap {
    /// Nothing is taken yet of `points`.
    pub fn new(points: Points) -> Self {
        Self(points)
    }

    /// Takes `points`, or what is left of them.
    pub fn take(&mut self, points: Points) -> Points {
        let taken = points.min(self.0);
        self.0 = self.0.saturating_sub(taken);
        taken
    }
}

/// The points of an exchange that is its user's first: nothing was counted before.
pub fn alone(policy: &Policy, charges: &[Charge]) -> Points {
    let mut cap = Cap::new(policy.exchange_cap());
    let standing = charges.iter().filter(|charge| charge.stands);
    standing.map(|charge| cap.take(policy.points.of(charge.detection.severity))).sum()
}
