//! When does a rise become an incident? State-based, so that the order of two workers' updates does not matter.

use serde::{Deserialize, Serialize};

use crate::points::Points;

/// What the increase of one kind of user is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The increase has to go over this, strictly.
    pub threshold: Points,
    /// At this or below, the incident ends and another may begin.
    pub rearm: Points,
    /// From what on the incident is how bad.
    pub bands: Bands,
}

/// From which increase on an incident stands in which band.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

/// Whether a rise over the threshold would fire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Trigger {
    /// It would.
    Armed,
    /// It has, and will again once the increase has fallen to this. As it was when it fired: a worker with an older
    /// or a newer configuration comes to the same.
    Fired {
        /// At this or below it is armed again.
        rearm: Points,
    },
}

impl Trigger {
    /// Points have left the window: at or below `rearm` the trigger is armed again. Returns whether it just was.
    pub fn fall(&mut self, increase: Points) -> bool {
        let rearmed = matches!(self, Self::Fired { rearm } if increase <= *rearm);
        if rearmed {
            *self = Self::Armed;
        }
        rearmed
    }

    /// A new event has raised the increase to this: over the threshold an armed trigger fires. Returns whether it did.
    pub fn rise(&mut self, increase: Points, limits: &Limits) -> bool {
        let fires = *self == Self::Armed && increase > limits.threshold;
        if fires {
            *self = Self::Fired { rearm: limits.rearm };
        }
        fires
    }
}
