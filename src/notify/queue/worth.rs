//! What gives way when there is no room? What matters least: by who vouches for the name, by band, by age.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::incident::snapshot::{Snapshot, Transition};
use crate::incident::strength::Strength;
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
