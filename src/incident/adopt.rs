//! What does a record become when the store tells what the fleet knows? One merge for each case, and one decision.

use crate::clock::{Span, Timestamp, Window};
use crate::incident::record::Record;
use crate::incident::sharing::{Announced, Deciding, Undecided};
use crate::incident::snapshot::Snapshot;
use crate::incident::weighing::{WeighContext, Worths};
use crate::keyed_hash::Key;
use crate::risk::policy::Policy;
use crate::sort::sort;

/// What a decision needs of the configuration.
#[derive(Clone, Copy, Debug)]
pub struct FleetContext<'a> {
    /// What the operator configured for all users.
    pub policy: &'a Policy,
    /// The key of incidents' ids.
    pub key: &'a Key,
    /// Is any channel configured?
    pub notifies: bool,
    /// Which proxy of the fleet this is.
    pub proxy: u32,
    /// Are names kept from the store?
    pub hides_names: bool,
}

/// The store's copy of a record.
#[derive(Clone, Debug)]
pub struct Stored {
    /// The copy.
    pub record: Record,
    /// Its version.
    pub version: [u8; 16],
    /// In which of its lives the store had it.
    pub life: u32,
    /// Is it what this proxy has just written, with all that was decided in it? By the act that was undecided then.
    pub decided: Option<Option<u64>>,
}

/// What has come of taking over the store's copy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// Does the store lack something of it, or is something undecided? Then it has to be swapped.
    pub is_due: bool,
    /// What this proxy's own swap has decided without this proxy knowing yet: its answer was lost.
    pub unheard: Vec<Snapshot>,
}

impl Record {
    /// Ends what has fallen quiet, and opens or lets grow what crossed with the event that was not decided on: one decision for
    /// the whole fleet, made on a copy that counts once the store has it. Takes over what dead proxies had to send. Returns
    /// the transitions.
    pub fn decide(&mut self, dead: &[u32], now: Timestamp, context: FleetContext<'_>) -> Vec<Snapshot> {
        let FleetContext { policy, key, notifies, proxy, .. } = context;
        let mut transitions: Vec<_> = self.expire(now, policy.window(), notifies).into_iter().collect();
        self.life.deliveries.take_over(dead, proxy);
        let Some(event) = self.sharing.undecided.take() else { return transitions };
        let moment = self.acts.moment(now);
        let context = WeighContext {
            policy,
            limits: event.limits,
            key,
            notifies,
            proxy,
            request_id: "",
            address: "",
            audience: &event.audience,
            persistence: Worths::default(),
            restrictions: &[],
            deciding: Deciding::Alone,
        };
        let (life, facts) = self.parts();
        transitions.extend(life.grow(facts, event.act, event.is_conclusive, moment, context));
        transitions
    }

    /// The record as it is given to the store: what this proxy has to send is carried by it.
    #[must_use]
    pub fn shared_form(&self, context: FleetContext<'_>) -> Self {
        let mut shared = self.clone();
        shared.sharing = Default::default();
        for snapshot in std::mem::take(&mut shared.life.pending) {
            shared.life.deliveries.carry(snapshot, context.proxy, false);
        }
        shared.life.deliveries.share();
        if shared.open().is_none() {
            shared.events.clear();
        }
        if context.hides_names {
            shared.user.name.clear();
            shared.life.deliveries.hide_name();
        }
        shared
    }

    /// Takes over what the store has.
    pub fn adopt(&mut self, stored: &Stored, now: Timestamp, context: FleetContext<'_>) -> Taken {
        let stack = context.policy.stack();
        let known = self.life.pending.clone();
        for snapshot in std::mem::take(&mut self.life.pending) {
            self.life.deliveries.carry(snapshot, context.proxy, false);
        }
        let mut sharing = std::mem::take(&mut self.sharing);
        let before = self.acts.increase();
        let merged = self.clone().merge(stored.record.clone(), stack);
        *self = merged;
        self.forget(now, context.policy.window());
        let mut theirs = stored.record.clone().merge(stored.record.clone(), stack);
        theirs.forget(now, context.policy.window());
        let lacks = self.shared_form(context) != theirs.shared_form(context);
        let mut unheard = self.life.deliveries.first_claims(context.proxy);
        unheard.retain(|own| !known.iter().any(|one| one.is_same_transition(own)));
        self.life.pending = self.life.deliveries.take_unqueued(context.proxy);
        let is_decided = |act: u64| stored.decided == Some(Some(act));
        if sharing.undecided.as_ref().is_some_and(|event| is_decided(event.act.hash)) {
            sharing.decided = sharing.undecided.take();
        }
        if stored.decided.is_none() && sharing.undecided.is_none() && self.acts.increase() > before {
            let again = |event| Undecided { since: now, is_urgent: true, is_decided_here: false, ..event };
            sharing.undecided = sharing.decided.clone().map(again);
        }
        if self.life.deliveries.owners(context.proxy).next().is_none() {
            sharing.doubt = None;
        }
        (sharing.is_changed, sharing.announced) = (lacks, stored.record.to_announce());
        (sharing.known, sharing.life) = (Some(stored.version), stored.life);
        self.sharing = sharing;
        Taken { is_due: lacks || self.sharing.undecided.is_some(), unheard }
    }

    /// There is none in the store: what this proxy has is all there is.
    pub fn adopt_none(&mut self, life: u32) {
        (self.sharing.known, self.sharing.life, self.sharing.is_changed) = (None, life, true);
        self.sharing.announced = Announced::default();
    }

    /// What every proxy has to know of the user.
    pub fn to_announce(&self) -> Announced {
        let open = self.open().map(|open| open.incident);
        Announced { open, restricted: self.restrictions.until(), muted: self.muted_until() }
    }

    /// Forgets what has left the window, and ends nothing.
    pub(super) fn forget(&mut self, now: Timestamp, window: Span) {
        let window = self.life.open().map_or(window, |open| open.window().max(window));
        let end = self.acts.moment(now);
        self.acts.expire(Window { end, length: window.duration() });
        self.life.fall(&self.acts);
    }

    /// The other proxies that have something to send for the user.
    pub fn owners(&self, but: u32) -> Vec<u32> {
        let mut owners: Vec<_> = self.life.deliveries.owners(but).collect();
        sort(&mut owners);
        owners.dedup();
        owners
    }

    /// What this proxy's outbox had to send when it was last asked.
    pub fn on_their_way(&self, proxy: u32) -> Vec<Snapshot> {
        self.life.deliveries.queued(proxy).cloned().collect()
    }

    /// These have been sent, or given up. Returns whether that changed anything.
    pub fn finish(&mut self, sent: &[Snapshot]) -> bool {
        let is_news = self.life.deliveries.finish(sent);
        self.sharing.is_changed |= is_news;
        is_news
    }

    /// Is anything of the user on its way through an outbox?
    pub fn awaits_delivery(&self) -> bool {
        !self.life.deliveries.is_empty()
    }

    /// Is there something in it that a proxy has to know before it sees the user?
    pub fn matters_everywhere(&self, now: Timestamp) -> bool {
        self.open().is_some()
            || now < self.restrictions.until()
            || now < self.muted_until()
            || !self.life.deliveries.is_empty()
    }
}
