//! How long until the next try, as a receiver sees it?

use std::time::Duration;

use super::{Bench, DELIVERED, PROBE, RETRY, snapshot, turn};
use crate::incident::snapshot::Transition;
use crate::notify::callout::Verdict;
use crate::notify::queue::outcome::AttemptOutcome;

/// What the contract says about pauses, as rows: the verdicts of the tries, and for each the seconds until the next one.
#[test]
fn pauses_are_as_the_contract_has_them() {
    let hold = |secs| Verdict::Retry { hold: Some(Duration::from_secs(secs)) };
    type Row<'a> = (&'a str, Vec<Verdict>, &'a [(u64, u64)]);
    let rows: [Row<'_>; 6] = [
        (
            "doubling, a fifth either way, then the circuit",
            vec![RETRY; 6],
            &[(8, 12), (16, 24), (32, 48), (64, 96), (300, 300), (300, 300)],
        ),
        (
            "a server's wish replaces the pause",
            vec![RETRY, RETRY, RETRY, hold(2)],
            &[(8, 12), (16, 24), (32, 48), (20, 20)],
        ),
        ("a longer one too", vec![hold(90), RETRY], &[(900, 900), (16, 24)]),
        ("but nobody gets us to hammer", vec![hold(0), hold(0)], &[(10, 10), (10, 10)]),
        ("an hour at most was asked for", vec![hold(3600)], &[(36_000, 36_000)]),
        (
            "an open circuit heeds a longer wish",
            vec![RETRY, RETRY, RETRY, RETRY, hold(45)],
            &[(8, 12), (16, 24), (32, 48), (64, 96), (450, 450)],
        ),
    ];
    for (name, verdicts, expected) in rows {
        let bench = Bench::new(64);
        bench.post(&turn("i", Transition::Opened), 0);
        let mut now = 0;
        for (verdict, (least, most)) in verdicts.iter().zip(expected) {
            let ready = bench.take(0, now).unwrap_or_else(|| panic!("{name}: nothing at {now}"));
            let AttemptOutcome::Retry(pause) = bench.settle(0, &ready, verdict, now) else {
                panic!("{name}: not again")
            };
            let millis = u64::try_from(pause.as_millis()).unwrap();
            assert!((least * 100..=most * 100).contains(&millis), "{name}: {pause:?} at {now}");
            assert_eq!(bench.take(0, now + millis - 1), None, "{name}");
            now += millis;
        }
    }
}

#[test]
fn a_failed_try_pauses_doubling_and_keeps_its_id() {
    let bench = Bench::new(64);
    bench.post(&snapshot("i", 1, Transition::Opened), 0);
    let (mut now, mut id) = (0, None);
    for base in [1000, 2000, 4000, 8000] {
        let ready = bench.take(0, now).unwrap();
        assert_eq!(*id.get_or_insert_with(|| ready.message_id.clone()), ready.message_id);
        let AttemptOutcome::Retry(pause) = bench.settle(0, &ready, &RETRY, now) else { panic!("not again") };
        let pause = u64::try_from(pause.as_millis()).unwrap();
        assert!((base * 4 / 5..=base * 6 / 5).contains(&pause), "{pause} is not {base} give or take a fifth");
        assert_eq!(bench.take(0, now + pause - 1), None);
        now += pause;
    }
    let ready = bench.take(0, now).unwrap();
    let probe = AttemptOutcome::Retry(PROBE);
    assert_eq!(bench.settle(0, &ready, &RETRY, now), probe, "the circuit is open after five");
    bench.post(&snapshot("j", 1, Transition::Opened), now);
    assert_eq!(bench.take(0, now + 29_999), None, "nothing else goes out through an open circuit");
    let ready = bench.take(0, now + 30_000).unwrap();
    assert_eq!(bench.settle(0, &ready, &Verdict::Delivered, now + 30_001), DELIVERED);
    assert!(bench.take(0, now + 30_002).is_some(), "one success closes it");
}

#[test]
fn a_servers_wish_holds_the_channel() {
    let bench = Bench::new(64);
    bench.post(&snapshot("i", 1, Transition::Opened), 0);
    bench.post(&snapshot("j", 1, Transition::Opened), 0);
    let ready = bench.take(0, 0).unwrap();
    let wish = Verdict::Retry { hold: Some(Duration::from_secs(7)) };
    assert_eq!(bench.settle(0, &ready, &wish, 0), AttemptOutcome::Retry(Duration::from_secs(7)));
    assert_eq!(bench.take(0, 6_999), None);
    assert!(bench.take(0, 7_000).is_some());
    assert!(bench.take(1, 0).is_some(), "another channel is not held");
}

#[test]
fn a_wish_for_no_pause_gets_one_and_the_circuit_opens_all_the_same() {
    let bench = Bench::new(64);
    bench.post(&snapshot("i", 1, Transition::Opened), 0);
    let wish = Verdict::Retry { hold: Some(Duration::ZERO) };
    let (mut now, mut tries) = (0, 0);
    while now < 60_000 {
        if let Some(ready) = bench.take(0, now) {
            bench.settle(0, &ready, &wish, now);
            tries += 1;
        }
        now += 100;
    }
    assert_eq!(tries, 6, "five with doubling pauses, then one probe in half a minute");
}

/// A server may ask for an hour, and another worker's clock may be behind by a little.
#[test]
fn a_hold_of_an_hour_holds() {
    let hour = 60 * 60 * 1000;
    let bench = Bench::new(64);
    bench.post(&turn("i", Transition::Opened), hour);
    let ready = bench.take(0, hour).unwrap();
    bench.settle(0, &ready, &Verdict::Retry { hold: Some(Duration::from_secs(3600)) }, hour);
    for behind in [0, 1, 1000] {
        assert_eq!(bench.take(0, hour - behind), None, "{behind} ms behind");
    }
    assert_eq!(bench.take(0, 2 * hour - 1), None);
    assert!(bench.take(0, 2 * hour).is_some());
}
