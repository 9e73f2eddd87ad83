//! What is remembered of one user: acts, the incident they led to. And which record is evicted when there is no room?

use postcard::experimental::serialized_size;
use serde::{Deserialize, Serialize};

use crate::clock::{Span, Timestamp, Window};
use crate::detect::category::Category;
use crate::incident::events::{EventEntry, Events};
use crate::incident::life::{Facts, Life};
use crate::incident::open::Open;
use crate::incident::request::{NamedRequest, REQUESTS, Request, addresses};
use crate::incident::restriction::{Reason, Restrictions};
use crate::incident::sharing::Sharing;
use crate::incident::snapshot::{Ending, Snapshot, Tally};
use crate::incident::user::User;
use crate::keyed_hash::Digest;
use crate::points::Points;
use crate::risk::acts::Acts;
use crate::risk::per_proxy::{HOURS, Hours};
use crate::state::buckets::Kept;

/// The most bytes of a record as it is stored, apart from transitions that the outbox does not hold yet.
pub const LARGEST: usize = 8 * 1024;

/// The record of one user.
///
/// No more than [`LARGEST`] bytes of it are stored, whatever the user sends: what matters least is given up first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    pub(super) user: User,
    pub(super) acts: Acts,
    pub(super) life: Life,
    /// The newest requests that counted, the newest first.
    pub(super) requests: Vec<Request>,
    /// The points of each hour.
    pub(super) hours: Hours,
    /// The newest events, while an incident is open.
    pub(super) events: Events,
    pub(super) restrictions: Restrictions,
    /// When an operator last forgave what the user had done.
    pub(super) forgiven: Timestamp,
    /// How it stands to the fleet's copy.
    pub(super) sharing: Sharing,
}

impl Record {
    /// The record of a user without any acts.
    pub fn new(user: User) -> Self {
        Self {
            user,
            acts: Acts::default(),
            life: Life::new(),
            requests: Vec::new(),
            hours: Hours::default(),
            events: Events::default(),
            restrictions: Restrictions::default(),
            forgiven: Timestamp::default(),
            sharing: Sharing::default(),
        }
    }

    /// Forgets what has left the window at `now`, and ends an incident that has fallen quiet by then; an open incident is
    /// judged by the window with which it opened. Returns the end, if there was one.
    pub fn expire(&mut self, now: Timestamp, window: Span, notifies: bool) -> Option<Snapshot> {
        let end = self.acts.moment(now);
        // Before anything is forgotten: the incident ends at the moment at which it fell quiet, not at the next look.
        let quiet_since = self.life.quiet_since(&self.acts, end);
        let resolved = quiet_since.filter(|quiet| *quiet <= end).and_then(|quiet| {
            let length = self.life.open()?.window().duration();
            self.acts.expire(Window { end: quiet, length });
            let (life, facts) = self.parts();
            let resolved = life.end(Ending::Quiet, facts, quiet, notifies);
            self.events.clear();
            self.sharing.touch();
            resolved
        });
        self.acts.expire(Window { end, length: window.duration() });
        self.life.fall(&self.acts);
        resolved
    }

    /// Ends an incident that has fallen quiet by its own window. Without one there is nothing to resolve.
    pub fn resolve(&mut self, now: Timestamp, notifies: bool) -> Option<Snapshot> {
        let window = self.life.open()?.window();
        self.expire(now, window, notifies)
    }

    /// Ends the open incident by hand: the next one opens only after quiet, or in a higher band.
    pub fn close(&mut self, now: Timestamp, notifies: bool) -> Option<Snapshot> {
        let (life, facts) = self.parts();
        let closed = life.close(facts, now, notifies);
        self.sharing.touch();
        self.events.clear();
        closed
    }

    /// Forgets the user's acts, and ends the open incident and what was refused because of it.
    pub fn forgive(&mut self, now: Timestamp, notifies: bool) -> Option<Snapshot> {
        let (life, facts) = self.parts();
        let forgiven = life.end(Ending::Forgiven, facts, now, notifies);
        self.life.arm();
        (self.acts, self.hours, self.events) = (Acts::default(), Hours::default(), Events::default());
        self.requests.clear();
        self.forgiven = now;
        self.sharing.touch();
        self.sharing.undecided = None;
        self.restrictions.block.lift(now);
        self.restrictions.redirect.lift(now);
        forgiven
    }

    /// Until `until` nobody is notified of the user, except of the end of an incident whose opening was sent.
    pub fn mute(&mut self, until: Timestamp) {
        self.life.mute(until);
        self.sharing.touch();
    }

    /// Has the open incident fallen quiet by `now`?
    pub fn is_due(&self, now: Timestamp) -> bool {
        self.resolve_at().is_some_and(|due| due <= now)
    }

    /// Whose record it is.
    pub fn user(&self) -> &User {
        &self.user
    }

    /// The open incident.
    pub fn open(&self) -> Option<&Open> {
        self.life.open()
    }

    /// The points that count, of what was not forgotten yet.
    pub fn increase(&self) -> Points {
        self.acts.increase()
    }

    /// When the increase falls next if nothing more happens.
    pub fn next_fall(&self, window: Span) -> Option<Timestamp> {
        self.acts.next_leaves(window.duration())
    }

    /// Until when nobody is notified of the user.
    pub fn muted_until(&self) -> Timestamp {
        self.life.muted_until()
    }

    /// The newest requests that counted, the newest first.
    pub fn requests(&self) -> impl Iterator<Item = &NamedRequest> {
        self.requests.iter().map(|request| &request.named)
    }

    /// From which addresses these came, as far as `privacy.addresses` allows.
    pub fn addresses(&self) -> Vec<String> {
        addresses(&self.requests)
    }

    /// The points of each of the last 24 hours, the oldest first and those of the running hour last.
    pub fn hours(&self, now: Timestamp) -> [Points; HOURS] {
        self.hours.sums(now)
    }

    /// The newest events of the open incident.
    pub fn events(&self) -> &Events {
        &self.events
    }

    /// What is refused to the user.
    pub fn restrictions(&self) -> &Restrictions {
        &self.restrictions
    }

    /// What is refused to the user, to begin or to lift it.
    pub fn restrictions_mut(&mut self) -> &mut Restrictions {
        self.sharing.touch();
        &mut self.restrictions
    }

    /// When the open incident ends if nothing more happens.
    pub fn resolve_at(&self) -> Option<Timestamp> {
        self.life.open().map(|open| open.resolve_at)
    }

    /// Can the record be dropped? Not while the user is muted or restricted.
    pub fn is_spent(&self, now: Timestamp) -> bool {
        self.acts.is_empty() && self.life.is_spent(now) && self.restrictions.until() <= now
    }

    /// The transitions that the outbox does not hold yet; each stays until [`Record::mark_queued`].
    pub fn pending(&self) -> &[Snapshot] {
        self.life.pending()
    }

    /// The outbox holds these transitions now; in a fleet it is that of the proxy `carrier`. Returns whether any of them was
    /// pending.
    pub fn mark_queued(&mut self, snapshots: &[Snapshot], carrier: Option<u32>) -> bool {
        self.life.mark_queued(snapshots, carrier)
    }

    /// How it stands to the fleet's copy.
    pub fn sharing(&self) -> &Sharing {
        &self.sharing
    }

    /// How it stands to the fleet's copy, to change that.
    pub fn sharing_mut(&mut self) -> &mut Sharing {
        &mut self.sharing
    }

    /// When the newest act of this category was that counts.
    pub fn last_of(&self, category: Category) -> Option<Timestamp> {
        self.acts.last_of(category)
    }

    /// Has the user any points?
    pub fn has_points(&self) -> bool {
        self.acts.increase() > Points::ZERO
    }

    /// Has the user neither points, nor an incident, nor anything that waits to be told?
    pub fn has_nothing(&self) -> bool {
        !self.has_points() && self.open().is_none() && self.pending().is_empty()
    }

    /// Does it hold an operator's order that is in force: a mute, or a block?
    pub fn is_ordered(&self, now: Timestamp) -> bool {
        let block = &self.restrictions.block;
        now < self.muted_until() || (now < block.until() && block.reason() == Reason::Operator)
    }

    /// May this record be evicted for a record of `newcomer`? Not if it has points and somebody stronger vouches for its name:
    /// otherwise invented names would push out those that can't be invented. And never while an operator's order is in force.
    pub fn gives_way_to(&self, newcomer: &User, now: Timestamp) -> bool {
        (self.user.strength <= newcomer.strength || !self.has_points()) && !self.is_ordered(now)
    }

    /// This record takes the place of another. The other's open incident ends, and what is pending of it moves here.
    pub fn succeed(&mut self, mut evicted: Self, now: Timestamp, notifies: bool) -> Option<Snapshot> {
        // The fleet keeps what it has; the other proxies end the incident.
        let is_kept = evicted.sharing.known.is_some() && !evicted.sharing.is_changed;
        let (life, facts) = evicted.parts();
        let resolved = if is_kept { None } else { life.end(Ending::Evicted, facts, now, notifies) };
        self.life.inherit(evicted.life);
        resolved
    }

    /// What the user did, rule by rule, the most points first.
    pub fn tallies(&self) -> Vec<Tally> {
        Tally::all(&self.acts)
    }

    /// How many bytes of it are stored, apart from transitions that the outbox does not hold yet.
    pub fn size(&self) -> usize {
        let size = |stored: Result<usize, postcard::Error>| stored.unwrap_or_default();
        let unsent = size(serialized_size(self.life.pending())) + size(serialized_size(&self.life.deliveries));
        size(serialized_size(self)).saturating_sub(unsent)
    }

    pub(super) fn note_request(&mut self, id: &str, address: &str, now: Timestamp) {
        if !id.is_empty() && self.requests.first().is_none_or(|newest| newest.named.id != id) {
            let named = NamedRequest { id: id.to_owned(), status: None };
            self.requests.insert(0, Request { time: now, named, address: address.to_owned() });
            self.requests.truncate(REQUESTS);
        }
    }

    /// Notes how a request that counted was answered, also in what is still to be told. Returns whether that was news.
    pub(super) fn note_answer(&mut self, id: &str, status: u16) -> bool {
        let mut is_news = self.life.note_answer(id, status) | self.events.note_answer(id, status);
        for request in &mut self.requests {
            is_news |= request.named.note_answer(id, status);
        }
        if is_news {
            self.sharing.touch();
        }
        is_news
    }

    /// Keeps the events of a request, each with its rule, target and points, while an incident is open.
    pub(super) fn note_events<'e>(
        &mut self,
        events: impl Iterator<Item = (&'e str, &'e str, Points)>,
        request_id: &str,
        time: Timestamp,
    ) {
        if self.life.open().is_none() && self.sharing.undecided.is_none() {
            return self.events.clear();
        }
        for (rule, target, points) in events {
            let request = NamedRequest { id: request_id.to_owned(), status: None };
            self.events.add(EventEntry { time, rule: rule.to_owned(), target: target.to_owned(), points, request });
        }
    }

    /// Gives up what matters least until it is small enough to be stored: the oldest events first.
    pub(super) fn fit(&mut self, stack: usize) {
        while self.size() > LARGEST && (self.events.shrink() || self.acts.shrink(stack)) {}
    }

    pub(super) fn parts(&mut self) -> (&mut Life, Facts<'_>) {
        let Self { user, acts, life, requests, restrictions, .. } = self;
        (life, Facts { user, acts, requests, restrictions })
    }
}

impl Kept for Record {
    const FORMAT: u8 = 10;

    fn id(&self) -> Digest {
        self.user.id
    }

    /// Pending transitions add nothing: the record that evicts this one keeps them. Not every record may be evicted for every
    /// newcomer: [`Record::gives_way_to`].
    fn worth(&self) -> impl Ord {
        (self.life.open().is_some(), self.user.strength, self.acts.increase())
    }
}
