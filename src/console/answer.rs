//! What does an operator see? A user's record as JSON.

use serde::Serialize;
use serde_json::Value;

use crate::clock::Timestamp;
use crate::incident::record::Record;

/// A record, as the console shows it.
#[derive(Serialize)]
pub struct Shown<'a> {
    id: String,
    user: &'a str,
    /// How messages call the user, on the channels that hide most.
    told_as: String,
    source: &'a str,
    increase: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    incident: Option<Incident>,
    #[serde(skip_serializing_if = "Option::is_none")]
    muted_until: Option<String>,
    /// The ids of the newest requests that counted.
    requests: &'a [String],
    rules: Vec<Rule>,
}

#[derive(Serialize)]
struct Incident {
    id: String,
    band: &'static str,
    threshold: Value,
    /// When it ends if nothing more happens.
    resolve_at: String,
}

#[derive(Serialize)]
struct Rule {
    rule: String,
    category: &'static str,
    severity: &'static str,
    count: u32,
    points: Value,
    first: String,
    last: String,
    route: String,
    #[serde(rename = "where")]
    place: String,
    /// Does it match there for several users? That has the shape of a false alarm.
    common: bool,
}

impl<'a> Shown<'a> {
    /// The record as it stands at `now`; what has left the window has been forgotten.
    pub fn new(record: &'a Record, told_as: String, now: Timestamp) -> Self {
        let user = record.user();
        let rules = record.tallies().into_iter().map(|tally| Rule {
            rule: tally.rule,
            category: tally.category.slug(),
            severity: tally.severity.slug(),
            count: tally.count,
            points: tally.points.to_json(),
            first: tally.first.to_string(),
            last: tally.last.to_string(),
            route: tally.route,
            place: tally.place,
            common: tally.is_common,
        });
        Self {
            id: user.id.to_string(),
            user: &user.name,
            told_as,
            source: &user.source,
            increase: record.increase().to_json(),
            incident: record.open().map(|open| Incident {
                id: open.incident.to_string(),
                band: open.band.slug(),
                threshold: open.threshold.to_json(),
                resolve_at: open.resolve_at.to_string(),
            }),
            muted_until: Some(record.muted_until()).filter(|until| *until > now).map(|until| until.to_string()),
            requests: record.requests(),
            rules: rules.collect(),
        }
    }
}
