//! Does each channel get each message once, in order and in time, whatever happens?

use super::*;
use crate::incident::audience::Audience;
use crate::incident::snapshot::IncidentId;
use crate::points::Points;
use crate::risk::crossing::Band;
use crate::state::memory::Memory;

pub(super) const RETRY: Verdict = Verdict::Retry { hold: None };
pub(super) const REFUSED: Verdict = Verdict::Refused { stop: false };
const TIMEOUT: Duration = Duration::from_secs(15);

pub(super) struct Bench {
    pub(super) cells: Memory,
    pub(super) outbox: Outbox,
    pub(super) channels: Vec<ChannelId>,
    pub(super) policy: DeliveryPolicy,
}

impl Ready {
    /// What it tells of incidents.
    pub(super) fn message(&self) -> &IncidentMessage {
        let Content::Incidents(message) = &self.content else { panic!("it tells of requests: {self:?}") };
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
        }
    }

    pub(super) fn post(&self, snapshot: &Snapshot, at: u64) -> Posted {
        let to: Vec<_> = self.channels.iter().map(|channel| (*channel, snapshot.transition)).collect();
        self.outbox.post(&self.cells, snapshot, &to, Timestamp::from_millis(at)).unwrap()
    }

    pub(super) fn take(&self, channel: usize, at: u64) -> Option<Ready> {
        let now = Timestamp::from_millis(at);
        self.outbox.take(&self.cells, (self.channels[channel], &self.policy), now, TIMEOUT, at).unwrap().ready
    }

    pub(super) fn settle(&self, channel: usize, ready: &Ready, verdict: &Verdict, at: u64) -> AttemptOutcome {
        let now = Timestamp::from_millis(at);
        let to = (self.channels[channel], &self.policy);
        let batch = if let Content::Requests(batch) = &ready.content { Some(batch.number()) } else { None };
        self.outbox.settle(&self.cells, to, (&ready.lease, batch), verdict, now).unwrap()
    }

    /// How many snapshots are kept.
    pub(super) fn parcels(&self) -> usize {
        let buckets = &self.outbox.parcels;
        (0..buckets.count()).map(|at| buckets.records(&self.cells, at).unwrap().len()).sum()
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
        user: "u".into(),
        user_digest: key.digest("user", &[incident.as_bytes()]),
        source: "header:x-user-id".into(),
        increase: Points::whole(16),
        threshold: Points::whole(10),
        window_millis: 1000,
        band: Band::Warning,
        events: Vec::new(),
        requests: Vec::new(),
        audience: Audience::default(),
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
    assert!(matches!(bench.settle(0, &first, &Verdict::Delivered, 4), AttemptOutcome::Delivered(_)));
    assert_eq!(bench.settle(0, &first, &Verdict::Delivered, 5), AttemptOutcome::Stale);
    assert_eq!(bench.post(&opened, 6).queued, [Queued::Delivered, Queued::Waiting]);
    assert!(matches!(bench.settle(1, &second, &Verdict::Delivered, 7), AttemptOutcome::Delivered(_)));
    assert_eq!(bench.post(&opened, 8).queued, [Queued::Delivered, Queued::Delivered]);
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
    assert!(matches!(bench.settle(0, &again, &Verdict::Delivered, 15_002), AttemptOutcome::Delivered(_)));
}

#[test]
fn a_user_is_told_of_in_order_and_others_do_not_wait() {
    let bench = Bench::new(64);
    bench.post(&snapshot("i", 1, Transition::Opened), 0);
    bench.post(&snapshot("i", 2, Transition::Resolved), 0);
    bench.post(&snapshot("j", 1, Transition::Opened), 0);
    let opened = bench.take(0, 0).unwrap();
    bench.settle(0, &opened, &RETRY, 0);
    let other = bench.take(0, 1).unwrap();
    assert_eq!(other.message().snapshot.incident, snapshot("j", 1, Transition::Opened).incident);
    bench.settle(0, &other, &Verdict::Delivered, 2);
    assert_eq!(bench.take(0, 3), None);
    let opened = bench.take(0, 2_000).unwrap();
    assert_eq!(opened.message().snapshot.transition, Transition::Opened);
    assert!(matches!(bench.settle(0, &opened, &REFUSED, 2_001), AttemptOutcome::Dropped(gone) if gone.len() == 2));
    assert_eq!(bench.take(0, 100_000), None, "nobody hears the end of what they never heard of");
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

/// What waits, by incident and transition.
fn subjects(sent: &[(&str, Transition)]) -> Vec<Subject> {
    sent.iter().map(|(incident, transition)| Subject::of(&turn(incident, *transition))).collect()
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
fn a_full_queue_lets_go_what_is_news_least() {
    use Transition::{Opened, Resolved, Updated};
    // What waits, the oldest first; a newcomer; what goes for it (nothing: the newcomer itself).
    type Row<'a> = (&'a [(&'a str, Transition)], (&'a str, Transition), &'a [(&'a str, Transition)]);
    let rows: [Row<'_>; 8] = [
        (&[("a", Opened), ("a", Updated), ("b", Opened)], ("c", Opened), &[("a", Updated)]),
        (&[("a", Opened), ("a", Updated), ("b", Updated)], ("c", Updated), &[("a", Updated)]),
        (&[("a", Opened), ("b", Opened), ("b", Resolved)], ("c", Opened), &[("b", Opened), ("b", Resolved)]),
        (&[("a", Opened), ("b", Opened), ("c", Opened)], ("d", Opened), &[("a", Opened)]),
        (&[("a", Opened), ("b", Opened), ("c", Opened)], ("a", Resolved), &[("b", Opened)]),
        (&[("a", Opened), ("b", Opened), ("c", Opened)], ("a", Updated), &[]),
        (&[("a", Resolved), ("b", Resolved), ("c", Resolved)], ("d", Opened), &[]),
        (&[("a", Resolved), ("b", Opened), ("c", Resolved)], ("d", Resolved), &[("b", Opened)]),
    ];
    for (waiting, (newcomer, transition), gone) in rows {
        let mut queue = Queue::default();
        let now = Timestamp::from_millis(0);
        for (incident, transition) in waiting {
            assert_eq!(queue.push(&turn(incident, *transition), *transition, now, 3), Queued::Added);
        }
        let queued = queue.push(&turn(newcomer, transition), transition, now, 3);
        let expected = if gone.is_empty() { Queued::Full } else { Queued::Displaced(subjects(gone)) };
        assert_eq!(queued, expected, "{waiting:?} and {newcomer} {transition:?}");
        let opening = gone.iter().find(|(_, transition)| *transition == Opened).map(|(incident, _)| *incident);
        let unheard = opening.or((gone.is_empty() && transition == Opened).then_some(newcomer));
        if let Some(incident) = unheard {
            let end = queue.push(&turn(incident, Resolved), Resolved, now, 100);
            assert_eq!(end, Queued::Suppressed, "nobody hears the end of what they never heard of: {incident}");
        }
    }
}

#[test]
fn what_is_under_way_makes_no_room() {
    let bench = Bench::new(8);
    for number in 0..8 {
        bench.post(&snapshot(&format!("i{number}"), 1, Transition::Opened), 0);
    }
    let first = bench.take(0, 0).unwrap();
    let posted = bench.post(&snapshot("k", 1, Transition::Opened), 1);
    let second = Subject::of(&snapshot("i1", 1, Transition::Opened));
    assert_eq!(posted.queued[0], Queued::Displaced(vec![second]));
    assert!(matches!(bench.settle(0, &first, &Verdict::Delivered, 2), AttemptOutcome::Delivered(_)));
}

#[test]
fn a_full_outbox_stays_bounded() {
    let bench = Bench::new(8);
    for number in 0..1000 {
        bench.post(&snapshot(&format!("m{number}"), 1, Transition::Opened), 5);
    }
    let cells = 8 * 4 / 8 + 2;
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
    assert!(matches!(bench.settle(0, &opened, &Verdict::Delivered, 1), AttemptOutcome::Delivered(_)));
    let updated = bench.take(0, 2).unwrap();
    assert_eq!(bench.settle(0, &updated, &REFUSED, 3), AttemptOutcome::Dropped(subjects(&[("i", Updated)])));
    assert_eq!(bench.take(0, 4).unwrap().message().snapshot.transition, Resolved, "it has to be taken back");
    // The other channel refuses the opening: it hears no more of it, also not of what comes later.
    let opened = bench.take(1, 5).unwrap();
    assert!(matches!(bench.settle(1, &opened, &REFUSED, 6), AttemptOutcome::Dropped(gone) if gone.len() == 3));
    assert_eq!(bench.post(&snapshot("i", 4, Updated), 7).queued, [Queued::Added, Queued::Suppressed]);
    assert_eq!(bench.take(1, 100_000), None);
}

#[test]
fn a_message_is_tried_until_it_is_given_up() {
    for (give_up_after, least, most) in [(Duration::from_secs(10), 4, 5), (Duration::from_secs(60), 5, 7)] {
        let mut bench = Bench::new(64);
        bench.policy.give_up_after = give_up_after;
        bench.post(&turn("i", Transition::Opened), 0);
        let tries = bench.play(0, 200_000, &RETRY);
        assert!((least..=most).contains(&tries.len()), "{} tries in {give_up_after:?}", tries.len());
        let last = Duration::from_millis(tries.last().unwrap().0);
        assert!(last >= give_up_after && last < give_up_after + PROBE * 2, "{last:?}");
        assert_eq!(bench.take(0, 10_000_000), None);
    }
}

#[test]
fn as_many_wait_as_there_is_room_for() {
    let bench = Bench::new(512);
    for number in 0..512 {
        let posted = bench.post(&snapshot(&format!("i{number}"), 1, Transition::Opened), 0);
        assert_eq!((posted.lost, posted.queued), (0, vec![Queued::Added; 2]), "{number}");
    }
}
