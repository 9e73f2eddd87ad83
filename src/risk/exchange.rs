//! How many points can one exchange add? One event of each category, the most severe first, up to `exchange_cap`.
//!
//! What the answer proves is outside the cap.

use crate::detect::category::Category;
use crate::detect::detection::Detection;
use crate::detect::rule_set::RuleSet;
use crate::points::Points;
use crate::risk::policy::Policy;
use crate::sort::sort_by;

/// The detections in the order in which they fill the exchange's cap: the most severe first, then by category.
pub fn ranked(rules: &RuleSet, mut found: Vec<Detection>) -> Vec<Detection> {
    let category = |detection: &Detection| rules.rule(detection.rule).category.slug();
    sort_by(&mut found, |a, b| b.severity.cmp(&a.severity).then_with(|| category(a).cmp(category(b))));
    found
}

/// What an exchange has been charged with so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Charged {
    left: Points,
    categories: Vec<Category>,
}

impl Charged {
    /// Nothing yet; at most `cap`.
    pub fn new(cap: Points) -> Self {
        Self { left: cap, categories: Vec::new() }
    }

    /// Lowers the cap to `cap` if that is less: a single exchange must not pass the threshold of its user.
    #[must_use]
    pub fn at_most(mut self, cap: Points) -> Self {
        self.left = self.left.min(cap);
        self
    }

    /// Charges an act of `category`: returns `points`, or what is left of the cap; none if its category has been charged.
    pub fn charge(&mut self, category: Category, points: Points) -> Option<Points> {
        if self.categories.contains(&category) {
            return None;
        }
        self.categories.push(category);
        if category.is_of_the_answer() {
            return Some(points);
        }
        let charged = points.min(self.left);
        self.left = self.left.saturating_sub(charged);
        Some(charged)
    }
}

/// The points of a detection: those configured for its rule, else those of its severity.
pub fn points(policy: &Policy, detection: &Detection) -> Points {
    detection.points.unwrap_or_else(|| policy.points.of(detection.severity))
}

/// The points of each detection as if the exchange were the first of its user. `found` is [`ranked`].
pub fn alone(policy: &Policy, rules: &RuleSet, ranked: &[Detection]) -> Vec<Points> {
    let mut charged = Charged::new(policy.exchange_cap());
    let added = |detection: &Detection| {
        let points = points(policy, detection);
        charged.charge(rules.rule(detection.rule).category, points).unwrap_or(Points::ZERO)
    };
    ranked.iter().map(added).collect()
}
