//! What happened to whom? Collects the time lines of all users from what the filter logs.

use std::collections::BTreeMap;

use log::Level;
use serde_json::Value;
use user_risk_filter::clock::{Span, Timestamp};
use user_risk_filter::incident::record::Record;
use user_risk_filter::incident::user::User;
use user_risk_filter::worker::effect::About;

use super::life::{Entry, Life, What};
use crate::play::proxy::Witness;

/// Where a user's name comes from, and the name.
pub(super) type Name = (String, String);

/// The time lines of all users, and what else the filter said.
pub(super) struct Lives {
    window: Span,
    pub(super) lives: BTreeMap<Name, Life>,
    /// The user of each incident, by the incident's id.
    incidents: BTreeMap<String, Name>,
    /// The lines of `mode: learn`, one for each day.
    pub(super) learned: Vec<String>,
    /// Warnings and errors of the filter.
    pub(super) complaints: Vec<String>,
    /// The number of detections without a user who could be known.
    pub(super) nobody: usize,
}

impl Lives {
    /// No time lines yet; points leave after `window`.
    pub(super) fn new(window: Span) -> Self {
        Self {
            window,
            lives: BTreeMap::new(),
            incidents: BTreeMap::new(),
            learned: Vec::new(),
            complaints: Vec::new(),
            nobody: 0,
        }
    }

    /// Lets all points leave.
    pub(super) fn end(&mut self) {
        for life in self.lives.values_mut() {
            life.fall(self.window, Timestamp::from_millis(u64::MAX));
            life.sort();
        }
    }

    fn request(&mut self, line: &Value, now: Timestamp) {
        let rules = line.get("rules").and_then(Value::as_array).into_iter().flatten();
        if line.get("user").is_none_or(Value::is_null) {
            self.nobody += rules.count();
            return;
        }
        let life = self.lives.entry((text(line, "source"), text(line, "user"))).or_default();
        life.threshold = line.get("threshold").cloned().unwrap_or_default();
        for rule in rules {
            let increase = line.get("increase").cloned().unwrap_or_default();
            let mut entry = Entry::new(now, What::In, increase);
            entry.rule = text(rule, "rule");
            entry.severity = text(rule, "severity");
            entry.target = text(rule, "target");
            entry.route = text(line, "route");
            entry.points = rule.get("points").cloned().unwrap_or_default();
            entry.counted_before = rule.get("counted_before") == Some(&Value::Bool(true));
            life.entries.push(entry);
        }
    }

    fn incident(&mut self, line: &Value, what: What, now: Timestamp) {
        let name = (text(line, "source"), text(line, "user"));
        let mut entry = Entry::new(now, what, line.get("increase").cloned().unwrap_or_default());
        entry.incident = text(line, "id");
        entry.band = text(line, "band");
        entry.reason = text(line, "reason");
        self.incidents.insert(entry.incident.clone(), name.clone());
        self.lives.entry(name).or_default().entries.push(entry);
    }
}

impl Witness for Lives {
    fn before(&mut self, user: &User, now: Timestamp) {
        self.lives.entry((user.source.clone(), user.name.clone())).or_default().fall(self.window, now);
    }

    fn after(&mut self, user: User, record: Option<Record>) {
        if let Some(life) = self.lives.get_mut(&(user.source, user.name)) {
            life.record = record;
        }
    }

    fn line(&mut self, level: Level, line: &str, said: &Value, now: Timestamp) {
        match said.get("event").and_then(Value::as_str) {
            Some("malicious_request") => self.request(said, now),
            Some("incident_opened") => self.incident(said, What::Opened, now),
            Some("incident_updated") => self.incident(said, What::Updated, now),
            Some("incident_resolved") => self.incident(said, What::Resolved, now),
            Some("learned") if is_empty(said) => {}
            Some("learned") => self.learned.push(line.to_owned()),
            _ if level <= Level::Warn => self.complaints.push(line.to_owned()),
            _ => {}
        }
    }

    /// Adds the channel of a message to the entry of the transition that it reports.
    fn told(&mut self, about: &About) {
        let (id, what) = (about.incident.to_string(), about.transition.slug());
        let Some(life) = self.incidents.get(&id).and_then(|name| self.lives.get_mut(name)) else { return };
        let is_it = |entry: &&mut Entry| entry.incident == id && entry.event.slug() == what && entry.time == about.at;
        if let Some(entry) = life.entries.iter_mut().rev().find(is_it) {
            entry.notified.push(about.channel.clone());
        }
    }
}

/// Did nothing happen on this day?
fn is_empty(day: &Value) -> bool {
    ["malicious_requests", "opened", "updated", "resolved"].iter().all(|key| day.get(key) == Some(&Value::from(0)))
}

fn text(value: &Value, key: &str) -> String {
    value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
}
