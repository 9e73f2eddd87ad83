//! What does a user's record come to? Timelines as tables: when, what; the points it added, the increase, an incident.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use user_risk_filter::detect::category::{Category, Severity};
use user_risk_filter::incident::snapshot::IncidentId;
use user_risk_filter::incident::weighing::ActOutcome;
use user_risk_filter::points::Points;
use user_risk_filter::risk::acts::Event;
use user_risk_filter::risk::band::Band;

mod lifecycle;
mod memory;
mod persistence;
mod reference;
mod timeline;

use crate::timeline::{CRITICAL, HIGH, HOUR, LOW, MEDIUM, MINUTE, SECOND, START, Timeline, event, fingerprint};

/// One event: when, from the start; its rule, severity, and the value and place of the act.
struct Row(u64, &'static str, Severity, u64, u64, Expected);

/// The points that the event added (none: counted before), the increase with it, and whether an incident opened.
type Expected = (Option<u32>, u32, bool);

fn check(policy: &str, rows: &[Row]) {
    let mut timeline = Timeline::new(policy);
    for (number, Row(at, rule, severity, value, target, expected)) in rows.iter().enumerate() {
        let (points, increase, opened) = timeline.weigh(*at, &[event(rule, *severity, *value, *target)]);
        let (added, sum, opens) = *expected;
        let outcome = added.map_or(ActOutcome::CountedBefore, |points| ActOutcome::Counted(Points::whole(points)));
        assert_eq!(points, [outcome], "row {number}: points");
        assert_eq!(increase, Points::whole(sum), "row {number}: increase");
        assert_eq!(opened.is_some(), opens, "row {number}: opened");
    }
}

#[test]
fn only_more_than_the_threshold_opens() {
    check(
        "{}",
        &[
            Row(0, "a", HIGH, 1, 1, (Some(5), 5, false)),
            Row(1, "b", HIGH, 2, 1, (Some(5), 10, false)),
            Row(2, "c", LOW, 3, 1, (Some(1), 11, true)),
            Row(3, "d", CRITICAL, 4, 1, (Some(8), 19, false)),
        ],
    );
}

#[test]
fn an_event_counts_until_exactly_24_hours_later() {
    check(
        "{}",
        &[
            Row(0, "a", CRITICAL, 1, 1, (Some(8), 8, false)),
            Row(24 * HOUR - 1, "b", LOW, 2, 1, (Some(1), 9, false)),
            Row(24 * HOUR, "c", LOW, 3, 1, (Some(1), 2, false)),
            Row(24 * HOUR, "a", CRITICAL, 1, 1, (Some(8), 10, false)),
        ],
    );
}

#[test]
fn the_same_act_counts_once() {
    check(
        "{}",
        &[
            Row(0, "a", MEDIUM, 1, 1, (Some(3), 3, false)),
            Row(MINUTE, "a", MEDIUM, 1, 2, (None, 3, false)), // within a minute anywhere
            Row(2 * MINUTE, "a", MEDIUM, 1, 1, (None, 3, false)), // at the same place within the window
            Row(2 * MINUTE, "a", MEDIUM, 1, 2, (Some(3), 6, false)), // elsewhere, later
            Row(3 * MINUTE, "a", MEDIUM, 2, 1, (Some(3), 9, false)), // another value
        ],
    );
}

#[test]
fn of_a_rule_the_newest_three_count_and_of_low_ones_five_points() {
    check(
        "{}",
        &[
            Row(0, "a", MEDIUM, 1, 1, (Some(3), 3, false)),
            Row(1, "a", MEDIUM, 2, 1, (Some(3), 6, false)),
            Row(2, "a", MEDIUM, 3, 1, (Some(3), 9, false)),
            Row(3, "a", MEDIUM, 4, 1, (Some(3), 9, false)),
        ],
    );
    let low: Vec<_> = ["a", "b", "c"]
        .into_iter()
        .enumerate()
        .flat_map(|(at, rule)| (0..3).map(move |value| (at as u64 * 3 + value, rule)))
        .map(|(at, rule)| Row(at, rule, LOW, at, 1, (Some(1), (at as u32 + 1).min(5), false)))
        .collect();
    check("{}", &low);
    // An event that an application called low before is not held under their cap any more.
    check(
        "{}",
        &[
            Row(0, "a", LOW, 1, 1, (Some(1), 1, false)),
            Row(1, "a", CRITICAL, 2, 1, (Some(8), 9, false)),
            Row(2, "a", CRITICAL, 3, 1, (Some(8), 17, true)),
        ],
    );
}

#[test]
fn an_incident_opens_again_only_after_the_increase_fell_to_the_rearm_level() {
    let policy = r#"{"window": "10s", "threshold": 10}"#;
    check(
        policy,
        &[
            Row(0, "a", CRITICAL, 1, 1, (Some(8), 8, false)),
            Row(4 * SECOND, "b", HIGH, 2, 1, (Some(5), 13, true)),
            // The first has left: 5 + 8 is over the threshold again, but in between it was 5, at the rearm level.
            Row(10 * SECOND, "c", CRITICAL, 3, 1, (Some(8), 13, true)),
        ],
    );
    check(
        policy,
        &[
            Row(0, "a", MEDIUM, 1, 1, (Some(3), 3, false)),
            Row(4 * SECOND, "b", CRITICAL, 2, 1, (Some(8), 11, true)),
            // 8 is above the rearm level: still the same incident.
            Row(10 * SECOND, "c", CRITICAL, 3, 1, (Some(8), 16, false)),
        ],
    );
}

#[test]
fn a_step_back_of_the_clock_changes_no_score() {
    check(
        r#"{"window": "1h"}"#,
        &[
            Row(HOUR, "a", CRITICAL, 1, 1, (Some(8), 8, false)),
            Row(HOUR - 2 * MINUTE, "b", LOW, 2, 1, (Some(1), 9, false)),
            Row(HOUR + 1, "c", LOW, 3, 1, (Some(1), 10, false)),
            Row(2 * HOUR, "d", LOW, 4, 1, (Some(1), 2, false)),
        ],
    );
}

#[test]
fn an_act_from_the_far_future_is_dated_to_now() {
    check(
        r#"{"window": "1h"}"#,
        &[
            Row(50 * HOUR, "a", CRITICAL, 1, 1, (Some(8), 8, false)),
            Row(0, "b", LOW, 2, 1, (Some(1), 9, false)),
            Row(HOUR, "c", LOW, 3, 1, (Some(1), 1, false)),
        ],
    );
}

#[test]
fn one_exchange_adds_at_most_its_cap_the_worst_first() {
    let mut timeline = Timeline::new("{}");
    let of = |category, event| Event { category, ..event };
    let events = [
        event("a", CRITICAL, 1, 1),
        of(Category::Xss, event("b", HIGH, 2, 2)),
        of(Category::Rce, event("c", HIGH, 3, 3)),
        event("d", HIGH, 4, 4),
    ];
    let (outcomes, increase, opened) = timeline.weigh(0, &events);
    let counted = [8, 2, 0].map(|points| ActOutcome::Counted(Points::whole(points)));
    assert_eq!(outcomes, [&counted[..], &[ActOutcome::Covered]].concat());
    assert_eq!((increase, opened), (Points::whole(10), None));
    let (outcomes, increase, _) = timeline.weigh(1, &events);
    assert_eq!(outcomes, [ActOutcome::CountedBefore; 4], "a repeat is one as a whole");
    assert_eq!(increase, Points::whole(10));
}

#[test]
fn an_act_that_was_counted_before_does_not_shield_a_new_one() {
    let mut timeline = Timeline::new("{}");
    let shield = event("a", CRITICAL, 1, 1);
    timeline.weigh(0, std::slice::from_ref(&shield));
    let (outcomes, _, opened) = timeline.weigh(1, &[shield, event("a", CRITICAL, 2, 2)]);
    assert_eq!(outcomes, [ActOutcome::CountedBefore, ActOutcome::Counted(Points::whole(8))]);
    assert!(opened.is_some());
}

#[test]
fn acts_that_count_nothing_push_out_none_that_count() {
    let mut timeline = Timeline::new(r#"{"stack": 1, "threshold": 100, "exchange_cap": 8}"#);
    timeline.weigh(0, &[event("b", HIGH, 1, 1)]);
    let beyond = [event("a", CRITICAL, 2, 2), Event { category: Category::Xss, ..event("b", HIGH, 3, 3) }];
    let (outcomes, increase, _) = timeline.weigh(1, &beyond);
    assert_eq!(outcomes[1], ActOutcome::Counted(Points::ZERO));
    assert_eq!(increase, Points::whole(13));
}

#[test]
fn beyond_32_rules_the_least_severe_share_an_entry() {
    let mut timeline = Timeline::new(r#"{"threshold": 1000}"#);
    let rules: Vec<String> = (0..40).map(|rule| format!("rule-{rule}")).collect();
    for (at, rule) in rules.iter().enumerate() {
        let severity = if at % 2 == 0 { CRITICAL } else { MEDIUM };
        timeline.weigh(at as u64, &[event(rule, severity, at as u64, 1)]);
    }
    let (_, increase, _) = timeline.weigh(100, &[event("rule-0", CRITICAL, 100, 1)]);
    // 21 critical ones; of the 20 medium ones 11 on their own, and the newest three of the shared entry.
    assert_eq!(increase, Points::whole(21 * 8 + 11 * 3 + 3 * 3));
}

#[test]
fn a_snapshot_tells_what_happened() {
    let mut timeline = Timeline::new("{}");
    let (_, _, none) = timeline.weigh(0, &[event("a", CRITICAL, 1, 1)]);
    let (_, _, opened) = timeline.weigh(5, &[event("b", CRITICAL, 2, 1)]);
    assert_eq!(none, None);
    let opened = opened.unwrap();
    assert_eq!((opened.increase, opened.threshold, opened.band), (Points::whole(16), Points::whole(10), Band::Warning));
    assert_eq!(opened.events.iter().map(|tally| tally.rule.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(timeline.record.pending(), std::slice::from_ref(&opened));
    let mut twin = Timeline::new("{}");
    twin.weigh(0, &[event("a", CRITICAL, 1, 1)]);
    let (_, _, later) = twin.weigh(6, &[event("b", CRITICAL, 2, 1)]);
    let ids: [IncidentId; 2] = [opened.incident, later.unwrap().incident];
    assert_ne!(ids[0], ids[1], "another crossing is another incident");
    assert!(timeline.record.mark_queued(&[opened], None));
    assert_eq!(timeline.record.pending(), []);
}

/// One value in two parameters: a second target, no second act.
#[test]
fn the_same_act_twice_in_one_exchange_counts_once() {
    let mut timeline = Timeline::new("{}");
    let (points, increase, _) =
        timeline.weigh(0, &[event("a", HIGH, 1, 1), event("a", HIGH, 1, 1), event("b", HIGH, 2, 1)]);
    let counted = |points| ActOutcome::Counted(Points::whole(points));
    assert_eq!(points.first(), Some(&counted(5)));
    assert_eq!(points.get(1), Some(&ActOutcome::Covered));
    assert_eq!(
        increase,
        points.iter().fold(Points::ZERO, |sum, one| match one {
            ActOutcome::Counted(points) => sum + *points,
            _ => sum,
        })
    );
    let (points, ..) = timeline.weigh(SECOND, &[event("a", HIGH, 1, 1), event("a", HIGH, 1, 1)]);
    assert_eq!(points, [ActOutcome::CountedBefore, ActOutcome::CountedBefore]);
}
