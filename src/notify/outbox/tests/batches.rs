//! Is every malicious request reported once, or said to be left out, in messages that are few and not too large?

use super::{Bench, RETRY, turn};
use crate::clock::Timestamp;
use crate::detect::category::{Category, Severity};
use crate::detect::confidence::Confidence;
use crate::incident::snapshot::Transition;
use crate::notify::callout::Verdict;
use crate::notify::detected::{Detected, Match};
use crate::notify::outbox::message::Content;
use crate::notify::outbox::requests::Collected;
use crate::notify::queue::departure::{Departure, Exit};
use crate::points::Points;

const SECOND: u64 = 1000;

/// With as many rules as make it this large.
fn detected(number: u32, at: u64, rules: usize) -> Detected {
    let matched = Match {
        rule: "sqli.union-select".to_owned(),
        category: Category::Sqli,
        severity: Severity::Critical,
        confidence: Confidence::High,
        points: Points::whole(8),
        counted_before: false,
    };
    Detected {
        at: Timestamp::from_millis(at),
        request_id: format!("request-{number}"),
        user: None,
        route: "/search".to_owned(),
        points: Points::whole(8),
        increase: None,
        rules: vec![matched; rules],
    }
}

impl Bench {
    /// So many requests come at this moment; how many will not be reported.
    fn detect(&self, numbers: std::ops::Range<u32>, at: u64) -> u32 {
        self.detect_large(numbers, at, 1)
    }

    fn detect_large(&self, numbers: std::ops::Range<u32>, at: u64, rules: usize) -> u32 {
        let (to, now) = (self.channels[0], Timestamp::from_millis(at));
        let note = |number| self.outbox.note(&self.cells, to, &detected(number, at, rules), now).unwrap();
        numbers.map(note).map(|collected| lost(&collected)).sum()
    }

    fn beat(&self, at: u64) -> u32 {
        lost(&self.outbox.queue_batch(&self.cells, self.channels[0], Timestamp::from_millis(at)).unwrap())
    }

    /// What is sent until then: when, the ids of the requests, and how many are said to be left out.
    fn sent(&self, from: u64, to: u64) -> Vec<(u64, Vec<String>, u32)> {
        let mut sent = Vec::new();
        for at in (from..=to).step_by(250) {
            self.beat(at);
            for (at, ready) in self.play(at, at, &Verdict::Delivered) {
                let Content::Requests(batch) = ready.content else { continue };
                let ids = batch.requests().into_iter().map(|one| one.request_id).collect();
                sent.push((at, ids, batch.left_out));
            }
        }
        sent
    }
}

/// How many requests will not be reported.
fn lost(collected: &Collected) -> u32 {
    assert!(collected.departures.iter().all(|departure| departure.exit == Exit::Displaced));
    collected.unreported + collected.departures.iter().map(Departure::requests).sum::<u32>()
}

fn ids(numbers: std::ops::Range<u32>) -> Vec<String> {
    numbers.map(|number| format!("request-{number}")).collect()
}

#[test]
fn requests_of_a_second_are_one_message_and_a_hundred_at_once_too() {
    // Requests at moments: messages at moments, of which requests.
    type Row<'a> = (&'a [(u64, std::ops::Range<u32>)], &'a [(u64, std::ops::Range<u32>)]);
    let rows: [Row<'_>; 4] = [
        (&[(0, 0..1)], &[(1000, 0..1)]),
        (&[(0, 0..3), (900, 3..5), (1100, 5..6)], &[(1000, 0..5), (2250, 5..6)]),
        (&[(0, 0..100)], &[(0, 0..100)]),
        (&[(0, 0..230)], &[(0, 0..100), (0, 100..200), (1000, 200..230)]),
    ];
    for (requests, expected) in rows {
        let bench = Bench::new(64);
        let (mut sent, mut from) = (Vec::new(), 0);
        for (at, numbers) in requests {
            sent.extend(bench.sent(from, at.saturating_sub(1)));
            assert_eq!(bench.detect(numbers.clone(), *at), 0);
            from = at.next_multiple_of(250);
        }
        sent.extend(bench.sent(from, 10 * SECOND));
        let expected: Vec<_> = expected.iter().map(|(at, numbers)| (*at, ids(numbers.clone()), 0)).collect();
        assert_eq!(sent, expected, "{requests:?}");
    }
}

#[test]
fn incidents_go_first() {
    let bench = Bench::new(64);
    bench.detect(0..250, 0);
    bench.post(&turn("i", Transition::Opened), 0);
    assert!(matches!(bench.take(0, 0).unwrap().content, Content::Incidents(_)));
}

#[test]
fn a_batch_keeps_its_id_and_its_requests_over_tries_and_deaths() {
    let bench = Bench::new(64);
    bench.detect(0..3, 0);
    // The batch is closed, and its worker dies before the queue has it; more comes meanwhile.
    let closed = bench.outbox.0.batches.ready(&bench.cells, bench.channels[0], Timestamp::from_millis(SECOND)).unwrap();
    assert_eq!(closed.unwrap().len(), 3);
    bench.detect(3..4, SECOND);
    bench.beat(SECOND + 250);
    let failed = bench.take(0, SECOND + 250).unwrap();
    bench.settle(0, &failed, &RETRY, SECOND + 300);
    // Somebody who was late does it all again.
    bench.beat(SECOND + 300);
    let again = bench.take(0, 4 * SECOND).unwrap();
    assert_eq!((&again.message_id, &again.content), (&failed.message_id, &failed.content));
    let Content::Requests(batch) = &again.content else { panic!("{again:?}") };
    assert_eq!(batch.requests().len(), 3);
    bench.settle(0, &again, &Verdict::Delivered, 4 * SECOND);
    assert_eq!(bench.sent(4 * SECOND, 20 * SECOND), [(4 * SECOND, ids(3..4), 0)]);
}

#[test]
fn what_did_not_fit_is_said_and_memory_stays_bounded() {
    let bench = Bench::new(256);
    // Eight kilobytes hold a dozen of such requests.
    let total = 1000;
    let unreported = bench.detect_large(0..total, 0, 30);
    assert!(unreported > 0);
    assert!(bench.cells.len() <= 64 + 3, "{} cells", bench.cells.len());
    let sent = bench.sent(0, 20 * SECOND);
    // The next one says it.
    bench.detect(total..total + 1, 20 * SECOND);
    let last = bench.sent(21 * SECOND, 30 * SECOND);
    let all = || sent.iter().chain(&last);
    let reported: usize = all().map(|(_, ids, _)| ids.len()).sum();
    let left_out: u32 = all().map(|(_, _, left_out)| left_out).sum();
    assert_eq!(reported as u32 + left_out, total + 1);
    assert_eq!(left_out, unreported);
}

/// What makes room is counted, and the next batch says it: no batch just disappears.
#[test]
fn a_batch_that_makes_room_is_counted_and_said() {
    let bench = Bench::new(8);
    // As many messages about incidents wait as may: they take no room from batches.
    for number in 0..20 {
        bench.post(&turn(&format!("i{number}"), Transition::Opened), number);
    }
    let total = 70 * 100;
    let lost = bench.detect(0..total, SECOND);
    assert!(lost >= 500, "more batches than slots: {lost}");
    let sent = bench.sent(SECOND, 60 * SECOND);
    bench.detect(total..total + 1, 60 * SECOND);
    let last = bench.sent(61 * SECOND, 70 * SECOND);
    let all = || sent.iter().chain(&last);
    let said: u32 = all().map(|(_, _, left_out)| left_out).sum();
    let reported: usize = all().map(|(_, ids, _)| ids.len()).sum();
    assert_eq!((said, reported as u32), (lost, total + 1 - lost));
}
