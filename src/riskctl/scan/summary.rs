//! How many recorded requests are detected? A table: attacks by class, harmless requests by tier.

use std::collections::BTreeMap;
use std::fmt;

use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, Table};
use user_risk_filter::detect::category::Severity;
use user_risk_filter::detect::detection::Detection;
use user_risk_filter::points::Points;

use crate::request::{Case, Judged};

/// A request with at least so many points counts as detected: those of a medium event.
const DETECTED: Points = Points::whole(3);

/// The tiers of harmless requests, and the sets in each. A request's set is its id without what follows the last `-`. A set
/// that is not listed is a tier of its own.
const TIERS: &[(&str, &[&str])] = &[
    ("real", &["har_benign", "accesslog_benign", "adblock_benign", "httpparams_benign", "mlwaf_benign"]),
    ("prose", &["text_prose_benign", "blns_benign"]),
    ("hard", &["hard_benign", "libinjection_benign", "mgm_benign"]),
    ("technical", &["text_tech_benign"]),
    ("noisy", &["crs_benign_fp"]),
];

/// The counts so far.
#[derive(Default)]
pub(super) struct Summary {
    classes: BTreeMap<String, Count>,
    tiers: BTreeMap<(usize, String), Count>,
}

/// The counts of one class or tier.
#[derive(Clone, Copy, Default)]
struct Count {
    requests: u32,
    detected: u32,
    critical: u32,
}

impl Summary {
    /// Counts a request.
    pub(super) fn add(&mut self, case: &Case, judged: &Judged) {
        let count = match case.label == "attack" {
            true => self.classes.entry(case.class.clone()).or_default(),
            false => self.tiers.entry(tier(&case.id)).or_default(),
        };
        count.requests += 1;
        count.detected += u32::from(judged.points() >= DETECTED);
        let is_critical = |(detection, _): &(Detection, Points)| detection.severity == Severity::Critical;
        count.critical += u32::from(judged.detections.iter().any(is_critical));
    }
}

/// The tier of a harmless request, with its position in the table.
fn tier(id: &str) -> (usize, String) {
    let set = id.rsplit_once('-').map_or(id, |(set, _)| set);
    match TIERS.iter().position(|(_, sets)| sets.contains(&set)) {
        Some(at) => (at, TIERS.get(at).map_or(set, |(tier, _)| tier).to_owned()),
        None => (TIERS.len(), set.to_owned()),
    }
}

impl Count {
    fn rate(self) -> f64 {
        100.0 * f64::from(self.detected) / f64::from(self.requests.max(1))
    }

    fn row(self, name: &str) -> [String; 5] {
        let Self { requests, detected, critical } = self;
        [name.to_owned(), requests.to_string(), detected.to_string(), percent(self.rate()), critical.to_string()]
    }
}

fn percent(rate: f64) -> String {
    format!("{rate:.2} %")
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = Table::new();
        table.load_style(NOTHING);
        let head = |title: &str| [title, "requests", "detected", "rate", "critical"].map(str::to_owned);
        if !self.classes.is_empty() {
            table.add_row(head("attacks"));
            for (class, count) in &self.classes {
                table.add_row(count.row(class));
            }
            let mean = self.classes.values().map(|count| count.rate()).sum::<f64>() / self.classes.len() as f64;
            table.add_row(["mean over classes", "", "", &percent(mean), ""].map(str::to_owned));
        }
        if !self.tiers.is_empty() {
            if !self.classes.is_empty() {
                table.add_row([""; 5]);
            }
            table.add_row(head("false alarms"));
            for ((_, tier), count) in &self.tiers {
                table.add_row(count.row(tier));
            }
        }
        for column in table.column_iter_mut().skip(1) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        write!(f, "{}", table.trim_fmt())
    }
}
