//! What happens to an incident, and what of it is told? Rows of moments: an act or a look, and the transitions.

use user_risk_filter::clock::Timestamp;
use user_risk_filter::incident::snapshot::Transition;
use user_risk_filter::points::Points;

use crate::{CRITICAL, HIGH, HOUR, LOW, MINUTE, START, Timeline, event};

/// What happens at a moment.
enum Do {
    /// An act of this rule and severity, each time a new one.
    Act(&'static str, user_risk_filter::detect::category::Severity),
    /// Somebody looks.
    Look,
    /// The user is muted until this moment.
    Mute(u64),
    /// The incident is closed by hand.
    Close,
    /// The user's acts are forgiven by hand.
    Forgive,
}

use Do::{Act, Close, Forgive, Look, Mute};

/// Plays the rows; each names the transitions that happen and, after a colon, whether they are to be told.
fn check(policy: &str, rows: &[(u64, Do, &[&str])]) {
    let mut timeline = Timeline::new(policy);
    for (number, (at, what, expected)) in rows.iter().enumerate() {
        let now = Timestamp::from_millis(START + at);
        let before = timeline.record.pending().len();
        let transitions = match what {
            Act(rule, severity) => timeline.transitions(*at, &[event(rule, *severity, number as u64, number as u64)]),
            Look => timeline.record.resolve(now, true).into_iter().collect(),
            Mute(until) => {
                timeline.record.mute(Timestamp::from_millis(START + until));
                Vec::new()
            }
            Close => timeline.record.close(now, true).into_iter().collect(),
            Forgive => timeline.record.forgive(now, true).into_iter().collect(),
        };
        let told = timeline.record.pending()[before..].to_vec();
        let words: Vec<String> = transitions
            .iter()
            .map(|one| {
                let silent = if told.iter().any(|told| told.is_same_transition(one)) { "" } else { " silently" };
                let ending = one.ending.map_or(String::new(), |ending| format!(" {}", ending.slug()));
                format!("{} {}{ending}{silent}", one.transition.slug(), one.band.slug())
            })
            .collect();
        assert_eq!(words, *expected, "row {number}");
    }
}

#[test]
fn each_band_is_told_once_and_reminders_come_with_new_acts_only() {
    check(
        "{}",
        &[
            (0, Act("a", CRITICAL), &[]),
            (1, Act("b", HIGH), &["opened warning"]),
            (2, Act("c", HIGH), &[]),
            (3, Act("d", HIGH), &["updated error"]),
            (4, Act("e", LOW), &[]),
            (5 * HOUR, Look, &[]),
            (5 * HOUR, Act("e", LOW), &["updated error"]),
            (6 * HOUR, Act("f", HIGH), &[]),
            (9 * HOUR, Act("f", CRITICAL), &["updated error"]),
            (9 * HOUR + 1, Act("g", CRITICAL), &["updated critical"]),
        ],
    );
    check(
        r#"{"repeat_interval": "10m"}"#,
        &[
            (0, Act("a", CRITICAL), &[]),
            (1, Act("b", HIGH), &["opened warning"]),
            (10 * MINUTE, Act("c", LOW), &[]),
            (10 * MINUTE + 1, Act("c", LOW), &["updated warning"]),
        ],
    );
}

#[test]
fn it_ends_when_the_increase_has_fallen_to_the_rearm_level_whoever_looks() {
    let crossing: [(u64, Do, &[&str]); 3] =
        [(0, Act("a", CRITICAL), &[]), (HOUR, Act("b", HIGH), &["opened warning"]), (24 * HOUR - 1, Look, &[])];
    let then = |row| crossing.into_iter().chain([row]).collect::<Vec<_>>();
    check("{}", &then((24 * HOUR, Look, &["resolved warning quiet"])));
    let [a, b, c] = [
        (0, Act("a", CRITICAL), &[][..]),
        (HOUR, Act("b", HIGH), &["opened warning"][..]),
        // The same moment ends one incident and begins the next.
        (24 * HOUR, Act("c", CRITICAL), &["resolved warning quiet", "opened warning"][..]),
    ];
    check("{}", &[a, b, c]);
}

#[test]
fn the_end_is_dated_to_the_moment_at_which_the_user_fell_quiet() {
    let mut timeline = Timeline::new("{}");
    timeline.transitions(0, &[event("a", CRITICAL, 1, 1)]);
    timeline.transitions(HOUR, &[event("b", HIGH, 2, 1)]);
    let quiet = Timestamp::from_millis(START + 24 * HOUR);
    assert_eq!(timeline.record.resolve_at(), Some(quiet));
    let resolved = timeline.record.resolve(Timestamp::from_millis(START + 40 * HOUR), true).unwrap();
    assert_eq!((resolved.at, resolved.increase, resolved.transition), (quiet, Points::whole(5), Transition::Resolved));
    let now = Timestamp::from_millis(START + 40 * HOUR);
    assert!(!timeline.record.is_spent(now), "what is pending stays");
    let pending = timeline.record.pending().to_vec();
    assert!(timeline.record.mark_queued(&pending, None) && timeline.record.is_spent(now));
    timeline.record.mute(now.after(std::time::Duration::from_secs(60)));
    assert!(!timeline.record.is_spent(now), "a quiet user's mute is not forgotten");
}

#[test]
fn categories_alone_may_open_and_then_hold_it_open() {
    check(
        r#"{"distinct_categories": 2, "threshold": 100}"#,
        &[
            (0, Act("sqli.a", LOW), &[]),
            (1, Act("sqli.b", LOW), &[]),
            (2, Act("xss.a", LOW), &["opened warning"]),
            (24 * HOUR, Look, &[]),
            (24 * HOUR + 1, Look, &["resolved warning quiet"]),
        ],
    );
}

#[test]
fn closed_by_hand_it_opens_again_only_in_a_higher_band_or_after_quiet() {
    check(
        "{}",
        &[
            (0, Act("a", CRITICAL), &[]),
            (1, Act("b", HIGH), &["opened warning"]),
            (2, Close, &["resolved warning closed"]),
            (3, Act("c", HIGH), &[]),
            (4, Act("d", HIGH), &["opened error"]),
        ],
    );
    check(
        "{}",
        &[
            (0, Act("a", CRITICAL), &[]),
            (1, Act("b", HIGH), &["opened warning"]),
            (2, Close, &["resolved warning closed"]),
            (24 * HOUR, Act("c", CRITICAL), &["opened warning"]),
        ],
    );
}

#[test]
fn forgiven_the_points_are_gone() {
    check(
        "{}",
        &[
            (0, Act("a", CRITICAL), &[]),
            (1, Act("b", HIGH), &["opened warning"]),
            (2, Forgive, &["resolved warning forgiven"]),
            (3, Act("c", CRITICAL), &[]),
            (4, Act("d", HIGH), &["opened warning"]),
        ],
    );
}

#[test]
fn muted_nothing_is_told_but_the_end_of_what_people_know() {
    check(
        "{}",
        &[
            (0, Mute(HOUR), &[]),
            (1, Act("a", CRITICAL), &[]),
            (2, Act("b", HIGH), &["opened warning silently"]),
            (3, Act("c", CRITICAL), &["updated error silently"]),
            // What was never told comes as an opening once there is news.
            (5 * HOUR, Act("d", LOW), &["opened error"]),
            (5 * HOUR + 1, Mute(90 * HOUR), &[]),
            (6 * HOUR, Act("e", CRITICAL), &[]),
            (48 * HOUR, Look, &["resolved error quiet"]),
        ],
    );
    check(
        "{}",
        &[
            (0, Mute(HOUR), &[]),
            (1, Act("a", CRITICAL), &[]),
            (2, Act("b", HIGH), &["opened warning silently"]),
            (48 * HOUR, Look, &["resolved warning quiet silently"]),
        ],
    );
}
