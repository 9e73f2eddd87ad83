//! Is a record bounded, and are the copies of several proxies merged without counting anything twice?

use proptest::collection::vec;
use proptest::prelude::*;
use user_risk_filter::clock::Timestamp;
use user_risk_filter::incident::record::{LARGEST, Record};
use user_risk_filter::incident::snapshot::Transition;
use user_risk_filter::points::Points;
use user_risk_filter::risk::acts::{Acts, Event};
use user_risk_filter::risk::fingerprint::ActId;

use crate::{CRITICAL, HIGH, HOUR, LOW, MEDIUM, MINUTE, START, Timeline, event, fingerprint};

#[test]
fn whatever_a_user_sends_a_record_stays_below_8_kib() {
    for policy in [r#"{"stack": 8}"#, "{}"] {
        let mut timeline = Timeline::new(policy);
        let (route, target) = ("路".repeat(64), format!("query:{}", "n".repeat(32)));
        for number in 0..400_u64 {
            let rule = format!("application.{}{}", "x".repeat(60), number % 40);
            let values: Vec<_> = (0..20).map(|value| (number * 20 + value, number)).collect();
            let severity = [LOW, MEDIUM, HIGH, CRITICAL][number as usize % 4];
            let event = Event {
                fingerprint: fingerprint(&values),
                route: &route,
                target: &target,
                ..event(&rule, severity, number, number)
            };
            timeline.weighed(number * MINUTE, &[event]);
            assert!(timeline.record.size() <= LARGEST, "{} bytes after {number}", timeline.record.size());
        }
        assert!(timeline.record.increase() > Points::whole(50), "what counts is given up last");
    }
}

#[test]
fn a_record_of_thirty_rules_loses_nothing_that_counts() {
    let mut timeline = Timeline::new("{}");
    let rules: Vec<String> = (0..30).map(|rule| format!("sqli.rule-of-some-length-{rule}")).collect();
    for number in 0..90_u64 {
        let rule = &rules[number as usize % 30];
        timeline.weighed(number * MINUTE, &[event(rule, HIGH, number, 1)]);
    }
    assert_eq!(timeline.record.increase(), Points::whole(90 * 5));
    assert_eq!(timeline.record.tallies().len(), 30);
    assert!(timeline.record.size() <= LARGEST);
}

#[test]
fn the_same_act_at_the_same_time_opens_another_incident_after_the_clock_stepped_back() {
    let mut timeline = Timeline::new("{}");
    let mut crossing = || {
        timeline.weighed(0, &[event("a", CRITICAL, 1, 1)]);
        let opened = timeline.transitions(10, &[event("b", CRITICAL, 2, 1)]);
        timeline.record.forgive(Timestamp::from_millis(START + 20), true);
        assert_eq!(opened[0].transition, Transition::Opened);
        opened[0].incident
    };
    assert_ne!(crossing(), crossing());
}

#[test]
fn hours_and_events_are_there_for_the_console() {
    let mut timeline = Timeline::new("{}");
    timeline.weighed(0, &[event("a", HIGH, 1, 1)]);
    assert_eq!(timeline.record.events().iter().count(), 0, "no incident is open");
    for number in 0..40 {
        timeline.weighed(2 * HOUR + number * MINUTE, &[event("b", CRITICAL, 10 + number, 1)]);
    }
    let hours = timeline.record.hours(Timestamp::from_millis(START + 2 * HOUR + 40 * MINUTE));
    assert_eq!([hours[21], hours[22], hours[23]], [5, 0, 40 * 8 + 5].map(Points::whole));
    assert_eq!(timeline.record.events().iter().count(), 32);
    let newest = timeline.record.events().iter().next().unwrap();
    assert_eq!((newest.rule.as_str(), newest.points, newest.request.id.as_str()), ("b", Points::whole(8), "r"));
    timeline.record.close(Timestamp::from_millis(START + 3 * HOUR), true);
    assert_eq!(timeline.record.events().iter().count(), 0);
}

#[test]
fn an_act_of_several_values_was_counted_before_only_if_each_was() {
    let mut timeline = Timeline::new("{}");
    let mut counts = |at: u64, values: &[(u64, u64)]| {
        let event = Event { fingerprint: fingerprint(values), ..event("a", CRITICAL, 0, 0) };
        timeline.weigh(at, &[event]).0[0] != user_risk_filter::incident::weighing::ActOutcome::CountedBefore
    };
    type Row<'a> = (u64, &'a [(u64, u64)], bool);
    let rows: [Row<'_>; 6] = [
        (0, &[(1, 1)], true),
        (2 * MINUTE, &[(1, 1), (2, 1)], true),
        (4 * MINUTE, &[(2, 1), (1, 1)], false),
        (6 * MINUTE, &[(2, 1)], false),
        (8 * MINUTE, &[(2, 1), (1, 2)], true),
        (9 * MINUTE, &[(1, 2)], false),
    ];
    for (at, values, expected) in rows {
        assert_eq!(counts(at, values), expected, "{values:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    /// Two proxies start from one copy, see acts of their own, and merge: in either order and as often as they like.
    #[test]
    fn merging_is_commutative_and_adds_nothing_twice(
        acts in vec((0..3_u32, 0..6_usize, 0..20 * MINUTE), 1..40),
    ) {
        let rules = [("sqli.a", CRITICAL), ("sqli.b", HIGH), ("sqli.c", LOW), ("xss.a", MEDIUM), ("xss.b", LOW), ("xss.c", LOW)];
        let mut both: [Timeline; 2] = [Timeline::new("{}"), Timeline::new("{}")];
        let mut whole = Timeline::new("{}");
        let mut now = 0;
        for (number, (proxy, rule, after)) in acts.into_iter().enumerate() {
            now += after;
            let (rule, severity) = rules[rule];
            let act = || event(rule, severity, number as u64, number as u64);
            // What happened before they parted is in both copies, under one id.
            let seen_by = if number < 5 { 0..2 } else { proxy as usize % 2..proxy as usize % 2 + 1 };
            let proxy = if number < 5 { 9 } else { proxy % 2 };
            for timeline in &mut both[seen_by] {
                timeline.proxy = proxy;
                timeline.weighed(now, &[act()]);
            }
            whole.proxy = proxy;
            whole.weighed(now, &[act()]);
        }
        let stack = whole.policy.stack();
        let [here, there] = both.map(|timeline| timeline.record);
        let merged = here.clone().merge(there.clone(), stack);
        prop_assert_eq!(&merged, &there.clone().merge(here.clone(), stack));
        for again in [here, there, merged.clone()] {
            prop_assert_eq!(&merged, &merged.clone().merge(again, stack));
        }
        let counts = |record: &Record| {
            let mut counts: Vec<_> = record.tallies().into_iter().map(|tally| (tally.rule, tally.count, tally.points)).collect();
            counts.sort();
            counts
        };
        prop_assert_eq!(merged.increase(), whole.record.increase());
        prop_assert_eq!(counts(&merged), counts(&whole.record));
        let end = Timestamp::from_millis(START + now);
        prop_assert_eq!(merged.hours(end), whole.record.hours(end));
    }
}

#[test]
fn of_two_rules_one_is_left_when_room_is_made() {
    let mut acts = Acts::default();
    for (number, rule) in [(1, "a"), (2, "b")] {
        let id = ActId { hash: number, proxy: 1, time: Timestamp::from_millis(START + number) };
        acts.add(&event(rule, HIGH, number, 1), Points::whole(5), id, 3);
    }
    let rounds = (0..100).take_while(|_| acts.shrink(3)).count();
    assert!(rounds < 100, "it ends");
    assert_eq!((acts.entries().len(), acts.increase()), (1, Points::whole(10)));
}
