//! How do a user's incidents open, grow and end? Their states, and the transitions that wait to be queued.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::incident::deliveries::Deliveries;
use crate::incident::open::Open;
use crate::incident::request::{Request, addresses};
use crate::incident::restriction::Restrictions;
use crate::incident::snapshot::{Ending, IncidentId, Snapshot, Tally, Transition};
use crate::incident::user::User;
use crate::incident::weighing::WeighContext;
use crate::risk::acts::Acts;
use crate::risk::band::Band;
use crate::risk::crossing::{Limits, Standing, Trigger};
use crate::risk::fingerprint::ActId;
use crate::sort::sort_by;

/// The most transitions that wait to be queued. More come together only while the shared data can't be written.
pub(super) const PENDING: usize = 16;

/// So many incidents are remembered as ended.
const ENDED: usize = 4;

/// The incidents of one user, of which at most one is open.
///
/// ```text
///            an event takes the increase over the threshold        higher band, or a reminder is due
///  ┌───────┐ ─────────────────── opened ──────────────────▶ ┌──────┐ ──── updated ────┐
///  │ Armed │                                                │ Open │ ◀────────────────┘
///  └───────┘ ◀──── resolved: quiet, forgiven or evicted ─── └──────┘
///      ▲                                                     │    ▲
///      │                                    resolved: closed │    │ opened: an event in a higher band
///      │      the increase falls to `rearm`                  ▼    │
///      └───────────────────────────────────────────────── ┌────────┐
///                                                         │ Closed │
///                                                         └────────┘
/// ```
///
/// Each transition is kept as pending in the step that makes it, until the outbox holds it: see
/// [`Life::mark_queued`]. While the user is muted transitions happen without becoming pending; a resolution becomes
/// pending if the opening did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Life {
    pub(super) trigger: Trigger,
    pub(super) open: Option<Open>,
    /// How many incidents have opened.
    pub(super) opened: u32,
    /// The incidents that ended last, the newest first: a copy in which one of them is open is older than the others.
    pub(super) ended: Vec<EndedIncident>,
    /// Nobody is notified of the user before this.
    pub(super) muted_until: Timestamp,
    /// How often the user was muted: of two copies the newer order holds.
    pub(super) mutes: u32,
    /// Transitions that the outbox does not hold yet: of this user or of one whose record was evicted by this one.
    pub(super) pending: Vec<Snapshot>,
    /// In a fleet: who sends what.
    pub(super) deliveries: Deliveries,
}

/// An incident that has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct EndedIncident {
    at: Timestamp,
    /// Which, in short.
    incident: u64,
}

/// What a snapshot says of the user.
#[derive(Clone, Copy, Debug)]
pub(super) struct Facts<'a> {
    pub(super) user: &'a User,
    pub(super) acts: &'a Acts,
    pub(super) requests: &'a [Request],
    pub(super) restrictions: &'a Restrictions,
}

impl Life {
    /// Of a user without an incident.
    pub(super) fn new() -> Self {
        Self {
            trigger: Trigger::Armed,
            open: None,
            opened: 0,
            ended: Vec::new(),
            muted_until: Timestamp::default(),
            mutes: 0,
            pending: Vec::new(),
            deliveries: Deliveries::default(),
        }
    }

    /// The open incident.
    pub(super) fn open(&self) -> Option<&Open> {
        self.open.as_ref()
    }

    /// Nobody is notified of the user before this.
    pub(super) fn muted_until(&self) -> Timestamp {
        self.muted_until
    }

    /// The transitions that the outbox does not hold yet.
    pub(super) fn pending(&self) -> &[Snapshot] {
        &self.pending
    }

    /// Notes in what is pending how a request was answered. Returns whether that was news.
    pub(super) fn note_answer(&mut self, id: &str, status: u16) -> bool {
        let mut is_news = false;
        for snapshot in &mut self.pending {
            is_news |= snapshot.note_answer(id, status);
        }
        is_news
    }

    /// Can it be forgotten at `now`?
    pub(super) fn is_spent(&self, now: Timestamp) -> bool {
        self.pending.is_empty() && self.deliveries.is_empty() && self.open.is_none() && self.muted_until <= now
    }

    /// When the open incident ends if nothing more happens, as of `now`.
    pub(super) fn quiet_since(&mut self, acts: &Acts, now: Timestamp) -> Option<Timestamp> {
        let open = self.open.as_mut()?;
        open.look(acts, now);
        Some(open.resolve_at)
    }

    /// Points have left the window: arms the trigger if the user is quiet.
    pub(super) fn fall(&mut self, acts: &Acts) {
        self.trigger.fall(acts.standing());
    }

    /// After the new event `act`: opens the incident or lets it grow; a conclusive one opens it whatever the score. Returns
    /// the transition, if there was one.
    pub(super) fn grow(
        &mut self,
        facts: Facts<'_>,
        act: ActId,
        is_conclusive: bool,
        now: Timestamp,
        context: WeighContext<'_>,
    ) -> Option<Snapshot> {
        let WeighContext { policy, limits, key, notifies, .. } = context;
        let standing = facts.acts.standing();
        let band = limits.bands.of(standing.increase);
        if let Some(open) = &mut self.open {
            open.look(facts.acts, now);
            let is_update = open.grow(band, policy.repeat_interval(), now);
            return if is_update { self.step(Transition::Updated, None, facts, now, notifies) } else { None };
        }
        if !self.trigger.rise(standing, &limits, is_conclusive) {
            return None;
        }
        // The number keeps incidents apart that the same act opens again after the clock stepped back.
        let (act, number) = (act.hash.to_le_bytes(), self.opened.to_le_bytes());
        let incident = IncidentId(key.digest("incident", &[facts.user.id.as_bytes(), &act, &number]));
        self.opened = self.opened.saturating_add(1);
        self.open = Some(Open::new(incident, &limits, policy.window(), context.audience.clone(), facts.acts, now));
        self.step(Transition::Opened, None, facts, now, notifies)
    }

    /// The band of the incident that is open once [`Life::grow`] has taken a new event in; none if none will be.
    pub(super) fn band_after(&self, standing: Standing, limits: &Limits, is_conclusive: bool) -> Option<Band> {
        let band = limits.bands.of(standing.increase);
        match &self.open {
            Some(open) => Some(open.band.max(band)),
            None => {
                let mut trigger = self.trigger;
                trigger.rise(standing, limits, is_conclusive).then_some(band)
            }
        }
    }

    /// Ends the open incident. Returns the transition; none if no incident is open.
    pub(super) fn end(&mut self, ending: Ending, facts: Facts<'_>, now: Timestamp, notifies: bool) -> Option<Snapshot> {
        let resolved = self.step(Transition::Resolved, Some(ending), facts, now, notifies);
        if let Some(open) = self.open.take() {
            self.note_ended([EndedIncident { at: now, incident: open.incident.0.short() }]);
        }
        resolved
    }

    /// These incidents have ended, whichever copy says so.
    pub(super) fn note_ended(&mut self, ended: impl IntoIterator<Item = EndedIncident>) {
        self.ended.extend(ended);
        sort_by(&mut self.ended, |a, b| b.cmp(a));
        self.ended.dedup();
        self.ended.truncate(ENDED);
        let is_over = |open: &Open| self.ended.iter().any(|ended| ended.incident == open.incident.0.short());
        if self.open.as_ref().is_some_and(is_over) {
            self.open = None;
        }
    }

    /// Ends the open incident by hand: the next one opens after quiet, or in a higher band.
    pub(super) fn close(&mut self, facts: Facts<'_>, now: Timestamp, notifies: bool) -> Option<Snapshot> {
        let open = self.open.as_ref()?;
        self.trigger = Trigger::Closed(open.quiet(), open.band);
        self.end(Ending::Closed, facts, now, notifies)
    }

    /// The user's acts have been forgotten: any crossing opens an incident again.
    pub(super) fn arm(&mut self) {
        self.trigger = Trigger::Armed;
    }

    /// Until `until` nobody is notified, except of the end of an incident whose opening was sent.
    pub(super) fn mute(&mut self, until: Timestamp) {
        self.muted_until = until;
        self.mutes = self.mutes.saturating_add(1);
    }

    /// The outbox holds these transitions now; in a fleet it is that of the proxy `carrier`, which sends them. Returns whether
    /// any of them was pending.
    pub(super) fn mark_queued(&mut self, snapshots: &[Snapshot], carrier: Option<u32>) -> bool {
        let is_queued = |kept: &Snapshot| snapshots.iter().any(|queued| kept.is_same_transition(queued));
        let (queued, waiting): (Vec<_>, _) = std::mem::take(&mut self.pending).into_iter().partition(is_queued);
        self.pending = waiting;
        let is_news = !queued.is_empty();
        if let Some(carrier) = carrier {
            queued.into_iter().for_each(|snapshot| self.deliveries.carry(snapshot, carrier, true));
        }
        is_news
    }

    /// Keeps what is pending of an evicted record, whose own place is gone.
    pub(super) fn inherit(&mut self, evicted: Self) {
        evicted.pending.into_iter().for_each(|snapshot| self.keep(snapshot));
    }

    /// Takes the open incident through a transition, and keeps it as pending in the same step if a channel may want it.
    fn step(
        &mut self,
        transition: Transition,
        ending: Option<Ending>,
        facts: Facts<'_>,
        now: Timestamp,
        notifies: bool,
    ) -> Option<Snapshot> {
        let open = self.open.as_mut()?;
        let number = open.step(now);
        // A resolution is sent only if the opening was, but then also while the user is muted, and by a worker without
        // channels. An update of an incident whose opening was not sent is sent as its opening.
        let may_open = notifies && now >= self.muted_until;
        let (transition, is_wanted) = match transition {
            Transition::Updated if may_open && !open.is_known => (Transition::Opened, true),
            Transition::Resolved => (transition, open.is_known),
            Transition::Opened | Transition::Updated => (transition, may_open),
        };
        let Facts { user, acts, requests, restrictions } = facts;
        let snapshot = Snapshot {
            incident: open.incident,
            transition,
            ending,
            number,
            at: now,
            user: user.name.clone(),
            user_digest: user.id,
            source: user.source.clone(),
            increase: acts.increase(),
            threshold: open.threshold,
            window_millis: open.window().as_millis(),
            band: open.band,
            events: Tally::all(acts),
            requests: requests.iter().map(|request| request.named.clone()).collect(),
            addresses: addresses(requests),
            audience: open.audience.clone(),
            restrictions: *restrictions,
        };
        if is_wanted {
            open.audience.before = snapshot.reach();
            open.is_known = true;
            self.keep(snapshot.clone());
        }
        Some(snapshot)
    }

    /// Keeps a transition as pending; with too many an update is dropped.
    fn keep(&mut self, snapshot: Snapshot) {
        self.pending.push(snapshot);
        if self.pending.len() > PENDING {
            let update = self.pending.iter().position(|kept| kept.transition == Transition::Updated);
            self.pending.remove(update.unwrap_or(0));
        }
    }
}
