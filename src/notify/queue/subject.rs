//! Which message is it? One transition of one incident.

use serde::{Deserialize, Serialize};

use crate::incident::snapshot::{IncidentId, Snapshot};
use crate::keyed_hash::{Digest, Key};

/// What a message is of: one transition of one incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// The incident.
    pub incident: IncidentId,
    /// The number of the transition.
    pub number: u32,
}

impl Subject {
    /// What the snapshot is of.
    pub fn of(snapshot: &Snapshot) -> Self {
        Self { incident: snapshot.incident, number: snapshot.number }
    }

    /// A keyed hash that stands for it, apart for each use.
    pub fn digest(&self, key: &Key, purpose: &str, of: &[u8]) -> Digest {
        key.digest(purpose, &[self.incident.0.as_bytes(), &self.number.to_le_bytes(), of])
    }
}
