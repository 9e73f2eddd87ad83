//! Does what has expired leave without being sent, in bounded steps, and is it said?

use std::time::Duration;

use super::{Bench, RETRY, snapshot, turn};
use crate::incident::snapshot::Transition;
use crate::notify::callout::Verdict;
use crate::notify::queue::departure::Exit;
use crate::notify::queue::outcome::Queued;

#[test]
fn five_hundred_expired_messages_are_not_sent() {
    let mut bench = Bench::new(1024);
    bench.policy.give_up_after = Duration::from_secs(10);
    for number in 0..500 {
        bench.post(&snapshot(&format!("i{number}"), 1, Transition::Opened), 0);
    }
    let (mut expired, mut steps) = (0, 0);
    while expired < 500 {
        let taken = bench.take_all(0, 10_000);
        assert_eq!(taken.ready, None, "nothing is sent that has expired");
        assert!(taken.departures.iter().all(|departure| departure.exit == Exit::Expired));
        assert!((1..=256).contains(&taken.departures.len()), "a bounded step: {}", taken.departures.len());
        expired += taken.departures.len();
        steps += 1;
    }
    assert_eq!((expired, steps > 1), (500, true));
    assert_eq!(bench.take_all(0, 10_000).departures, []);
    // What is younger is sent as ever, and what followed the expired is not.
    bench.post(&turn("i7", Transition::Resolved), 10_000);
    let posted = bench.post(&snapshot("young", 1, Transition::Opened), 10_000);
    assert_eq!(posted.queued[0], Queued::Added);
    assert_eq!(bench.play(10_000, 11_000, &Verdict::Delivered).len(), 1);
}

#[test]
fn a_message_is_tried_until_it_expires() {
    for (give_up_after, least, most) in [(Duration::from_secs(10), 3, 5), (Duration::from_secs(60), 5, 7)] {
        let mut bench = Bench::new(64);
        bench.policy.give_up_after = give_up_after;
        bench.post(&turn("i", Transition::Opened), 0);
        bench.post(&turn("i", Transition::Resolved), 0);
        let (mut tries, mut gone, limit) = (Vec::new(), Vec::new(), give_up_after.as_millis() as u64);
        for at in (0..=2 * limit).step_by(100) {
            let taken = bench.take_all(0, at);
            gone.extend(taken.departures.into_iter().map(|departure| (at, departure.exit)));
            if let Some(ready) = taken.ready {
                tries.push(at);
                let settled = bench.settle_all(0, &ready, &RETRY, at);
                gone.extend(settled.departures.into_iter().map(|departure| (at, departure.exit)));
            }
        }
        assert!((least..=most).contains(&tries.len()), "{} tries in {give_up_after:?}", tries.len());
        assert!(tries.iter().all(|at| *at < limit), "{tries:?}");
        assert_eq!(gone, [(limit, Exit::Expired), (limit, Exit::Expired)], "with its end, in time");
    }
}

#[test]
fn a_failure_after_the_time_is_the_last() {
    let mut bench = Bench::new(64);
    bench.policy.give_up_after = Duration::from_secs(5);
    bench.post(&turn("i", Transition::Opened), 0);
    let ready = bench.take(0, 4_900).unwrap();
    let settled = bench.settle_all(0, &ready, &RETRY, 5_000);
    assert_eq!(settled.departures.iter().map(|departure| departure.exit).collect::<Vec<_>>(), [Exit::Expired]);
}

#[test]
fn a_stopped_channel_is_emptied_in_steps() {
    let bench = Bench::new(1024);
    for number in 0..300 {
        bench.post(&snapshot(&format!("i{number}"), 1, Transition::Opened), 0);
    }
    let ready = bench.take(0, 0).unwrap();
    let mut failed = bench.settle_all(0, &ready, &Verdict::Refused { stop: true }, 1).departures;
    assert!(failed.len() < 300, "in steps");
    for _ in 0..10 {
        let taken = bench.take_all(0, 2);
        assert_eq!(taken.ready, None);
        failed.extend(taken.departures);
    }
    assert!(failed.iter().all(|departure| departure.exit == Exit::Failed));
    assert_eq!(failed.len(), 300);
    assert_eq!(bench.messages(), 300, "the other channel still has them");
}
