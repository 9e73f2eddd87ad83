//! Which requests does an incident name? The newest that counted.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;

/// The most requests that an incident names.
pub(super) const REQUESTS: usize = 3;

/// A request that counted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Request {
    /// When it counted.
    pub(super) time: Timestamp,
    /// The proxy's id of it.
    pub(super) id: String,
}
