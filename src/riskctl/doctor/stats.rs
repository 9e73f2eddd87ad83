//! What do Envoy's statistics say? Numbers by name.

use std::collections::HashMap;

use serde_json::Value;

/// Counters and gauges.
pub(super) struct Stats(HashMap<String, u64>);

impl Stats {
    /// Those of an answer to `/stats?format=json`.
    pub(super) fn new(answer: &Value) -> Self {
        let all = answer.get("stats").and_then(Value::as_array).into_iter().flatten();
        let number = |one: &Value| Some((one.get("name")?.as_str()?.to_owned(), one.get("value")?.as_u64()?));
        Self(all.filter_map(number).collect())
    }

    /// The statistic of this name; 0 if there is none.
    pub(super) fn get(&self, name: &str) -> u64 {
        self.find(name).unwrap_or_default()
    }

    /// The statistic of this name, if there is one.
    pub(super) fn find(&self, name: &str) -> Option<u64> {
        self.0.get(name).copied()
    }

    /// One of the filter's counters, `malicious_requests`.
    pub(super) fn counter(&self, name: &str) -> u64 {
        self.get(&format!("wasmcustom.user_risk_filter_{name}_total"))
    }

    /// The sum of all whose name begins and ends so.
    pub(super) fn sum(&self, start: &str, end: &str) -> u64 {
        self.0.iter().filter(|(name, _)| name.starts_with(start) && name.ends_with(end)).map(|(_, value)| value).sum()
    }

    /// Those whose name begins so, without that beginning.
    pub(super) fn below<'a>(&'a self, start: &'a str) -> impl Iterator<Item = (&'a str, u64)> {
        self.0.iter().filter_map(move |(name, value)| Some((name.strip_prefix(start)?, *value)))
    }
}
