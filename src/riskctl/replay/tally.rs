//! What would have happened? Incidents, users, rules and routes, counted from what the filter logs.

use std::collections::{BTreeMap, HashMap};

use log::Level;
use serde::Serialize;
use serde_json::Value;
use user_risk_filter::clock::Timestamp;
use user_risk_filter::worker::effect::About;

use super::suspects::Suspects;
use crate::play::proxy::Witness;

/// At most so many incidents, users and routes are remembered one by one; the rest is counted.
const INCIDENTS: usize = 10_000;
const USERS: usize = 100_000;
const ROUTES: usize = 4096;

/// Milliseconds of a day.
const DAY: u64 = 24 * 60 * 60 * 1000;

/// Counts of everything.
#[derive(Default)]
pub(super) struct Tally {
    pub(super) malicious: u64,
    pub(super) detections: u64,
    /// Detections without a user who could be known.
    pub(super) nobody: u64,
    pub(super) users: HashMap<(String, String), UserRow>,
    pub(super) rules: BTreeMap<String, RuleRow>,
    pub(super) routes: HashMap<String, Count>,
    pub(super) incidents: Vec<Incident>,
    /// All of them, those that are not remembered too.
    pub(super) opened: u64,
    /// Messages by channel.
    pub(super) told: BTreeMap<String, Told>,
    /// Malicious requests, and incidents by their band, by the day since 1970.
    pub(super) days: BTreeMap<u64, Day>,
    pub(super) suspects: Suspects,
    /// Warnings and errors of the filter, each once.
    pub(super) complaints: BTreeMap<String, String>,
    by_id: HashMap<String, usize>,
}

/// How often, and for how many points.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(super) struct Count {
    pub(super) requests: u64,
    pub(super) points: f64,
}

/// What a rule came to.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct RuleRow {
    pub(super) severity: String,
    #[serde(flatten)]
    pub(super) count: Count,
    /// In how many incidents it had a part.
    pub(super) incidents: u64,
}

/// What a user came to.
#[derive(Clone, Debug, Default)]
pub(super) struct UserRow {
    pub(super) count: Count,
    pub(super) incidents: u64,
    /// The highest increase, and the threshold.
    pub(super) peak: f64,
    pub(super) threshold: f64,
}

/// An incident.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Incident {
    pub(super) user: String,
    pub(super) source: String,
    pub(super) opened: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) resolved: Option<String>,
    /// The highest band that it reached.
    pub(super) band: String,
    /// The highest increase that was reported.
    pub(super) increase: f64,
    pub(super) threshold: f64,
    /// The rules that had a part in its opening.
    pub(super) rules: Vec<String>,
    /// The channels that were told of its opening.
    pub(super) notified: Vec<String>,
}

/// What a channel got.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(super) struct Told {
    pub(super) opened: u64,
    pub(super) updated: u64,
    pub(super) resolved: u64,
}

/// What a day came to.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Day {
    pub(super) malicious: u64,
    pub(super) incidents: u64,
}

impl Tally {
    fn request(&mut self, line: &Value, now: Timestamp) {
        let rules: Vec<&Value> = line.get("rules").and_then(Value::as_array).into_iter().flatten().collect();
        self.malicious += 1;
        self.detections += rules.len() as u64;
        self.days.entry(now.as_millis() / DAY).or_default().malicious += 1;
        let (user, source) = (text(line, "user"), text(line, "source"));
        if user.is_empty() {
            self.nobody += rules.len() as u64;
        }
        let points = number(line, "points");
        if let Some(row) = row(&mut self.users, (source.clone(), user.clone()), USERS).filter(|_| !user.is_empty()) {
            row.count.add(points);
            row.peak = row.peak.max(number(line, "increase"));
            row.threshold = number(line, "threshold");
        }
        let route = text(line, "route");
        if let Some(count) = row(&mut self.routes, route.clone(), ROUTES) {
            count.add(points);
        }
        for rule in rules {
            let row = self.rules.entry(text(rule, "rule")).or_default();
            row.severity = text(rule, "severity");
            row.count.add(number(rule, "points"));
            self.suspects.add(&text(rule, "rule"), &row.severity, &text(rule, "target"), &route, (&source, &user), now);
        }
    }

    fn opened(&mut self, line: &Value, now: Timestamp) {
        self.opened += 1;
        self.days.entry(now.as_millis() / DAY).or_default().incidents += 1;
        let (user, source) = (text(line, "user"), text(line, "source"));
        if let Some(row) = row(&mut self.users, (source.clone(), user.clone()), USERS) {
            row.incidents += 1;
        }
        let rules = line.get("rules").and_then(Value::as_array).into_iter().flatten();
        let rules: Vec<String> = rules.map(|rule| text(rule, "rule")).collect();
        for rule in &rules {
            self.rules.entry(rule.clone()).or_default().incidents += 1;
        }
        if self.incidents.len() < INCIDENTS {
            self.by_id.insert(text(line, "id"), self.incidents.len());
            self.incidents.push(Incident {
                user,
                source,
                opened: now.to_string(),
                resolved: None,
                band: text(line, "band"),
                increase: number(line, "increase"),
                threshold: number(line, "threshold"),
                rules,
                notified: Vec::new(),
            });
        }
    }

    fn incident(&mut self, id: &str) -> Option<&mut Incident> {
        let at = *self.by_id.get(id)?;
        self.incidents.get_mut(at)
    }
}

impl Witness for Tally {
    fn line(&mut self, level: Level, line: &str, said: &Value, now: Timestamp) {
        let event = text(said, "event");
        match event.as_str() {
            "malicious_request" => self.request(said, now),
            "incident_opened" => self.opened(said, now),
            "incident_updated" => {
                if let Some(incident) = self.incident(&text(said, "id")) {
                    incident.band = text(said, "band");
                    incident.increase = incident.increase.max(number(said, "increase"));
                }
            }
            "incident_resolved" => {
                if let Some(incident) = self.incident(&text(said, "id")) {
                    incident.resolved = Some(now.to_string());
                }
            }
            _ if level <= Level::Warn => {
                self.complaints.entry(event).or_insert_with(|| line.to_owned());
            }
            _ => {}
        }
    }

    fn told(&mut self, about: &About) {
        let told = self.told.entry(about.channel.clone()).or_default();
        match about.transition.slug() {
            "opened" => told.opened += 1,
            "updated" => told.updated += 1,
            _ => told.resolved += 1,
        }
        if about.transition.slug() == "opened"
            && let Some(incident) = self.incident(&about.incident.to_string())
            && !incident.notified.contains(&about.channel)
        {
            incident.notified.push(about.channel.clone());
        }
    }
}

impl Count {
    fn add(&mut self, points: f64) {
        self.requests += 1;
        self.points += points;
    }
}

/// The row of a key, unless there are too many rows.
fn row<K: std::hash::Hash + Eq, V: Default>(rows: &mut HashMap<K, V>, key: K, most: usize) -> Option<&mut V> {
    (rows.len() < most || rows.contains_key(&key)).then(|| rows.entry(key).or_default())
}

pub(super) fn text(value: &Value, key: &str) -> String {
    value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
}

pub(super) fn number(value: &Value, key: &str) -> f64 {
    value.get(key).and_then(Value::as_f64).unwrap_or_default()
}
