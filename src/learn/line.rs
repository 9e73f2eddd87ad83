//! The log line of a day in learning mode: what would have been notified.

use crate::clock::Timestamp;
use crate::learn::store::{DAY, Day};
use crate::learn::tally::{LADDER, Row, RuleTarget, Tally};
use crate::notify::notice::advice::exclusion;
use crate::points::Points;
use crate::risk::crossing::Limits;
use crate::sort::sort_by;
use crate::text::json::{Json, NOTHING};

/// At most so many rules are named.
const NAMED: usize = 10;

/// The line about a day; `limits` are those of a named user.
pub(crate) fn learned(day: &Day, limits: &Limits, now: Timestamp) -> String {
    let Tally { requests, detections, users, transitions, bands, ladder, rules, targets } = &day.tally;
    let [opened, updated, resolved] = transitions;
    let [warning, error, critical] = bands;
    let begin = Timestamp::from_millis(day.number.saturating_mul(DAY * 1000));
    let end = Timestamp::from_millis((day.number + 1).saturating_mul(DAY * 1000));
    let rung = |(halves, incidents): (&u32, &u64)| {
        let threshold = limits.threshold.scaled(Points::whole(*halves), Points::whole(2));
        Json::object(&[("threshold", Json::number(&threshold)), ("incidents", Json::number(incidents))])
    };
    let rule = |row: &Row| {
        Json::object(&[
            ("rule", Json::text(&row.rule)),
            ("points", Json::number(&row.points)),
            ("acts", Json::number(&row.acts)),
        ])
    };
    let suspect = |target: &RuleTarget| {
        let exclude = exclusion(&target.rule, &target.target);
        Json::object(&[
            ("rule", Json::text(&target.rule)),
            ("target", Json::text(&target.target)),
            ("acts", Json::number(&target.acts)),
            ("exclude", exclude.map_or(NOTHING, |exclusion| Json::text(&exclusion))),
        ])
    };
    let (mut worst, mut most): (Vec<_>, Vec<_>) = (rules.iter().collect(), targets.iter().collect());
    sort_by(&mut worst, |a, b| b.points.cmp(&a.points).then_with(|| a.rule.cmp(&b.rule)));
    sort_by(&mut most, |a, b| b.acts.cmp(&a.acts).then_with(|| a.rule.cmp(&b.rule)));
    let rules: Vec<_> = worst.into_iter().take(NAMED).map(rule).collect();
    let suspects: Vec<_> = most.into_iter().take(NAMED).map(suspect).collect();
    let date: String = begin.to_string().chars().take_while(|c| *c != 'T').collect();
    Json::object(&[
        ("event", Json::text("learned")),
        ("time", Json::text(&now.to_string())),
        ("day", Json::text(&date)),
        ("from", Json::text(&day.from.to_string())),
        ("to", Json::text(&end.min(now).to_string())),
        ("malicious_requests", Json::number(requests)),
        ("detections", Json::number(detections)),
        ("users", Json::number(users)),
        // Transitions that would have been notified.
        ("opened", Json::number(opened)),
        ("updated", Json::number(updated)),
        ("resolved", Json::number(resolved)),
        // Incidents that reached this band or a higher one.
        (
            "bands",
            Json::object(&[
                ("warning", Json::number(warning)),
                ("error", Json::number(error)),
                ("critical", Json::number(critical)),
            ]),
        ),
        ("thresholds", Json::list(&LADDER.iter().zip(ladder).map(rung).collect::<Vec<_>>())),
        ("rules", Json::list(&rules)),
        ("false_alarms", Json::list(&suspects)),
    ])
    .into_text()
}
