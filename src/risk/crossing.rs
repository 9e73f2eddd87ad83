//! When does a crossing of the threshold open an incident? State-based: the order of two workers' updates does not matter.

use serde::{Deserialize, Serialize};

use crate::points::Points;
use crate::risk::band::{Band, Bands};

/// What the increase of one kind of user is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
    /// When the user is quiet again. What has opened below the threshold, because something was conclusive, ends when all
    /// points have left the window.
    pub fn quiet(&self, standing: Standing) -> Quiet {
        if self.are_passed_by(standing) {
            Quiet { rearm: self.rearm, categories: self.categories }
        } else {
            Quiet { rearm: Points::ZERO, categories: 0 }
        }
    }

    fn are_passed_by(&self, standing: Standing) -> bool {
        standing.increase > self.threshold || (self.categories > 0 && standing.categories >= self.categories)
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

    /// After a new event: fires if the user is over the threshold, or the event is conclusive, and the trigger armed. Returns
    /// whether it fired.
    pub fn rise(&mut self, standing: Standing, limits: &Limits, is_conclusive: bool) -> bool {
        let fires = (is_conclusive || limits.are_passed_by(standing))
            && match self {
                Self::Armed => true,
                Self::Fired(_) => false,
                Self::Closed(_, band) => limits.bands.of(standing.increase) > *band,
            };
        if fires {
            *self = Self::Fired(limits.quiet(standing));
        }
        fires
    }
}
