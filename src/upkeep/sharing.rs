//! When and what is the fleet's store asked? On ticks, about users with something new, in one call of the process at a time.
//!
//! Traffic never waits for it: an event changes the local record, and marks the user. What an event means is decided when the
//! store has taken the decision, or by this proxy alone after ten seconds, or at once while the store does not answer.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::fleet::feed::{Entry, Kind};
use crate::fleet::link::{State, first_count};
use crate::fleet::port::{FEED_PAGE, FIRST_PAGES, Operation};
use crate::fleet::record_copy;
use crate::fleet::store::Store;
use crate::fleet::to_sync::Due;
use crate::incident::adopt::FleetContext;
use crate::incident::fleet_ledger::DecidedAlone;
use crate::incident::record::Record;
use crate::incident::sharing::Deciding;
use crate::incident::snapshot::{Snapshot, Transition};
use crate::keyed_hash::Digest;
use crate::notify::privacy::Users;
use crate::sort::sort;
use crate::state::cells::Cells;
use crate::worker::effect::{AskedUser, Effect, Sent, StoreCall};
use crate::worker::metric::{Counter, Gauge};
use crate::worker::tables::Tables;
use crate::worker::turn::Turn;

/// The most users in one call.
const USERS_PER_CALL: usize = 100;

/// The most bytes of records in one call.
const BYTES_PER_CALL: usize = 256 * 1024;

/// For so long a crossing waits for a fleet whose store answers: a thousand users who cross at once keep it busy for some seconds.
const PATIENCE: Duration = Duration::from_secs(10);

/// While more users wait the feed is not read on.
const MOST_WAITING: usize = 2048;

/// A proxy that seemed dead for so long is: its own sign of life lasts 20 s beyond its death.
const DEAD_FOR: Duration = Duration::from_secs(5);

/// How much longer than its acts count a record is kept in the store: clocks differ.
const SLACK: Duration = Duration::from_secs(60 * 60);

impl<'a, C: Cells> Turn<'a, C> {
    /// Who decides what an event means.
    pub(crate) fn deciding(&self, tables: &Tables) -> Deciding {
        if self.worker.config.store.is_none() {
            return Deciding::Alone;
        }
        let state = tables.link.state(&self.worker.cells);
        if state.is_ok_and(|state| state.is_answering()) { Deciding::Fleet } else { Deciding::Meanwhile }
    }

    /// A user's record has changed: the fleet is to know. An order is told to all proxies.
    pub(crate) fn share(&mut self, tables: &Tables, user: Digest, order: Option<Kind>) {
        let worker = self.worker;
        let Some(store) = &worker.config.store else { return };
        let record = tables.ledger.read(&worker.cells, user).ok().flatten();
        let is_urgent = |record: &Record| record.sharing().undecided.as_ref().is_some_and(|event| event.is_urgent);
        let at = match (order, record.as_ref().is_some_and(is_urgent)) {
            (None, false) => self.now.after(store.redis.every.duration()),
            _ => self.now,
        };
        self.ask_about(tables, Due { user, at, since: self.now, order, is_first: false });
    }

    /// The store is to be asked about the user, as soon as may be.
    pub(super) fn ask_now(&mut self, tables: &Tables, user: Digest) {
        self.ask_about(tables, Due { user, at: self.now, since: self.now, order: None, is_first: false });
    }

    pub(super) fn ask_about(&mut self, tables: &Tables, due: Due) {
        // Where it fails, the sweep finds the user.
        if tables.to_sync.add(&self.worker.cells, due) == Ok(false) {
            self.count(Counter::StoreDeferred, 1);
        }
    }

    /// On a tick: asks the store, if it is time.
    pub(super) fn sync(&mut self, tables: &Tables) {
        let worker = self.worker;
        let Some(store) = &worker.config.store else { return };
        let Ok((due, waiting)) = tables.to_sync.due(&worker.cells, self.now, USERS_PER_CALL) else { return };
        let Ok(state) = tables.link.state(&worker.cells) else { return };
        self.decide_late(tables, &state, &due);
        self.gauge(Gauge::StoreWaiting, waiting as u64);
        let age = state.answered.or(worker.started.get().copied()).map_or(0, |last| self.now.since(last).as_secs());
        self.gauge(Gauge::StoreAge, age);
        let timeout = store.redis.timeout.duration();
        let nonce = worker.lease_nonce();
        let Ok(Some(state)) = tables.link.begin(&worker.cells, nonce, timeout, !due.is_empty(), self.now) else {
            return;
        };
        let call = self.call(tables, &state, nonce, due, waiting);
        let body = Store(store).encode(&call.operations);
        self.count(Counter::StoreCalls, 1);
        self.count(Counter::StoreBytesSent, body.len() as u64);
        self.push(Effect::Ask { call, cluster: store.redis.cluster.clone(), timeout, body });
    }

    /// Decides alone what the fleet has not decided in time.
    fn decide_late(&mut self, tables: &Tables, state: &State, due: &[Due]) {
        let patience = if state.is_answering() { PATIENCE } else { Duration::ZERO };
        for Due { user, since, .. } in due {
            if self.now.since(*since) < patience {
                continue;
            }
            let (cells, context) = (&self.worker.cells, self.fleet_context(tables));
            if let Ok(Some(DecidedAlone { transitions, pending })) =
                tables.ledger.decide_alone(cells, *user, patience, self.now, context)
            {
                self.count(Counter::StoreDecidedAlone, 1);
                self.note_transitions(&transitions, None);
                self.publish_stances(tables, &[*user]);
                self.hand_off(tables, *user, &pending);
            }
        }
    }

    fn call(&mut self, tables: &Tables, state: &State, nonce: u64, due: Vec<Due>, waiting: usize) -> StoreCall {
        let mut operations = vec![Operation::Clock { first: first_count(nonce) }, Operation::Live(tables.proxy)];
        let limit = if state.is_caught_up { FEED_PAGE } else { FIRST_PAGES };
        // What the feed names has to fit among those who wait: of a user without a record no sweep knows.
        if waiting < MOST_WAITING {
            operations.push(Operation::Feed { after: state.position, limit });
        }
        let (mut users, mut owners, mut bytes) = (Vec::new(), Vec::new(), 0);
        for due in due {
            let user = due.user;
            let Ok(record) = tables.ledger.read(&self.worker.cells, user) else { continue };
            let record = record.map(|record| self.finish_deliveries(tables, record));
            owners.extend(record.iter().flat_map(|record| record.owners(tables.proxy)));
            let (operation, sent) = self.operation(tables, &due, record);
            bytes += if let Operation::Swap { bytes, .. } = &operation { bytes.len() } else { 0 };
            if bytes > BYTES_PER_CALL {
                break;
            }
            users.push(AskedUser { due, operation: operations.len(), sent });
            operations.push(operation);
        }
        sort(&mut owners);
        owners.dedup();
        if !owners.is_empty() {
            operations.push(Operation::Lives(owners));
        }
        StoreCall { nonce, operations, users }
    }

    /// What the store is asked about one user.
    fn operation(&mut self, tables: &Tables, due: &Due, record: Option<Record>) -> (Operation, Option<Box<Sent>>) {
        let (user, context) = (due.user, self.fleet_context(tables));
        let read = |known| (Operation::Read { user, known }, None);
        let Some(mut record) = record else { return read(None) };
        let sharing = record.sharing().clone();
        let doubt = sharing.doubt.filter(|doubt| self.now.since(doubt.since) >= DEAD_FOR);
        let is_news = sharing.is_changed || sharing.undecided.is_some();
        if !is_news && due.order.is_none() && doubt.is_none() && !record.is_due(self.now) {
            return read(sharing.known);
        }
        let decided = sharing.undecided.as_ref().map(|event| event.act.hash);
        let dead: Vec<_> = doubt.into_iter().map(|doubt| doubt.owner).collect();
        let transitions = record.decide(&dead, self.now, context);
        let ttl = self.time_to_live(&record);
        let entry = entry(&record, due, &transitions, self.now, self.now.after(ttl));
        let shared = record.shared_form(context);
        match record_copy::to_bytes(&shared) {
            Some((bytes, version)) => {
                let sent = Sent { record: shared, version, transitions, decided };
                (Operation::Swap { user, expected: sharing.known, bytes, ttl, entry }, Some(Box::new(sent)))
            }
            None => {
                self.count(Counter::StoreLost, 1);
                read(sharing.known)
            }
        }
    }

    /// What this proxy's outbox has sent for the user is known to have been sent.
    fn finish_deliveries(&self, tables: &Tables, mut record: Record) -> Record {
        let cells = &self.worker.cells;
        let mut sent = record.on_their_way(tables.proxy);
        sent.retain(|snapshot| tables.outbox.holds(cells, snapshot) == Ok(false));
        if !sent.is_empty() && tables.ledger.finish(cells, record.user().id, &sent).is_ok() {
            record.finish(&sent);
        }
        record
    }

    /// How long the store keeps the record if nobody writes it again.
    fn time_to_live(&self, record: &Record) -> Duration {
        let window = self.worker.config.risk.window().duration();
        let end = record.restrictions().until().max(record.muted_until());
        window.max(end.since(self.now)).saturating_add(SLACK)
    }

    pub(super) fn fleet_context(&self, tables: &'a Tables) -> FleetContext<'a> {
        let worker = self.worker;
        FleetContext {
            policy: &worker.config.risk,
            key: &tables.key,
            notifies: worker.notifies(),
            proxy: tables.proxy,
            hides_names: worker.config.privacy.users == Users::Hashed,
        }
    }

    /// For the sweep: the users of a bucket of whom the store may not know all.
    pub(super) fn ask_about_unshared(&mut self, tables: &Tables, bucket: u64) {
        if self.worker.config.store.is_none() {
            return;
        }
        let cells = &self.worker.cells;
        let Ok(state) = tables.link.state(cells) else { return };
        for user in tables.ledger.unshared(cells, bucket, state.life, tables.proxy).unwrap_or_default() {
            self.ask_now(tables, user);
        }
    }
}

/// What the others are told of the swap: an order, a decision, or what the store's copy lacks. It lacks what was decided while it
/// was silent, and everything after it has lost its data.
fn entry(record: &Record, due: &Due, transitions: &[Snapshot], now: Timestamp, until: Timestamp) -> Option<Entry> {
    let of_transition = transitions.last().map(|last| match last.transition {
        Transition::Opened | Transition::Updated => Kind::Opened,
        Transition::Resolved => Kind::Ended,
    });
    let (own, known) = (record.to_announce(), record.sharing().announced);
    let lacks = || match () {
        () if own.restricted != known.restricted && now < own.restricted.max(known.restricted) => Some(Kind::Blocked),
        () if own.open != known.open => Some(if own.open.is_some() { Kind::Opened } else { Kind::Ended }),
        () if own.muted != known.muted && now < own.muted.max(known.muted) => Some(Kind::Muted),
        () => None,
    };
    let kind = due.order.or(of_transition).or_else(lacks)?;
    Some(Entry { kind, user: record.user().id, until })
}
