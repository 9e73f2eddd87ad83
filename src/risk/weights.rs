//! How many points has each severity? The option `risk.points`, and its defaults.

use crate::config::options::options;
use crate::detect::category::Severity;
use crate::points::{Amount, Points};

/// The points of each severity.
#[derive(Clone, Copy, Debug)]
pub struct Weights {
    low: Amount,
    medium: Amount,
    high: Amount,
    critical: Amount,
}

options! { Weights { low, medium, high, critical, ..Self::default() } }

impl Weights {
    /// What an act of this severity weighs.
    pub fn of(&self, severity: Severity) -> Points {
        match severity {
            Severity::Low => self.low.0,
            Severity::Medium => self.medium.0,
            Severity::High => self.high.0,
            Severity::Critical => self.critical.0,
        }
    }
}

impl Default for Weights {
    fn default() -> Self {
        let [low, medium, high, critical] = [1, 3, 5, 8].map(|points| Amount(Points::whole(points)));
        Self { low, medium, high, critical }
    }
}
