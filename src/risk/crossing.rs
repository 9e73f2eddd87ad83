//! When does a crossing of the threshold open an incident? State-based: the order of two workers' updates does not matter.

use serde::{Deserialize, Serialize};

use crate::config::error::Error;
use crate::config::from_value::FromValue;
use crate::config::value::Value;
use crate::points::Points;

/// What the increase of one kind of user is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The increase has to be above this.
    pub threshold: Points,
    /// At this increase or below, the incident ends and another may open.
    pub rearm: Points,
    /// So many categories open an incident whatever the increase; 0: no number does.
    pub categories: u32,
    /// From which increase on the incident stands in which band.
    pub bands: Bands,
}

impl Limits {
    /// When the user is quiet again.
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

/// What is compared with the limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The points inside the window that count.
    pub increase: Points,
    /// In how many categories.
    pub categories: u32,
}

/// When a user is quiet again. Stored when the incident opens, so that a worker with an older or a newer configuration
/// decides alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
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

/// Whether a crossing opens an incident. Its states are drawn at the incident's life (`incident/life.rs`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Trigger {
    /// It does.
    Armed,
    /// It has; it does again once the user is quiet.
    Fired(Quiet),
    /// An operator closed the incident: it does again once the user is quiet, or in a band above this one.
    Closed(Quiet, Band),
}

impl Trigger {
    /// Points have left the window: arms the trigger if the user is quiet.
    pub fn fall(&mut self, standing: Standing) {
        if let Self::Fired(quiet) | Self::Closed(quiet, _) = self
            && quiet.holds(standing)
        {
            *self = Self::Armed;
        }
    }

    /// After a new event: fires if the user is over the threshold and the trigger armed. Returns whether it fired.
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
