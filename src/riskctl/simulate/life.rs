//! What happened to a user? The time line of points in and out and of incidents.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use user_risk_filter::clock::{Span, Timestamp};
use user_risk_filter::incident::record::Record;
use user_risk_filter::points::Points;

/// A user's time line.
#[derive(Default)]
pub(super) struct Life {
    pub(super) threshold: Value,
    pub(super) entries: Vec<Entry>,
    /// The user's record after the newest event.
    pub(super) record: Option<Record>,
}

/// Something that happened to a user.
#[derive(Serialize)]
pub(super) struct Entry {
    #[serde(serialize_with = "text")]
    pub(super) time: Timestamp,
    pub(super) event: What,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) rule: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) severity: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) target: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) route: String,
    #[serde(skip_serializing_if = "Value::is_null")]
    pub(super) points: Value,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) counted_before: bool,
    /// The increase after this entry and all others of the same moment.
    pub(super) increase: Value,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) incident: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) band: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) reason: String,
    /// The channels that would have been notified.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) notified: Vec<String>,
}

/// Kinds of entries, in the order in which they happen within one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum What {
    Out,
    Resolved,
    In,
    Opened,
    Updated,
}

impl What {
    /// `out`, `resolved`, `in`, `opened`, `updated`.
    pub(super) const fn slug(self) -> &'static str {
        match self {
            Self::Out => "out",
            Self::Resolved => "resolved",
            Self::In => "in",
            Self::Opened => "opened",
            Self::Updated => "updated",
        }
    }
}

impl Entry {
    /// An entry without the members that only some kinds have.
    pub(super) fn new(time: Timestamp, event: What, increase: Value) -> Self {
        Self {
            time,
            event,
            rule: String::new(),
            severity: String::new(),
            target: String::new(),
            route: String::new(),
            points: Value::Null,
            counted_before: false,
            increase,
            incident: String::new(),
            band: String::new(),
            reason: String::new(),
            notified: Vec::new(),
        }
    }
}

impl Life {
    /// Adds entries for the points that leave the window by `until`.
    pub(super) fn fall(&mut self, window: Span, until: Timestamp) {
        let Some(record) = &mut self.record else { return };
        while let Some(fall) = record.next_fall(window).filter(|fall| *fall <= until) {
            let before = points(record);
            record.expire(fall, window, false);
            let after = points(record);
            for (rule, points) in before {
                let left = points.saturating_sub(after.get(&rule).copied().unwrap_or_default());
                if left > Points::ZERO {
                    let mut entry = Entry::new(fall, What::Out, record.increase().to_json());
                    (entry.rule, entry.points) = (rule, left.to_json());
                    self.entries.push(entry);
                }
            }
        }
    }

    /// Sorts the entries by time.
    pub(super) fn sort(&mut self) {
        self.entries.sort_by_key(|entry| (entry.time, entry.event));
    }

    /// The number of incidents.
    pub(super) fn incidents(&self) -> usize {
        self.entries.iter().filter(|entry| entry.event == What::Opened).count()
    }

    /// The increase after each change.
    pub(super) fn steps(&self) -> Vec<(Timestamp, f64)> {
        let moves = self.entries.iter().filter(|entry| matches!(entry.event, What::In | What::Out));
        moves.map(|entry| (entry.time, entry.increase.as_f64().unwrap_or_default())).collect()
    }
}

fn points(record: &Record) -> BTreeMap<String, Points> {
    record.tallies().into_iter().map(|tally| (tally.rule, tally.points)).collect()
}

fn text<S: serde::Serializer>(time: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(time)
}
