//! Does a new configuration's channel receive what an older one has posted?

use super::{Bench, DELIVERED, turn};
use crate::clock::Timestamp;
use crate::incident::snapshot::Transition;
use crate::notify::callout::Verdict;
use crate::notify::queue::departure::Exit;
use crate::notify::queue::outcome::Queued;

#[test]
fn a_channel_that_was_added_receives_what_was_posted_before() {
    for delivered_first in [false, true] {
        let bench = Bench::new(64);
        let (opened, now) = (turn("i", Transition::Opened), Timestamp::from_millis(0));
        let to = |channels: &[usize]| {
            let channels: Vec<_> = channels.iter().map(|at| (bench.channels[*at], Transition::Opened)).collect();
            bench.outbox.post(&bench.cells, &opened, &channels, now).unwrap().queued
        };
        assert_eq!(to(&[0]), [Queued::Added]);
        if delivered_first {
            let ready = bench.take(0, 1).unwrap();
            assert_eq!(bench.settle(0, &ready, &Verdict::Delivered, 2), DELIVERED);
            assert_eq!(to(&[0, 1]), [Queued::Left, Queued::Added]);
        } else {
            assert_eq!(to(&[0, 1]), [Queued::Waiting, Queued::Added]);
            let ready = bench.take(0, 1).unwrap();
            assert_eq!(bench.settle(0, &ready, &Verdict::Delivered, 2), DELIVERED);
        }
        let ready = bench.take(1, 3).unwrap_or_else(|| panic!("delivered first: {delivered_first}"));
        assert_eq!(ready.message().snapshot.incident, opened.incident);
        assert_eq!(bench.settle(1, &ready, &Verdict::Delivered, 4), DELIVERED);
        assert_eq!(bench.messages(), 0);
    }
}

#[test]
fn what_waits_for_a_channel_that_is_gone_does_not_wait_for_ever() {
    let bench = Bench::new(8);
    let (week, day) = (7 * 24 * 60 * 60 * 1000, 24 * 60 * 60 * 1000);
    bench.post(&turn("i", Transition::Opened), 0);
    let mut next = turn("j", Transition::Opened);
    next.user_digest = turn("i", Transition::Opened).user_digest;
    let gone = bench.post(&next, week + 2 * day).departures;
    let ways: Vec<_> = gone.iter().map(|(channel, departure)| (*channel, departure.exit)).collect();
    assert_eq!(ways, [(bench.channels[0], Exit::Expired), (bench.channels[1], Exit::Expired)]);
    assert_eq!(bench.messages(), 1);
}
