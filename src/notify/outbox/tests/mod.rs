//! Does each channel get each message once, in order and in time, whatever happens?

use super::*;
use crate::incident::audience::Audience;
use crate::incident::restriction::Restrictions;
use crate::incident::snapshot::IncidentId;
use crate::notify::outbox::message::{Content, Ready};
use crate::notify::queue::departure::{Contents, Departure, Exit};
use crate::notify::queue::outcome::{AttemptOutcome, Queued};
use crate::notify::rollup::IncidentMessage;
use crate::points::Points;
use crate::risk::band::Band;
use crate::state::cells::{Cell, Refusal, Unavailable, Version};
use crate::state::memory::Memory;

mod batches;
mod displacement;
mod expiry;
mod pauses;
mod properties;
mod reconfigured;
mod rollups;

pub(super) const RETRY: Verdict = Verdict::Retry { hold: None };
pub(super) const REFUSED: Verdict = Verdict::Refused { stop: false };
pub(super) const DELIVERED: AttemptOutcome = AttemptOutcome::Left(Exit::Delivered);
pub(super) const TIMEOUT: Duration = Duration::from_secs(15);

pub(super) struct Bench {
    pub(super) cells: Memory,
    pub(super) outbox: Outbox,
    pub(super) channels: Vec<ChannelId>,
    pub(super) policy: DeliveryPolicy,
    nonce: std::cell::Cell<u64>,
}

impl Ready {
    /// What it says about incidents.
    pub(super) fn message(&self) -> &IncidentMessage {
        let Content::Incidents(message) = &self.content else { panic!("it is about requests: {self:?}") };
        message
    }
}

impl Bench {
    pub(super) fn new(messages: u32) -> Self {
        let key = Key::from_passphrase("test");
        let channels = [b"a", b"b"].map(|name| key.digest("channel", &[name])).to_vec();
        Self {
            cells: Memory::default(),
            outbox: Outbox::new("t", messages, key),
            channels,
            policy: DeliveryPolicy::default(),
            nonce: std::cell::Cell::new(0),
        }
    }

    pub(super) fn post(&self, snapshot: &Snapshot, at: u64) -> Posted {
        let to: Vec<_> = self.channels.iter().map(|channel| (*channel, snapshot.transition)).collect();
        self.outbox.post(&self.cells, snapshot, &to, Timestamp::from_millis(at)).unwrap()
    }

    pub(super) fn take(&self, channel: usize, at: u64) -> Option<Ready> {
        self.take_all(channel, at).ready
    }

    pub(super) fn take_all(&self, channel: usize, at: u64) -> Taken {
        let (now, nonce) = (Timestamp::from_millis(at), self.nonce.get() + 1);
        self.nonce.set(nonce);
        self.outbox.take(&self.cells, (self.channels[channel], &self.policy), now, TIMEOUT, nonce).unwrap()
    }

    pub(super) fn settle(&self, channel: usize, ready: &Ready, verdict: &Verdict, at: u64) -> AttemptOutcome {
        self.settle_all(channel, ready, verdict, at).outcome
    }

    pub(super) fn settle_all(&self, channel: usize, ready: &Ready, verdict: &Verdict, at: u64) -> Settled {
        let now = Timestamp::from_millis(at);
        self.outbox.settle(&self.cells, (self.channels[channel], &self.policy), &ready.lease, verdict, now).unwrap()
    }

    /// How many messages are kept.
    pub(super) fn messages(&self) -> usize {
        let store = &self.outbox.0;
        (0..store.count()).map(|place| store.buckets.read(&self.cells, place).unwrap().count()).sum()
    }

    /// As many tries as are due until then, each answered like this: the moments, and what was sent.
    pub(super) fn play(&self, from: u64, to: u64, verdict: &Verdict) -> Vec<(u64, Ready)> {
        let mut tries = Vec::new();
        for at in (from..=to).step_by(100) {
            while let Some(ready) = self.take(0, at) {
                self.settle(0, &ready, verdict, at);
                tries.push((at, ready));
            }
        }
        tries
    }
}

pub(super) fn snapshot(incident: &str, number: u32, transition: Transition) -> Snapshot {
    let key = Key::from_passphrase("test");
    Snapshot {
        incident: IncidentId(key.digest("incident", &[incident.as_bytes()])),
        transition,
        ending: None,
        number,
        at: Timestamp::from_millis(0),
        user: incident.into(),
        user_digest: key.digest("user", &[incident.as_bytes()]),
        source: "header:x-user-id".into(),
        increase: Points::whole(16),
        threshold: Points::whole(10),
        window_millis: 1000,
        band: Band::Warning,
        events: Vec::new(),
        requests: Vec::new(),
        addresses: Vec::new(),
        audience: Audience::default(),
        restrictions: Restrictions::default(),
    }
}

#[test]
fn each_channel_gets_it_once_however_often_it_is_posted() {
    let bench = Bench::new(64);
    let opened = snapshot("i", 1, Transition::Opened);
    assert_eq!(bench.post(&opened, 0).queued, [Queued::Added, Queued::Added]);
    assert_eq!(bench.post(&opened, 1).queued, [Queued::Waiting, Queued::Waiting]);
    let first = bench.take(0, 2).unwrap();
    assert_eq!(bench.take(0, 3), None, "the lease is out");
    let second = bench.take(1, 3).unwrap();
    assert_ne!(first.message_id, second.message_id);
    assert_eq!(bench.settle(0, &first, &Verdict::Delivered, 4), DELIVERED);
    assert_eq!(bench.settle(0, &first, &Verdict::Delivered, 5), AttemptOutcome::Stale);
    assert_eq!(bench.post(&opened, 6).queued, [Queued::Left, Queued::Waiting]);
    assert_eq!(bench.settle(1, &second, &Verdict::Delivered, 7), DELIVERED);
    assert_eq!(bench.post(&opened, 8).queued, [Queued::Left, Queued::Left]);
    assert_eq!(bench.take(0, 100_000), None);
}

pub(super) const PROBE: Duration = Duration::from_secs(30);

#[test]
fn a_message_whose_sender_died_is_sent_again_and_the_dead_ones_answer_is_late() {
    let bench = Bench::new(64);
    bench.post(&snapshot("i", 1, Transition::Opened), 0);
    let lost = bench.take(0, 0).unwrap();
    assert_eq!(bench.take(0, 14_999), None);
    let again = bench.take(0, 15_000).unwrap();
    assert_eq!(again.message_id, lost.message_id);
    assert_eq!(bench.settle(0, &lost, &REFUSED, 15_001), AttemptOutcome::Stale);
    assert_eq!(bench.settle(0, &again, &Verdict::Delivered, 15_002), DELIVERED);
}

#[test]
fn messages_of_a_user_are_in_order_and_others_do_not_wait() {
    let bench = Bench::new(64);
    bench.post(&snapshot("i", 1, Transition::Opened), 0);
    bench.post(&snapshot("i", 2, Transition::Resolved), 0);
    bench.post(&snapshot("j", 1, Transition::Opened), 1);
    let opened = bench.take(0, 0).unwrap();
    bench.settle(0, &opened, &RETRY, 0);
    let other = bench.take(0, 1).unwrap();
    assert_eq!(other.message().snapshot.incident, snapshot("j", 1, Transition::Opened).incident);
    bench.settle(0, &other, &Verdict::Delivered, 2);
    assert_eq!(bench.take(0, 3), None);
    let opened = bench.take(0, 2_000).unwrap();
    assert_eq!(opened.message().snapshot.transition, Transition::Opened);
    let settled = bench.settle_all(0, &opened, &REFUSED, 2_001);
    assert_eq!(ways(&settled.departures), [("i", 1, Exit::Failed), ("i", 2, Exit::Failed)]);
    assert_eq!(bench.take(0, 100_000), None, "no end without a beginning");
}

#[test]
fn a_stopped_channel_takes_nothing_more() {
    let bench = Bench::new(64);
    bench.post(&snapshot("i", 1, Transition::Opened), 0);
    let ready = bench.take(0, 0).unwrap();
    bench.settle(0, &ready, &Verdict::Refused { stop: true }, 1);
    let posted = bench.post(&snapshot("j", 1, Transition::Opened), 2);
    assert_eq!(posted.queued, [Queued::Stopped, Queued::Added]);
}

#[test]
fn a_step_back_of_the_clock_stops_nothing() {
    let bench = Bench::new(64);
    let hours = 60 * 60 * 1000;
    bench.post(&snapshot("i", 1, Transition::Opened), 20 * hours);
    bench.take(0, 20 * hours).unwrap();
    assert_eq!(bench.take(0, 20 * hours - 1000), None, "the lease holds");
    let ready = bench.take(0, 8 * hours).unwrap();
    bench.settle(0, &ready, &Verdict::Retry { hold: Some(Duration::from_secs(3600)) }, 8 * hours);
    assert!(bench.take(0, 2 * hours).is_some());
}

/// Who left, with which transition's number, and by which way.
pub(super) fn ways(departures: &[Departure]) -> Vec<(&str, u32, Exit)> {
    let name = |departure: &Departure| match &departure.about {
        Contents::Incident(user) => Box::leak(user.name.clone().into_boxed_str()),
        other => panic!("not of one incident: {other:?}"),
    };
    departures.iter().map(|departure| (&*name(departure), departure.subject.number, departure.exit)).collect()
}

/// A transition with the number that it usually has.
pub(super) fn turn(incident: &str, transition: Transition) -> Snapshot {
    let number = match transition {
        Transition::Opened => 1,
        Transition::Updated => 2,
        Transition::Resolved => 3,
    };
    snapshot(incident, number, transition)
}

#[test]
fn a_full_outbox_stays_bounded() {
    let bench = Bench::new(8);
    for number in 0..1000 {
        bench.post(&snapshot(&format!("m{number}"), 1, Transition::Opened), 5);
    }
    // Buckets, and for each channel a node and a control cell.
    let cells = 8 / 2 + 2 * 2;
    assert!(bench.cells.len() <= cells, "{} cells", bench.cells.len());
}

#[test]
fn with_an_opening_goes_what_follows_it_and_nothing_else_with_an_update() {
    use Transition::{Opened, Resolved, Updated};
    let bench = Bench::new(64);
    bench.post(&turn("i", Opened), 0);
    bench.post(&turn("i", Updated), 0);
    bench.post(&turn("i", Resolved), 0);
    let opened = bench.take(0, 0).unwrap();
    assert_eq!(bench.settle(0, &opened, &Verdict::Delivered, 1), DELIVERED);
    let updated = bench.take(0, 2).unwrap();
    assert_eq!(ways(&bench.settle_all(0, &updated, &REFUSED, 3).departures), [("i", 2, Exit::Failed)]);
    assert_eq!(bench.take(0, 4).unwrap().message().snapshot.transition, Resolved, "it has to be taken back");
    // The other channel refuses the opening: it receives nothing more of it, also not what comes later.
    let opened = bench.take(1, 5).unwrap();
    assert_eq!(bench.settle_all(1, &opened, &REFUSED, 6).departures.len(), 3);
    assert_eq!(bench.post(&snapshot("i", 4, Updated), 7).queued, [Queued::Added, Queued::Suppressed]);
    assert_eq!(bench.take(1, 100_000), None);
}

#[test]
fn as_many_wait_as_there_is_room_for() {
    let bench = Bench::new(512);
    for number in 0..512 {
        let posted = bench.post(&snapshot(&format!("i{number}"), 1, Transition::Opened), 0);
        assert_eq!((posted.departures, posted.queued), (vec![], vec![Queued::Added; 2]), "{number}");
    }
}

/// Cells that count how often they are read and written, and how many bytes.
pub(super) struct Meter<'a> {
    cells: &'a Memory,
    figures: std::cell::Cell<(usize, usize)>,
}

impl<'a> Meter<'a> {
    pub(super) fn new(cells: &'a Memory) -> Self {
        Self { cells, figures: std::cell::Cell::default() }
    }

    pub(super) fn figures(&self) -> (usize, usize) {
        self.figures.get()
    }

    fn count(&self, bytes: usize) {
        let (accesses, sum) = self.figures.get();
        self.figures.set((accesses + 1, sum + bytes));
    }
}

impl Cells for Meter<'_> {
    fn read(&self, key: &str) -> Result<Option<Cell>, Unavailable> {
        let cell = self.cells.read(key);
        self.count(cell.as_ref().map_or(0, |cell| cell.as_ref().map_or(0, |cell| cell.bytes.len())));
        cell
    }

    fn swap(&self, key: &str, bytes: &[u8], seen: Option<Version>) -> Result<(), Refusal> {
        self.count(bytes.len());
        self.cells.swap(key, bytes, seen)
    }
}
