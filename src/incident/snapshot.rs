//! What do notices say of an incident? A snapshot, taken at the moment of a transition.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::config::error::Error;
use crate::config::from_value::FromValue;
use crate::config::value::Value;
use crate::detect::category::{Category, Severity};
use crate::detect::confidence::Confidence;
use crate::incident::audience::{Audience, Reach};
use crate::incident::request::NamedRequest;
use crate::incident::restriction::Restrictions;
use crate::keyed_hash::Digest;
use crate::points::Points;
use crate::risk::acts::Acts;
use crate::risk::band::Band;
use crate::risk::entry::Entry;

/// An incident as it stood at one transition. It holds nothing that a client wrote but the user's name and, where
/// the route has no name of its own, the route's template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Which incident.
    pub incident: IncidentId,
    /// What happened to it.
    pub transition: Transition,
    /// How it ended, if it has.
    pub ending: Option<Ending>,
    /// The number of the transition, from 1, within the incident.
    pub number: u32,
    /// When.
    pub at: Timestamp,
    /// The user's name, at most 256 UTF-16 units of any Unicode: escape it. `privacy` decides what of it a channel may
    /// see; a notice holds no more.
    pub user: String,
    /// The user without a time: alerts of many proxies with the same key are one by it.
    pub user_digest: Digest,
    /// Where the user's name comes from: `header:x-user-id`, `address`.
    pub source: String,
    /// The user's points inside the window.
    pub increase: Points,
    /// What the increase had to pass.
    pub threshold: Points,
    /// The window's length in milliseconds.
    pub window_millis: u64,
    /// How far the increase is over the threshold.
    pub band: Band,
    /// What the user did, rule by rule, the most points first.
    pub events: Vec<Tally>,
    /// The newest requests that counted, the newest first.
    pub requests: Vec<NamedRequest>,
    /// From which addresses these came, each once; as much of them as `privacy.addresses` allows, or none.
    pub addresses: Vec<String>,
    /// Whom it concerns.
    pub audience: Audience,
    /// What was refused to the user then.
    pub restrictions: Restrictions,
}

impl Snapshot {
    /// How far the incident has come once this has been sent.
    pub fn reach(&self) -> Reach {
        self.audience.before.with(self.band, self.events.iter().map(|tally| tally.category))
    }

    /// Notes how one of its requests was answered. Returns whether that was news.
    pub fn note_answer(&mut self, id: &str, status: u16) -> bool {
        let mut is_news = false;
        for request in &mut self.requests {
            is_news |= request.note_answer(id, status);
        }
        is_news
    }

    /// Its bytes: of two that differ the same one is chosen wherever they meet.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        postcard::to_allocvec(self).unwrap_or_default()
    }

    /// Is it of the same transition of the same incident?
    pub fn is_same_transition(&self, other: &Self) -> bool {
        (self.incident, self.number) == (other.incident, other.number)
    }
}

/// The events of one rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// The rule's id: `sqli.union-select`.
    pub rule: String,
    /// Its category.
    pub category: Category,
    /// Its severity.
    pub severity: Severity,
    /// How sure it is, in the surest of them, that it was meant to attack.
    pub confidence: Confidence,
    /// How often it happened since the rule's first event that still matters; more than those that count.
    pub count: u32,
    /// The points that count.
    pub points: Points,
    /// The first event.
    pub first: Timestamp,
    /// The newest event.
    pub last: Timestamp,
    /// The route of the newest event: a name or a template such as `/users/{}`.
    pub route: String,
    /// The target of the newest event: `query:id`. A client chose the name, unless it is common.
    pub target: String,
    /// Did the same rule match at the same target in the exchanges of three users or more? That has the shape of a false
    /// alarm.
    pub is_common: bool,
    /// How many of them another site made the browser send: their user may be a victim.
    pub cross_site: u32,
}

impl Tally {
    /// The events of all rules, the most points first.
    pub fn all(acts: &Acts) -> Vec<Self> {
        let tally = |entry: &Entry| Self {
            rule: entry.rule.clone(),
            category: entry.category,
            severity: entry.severity,
            confidence: entry.confidence,
            count: entry.counts.acts(),
            points: entry.points(),
            first: entry.first,
            last: entry.last(),
            route: entry.route.clone(),
            target: entry.target.clone(),
            is_common: entry.is_common,
            cross_site: entry.counts.cross_site(),
        };
        acts.entries().into_iter().map(tally).collect()
    }
}

/// The id of an incident: a keyed hash of the user and of the act that crossed the threshold, printed `inc_…`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncidentId(pub Digest);

impl fmt::Display for IncidentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "inc_{}", self.0)
    }
}

/// How an incident ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ending {
    /// The increase fell to `rearm`.
    Quiet,
    /// The user's record was evicted for another's.
    Evicted,
    /// Somebody closed it.
    Closed,
    /// Somebody forgave the user's acts.
    Forgiven,
}

impl Ending {
    /// `quiet`, `evicted`, `closed`, `forgiven`.
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Quiet => "quiet",
            Self::Evicted => "evicted",
            Self::Closed => "closed",
            Self::Forgiven => "forgiven",
        }
    }
}

/// What happened to an incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Transition {
    /// The increase went over the threshold.
    Opened,
    /// It grew into a higher band, or a reminder fell due.
    Updated,
    /// It ended.
    Resolved,
}

impl Transition {
    /// `opened`, `updated`, `resolved`.
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Updated => "updated",
            Self::Resolved => "resolved",
        }
    }
}

impl FromValue for Transition {
    fn read(value: &Value) -> Result<Self, Error> {
        value.name_of(&[Self::Opened, Self::Updated, Self::Resolved], Self::slug)
    }
}
