//! How is a day told? As one line of the log.

use serde::Serialize;
use serde_json::Value;

use crate::clock::Timestamp;
use crate::engine::learn::book::{DAY, Day};
use crate::engine::learn::tally::{LADDER, Place, Row, Tally};
use crate::engine::report;
use crate::notify::notice::advice::exclusion;
use crate::order::ordered;
use crate::points::Points;
use crate::risk::crossing::Limits;

/// So many rules are named.
const NAMED: usize = 10;

/// The line about a day; `limits` are those of a named user.
pub(super) fn learned(day: &Day, limits: &Limits, now: Timestamp) -> String {
    #[derive(Serialize)]
    struct Line<'a> {
        event: &'static str,
        time: String,
        day: String,
        from: String,
        to: String,
        malicious_requests: u64,
        detections: u64,
        users: u64,
        /// What would have been told.
        opened: u64,
        updated: u64,
        resolved: u64,
        /// Incidents that reached this band or a higher one.
        bands: Bands,
        thresholds: Vec<Rung>,
        rules: Vec<Rule<'a>>,
        false_alarms: Vec<Suspect<'a>>,
    }
    #[derive(Serialize)]
    struct Bands {
        warning: u64,
        error: u64,
        critical: u64,
    }
    #[derive(Serialize)]
    struct Rung {
        threshold: Value,
        incidents: u64,
    }
    #[derive(Serialize)]
    struct Rule<'a> {
        rule: &'a str,
        points: Value,
        acts: u64,
    }
    #[derive(Serialize)]
    struct Suspect<'a> {
        rule: &'a str,
        #[serde(rename = "where")]
        place: &'a str,
        acts: u64,
        #[serde(skip_serializing_if = "Option::is_none")]
        exclude: Option<String>,
    }
    let Tally { requests, detections, users, told, bands, ladder, rules, places } = &day.tally;
    let [opened, updated, resolved] = *told;
    let [warning, error, critical] = *bands;
    let begin = Timestamp::from_millis(day.number.saturating_mul(DAY * 1000));
    let end = Timestamp::from_millis((day.number + 1).saturating_mul(DAY * 1000));
    let rung = |halves: &u32| limits.threshold.scaled(Points::whole(*halves), Points::whole(2)).to_json();
    let worst = |a: &&Row, b: &&Row| b.points.cmp(&a.points).then_with(|| a.rule.cmp(&b.rule));
    let most = |a: &&Place, b: &&Place| b.acts.cmp(&a.acts).then_with(|| a.rule.cmp(&b.rule));
    report::line(&Line {
        event: "learned",
        time: now.to_string(),
        day: begin.to_string().chars().take_while(|c| *c != 'T').collect(),
        from: day.from.to_string(),
        to: end.min(now).to_string(),
        malicious_requests: *requests,
        detections: *detections,
        users: *users,
        opened,
        updated,
        resolved,
        bands: Bands { warning, error, critical },
        thresholds: LADDER
            .iter()
            .zip(ladder)
            .map(|(halves, incidents)| Rung { threshold: rung(halves), incidents: *incidents })
            .collect(),
        rules: ordered(rules, &worst)
            .into_iter()
            .take(NAMED)
            .map(|row| Rule { rule: &row.rule, points: row.points.to_json(), acts: row.acts })
            .collect(),
        false_alarms: ordered(places, &most)
            .into_iter()
            .take(NAMED)
            .map(|place| Suspect {
                rule: &place.rule,
                place: &place.place,
                acts: place.acts,
                exclude: exclusion(&place.rule, &place.place),
            })
            .collect(),
    })
}
