//! Who has a record? The user as records, snapshots and the log know it.

use serde::{Deserialize, Serialize};

use crate::incident::strength::Strength;
use crate::keyed_hash::Digest;

/// Who has a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// A keyed hash of source and name: what the record is found by.
    pub id: Digest,
    /// The name, cut to what is kept; an address as it is. What others may read of it is up to `privacy`.
    pub name: String,
    /// Where the name comes from: `header:x-user-id`, `address`.
    pub source: String,
    /// Who vouches for the name.
    pub strength: Strength,
}
