//! What is known of an open incident? Its band, when its last transition was, and when it ends by itself.

use serde::{Deserialize, Serialize};

use crate::clock::{Span, Timestamp};
use crate::incident::audience::Audience;
use crate::incident::snapshot::IncidentId;
use crate::points::Points;
use crate::risk::acts::Acts;
use crate::risk::band::Band;
use crate::risk::crossing::{Limits, Quiet};

/// An incident that has been opened and not resolved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Open {
    /// Which one.
    pub incident: IncidentId,
    /// When it opened.
    pub opened_at: Timestamp,
    /// How many transitions there were.
    pub transitions: u32,
    /// The highest band that it reached.
    pub band: Band,
    /// When its last transition was.
    pub last_transition: Timestamp,
    /// Was its opening sent? Not while the user is muted.
    pub is_known: bool,
    /// When it ends if nothing more happens.
    pub resolve_at: Timestamp,
    /// What the increase had to pass.
    pub threshold: Points,
    /// Whom it concerns.
    pub audience: Audience,
    quiet: Quiet,
    window_millis: u64,
}

impl Open {
    /// An incident that opens now. It ends by these values even if the worker that ends it has others.
    pub fn new(
        incident: IncidentId,
        limits: &Limits,
        window: Span,
        audience: Audience,
        acts: &Acts,
        now: Timestamp,
    ) -> Self {
        let mut open = Self {
            incident,
            opened_at: now,
            transitions: 0,
            band: limits.bands.of(acts.increase()),
            last_transition: now,
            is_known: false,
            resolve_at: now,
            threshold: limits.threshold,
            audience,
            quiet: limits.quiet(acts.standing()),
            window_millis: window.as_millis(),
        };
        open.look(acts, now);
        open
    }

    /// The user's acts have changed: computes anew when it ends.
    pub fn look(&mut self, acts: &Acts, now: Timestamp) {
        self.resolve_at = acts.quiet_at(self.quiet, self.window().duration()).unwrap_or(now);
    }

    /// A new event has brought the increase into `band`. Returns whether that is an update: one for each band newly
    /// reached, and a reminder no sooner than `repeat` after the last transition.
    pub fn grow(&mut self, band: Band, repeat: Span, now: Timestamp) -> bool {
        let is_new = band > self.band;
        self.band = self.band.max(band);
        is_new || now.since(self.last_transition) >= repeat.duration()
    }

    /// The next transition happens now. Returns its number.
    pub fn step(&mut self, now: Timestamp) -> u32 {
        self.transitions = self.transitions.saturating_add(1);
        self.last_transition = now;
        self.transitions
    }

    /// Merges another copy of the same incident.
    pub fn merge(&mut self, other: &Self) {
        let rank = |open: &Self| (open.transitions, open.is_known, open.band);
        let fixed =
            |open: &Self| (open.audience.channels.clone(), open.audience.group.clone(), open.audience.is_shared);
        let before = self.audience.before.and(other.audience.before);
        // The copy that has come further; of two that are equally far any, but the same one whoever merges.
        if (rank(other), fixed(other)) > (rank(self), fixed(self)) {
            self.audience.clone_from(&other.audience);
        }
        self.audience.before = before;
        self.transitions = self.transitions.max(other.transitions);
        self.is_known |= other.is_known;
        self.band = self.band.max(other.band);
        self.last_transition = self.last_transition.max(other.last_transition);
        self.resolve_at = self.resolve_at.max(other.resolve_at);
    }

    /// From where on the user is quiet again.
    pub fn quiet(&self) -> Quiet {
        self.quiet
    }

    /// How long its acts count.
    pub fn window(&self) -> Span {
        Span::from_millis(self.window_millis)
    }
}
