//! What does a webhook receive about one malicious request? What the log line has, without the target: clients choose its name.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::clock::Timestamp;
use crate::detect::category::{Category, Severity};
use crate::detect::confidence::Confidence;
use crate::keyed_hash::Digest;
use crate::points::Points;

/// A malicious request and the user to whom it is attributed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Detected {
    /// When it was over.
    pub at: Timestamp,
    /// The proxy's id of it.
    pub request_id: String,
    /// The user, if that is known.
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

/// The user to whom a request is attributed.
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
    /// How sure it is.
    pub confidence: Confidence,
    /// The points that counted.
    pub points: Points,
    /// Did it add nothing, because the same act had been counted?
    pub counted_before: bool,
}

/// Several of them, packed one behind the other: one more costs a copy, not that all be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Packed(Vec<u8>);

impl Packed {
    /// Puts one more behind them.
    pub(super) fn push(&mut self, one: &Detected) {
        // Growing a vector, postcard has no error to report for such types.
        self.0 = postcard::to_extend(one, std::mem::take(&mut self.0)).unwrap_or_default();
    }

    /// All of them.
    pub(super) fn unpack(&self) -> Vec<Detected> {
        let (mut all, mut packed) = (Vec::new(), self.0.as_slice());
        while let Ok((one, rest)) = postcard::take_from_bytes(packed) {
            all.push(one);
            packed = rest;
        }
        all
    }

    /// How many bytes they take.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

/// As bytes in one piece; a vector would be written and read number by number.
impl Serialize for Packed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Packed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <&[u8]>::deserialize(deserializer).map(|bytes| Self(bytes.to_vec()))
    }
}
