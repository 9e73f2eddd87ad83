//! How does a user's record stand to its copy in the fleet's store? Kept beside the record, on this proxy alone.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::incident::audience::Audience;
use crate::incident::snapshot::IncidentId;
use crate::risk::crossing::Limits;
use crate::risk::fingerprint::ActId;

/// How a record stands to its copy in the store.
///
/// ```text
///            an event, an order                      the store has it
///  ┌──────┐ ────────────────────▶ ┌───────────────┐ ─────────────────▶ ┌──────┐
///  │ same │                       │ to be swapped │                    │ same │
///  └──────┘ ◀──────────────────── └───────────────┘ ◀── another one ── └──────┘
///                                                    was there: merged
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sharing {
    /// The version that the store had when it was last heard of; none: there was none.
    pub known: Option<[u8; 16]>,
    /// Which of the store's lives that was: it may have lost its data since.
    pub life: u32,
    /// What the store's copy had then of what every proxy has to know: what differs from it is announced.
    pub announced: Announced,
    /// Does the record have something that the store may not have?
    pub is_changed: bool,
    /// The newest event of which the fleet has not decided what it means.
    pub undecided: Option<Undecided>,
    /// The newest event on which the fleet has decided: it does so again where a merge adds points that it did not know of.
    pub decided: Option<Undecided>,
    /// Does a proxy that has something to send for the user seem dead?
    pub doubt: Option<Doubt>,
}

/// What every proxy has to know of a user before it sees them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Announced {
    /// The open incident.
    pub open: Option<IncidentId>,
    /// Until when their requests are refused.
    pub restricted: Timestamp,
    /// Until when they are muted.
    pub muted: Timestamp,
}

/// A proxy that has something to send for the user, and seems dead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Doubt {
    /// Which.
    pub owner: u32,
    /// Since when.
    pub since: Timestamp,
}

/// An event that may open an incident or let it grow, once what the other proxies saw is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undecided {
    /// The act that would cross.
    pub act: ActId,
    /// What the user is held to.
    pub limits: Limits,
    /// Whom an incident would concern.
    pub audience: Audience,
    /// Does it open one whatever the score?
    pub is_conclusive: bool,
    /// The first event since the last decision.
    pub since: Timestamp,
    /// Would this proxy decide for something, by what it alone knows?
    pub is_urgent: bool,
    /// Has this proxy decided by itself meanwhile? The fleet decides once more, by what all know.
    pub is_decided_here: bool,
}

/// Who decides what an event means?
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Deciding {
    /// This proxy: it has no fleet.
    #[default]
    Alone,
    /// This proxy: its store does not answer. The others will hear of it.
    Meanwhile,
    /// The swap in the store that is made first.
    Fleet,
}

impl Sharing {
    /// The record has something new.
    pub(super) fn touch(&mut self) {
        self.is_changed = true;
    }

    /// An event is to be decided on.
    pub(super) fn note(&mut self, event: Undecided) {
        let before = self.undecided.take();
        let (since, conclusive, urgent) =
            before.map_or((event.since, false, false), |before| (before.since, before.is_conclusive, before.is_urgent));
        let is_conclusive = event.is_conclusive || conclusive;
        self.undecided = Some(Undecided { since, is_conclusive, is_urgent: event.is_urgent || urgent, ..event });
    }

    /// Does the store have to be asked about the record, in this life of the store?
    pub fn is_due(&self, life: u32) -> bool {
        self.is_changed || self.undecided.is_some() || self.life != life
    }
}
