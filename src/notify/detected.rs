//! What is told of one malicious request? What the log line has, without where in the request it was: clients choose names.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::detect::category::{Category, Severity};
use crate::keyed::Digest;
use crate::points::Points;

/// A malicious request, held against one user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Detected {
    /// When it was over.
    pub at: Timestamp,
    /// The proxy's id of it.
    pub request_id: String,
    /// Whose it was, if that is known.
    pub user: Option<Culprit>,
    /// The route's name or template.
    pub route: String,
    /// The points that it added.
    pub points: Points,
    /// The user's points with it.
    pub increase: Option<Points>,
    /// What matched.
    pub rules: Vec<Match>,
}

/// Whose a request was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Culprit {
    /// The name; what of it a channel may see `privacy` says.
    pub name: String,
    /// Where the name comes from.
    pub source: String,
    /// What stands for the user.
    pub digest: Digest,
}

/// A rule that matched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Match {
    /// The rule's id.
    pub rule: String,
    /// Its category.
    pub category: Category,
    /// Its severity.
    pub severity: Severity,
    /// The points that counted.
    pub points: Points,
    /// Did it add nothing, because the same act had been counted?
    pub counted_before: bool,
}

/// Puts one more behind those that are packed already.
pub(super) fn pack(packed: &mut Vec<u8>, one: &Detected) {
    // Growing a vector, postcard has no error to report for such types.
    *packed = postcard::to_extend(one, std::mem::take(packed)).unwrap_or_default();
}

/// All that were packed.
pub(super) fn unpack(mut packed: &[u8]) -> Vec<Detected> {
    let mut all = Vec::new();
    while let Ok((one, rest)) = postcard::take_from_bytes(packed) {
        all.push(one);
        packed = rest;
    }
    all
}
