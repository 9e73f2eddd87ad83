//! Are many openings one message where that is wanted, and is its end sent when the last of them has ended?

use std::time::Duration;

use super::{Bench, REFUSED, RETRY, snapshot, turn};
use crate::clock::Span;
use crate::incident::request::NamedRequest;
use crate::incident::snapshot::Transition;
use crate::notify::callout::Verdict;
use crate::notify::delivery_policy::{DeliveryPolicy, Rate};
use crate::notify::outbox::message::Ready;
use crate::notify::queue::departure::{Contents, Exit};
use crate::notify::queue::outcome::Queued;
use crate::notify::rollup::IncidentMessage;
use crate::risk::band::Band;
use Transition::{Opened, Resolved, Updated};

const SECOND: u64 = 1000;
const MINUTE: u64 = 60 * SECOND;

fn bench(group_wait: u64, rate: Option<(u32, u64)>) -> Bench {
    let mut bench = Bench::new(4096);
    bench.channels.truncate(1);
    let rate = rate.map(|(messages, secs)| Rate::new(messages, Span::from_secs(secs)));
    bench.policy = DeliveryPolicy { group_wait: Duration::from_secs(group_wait), rate, ..DeliveryPolicy::default() };
    bench
}

/// When each message left, and about how many incidents.
fn counts(sent: &[(u64, Ready)]) -> Vec<(u64, u32)> {
    let count = |ready: &Ready| ready.message().rollup.as_ref().map_or(1, |rollup| rollup.count);
    sent.iter().map(|(at, ready)| (*at, count(ready))).collect()
}

/// Openings of so many users, one every so many milliseconds, and what comes of them until then.
fn flood(bench: &Bench, users: u32, every: u64, until: u64) -> Vec<(u64, Ready)> {
    let (mut sent, mut posted) = (Vec::new(), 0);
    for at in (0..=until).step_by(100) {
        while posted < users && u64::from(posted) * every <= at {
            bench.post(&turn(&format!("u{posted}"), Opened), at);
            posted += 1;
        }
        sent.extend(bench.play(at, at, &Verdict::Delivered));
    }
    sent
}

#[test]
fn what_is_rolled_up_and_when() {
    let rate = Some((3, 60));
    // group_wait in seconds, rate, users, milliseconds between them: messages at which second, of how many.
    type Row<'a> = (u64, Option<(u32, u64)>, u32, u64, &'a [(u64, u32)]);
    let rows: [Row<'_>; 9] = [
        (0, None, 4, 0, &[(0, 1), (0, 1), (0, 1), (0, 1)]),
        (30, None, 1, 0, &[(30, 1)]),
        (30, None, 4, SECOND, &[(30, 4)]),
        (30, None, 4, 20 * SECOND, &[(30, 2), (70, 2)]),
        (0, rate, 3, 0, &[(0, 1), (0, 1), (0, 1)]),
        (0, rate, 4, 0, &[(0, 4)]),
        (0, rate, 10, SECOND, &[(0, 1), (1, 1), (2, 1), (60, 7)]),
        (0, rate, 300, 0, &[(0, 300)]),
        (10, Some((1, 60)), 100, SECOND, &[(10, 11), (70, 60), (130, 29)]),
    ];
    for (group_wait, rate, users, every, expected) in rows {
        let sent = flood(&bench(group_wait, rate), users, every, 3 * MINUTE);
        let expected: Vec<_> = expected.iter().map(|(at, count)| (at * SECOND, *count)).collect();
        assert_eq!(counts(&sent), expected, "group_wait {group_wait}, rate {rate:?}, {users} users every {every} ms");
        let ids: Vec<_> = sent.iter().map(|(_, ready)| ready.message_id.as_str()).collect();
        assert!(ids.iter().all(|id| ids.iter().filter(|other| *other == id).count() == 1), "{ids:?}");
    }
}

#[test]
fn never_more_than_the_rate_in_any_window() {
    let sent = flood(&bench(0, Some((5, 10))), 150, 300, MINUTE);
    let times: Vec<_> = sent.iter().map(|(at, _)| *at).collect();
    assert!(times.windows(6).all(|six| six[5] - six[0] >= 10 * SECOND), "{times:?}");
    assert_eq!(counts(&sent).iter().map(|(_, count)| count).sum::<u32>(), 150, "everybody is notified of once");
}

#[test]
fn many_are_sent_with_what_they_have_in_common() {
    let bench = bench(30, None);
    let mut worst = snapshot("worst", 1, Opened);
    (worst.band, worst.user) = (Band::Critical, "eve".to_owned());
    for (number, mut snapshot) in
        (0..20).map(|number| snapshot(&format!("u{number}"), 1, Opened)).chain([worst]).enumerate()
    {
        snapshot.requests = vec![NamedRequest { id: format!("r{number}"), status: None }];
        bench.post(&snapshot, 0);
    }
    let sent = bench.play(0, MINUTE, &Verdict::Delivered);
    assert_eq!(sent.len(), 1);
    let IncidentMessage { snapshot, rollup: Some(rollup) } = sent[0].1.message() else { panic!("{sent:?}") };
    assert_eq!((rollup.count, rollup.first.len(), snapshot.user.as_str()), (21, 5, "21 users"));
    assert_eq!((snapshot.transition, snapshot.band), (Opened, Band::Critical));
    assert_eq!(rollup.first[0].user, "eve", "the worst first");
    assert_eq!(snapshot.requests.len(), 3);
    assert_eq!(snapshot.incident.0, snapshot.user_digest, "a key of its own where alerts are known by their keys");
}

#[test]
fn what_was_rolled_up_is_sent_no_more_by_itself_and_its_end_when_all_has_ended() {
    for sends_resolved in [true, false] {
        let mut bench = bench(30, None);
        bench.policy.sends_resolved = sends_resolved;
        bench.post(&turn("a", Opened), 0);
        bench.post(&turn("b", Opened), 0);
        bench.post(&turn("b", Updated), 10 * SECOND);
        let sent = bench.play(0, MINUTE, &Verdict::Delivered);
        assert_eq!(counts(&sent), [(30 * SECOND, 2)]);
        let covered = if sends_resolved { Queued::RolledUp(1) } else { Queued::Suppressed };
        assert_eq!(bench.post(&turn("a", Updated), MINUTE).queued[0], covered);
        assert_eq!(bench.post(&turn("a", Resolved), MINUTE).queued[0], covered);
        assert_eq!(bench.play(MINUTE, 2 * MINUTE, &Verdict::Delivered), [], "one of them goes on");
        for _ in 0..2 {
            assert_eq!(bench.post(&turn("b", Resolved), 2 * MINUTE).queued[0], covered);
        }
        let end = bench.play(2 * MINUTE, 3 * MINUTE, &Verdict::Delivered);
        assert_eq!(counts(&end), if sends_resolved { vec![(2 * MINUTE, 2)] } else { vec![] });
        if let [(_, end)] = end.as_slice() {
            let (opened, ended) = (&sent[0].1, &end.message().snapshot);
            assert_eq!((ended.transition, ended.user_digest), (Resolved, opened.message().snapshot.user_digest));
            assert_ne!(end.message_id, opened.message_id);
        }
        // Somebody who was not rolled_up is notified of as ever.
        bench.post(&turn("c", Opened), 3 * MINUTE);
        assert_eq!(counts(&bench.play(3 * MINUTE, 4 * MINUTE, &Verdict::Delivered)), [(3 * MINUTE + 30 * SECOND, 1)]);
    }
}

#[test]
fn what_had_ended_before_it_was_sent_is_over_with_the_others() {
    let bench = bench(30, None);
    for incident in ["a", "b"] {
        bench.post(&turn(incident, Opened), 0);
        bench.post(&turn(incident, Resolved), SECOND);
    }
    let sent: Vec<_> = bench.play(0, MINUTE, &Verdict::Delivered);
    let sent: Vec<_> = sent.iter().map(|(at, ready)| (*at, ready.message().snapshot.transition)).collect();
    assert_eq!(sent, [(30 * SECOND, Opened), (30 * SECOND, Resolved)]);
}

#[test]
fn the_set_is_fixed_when_it_is_first_sent() {
    let bench = bench(30, None);
    bench.post(&turn("a", Opened), 0);
    bench.post(&turn("b", Opened), 0);
    // The first sender dies, the second one fails, and more comes meanwhile.
    let lost = bench.take(0, 30 * SECOND).unwrap();
    bench.post(&turn("c", Opened), 31 * SECOND);
    assert_eq!(bench.take(0, 40 * SECOND), None, "the lease is out");
    let failed = bench.take(0, 45 * SECOND).unwrap();
    bench.settle(0, &failed, &RETRY, 45 * SECOND);
    let sent = bench.play(45 * SECOND, 2 * MINUTE, &Verdict::Delivered);
    assert_eq!(lost.message_id, failed.message_id);
    assert_eq!((&lost.message_id, &lost.content), (&sent[0].1.message_id, &sent[0].1.content));
    assert_eq!(counts(&sent).iter().map(|(_, count)| *count).collect::<Vec<_>>(), [2, 1]);
}

#[test]
fn where_the_message_of_many_is_refused_nobody_hears_of_any() {
    let bench = bench(30, None);
    for incident in ["a", "b"] {
        bench.post(&turn(incident, Opened), 0);
    }
    let ready = bench.take(0, 30 * SECOND).unwrap();
    let gone = bench.settle_all(0, &ready, &REFUSED, 31 * SECOND).departures;
    let ways: Vec<_> = gone.iter().map(|departure| (&departure.about, departure.exit)).collect();
    assert_eq!(ways, [(&Contents::Rollup { number: 1, incidents: 2 }, Exit::Failed)]);
    for incident in ["a", "b"] {
        assert_eq!(bench.post(&turn(incident, Resolved), MINUTE).queued[0], Queued::RolledUp(1));
    }
    assert_eq!(bench.play(MINUTE, 5 * MINUTE, &Verdict::Delivered), []);
}

#[test]
fn an_outbox_of_rolled_up_incidents_is_left_empty() {
    let bench = bench(0, Some((1, 60)));
    let sent = flood(&bench, 200, 0, 3 * MINUTE);
    assert_eq!(counts(&sent), [(0, 200)]);
    assert_eq!(bench.messages(), 0, "each message is released");
}
