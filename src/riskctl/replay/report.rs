//! What is reported? Everything in one value: printed as JSON, shown in a terminal, drawn as a page.

use std::collections::BTreeMap;

use serde::Serialize;
use user_risk_filter::clock::Timestamp;

use super::batch::{Odd, Scanned};
use super::coverage::Lack;
use super::suspects::FalseAlarm;
use super::tally::{Count, Incident, RuleRow, Tally, Told};
use super::thresholds::Thresholds;

/// At most so many users and routes are listed.
const LISTED: usize = 50;

/// Milliseconds of a day, and of the shortest time from which a week is foretold.
const DAY: u64 = 24 * 60 * 60 * 1000;
const HOUR: u64 = 60 * 60 * 1000;

#[derive(Serialize)]
pub(super) struct Report {
    pub(super) files: Vec<File>,
    /// The first and the last request.
    pub(super) from: Option<String>,
    pub(super) to: Option<String>,
    /// The time between, in days.
    pub(super) days: f64,
    pub(super) lines: u64,
    pub(super) requests: u64,
    pub(super) malicious_requests: u64,
    pub(super) detections: u64,
    /// Users and addresses with a detection.
    pub(super) users: usize,
    pub(super) threshold: f64,
    pub(super) anonymous_threshold: f64,
    pub(super) window: String,
    pub(super) incidents: u64,
    /// None if the log is too short to tell.
    pub(super) incidents_per_week: Option<f64>,
    pub(super) opened: Vec<Incident>,
    pub(super) notified: BTreeMap<String, Told>,
    pub(super) thresholds: Vec<Rung>,
    pub(super) rules: Vec<Rule>,
    pub(super) routes: Vec<Route>,
    pub(super) top_users: Vec<User>,
    pub(super) by_day: Vec<Day>,
    pub(super) false_alarms: Vec<FalseAlarm>,
    /// How many incidents there would be with the exclusions of all false alarms, if that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) tuned: Option<u64>,
    pub(super) lacks: Vec<Lack>,
    pub(super) unread: Vec<Unreadable>,
    pub(super) excluded: usize,
    /// Detections of requests without a user or an address.
    pub(super) nobody: u64,
    /// Exchanges that came after later ones had been played.
    pub(super) late: u64,
    /// Files that could not be read to their end, and why.
    pub(super) broken: Vec<String>,
    /// What the filter complained about.
    pub(super) complaints: Vec<String>,
}

#[derive(Serialize)]
pub(super) struct File {
    pub(super) name: String,
    pub(super) format: &'static str,
}

#[derive(Serialize)]
pub(super) struct Rung {
    pub(super) threshold: f64,
    pub(super) incidents: u64,
    pub(super) per_week: Option<f64>,
}

#[derive(Serialize)]
pub(super) struct Rule {
    pub(super) rule: String,
    #[serde(flatten)]
    pub(super) row: RuleRow,
}

#[derive(Serialize)]
pub(super) struct Route {
    pub(super) route: String,
    #[serde(flatten)]
    pub(super) count: Count,
}

#[derive(Serialize)]
pub(super) struct User {
    pub(super) user: String,
    pub(super) source: String,
    #[serde(flatten)]
    pub(super) count: Count,
    pub(super) incidents: u64,
    /// The highest increase.
    pub(super) peak: f64,
    pub(super) threshold: f64,
}

#[derive(Serialize)]
pub(super) struct Day {
    pub(super) day: String,
    pub(super) requests: u64,
    pub(super) malicious_requests: u64,
    pub(super) incidents: u64,
}

#[derive(Serialize)]
pub(super) struct Unreadable {
    pub(super) what: &'static str,
    pub(super) count: u64,
    /// Such lines are usual: no mistake.
    pub(super) is_expected: bool,
    pub(super) file: String,
    pub(super) line: u64,
    pub(super) text: String,
}

/// What a configuration's thresholds are.
pub(super) struct Policy {
    pub(super) threshold: f64,
    pub(super) anonymous_threshold: f64,
    pub(super) window: String,
}

impl Report {
    pub(super) fn new(
        files: Vec<File>,
        policy: Policy,
        read: Scanned,
        tally: Tally,
        thresholds: Thresholds,
        late: u64,
    ) -> Self {
        let span = read.last.unwrap_or_default().since(read.first.unwrap_or_default()).as_millis() as u64;
        let per_week = |count: u64| (span >= HOUR).then(|| count as f64 * (7 * DAY) as f64 / span as f64);
        let named = (text(policy.threshold), text(policy.anonymous_threshold));
        let unread = read.unread.iter().map(|(what, odd)| Unreadable::new(what, odd, &files)).collect();
        let false_alarms = tally.suspects.false_alarms();
        Self {
            from: read.first.map(|time| time.to_string()),
            to: read.last.map(|time| time.to_string()),
            days: span as f64 / DAY as f64,
            lines: read.lines,
            requests: read.coverage.requests(),
            malicious_requests: tally.malicious,
            detections: tally.detections,
            users: tally.users.len(),
            incidents: tally.opened,
            incidents_per_week: per_week(tally.opened),
            thresholds: thresholds
                .0
                .into_iter()
                .map(|(threshold, incidents)| Rung { threshold, incidents, per_week: per_week(incidents) })
                .collect(),
            rules: rules(tally.rules),
            routes: routes(tally.routes),
            top_users: users(tally.users),
            by_day: days(&read.days, &tally.days),
            opened: tally.incidents,
            notified: tally.told,
            false_alarms,
            tuned: None,
            broken: Vec::new(),
            lacks: read.coverage.lacks((&named.0, &named.1)),
            unread,
            excluded: read.excluded,
            nobody: tally.nobody,
            late,
            complaints: tally.complaints.into_values().collect(),
            threshold: policy.threshold,
            anonymous_threshold: policy.anonymous_threshold,
            window: policy.window,
            files,
        }
    }

    /// How many lines could not be read that should have been.
    pub(super) fn wrong(&self) -> u64 {
        self.unread.iter().filter(|odd| !odd.is_expected).map(|odd| odd.count).sum()
    }
}

impl Unreadable {
    fn new(what: &'static str, odd: &Odd, files: &[File]) -> Self {
        let file = files.get(odd.file).map_or_else(String::new, |file| file.name.clone());
        let is_expected = crate::log::unread::is_expected(what);
        Self { what, count: odd.count, is_expected, file, line: odd.line, text: odd.text.clone() }
    }
}

fn rules(rules: BTreeMap<String, RuleRow>) -> Vec<Rule> {
    let mut rules: Vec<_> = rules.into_iter().map(|(rule, row)| Rule { rule, row }).collect();
    rules.sort_by(|a, b| by_points(&b.row.count, &a.row.count).then_with(|| a.rule.cmp(&b.rule)));
    rules
}

fn routes(routes: impl IntoIterator<Item = (String, Count)>) -> Vec<Route> {
    let mut routes: Vec<_> = routes.into_iter().map(|(route, count)| Route { route, count }).collect();
    routes.sort_by(|a, b| by_points(&b.count, &a.count).then_with(|| a.route.cmp(&b.route)));
    routes.truncate(LISTED);
    routes
}

fn users(users: impl IntoIterator<Item = ((String, String), super::tally::UserRow)>) -> Vec<User> {
    let user = |((source, user), row): ((String, String), super::tally::UserRow)| User {
        user,
        source,
        count: row.count,
        incidents: row.incidents,
        peak: row.peak,
        threshold: row.threshold,
    };
    let mut users: Vec<_> = users.into_iter().map(user).collect();
    users.sort_by(|a, b| {
        let points = by_points(&b.count, &a.count);
        b.incidents.cmp(&a.incidents).then(points).then_with(|| (&a.source, &a.user).cmp(&(&b.source, &b.user)))
    });
    users.truncate(LISTED);
    users
}

/// Every day from the first to the last; those on which nothing happened too, unless the log's times are years apart.
fn days(requests: &BTreeMap<u64, u64>, counts: &BTreeMap<u64, super::tally::Day>) -> Vec<Day> {
    let all = requests.keys().chain(counts.keys());
    let (Some(first), Some(last)) = (all.clone().min(), all.max()) else { return Vec::new() };
    let known: Box<dyn Iterator<Item = u64>> =
        if last - first <= 366 { Box::new(*first..=*last) } else { Box::new(requests.keys().copied()) };
    known
        .map(|day| {
            let time = Timestamp::from_millis(day.saturating_mul(DAY)).to_string();
            let count = counts.get(&day).copied().unwrap_or_default();
            Day {
                day: time.chars().take_while(|c| *c != 'T').collect(),
                requests: requests.get(&day).copied().unwrap_or_default(),
                malicious_requests: count.malicious,
                incidents: count.incidents,
            }
        })
        .collect()
}

fn by_points(a: &Count, b: &Count) -> std::cmp::Ordering {
    a.points.total_cmp(&b.points).then(a.requests.cmp(&b.requests))
}

/// A number without a needless fraction.
pub(super) fn text(number: f64) -> String {
    let rounded = (number * 10.0).round() / 10.0;
    if rounded.fract() == 0.0 { format!("{rounded:.0}") } else { format!("{rounded:.1}") }
}
