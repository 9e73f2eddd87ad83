//! Which bands are there, and from how many points on? Warning, error and critical, by how far the increase is over the threshold.

use serde::{Deserialize, Serialize};

use crate::config::error::Error;
use crate::config::from_value::FromValue;
use crate::config::value::Value;
use crate::points::Points;

/// From which increase on an incident stands in which band.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bands {
    /// Where warnings begin: at most the threshold.
    pub warning: Points,
    /// Where errors begin.
    pub error: Points,
    /// Where it is critical.
    pub critical: Points,
}

/// How far the increase is over the threshold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Band {
    /// Over the threshold.
    Warning,
    /// Twice the threshold, by default.
    Error,
    /// Four times the threshold, by default.
    Critical,
}

impl Band {
    /// `warning`, `error`, `critical`: also PagerDuty's severities.
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Warning => "warning",
            Self::Error => "error",
            Self::Critical => "critical",
        }
    }
}

impl FromValue for Band {
    fn read(value: &Value) -> Result<Self, Error> {
        value.name_of(&[Self::Warning, Self::Error, Self::Critical], Self::slug)
    }
}

impl Bands {
    /// The band of this increase.
    pub fn of(&self, increase: Points) -> Band {
        if increase > self.critical {
            Band::Critical
        } else if increase > self.error {
            Band::Error
        } else {
            Band::Warning
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_band_begins_above_its_edge() {
        let [one, warning, error, critical] = [1, 10, 20, 40].map(Points::whole);
        let bands = Bands { warning, error, critical };
        let rows = [
            (warning + one, Band::Warning),
            (error, Band::Warning),
            (error + one, Band::Error),
            (critical, Band::Error),
            (critical + one, Band::Critical),
        ];
        for (increase, expected) in rows {
            assert_eq!(bands.of(increase), expected, "{increase}");
        }
    }
}
