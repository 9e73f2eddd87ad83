//! How is a time line shown? As a chart and a list for people, as one JSON object for programs.

use std::fmt;

use anstyle::{AnsiColor, Style};
use serde::Serialize;
use serde_json::Value;
use user_risk_filter::text::untrusted::clean;

use super::chart::{Chart, readable};
use super::life::{Entry, Life, What};
use super::lives::Name;
use crate::terminal::{BAD, FAINT, HEADING};

const RISE: Style = AnsiColor::Yellow.on_default();
const GOOD: Style = AnsiColor::Green.on_default();

/// The most of a name that is shown, in characters.
const LONGEST: usize = 64;

/// A user with the time line.
pub(super) struct Shown<'a> {
    pub(super) name: &'a Name,
    pub(super) life: &'a Life,
}

impl Shown<'_> {
    /// As one JSON object.
    pub(super) fn to_json(&self) -> Result<String, serde_json::Error> {
        #[derive(Serialize)]
        struct User<'a> {
            user: &'a str,
            source: &'a str,
            threshold: &'a Value,
            incidents: usize,
            timeline: &'a [Entry],
        }
        let ((source, user), Life { threshold, entries, .. }) = (self.name, self.life);
        serde_json::to_string(&User { user, source, threshold, incidents: self.life.incidents(), timeline: entries })
    }
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ((source, user), life) = (self.name, self.life);
        let user = clean(user, LONGEST);
        let (incidents, steps) = (life.incidents(), life.steps());
        let style = if incidents > 0 { BAD } else { GOOD };
        let plural = if incidents == 1 { "" } else { "s" };
        let threshold = life.threshold.as_f64().unwrap_or_default();
        writeln!(
            f,
            "{HEADING}{user}{HEADING:#}  {FAINT}{source}, threshold {threshold}{FAINT:#}  {style}{incidents} \
             incident{plural}{style:#}"
        )?;
        if let Some(chart) = Chart::new(&steps, threshold) {
            writeln!(f, "{chart}")?;
        }
        life.entries.iter().try_for_each(|entry| self.entry(entry, f))
    }
}

impl Shown<'_> {
    fn entry(&self, entry: &Entry, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = readable(entry.time);
        let Entry { rule, severity, target, route, points, increase, band, .. } = entry;
        let increase = increase.to_string();
        write!(f, "  {FAINT}{time:<23}{FAINT:#} ")?;
        match entry.event {
            What::In if entry.counted_before => {
                writeln!(f, "{FAINT}{:>5} {increase:>6}  {rule} at {target} on {route}, counted before{FAINT:#}", 0)
            }
            What::In if points.as_f64() == Some(0.0) => {
                writeln!(f, "{FAINT}{:>5} {increase:>6}  {rule} at {target} on {route}, nothing more{FAINT:#}", 0)
            }
            What::In => {
                let points = format!("+{points}");
                writeln!(f, "{RISE}{points:>5}{RISE:#} {increase:>6}  {rule} ({severity}) at {target} on {route}")
            }
            What::Out => {
                let points = format!("-{points}");
                writeln!(f, "{FAINT}{points:>5} {increase:>6}  {rule} left the window{FAINT:#}")
            }
            What::Opened | What::Updated | What::Resolved => {
                let style = if entry.event == What::Resolved { GOOD } else { BAD };
                let (what, reason) = (entry.event.slug(), &entry.reason);
                let more = if entry.event == What::Resolved { reason } else { band };
                let notified = if entry.notified.is_empty() { "nobody".to_owned() } else { entry.notified.join(", ") };
                writeln!(f, "{:>5} {increase:>6}  {style}incident {what}{style:#} ({more}), notified: {notified}", "")
            }
        }
    }
}
