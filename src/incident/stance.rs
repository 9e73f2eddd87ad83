//! How does a user stand, for what is done about their next request? Taken from the record, for all workers.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::detect::category::Category;
use crate::incident::restriction::Restrictions;
use crate::keyed_hash::Digest;
use crate::points::Points;
use crate::risk::band::Band;

/// How a user stands: what of the record a response needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stance {
    /// Whose it is.
    pub user: Digest,
    /// Is it an address, which several people may share?
    pub is_address: bool,
    /// The points inside the window, as of the newest event.
    pub increase: Points,
    /// The group at the opening of the incident.
    pub group: Option<String>,
    /// In which categories the user has points.
    pub categories: Vec<Category>,
    /// What is refused to the user.
    pub restrictions: Restrictions,
    /// Until when nobody is notified of the user.
    pub muted_until: Timestamp,
    /// The band that the open incident has reached, and when it ends if nothing more happens.
    pub(super) incident: Option<(Band, Timestamp)>,
}

impl Stance {
    /// The band that the open incident has reached.
    pub fn band(&self, now: Timestamp) -> Option<Band> {
        self.incident.filter(|(_, end)| now < *end).map(|(band, _)| band)
    }

    /// Is the user somebody whom a response may concern: with an open incident, or restricted?
    pub fn is_concerned(&self, now: Timestamp) -> bool {
        self.band(now).is_some() || now < self.restrictions.until()
    }

    /// Is the user in one of the operators' lists, or concerned by a response?
    pub fn is_listed(&self, now: Timestamp) -> bool {
        self.is_concerned(now) || now < self.muted_until
    }

    /// Is there more between this and an earlier stance than points?
    pub fn is_news(&self, earlier: &Self) -> bool {
        let band = |stance: &Self| stance.incident.map(|(band, _)| band);
        (band(self), self.restrictions) != (band(earlier), earlier.restrictions)
    }
}
