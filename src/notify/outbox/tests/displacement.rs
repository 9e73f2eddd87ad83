//! Does what matters least make room, is it said of whom, and does it cost little?

use super::{Bench, DELIVERED, REFUSED, snapshot, turn, ways};
use crate::clock::Timestamp;
use crate::incident::snapshot::{Snapshot, Transition};
use crate::notify::callout::Verdict;
use crate::notify::outbox::Outbox;
use crate::notify::queue::departure::{Departure, Exit};
use crate::notify::queue::outcome::Queued;
use crate::risk::band::Band;
use Transition::{Opened, Resolved, Updated};

impl Bench {
    /// Room for so many; then posts go to the first channel only.
    fn with_room(messages: u32) -> Self {
        let mut bench = Self::new(8);
        bench.outbox = Outbox::new("t", 4096, bench.outbox.0.key.clone());
        bench.outbox.0.room = messages;
        bench.channels.truncate(1);
        bench
    }
}

fn own(departures: Vec<(crate::keyed_hash::Digest, Departure)>) -> Vec<Departure> {
    departures.into_iter().map(|(_, departure)| departure).collect()
}

#[test]
fn what_matters_least_makes_room() {
    // What waits, the oldest first; a newcomer; what leaves.
    type Row<'a> = (&'a [(&'a str, Transition)], (&'a str, Transition), &'a [(&'a str, u32)]);
    let rows: [Row<'_>; 8] = [
        (&[("a", Opened), ("a", Updated), ("b", Opened)], ("c", Opened), &[("a", 2)]),
        (&[("a", Opened), ("a", Updated), ("b", Updated)], ("c", Updated), &[("a", 2)]),
        (&[("a", Opened), ("b", Opened), ("b", Resolved)], ("c", Opened), &[("b", 1), ("b", 3)]),
        (&[("a", Opened), ("b", Opened), ("c", Opened)], ("d", Opened), &[("a", 1)]),
        // It is over, and so matters least itself: both go.
        (&[("a", Opened), ("b", Opened), ("c", Opened)], ("b", Resolved), &[("b", 1), ("b", 3)]),
        (&[("a", Opened), ("b", Opened), ("c", Opened)], ("a", Updated), &[("a", 2)]),
        (&[("a", Resolved), ("b", Resolved), ("c", Resolved)], ("d", Opened), &[("d", 1)]),
        (&[("a", Resolved), ("b", Opened), ("c", Resolved)], ("d", Resolved), &[("b", 1)]),
    ];
    for (waiting, (newcomer, transition), expected) in rows {
        let bench = Bench::with_room(3);
        for (at, (incident, transition)) in waiting.iter().enumerate() {
            assert_eq!(bench.post(&turn(incident, *transition), at as u64).queued, [Queued::Added]);
        }
        let gone = own(bench.post(&turn(newcomer, transition), 9).departures);
        let expected: Vec<_> = expected.iter().map(|(name, number)| (*name, *number, Exit::Displaced)).collect();
        assert_eq!(ways(&gone), expected, "{waiting:?} and {newcomer} {transition:?}");
        for (incident, number, _) in expected.iter().filter(|(_, number, _)| *number == 1) {
            let end = bench.post(&turn(incident, Resolved), 10).queued;
            assert_eq!(end, [Queued::Suppressed], "no end without a beginning: {incident} {number}");
        }
    }
}

#[test]
fn a_name_that_a_client_can_invent_makes_room_first() {
    let named = |name: &str, source: &str, band| Snapshot { source: source.into(), band, ..turn(name, Opened) };
    let (vouched, session, address) = ("header:x-user-id", "cookie:sid", "address");
    // Those that wait, the oldest first; the newcomer; who leaves.
    let waiting = [("a", vouched, Band::Warning), ("b", address, Band::Critical), ("c", session, Band::Critical)];
    let rows = [
        (("d", vouched, Band::Warning), "b"),
        (("d", session, Band::Warning), "b"),
        (("d", address, Band::Critical), "b"),
        (("d", address, Band::Warning), "d"),
    ];
    for (newcomer, expected) in rows {
        let bench = Bench::with_room(3);
        for (at, (name, source, band)) in waiting.into_iter().enumerate() {
            bench.post(&named(name, source, band), at as u64);
        }
        let gone = own(bench.post(&named(newcomer.0, newcomer.1, newcomer.2), 9).departures);
        assert_eq!(ways(&gone), [(expected, 1, Exit::Displaced)], "{newcomer:?}");
    }
    // A flood of invented names leaves the vouched user where it is.
    let bench = Bench::with_room(8);
    bench.post(&named("alice", vouched, Band::Warning), 0);
    for number in 0..100 {
        bench.post(&named(&format!("s{number}"), session, Band::Critical), number + 1);
    }
    let sent = bench.play(200, 200, &Verdict::Delivered);
    assert!(sent.iter().any(|(_, ready)| ready.message().snapshot.user == "alice"));
    assert_eq!(sent.len(), 8);
}

#[test]
fn what_is_under_way_makes_no_room() {
    let bench = Bench::with_room(8);
    for number in 0..8 {
        bench.post(&snapshot(&format!("i{number}"), 1, Opened), number);
    }
    let first = bench.take(0, 8).unwrap();
    let gone = own(bench.post(&snapshot("k", 1, Opened), 9).departures);
    assert_eq!(ways(&gone), [("i1", 1, Exit::Displaced)]);
    assert_eq!(bench.settle(0, &first, &Verdict::Delivered, 10), DELIVERED);
}

/// Whatever fills the queue: a message costs a few small cells.
#[test]
fn a_full_queue_costs_a_message_a_few_small_cells() {
    let bench = Bench::with_room(4096);
    for number in 0..5000_u64 {
        bench.post(&snapshot(&format!("i{number}"), 1, Opened), number);
    }
    let metered = super::Meter::new(&bench.cells);
    let one = snapshot("one more", 1, Opened);
    bench.outbox.post(&metered, &one, &[(bench.channels[0], Opened)], Timestamp::from_millis(9999)).unwrap();
    let (accesses, bytes) = metered.figures();
    assert!(accesses <= 16, "{accesses} accesses");
    assert!(bytes <= 48 * 1024, "{bytes} bytes");
}

#[test]
fn a_refused_opening_is_not_followed_by_anything() {
    let bench = Bench::with_room(64);
    bench.post(&turn("i", Opened), 0);
    let ready = bench.take(0, 0).unwrap();
    bench.settle(0, &ready, &REFUSED, 1);
    for transition in [Updated, Resolved] {
        assert_eq!(bench.post(&turn("i", transition), 2).queued, [Queued::Suppressed]);
    }
}
