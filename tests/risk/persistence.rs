//! Does going on and on open an incident that its stacked points alone would not? And nothing that is no persistence?

use proptest::collection::vec;
use proptest::prelude::*;
use user_risk_filter::detect::category::Severity;
use user_risk_filter::incident::snapshot::Transition;
use user_risk_filter::points::Points;
use user_risk_filter::risk::acts::Event;

use crate::{CRITICAL, HIGH, HOUR, LOW, MEDIUM, MINUTE, SECOND, START, Timeline, event};

/// The rules that followed from acts `every` so many milliseconds, each a new value unless `value` is given, with the number
/// of the act from which they followed.
fn followed(acts: u64, every: u64, make: impl Fn(u64) -> Event<'static>) -> Vec<(&'static str, u64)> {
    let mut timeline = Timeline::new("{}");
    let mut found = Vec::new();
    for number in 0..acts {
        let weighed = timeline.weighed(number * every, &[make(number)]);
        found.extend(weighed.followed.into_iter().map(|followed| (followed.rule, number + 1)));
    }
    found
}

const ROUTES: [&str; 8] = ["/a", "/b", "/c", "/d", "/e", "/f", "/g", "/h"];

#[test]
fn twenty_within_an_hour_or_sixty_within_a_day_are_persistence_once() {
    let new = |severity: Severity| move |number| event("a", severity, number, number);
    let rule = "persistence.rule";
    type Row<'a> = (&'a str, u64, u64, Box<dyn Fn(u64) -> Event<'static>>, &'a [(&'static str, u64)]);
    let rows: [Row<'_>; 9] = [
        ("20 in ten minutes", 99, 30 * SECOND, Box::new(new(MEDIUM)), &[(rule, 20)]),
        ("19 in an hour", 19, 3 * MINUTE, Box::new(new(MEDIUM)), &[]),
        ("one each 12 minutes", 119, 12 * MINUTE, Box::new(new(HIGH)), &[(rule, 60)]),
        ("one each half hour", 100, 30 * MINUTE, Box::new(new(HIGH)), &[]),
        ("low", 99, 30 * SECOND, Box::new(new(LOW)), &[]),
        ("the same act", 99, 30 * SECOND, Box::new(|_| event("a", CRITICAL, 1, 1)), &[]),
        (
            "common",
            99,
            30 * SECOND,
            Box::new(|number| Event { is_common: true, ..event("a", MEDIUM, number, number) }),
            &[],
        ),
        ("again after a window", 2 * 24 * 60, MINUTE, Box::new(new(MEDIUM)), &[(rule, 20), (rule, 20 + 24 * 60)]),
        ("the test string", 99, 30 * SECOND, Box::new(|number| event("test.string", CRITICAL, number, number)), &[]),
    ];
    for (name, acts, every, make, expected) in rows {
        assert_eq!(followed(acts, every, make), expected, "{name}");
    }
}

#[test]
fn one_value_on_five_routes_is_spread_once() {
    let on = |severity, target: &'static str| {
        move |number: u64| Event {
            route: ROUTES[number as usize % ROUTES.len()],
            target,
            ..event("a", severity, 7, number)
        }
    };
    let spread = "persistence.spread";
    type Row<'a> = (&'a str, u64, Box<dyn Fn(u64) -> Event<'static>>, &'a [(&'static str, u64)]);
    let rows: [Row<'_>; 7] = [
        ("slowly", 2 * HOUR, Box::new(on(HIGH, "query:q")), &[(spread, 5)]),
        ("within a minute, where the value counts once", SECOND, Box::new(on(HIGH, "query:q")), &[(spread, 5)]),
        ("medium", SECOND, Box::new(on(MEDIUM, "query:q")), &[]),
        ("a header, high", SECOND, Box::new(on(HIGH, "header:x-a")), &[]),
        ("a header, critical", SECOND, Box::new(on(CRITICAL, "header:x-a")), &[(spread, 5)]),
        ("the Referer of a page's assets", SECOND, Box::new(on(CRITICAL, "header:referer")), &[]),
        ("four routes", SECOND, Box::new(move |number| on(HIGH, "query:q")(number % 4)), &[]),
    ];
    for (name, every, make, expected) in rows {
        assert_eq!(followed(16, every, make), expected, "{name}");
    }
}

#[test]
fn a_hundred_within_an_hour_open_an_incident_that_lasts_until_all_points_have_left() {
    // As of an address: nine points of a medium rule, and five for persistence, are far below thirty.
    let mut timeline = Timeline::new(r#"{"threshold": 30, "rearm": 15}"#);
    let mut opened = Vec::new();
    for number in 0..150 {
        let weighed = timeline.weighed(number * 10 * SECOND, &[event("a", MEDIUM, number, number)]);
        opened.extend(weighed.transitions.iter().map(|one| (one.transition, number + 1)));
    }
    assert_eq!(opened, [(Transition::Opened, 100)]);
    assert_eq!(timeline.record.increase(), Points::whole(3 * 3 + 5));
    let due = timeline.record.resolve_at().unwrap();
    assert_eq!(due.as_millis(), START + 149 * 10 * SECOND + 24 * HOUR);
    let end = timeline.record.resolve(due, true).unwrap();
    assert_eq!(end.transition, Transition::Resolved);
}

#[test]
fn what_proves_success_opens_an_incident_whatever_the_threshold() {
    let mut timeline = Timeline::new(r#"{"threshold": 30}"#);
    let proof = Event { is_conclusive: true, ..event("answer.system-file", CRITICAL, 1, 1) };
    let (_, increase, opened) = timeline.weigh(0, &[proof]);
    assert_eq!((increase, opened.map(|one| one.transition)), (Points::whole(8), Some(Transition::Opened)));
}

#[test]
fn the_operator_turns_it_off_or_changes_its_points() {
    let mut timeline = Timeline::new("{}");
    timeline.persistence.rule = None;
    timeline.persistence.spread = Some((LOW, Points::whole(1)));
    let mut found = Vec::new();
    for number in 0..30 {
        let route = ROUTES[number as usize % 8];
        let weighed = timeline.weighed(number * 2 * MINUTE, &[Event { route, ..event("a", HIGH, 7, number) }]);
        found.extend(weighed.followed.into_iter().map(|one| (one.rule, one.severity, one.points)));
    }
    assert_eq!(found, [("persistence.spread", LOW, Points::whole(1))]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// Whatever two proxies saw, they agree when they have heard of each other, and a merge adds nothing twice.
    #[test]
    fn persistence_is_merged(acts in vec((0..2_u32, 0..6_u64, 0..30 * MINUTE), 1..60)) {
        let mut both = [Timeline::new("{}"), Timeline::new("{}")];
        let mut now = 0;
        for (number, (proxy, value, after)) in acts.into_iter().enumerate() {
            now += after;
            let timeline = &mut both[proxy as usize];
            timeline.proxy = proxy;
            let route = ROUTES[number % 8];
            timeline.weighed(now, &[Event { route, ..event("sqli.a", HIGH, value, number as u64) }]);
        }
        let [one, other] = both.map(|timeline| timeline.record);
        let merged = one.clone().merge(other.clone(), 3);
        prop_assert_eq!(&merged, &other.clone().merge(one.clone(), 3));
        prop_assert_eq!(&merged, &merged.clone().merge(other, 3));
        prop_assert_eq!(&merged, &merged.clone().merge(one, 3));
    }
}
