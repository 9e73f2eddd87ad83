//! When does a rise become an incident? State-based, so that the order of two workers' updates does not matter.

use serde::{Deserialize, Serialize};

use crate::config::error::Error;
use crate::config::from_value::FromValue;
use crate::config::value::Value;
use crate::points::Points;

/// What the increase of one kind of user is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The increase has to go over this, strictly.
    pub threshold: Points,
    /// At this or below, the incident ends and another may begin.
    pub rearm: Points,
    /// So many categories are enough, whatever the increase; 0: however many.
    pub categories: u32,
    /// From what on the incident is how bad.
    pub bands: Bands,
}

impl Limits {
    /// From where on the user is quiet again.
    pub fn quiet(&self) -> Quiet {
        Quiet { rearm: self.rearm, categories: self.categories }
    }
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

/// How a user stands: what is compared with the limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The points inside the window that count.
    pub increase: Points,
    /// In how many categories.
    pub categories: u32,
}

/// From where on a user is quiet again. As it was when the incident opened: a worker with an older or a newer
/// configuration comes to the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quiet {
    /// At this increase or below.
    pub rearm: Points,
    /// And with fewer categories than this; 0: whatever their number.
    pub categories: u32,
}

impl Quiet {
    /// Is this quiet?
    pub fn holds(&self, standing: Standing) -> bool {
        standing.increase <= self.rearm && (self.categories == 0 || standing.categories < self.categories)
    }
}

/// Whether a rise over the threshold would fire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Trigger {
    /// It would.
    Armed,
    /// It has, and will again once the user is quiet.
    Fired(Quiet),
    /// Somebody closed the incident: it will again once the user is quiet, or at a band above this one.
    Closed(Quiet, Band),
}

impl Trigger {
    /// Points have left the window: once the user is quiet the trigger is armed again.
    pub fn fall(&mut self, standing: Standing) {
        if let Self::Fired(quiet) | Self::Closed(quiet, _) = self
            && quiet.holds(standing)
        {
            *self = Self::Armed;
        }
    }

    /// A new event has brought the user here: over the threshold an armed trigger fires. Returns whether it did.
    pub fn rise(&mut self, standing: Standing, limits: &Limits) -> bool {
        let over =
            standing.increase > limits.threshold || (limits.categories > 0 && standing.categories >= limits.categories);
        let fires = over
            && match self {
                Self::Armed => true,
                Self::Fired(_) => false,
                Self::Closed(_, band) => limits.bands.of(standing.increase) > *band,
            };
        if fires {
            *self = Self::Fired(limits.quiet());
        }
        fires
    }
}
