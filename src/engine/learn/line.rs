//! How is a day told? As one line of the log.

use crate::clock::Timestamp;
use crate::engine::learn::book::{DAY, Day};
use crate::engine::learn::tally::{LADDER, Place, Row, Tally};
use crate::engine::report;
use crate::json::{Json, NOTHING};
use crate::notify::notice::advice::exclusion;
use crate::order::ordered;
use crate::points::Points;
use crate::risk::crossing::Limits;

/// So many rules are named.
const NAMED: usize = 10;

/// The line about a day; `limits` are those of a named user.
pub(super) fn learned(day: &Day, limits: &Limits, now: Timestamp) -> String {
    let Tally { requests, detections, users, told, bands, ladder, rules, places } = &day.tally;
    let [opened, updated, resolved] = told;
    let [warning, error, critical] = bands;
    let begin = Timestamp::from_millis(day.number.saturating_mul(DAY * 1000));
    let end = Timestamp::from_millis((day.number + 1).saturating_mul(DAY * 1000));
    let worst = |a: &&Row, b: &&Row| b.points.cmp(&a.points).then_with(|| a.rule.cmp(&b.rule));
    let most = |a: &&Place, b: &&Place| b.acts.cmp(&a.acts).then_with(|| a.rule.cmp(&b.rule));
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
    let suspect = |place: &Place| {
        let exclude = exclusion(&place.rule, &place.place);
        Json::object(&[
            ("rule", Json::text(&place.rule)),
            ("where", Json::text(&place.place)),
            ("acts", Json::number(&place.acts)),
            ("exclude", exclude.map_or(NOTHING, |exclusion| Json::text(&exclusion))),
        ])
    };
    let rules: Vec<_> = ordered(rules, &worst).into_iter().take(NAMED).map(rule).collect();
    let suspects: Vec<_> = ordered(places, &most).into_iter().take(NAMED).map(suspect).collect();
    let date: String = begin.to_string().chars().take_while(|c| *c != 'T').collect();
    report::line(&[
        ("event", Json::text("learned")),
        ("time", Json::text(&now.to_string())),
        ("day", Json::text(&date)),
        ("from", Json::text(&day.from.to_string())),
        ("to", Json::text(&end.min(now).to_string())),
        ("malicious_requests", Json::number(requests)),
        ("detections", Json::number(detections)),
        ("users", Json::number(users)),
        // What would have been told.
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
}
