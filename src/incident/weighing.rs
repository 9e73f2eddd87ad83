//! What does weighing an exchange need, and what does it return?

use crate::clock::Timestamp;
use crate::detect::category::Severity;
use crate::incident::audience::Audience;
use crate::incident::restriction::{RestrictionKind, RestrictionTerms};
use crate::incident::sharing::Deciding;
use crate::incident::snapshot::Snapshot;
use crate::incident::stance::Stance;
use crate::keyed_hash::Key;
use crate::points::Points;
use crate::risk::crossing::Limits;
use crate::risk::exchange::Charged;
use crate::risk::policy::Policy;

/// The context in which a user is weighed.
#[derive(Clone, Copy, Debug)]
pub struct WeighContext<'a> {
    /// What the operator configured for all users.
    pub policy: &'a Policy,
    /// The limits of this kind of user.
    pub limits: Limits,
    /// The key of the incident's id.
    pub key: &'a Key,
    /// Is any channel configured? If not, no transition becomes pending.
    pub notifies: bool,
    /// Which proxy of the fleet this is.
    pub proxy: u32,
    /// The proxy's id of the request.
    pub request_id: &'a str,
    /// From which address it came, as far as `privacy.addresses` allows; empty where it does not.
    pub address: &'a str,
    /// Whom an incident that opens now concerns.
    pub audience: &'a Audience,
    /// What it counts if the user persists.
    pub persistence: Worths,
    /// Who decides what the events mean?
    pub deciding: Deciding,
    /// What is refused to the user for a while, by the band of the incident.
    pub restrictions: &'a [RestrictionTerms],
}

/// What each kind of persistence counts: its severity and points; none where the operator has turned it off.
#[derive(Clone, Copy, Debug, Default)]
pub struct Worths {
    /// Of `persistence.rule`.
    pub rule: Option<(Severity, Points)>,
    /// Of `persistence.spread`.
    pub spread: Option<(Severity, Points)>,
}

/// An event that followed from others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Followed {
    /// Its rule.
    pub rule: &'static str,
    /// Its severity.
    pub severity: Severity,
    /// What it counts.
    pub points: Points,
    /// The target of the act that led to it.
    pub target: String,
}

/// The result of weighing the events of one exchange.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Weighed {
    /// The outcome of each event, in order.
    pub outcomes: Vec<ActOutcome>,
    /// What has followed from them; it counts apart from the exchange's cap, as it is about many exchanges.
    pub followed: Vec<Followed>,
    /// Does one of them open an incident whatever the score?
    pub is_conclusive: bool,
    /// Has anything changed in the record?
    pub is_changed: bool,
    /// What the exchange has been charged with, these events included.
    pub charged: Charged,
    /// The user's increase before them.
    pub before: Points,
    /// The user's increase with them.
    pub increase: Points,
    /// The transitions of the user's incident that they, or the time that passed, caused; in order.
    pub transitions: Vec<Snapshot>,
    /// Is the user muted, so that nobody is notified?
    pub is_muted: bool,
    /// The restrictions that began with them.
    pub restricted: Vec<Restricted>,
    /// How the user stands with them.
    pub stance: Stance,
}

/// A restriction that has begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Restricted {
    /// Which.
    pub kind: RestrictionKind,
    /// When it ends.
    pub until: Timestamp,
    /// Is it only counted?
    pub is_dry: bool,
}

/// The outcome of one event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActOutcome {
    /// It counts so many points.
    Counted(Points),
    /// The same act was counted before.
    CountedBefore,
    /// Another act of its category in the same exchange, at least as severe, was counted instead.
    Covered,
}
