//! What is promised but not built? Options that the design names and this version refuses.

use serde::Deserialize;
use serde::de::{Deserializer, Error, IgnoredAny};

/// An option that this version doesn't have. Whatever stands there is refused, by name: an option that is silently
/// ignored is worse than one that is missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NotYet;

impl<'de> Deserialize<'de> for NotYet {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        IgnoredAny::deserialize(deserializer)?;
        Err(D::Error::custom("is not built into this version yet; remove it"))
    }
}
