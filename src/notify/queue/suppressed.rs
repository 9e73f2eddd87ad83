//! Of which incidents is a channel told nothing more by itself? Those whose opening it never had, or had among others.

use serde::{Deserialize, Serialize};

use crate::incident::snapshot::IncidentId;

/// As many incidents are remembered; of those before them a channel may hear an end of which it heard no beginning.
const REMEMBERED: usize = 4096;

/// The incidents, the newest last, and for each the number of the digest that told of it; 0 if none did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Suppressed(Vec<(u32, u32)>);

impl Suppressed {
    /// The channel hears no more of the incident, but within the digest of this number.
    pub(super) fn add(&mut self, incident: IncidentId, digest: u32) {
        if self.0.len() >= REMEMBERED {
            self.0.remove(0);
        }
        // Eight digits of a hash tell a few thousand apart.
        self.0.push((incident.0.brief(), digest));
    }

    /// Is nothing more told of the incident?
    pub(super) fn holds(&self, incident: IncidentId) -> bool {
        self.0.iter().any(|(known, _)| *known == incident.0.brief())
    }

    /// The incident is over. It stays suppressed: its end may be posted again.
    pub(super) fn end(&mut self, incident: IncidentId) {
        let known = self.0.iter_mut().filter(|(known, _)| *known == incident.0.brief());
        known.for_each(|(_, digest)| *digest = 0);
    }

    /// Is an incident of this digest still open?
    pub(super) fn is_open(&self, digest: u32) -> bool {
        self.0.iter().any(|(_, of)| *of == digest)
    }

    /// Nobody was told of this digest.
    pub(super) fn release(&mut self, digest: u32) {
        self.0.iter_mut().filter(|(_, of)| *of == digest).for_each(|(_, of)| *of = 0);
    }
}
