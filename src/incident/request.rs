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
    /// From which address it came, as far as `privacy.addresses` allows; empty where it does not, or where the user is one.
    pub(super) address: String,
}

/// The addresses of these requests, each once.
pub(super) fn addresses(requests: &[Request]) -> Vec<String> {
    let mut addresses: Vec<String> = Vec::new();
    for request in requests {
        if !request.address.is_empty() && !addresses.contains(&request.address) {
            addresses.push(request.address.clone());
        }
    }
    addresses
}
