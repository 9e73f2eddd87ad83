//! How is the report shown in a terminal? What it comes to first, then the lists.

use std::fmt;

use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, Table};
use user_risk_filter::text::untrusted::clean;

use super::report::{Report, text};
use crate::terminal::{BAD, FAINT, GOOD, HEADING, ODD};

/// At most so many rows of a list are shown.
const ROWS: usize = 20;
/// The most of a name that is shown, in characters.
const LONGEST: usize = 48;

/// The report for people.
pub(super) struct Shown<'a> {
    pub(super) report: &'a Report,
    /// Is what to tune asked for?
    pub(super) tune: bool,
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let report = self.report;
        self.head(f)?;
        if !report.opened.is_empty() {
            self.incidents(f)?;
        }
        if !report.thresholds.is_empty() {
            self.thresholds(f)?;
        }
        if !report.rules.is_empty() {
            heading(f, "rules")?;
            let rows = report.rules.iter().map(|rule| {
                let (count, incidents) = (&rule.row.count, rule.row.incidents.to_string());
                vec![
                    rule.rule.clone(),
                    rule.row.severity.clone(),
                    count.requests.to_string(),
                    text(count.points),
                    incidents,
                ]
            });
            table(f, &["rule", "severity", "requests", "points", "incidents"], 2, rows.collect())?;
            heading(f, "routes")?;
            let rows = report.routes.iter().map(|route| {
                vec![clean(&route.route, LONGEST), route.count.requests.to_string(), text(route.count.points)]
            });
            table(f, &["route", "requests", "points"], 1, rows.collect())?;
        }
        self.false_alarms(f)?;
        self.doubts(f)
    }
}

impl Shown<'_> {
    fn head(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let report = self.report;
        for file in &report.files {
            writeln!(f, "{FAINT}{}: {}{FAINT:#}", clean(&file.name, usize::MAX), file.format)?;
        }
        let (Some(from), Some(to)) = (&report.from, &report.to) else {
            return writeln!(f, "\nno request in {} lines", report.lines);
        };
        writeln!(f, "{FAINT}{from} to {to}{FAINT:#}\n")?;
        writeln!(
            f,
            "{HEADING}{} requests{HEADING:#} in {}, {} of them malicious, by {}",
            grouped(report.requests),
            span(report.days),
            grouped(report.malicious_requests),
            count(report.users as u64, "user or address", "users and addresses"),
        )?;
        let style = if report.incidents > 0 { BAD } else { GOOD };
        write!(f, "{style}{}{style:#}", count(report.incidents, "incident", "incidents"))?;
        if let Some(weekly) = report.incidents_per_week.filter(|_| report.incidents > 0) {
            write!(f, ", {} a week", text(weekly))?;
        }
        writeln!(
            f,
            ", with the threshold {} within {} ({} for an address)",
            text(report.threshold),
            report.window,
            text(report.anonymous_threshold)
        )?;
        for (channel, told) in &report.notified {
            let sum = told.opened + told.updated + told.resolved;
            writeln!(
                f,
                "  {channel} would have got {} ({} opened, {} updated, {} resolved)",
                count(sum, "message", "messages"),
                told.opened,
                told.updated,
                told.resolved
            )?;
        }
        if report.notified.is_empty() && report.incidents > 0 {
            writeln!(f, "  {FAINT}nobody would have been told: without --config there are no channels{FAINT:#}")?;
        }
        Ok(())
    }

    fn incidents(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        heading(f, "who would have crossed")?;
        let rows = self.report.opened.iter().map(|incident| {
            let told = if incident.notified.is_empty() { "nobody".to_owned() } else { incident.notified.join(", ") };
            let opened = incident.opened.get(..16).unwrap_or_default().replace('T', " ");
            let rules = incident.rules.iter().take(3).cloned().collect::<Vec<_>>().join(", ");
            vec![opened, clean(&incident.user, LONGEST), incident.band.clone(), text(incident.increase), rules, told]
        });
        table(f, &["when", "who", "band", "points", "rules", "told"], 6, rows.collect())
    }

    fn thresholds(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        heading(f, "other thresholds")?;
        let most = self.report.thresholds.iter().map(|rung| rung.incidents).max().unwrap_or_default().max(1);
        for rung in &self.report.thresholds {
            let bar = "█".repeat((rung.incidents * 30).div_ceil(most) as usize);
            let weekly = rung.per_week.map(|weekly| format!(", {} a week", text(weekly))).unwrap_or_default();
            let mark = if rung.threshold == self.report.threshold { "◀ yours" } else { "" };
            writeln!(
                f,
                "  {:>6}  {ODD}{bar}{ODD:#} {}{weekly} {FAINT}{mark}{FAINT:#}",
                text(rung.threshold),
                rung.incidents
            )?;
        }
        writeln!(f, "  {FAINT}addresses at the same multiple of theirs{FAINT:#}")
    }

    fn false_alarms(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let alarms = &self.report.false_alarms;
        if alarms.is_empty() {
            return if self.tune { writeln!(f, "\nnothing has the shape of a false alarm") } else { Ok(()) };
        }
        heading(f, "what looks like false alarms")?;
        let rows = alarms.iter().map(|alarm| {
            let routes = alarm.routes.iter().map(|route| clean(route, LONGEST)).collect::<Vec<_>>().join(", ");
            vec![
                alarm.rule.clone(),
                clean(&alarm.target, LONGEST),
                alarm.detections.to_string(),
                alarm.users.to_string(),
                routes,
            ]
        });
        table(f, &["rule", "target", "detections", "users", "routes"], 2, rows.collect())?;
        if !self.tune {
            return writeln!(f, "  {FAINT}--tune writes the exclusions to paste{FAINT:#}");
        }
        let exclusions: Vec<_> = alarms.iter().filter_map(|alarm| alarm.exclude.as_deref()).collect();
        writeln!(f, "\n  Look at the requests first: explain shows why one matches. If they are harmless, paste:\n")?;
        if !exclusions.is_empty() {
            writeln!(f, "detect:\n  exclude:")?;
            exclusions.iter().try_for_each(|exclusion| writeln!(f, "    - {exclusion}"))?;
        }
        if let Some(tuned) = self.report.tuned {
            let incidents = count(tuned, "incident", "incidents");
            writeln!(f, "\n  With these there would be {incidents} instead of {}.", grouped(self.report.incidents))?;
        }
        let rest = alarms.iter().filter(|alarm| alarm.exclude.is_none());
        for alarm in rest {
            let target = clean(&alarm.target, LONGEST);
            writeln!(
                f,
                "{FAINT}# no exclusion fits {} at {target} alone; a route: narrows it down{FAINT:#}",
                alarm.rule
            )?;
        }
        Ok(())
    }

    fn doubts(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let report = self.report;
        if !report.lacks.is_empty() {
            heading(f, "what the log lacks")?;
            report
                .lacks
                .iter()
                .try_for_each(|lack| writeln!(f, "  {ODD}{}{ODD:#}: {}", lack.what, lack.consequence))?;
        }
        if !report.unread.is_empty() {
            heading(f, "lines that report nothing")?;
            for odd in &report.unread {
                let (file, text) = (clean(&odd.file, usize::MAX), &odd.text);
                writeln!(
                    f,
                    "  {} {}, first {file}:{}: {FAINT}{text}{FAINT:#}",
                    grouped(odd.count),
                    odd.what,
                    odd.line
                )?;
            }
        }
        let rest = [
            (report.nobody, "detections without a user or an address"),
            (report.excluded as u64, "detections of the log that the configuration excludes"),
            (report.late, "requests that came after later ones had been counted: they count at that later time"),
        ];
        for (number, what) in rest.into_iter().filter(|(number, _)| *number > 0) {
            writeln!(f, "  {FAINT}{} {what}{FAINT:#}", grouped(number))?;
        }
        report.complaints.iter().try_for_each(|line| writeln!(f, "  the filter's log: {line}"))
    }
}

fn heading(f: &mut fmt::Formatter<'_>, title: &str) -> fmt::Result {
    writeln!(f, "\n{HEADING}{title}{HEADING:#}")
}

/// A table whose columns from the one at `numbers` on are numbers.
fn table(f: &mut fmt::Formatter<'_>, head: &[&str], numbers: usize, rows: Vec<Vec<String>>) -> fmt::Result {
    let rest = rows.len().saturating_sub(ROWS);
    let mut table = Table::new();
    table.load_style(NOTHING);
    table.add_row(head.iter().map(|title| (*title).to_owned()));
    rows.into_iter().take(ROWS).for_each(|row| {
        table.add_row(row);
    });
    let is_number = |at: &usize| *at >= numbers && !matches!(head.get(*at), Some(&"routes"));
    for (_, column) in table.column_iter_mut().enumerate().filter(|(at, _)| is_number(at)) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    let text = table.trim_fmt();
    text.lines().try_for_each(|line| writeln!(f, "  {}", line.trim_end()))?;
    if rest > 0 { writeln!(f, "  {FAINT}and {rest} more: --json has all{FAINT:#}") } else { Ok(()) }
}

/// `1 user`, `2 users`.
pub(super) fn count(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", grouped(number), if number == 1 { one } else { many })
}

/// `12,345,678`.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `3 days`, `5 hours`, `less than an hour`.
pub(super) fn span(days: f64) -> String {
    let hours = days * 24.0;
    match days {
        _ if hours < 1.0 => "less than an hour".to_owned(),
        _ if hours < 48.0 => count(hours.round() as u64, "hour", "hours"),
        _ => format!("{} days", text(days)),
    }
}
