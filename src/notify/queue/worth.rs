//! What gives way when there is no room? What matters least: by who vouches for the name, by band, by age.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::incident::snapshot::{Snapshot, Transition};
use crate::risk::band::Band;

/// How much a message matters; the least goes first. An update matters less than any opening; resolutions are not ranked,
/// as they never make room: an alert would stay open for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Worth {
    is_opening: bool,
    strength: Strength,
    band: Band,
    /// An opening whose resolution waits behind it matters less: both go together.
    goes_on: bool,
    since: Timestamp,
}

/// Who vouches for a user's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Strength {
    /// Nobody: it is an address.
    Address,
    /// The client: a cookie, which it can invent.
    Session,
    /// A verified token, or a header that the proxy sets.
    Vouched,
}

impl Worth {
    /// How much a message matters that a channel receives as `sent_as`; none if it never makes room.
    pub fn of(snapshot: &Snapshot, sent_as: Transition, is_over: bool, since: Timestamp) -> Option<Self> {
        let (strength, band) = (Strength::of(&snapshot.source), snapshot.band);
        let is_opening = match sent_as {
            Transition::Opened => true,
            Transition::Updated => false,
            Transition::Resolved => return None,
        };
        Some(Self { is_opening, strength, band, goes_on: !is_over, since })
    }
}

impl Strength {
    /// By the source of the name, as snapshots have it: `address`, `cookie:sid`, `header:x-tenant+cookie:sid`. The weakest
    /// part of a composite name counts.
    pub fn of(source: &str) -> Self {
        if source == "address" {
            Self::Address
        } else if source.split('+').any(|part| part.starts_with("cookie:")) {
            Self::Session
        } else {
            Self::Vouched
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_weakest_part_of_a_name_counts() {
        let rows = [
            ("address", Strength::Address),
            ("cookie:sid", Strength::Session),
            ("header:x-tenant+cookie:sid", Strength::Session),
            ("header:x-user-id", Strength::Vouched),
            ("jwt:sub", Strength::Vouched),
        ];
        for (source, expected) in rows {
            assert_eq!(Strength::of(source), expected, "{source}");
        }
    }
}
