//! Which threshold would have paged how often? The sums of the lines that `mode: learn` writes.

use log::Level;
use serde_json::Value;
use user_risk_filter::clock::Timestamp;

use super::tally::number;
use crate::play::proxy::Witness;

/// How many incidents each threshold would have opened, lowest first.
#[derive(Default)]
pub(super) struct Thresholds(pub(super) Vec<(f64, u64)>);

impl Witness for Thresholds {
    fn line(&mut self, _: Level, _: &str, said: &Value, _: Timestamp) {
        let rungs = said.get("thresholds").and_then(Value::as_array).into_iter().flatten();
        for (at, rung) in rungs.enumerate() {
            let incidents = rung.get("incidents").and_then(Value::as_u64).unwrap_or_default();
            match self.0.get_mut(at) {
                Some((_, sum)) => *sum += incidents,
                None => self.0.push((number(rung, "threshold"), incidents)),
            }
        }
    }
}
