//! How does the report look as a page? One file that fetches nothing and runs nothing, by day, by night and on paper.

use std::fmt::Write;

use user_risk_filter::text::untrusted::html;

use super::report::{Report, text};
use super::show::{count, grouped, span};
use super::svg::{self, Column};

/// At most so many rows of a list.
const ROWS: usize = 50;
/// The most of a name that is shown, in characters.
const LONGEST: usize = 96;

const STYLE: &str = "
:root{color-scheme:light dark;--page:#f4f5f7;--card:#fff;--ink:#16181d;--mute:#5c6370;--line:#dfe2e8;--calm:#3b6fb6;--warn:#c77700;--bad:#c0312b;--well:#f0f2f5}
@media(prefers-color-scheme:dark){:root{--page:#0e1116;--card:#171b22;--ink:#e6e8ec;--mute:#9aa3b2;--line:#2b313c;--calm:#6aa1ea;--warn:#e2a03f;--bad:#ef6f68;--well:#10141a}}
*{box-sizing:border-box}body{margin:0;background:var(--page);color:var(--ink);font:15px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,sans-serif}
main{max-width:900px;margin:0 auto;padding:32px 20px 64px}h1{font-size:26px;line-height:1.25;margin:0 0 4px}h2{font-size:18px;margin:0 0 12px}
.mute{color:var(--mute)}section{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:20px;margin-top:20px;overflow-x:auto}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(165px,1fr));gap:12px;margin-top:20px}.tile{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:14px 16px}
.tile b{display:block;font-size:24px;line-height:1.2;font-variant-numeric:tabular-nums}.tile.bad b{color:var(--bad)}
table{border-collapse:collapse;width:100%;font-size:14px}th,td{padding:6px 10px 6px 0;border-bottom:1px solid var(--line);text-align:left;vertical-align:top;overflow-wrap:anywhere}
th{color:var(--mute);font-weight:600}td.n,th.n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}tr:last-child td{border-bottom:0}
td.t,.mute{overflow-wrap:normal}td.w{width:25%;padding-top:11px}svg{display:block;width:100%;height:auto}svg.bar{height:8px}
.calm{fill:var(--calm)}.warn{fill:var(--warn)}.bad{fill:var(--bad)}svg text{fill:var(--mute);font-size:11px;text-anchor:middle}svg .value{fill:var(--ink)}.line{stroke:var(--line)}
pre{background:var(--well);border:1px solid var(--line);border-radius:6px;padding:12px;overflow-x:auto;font-size:13px}code{font-family:ui-monospace,Menlo,Consolas,monospace;font-size:.93em}
ul{margin:0;padding-left:20px}li{margin:4px 0}.tag{border:1px solid var(--line);border-radius:4px;padding:0 6px;font-size:12px;white-space:nowrap}
@media print{body{background:#fff}section,.tile{break-inside:avoid}}
";

/// The page. Every name in it is escaped; a policy in it refuses scripts and whatever else would be fetched.
pub(super) fn page(report: &Report) -> String {
    let mut body = head(report);
    body.push_str(&by_day(report));
    body.push_str(&thresholds(report));
    body.push_str(&incidents(report));
    body.push_str(&users(report));
    body.push_str(&rules(report));
    body.push_str(&false_alarms(report));
    body.push_str(&doubts(report));
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <title>User risk: what would have happened</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n{body}</main>\n</body>\n</html>\n"
    )
}

fn head(report: &Report) -> String {
    let day = |time: &Option<String>| time.as_deref().and_then(|time| time.get(..10)).unwrap_or("?").to_owned();
    let headline = match (report.incidents, report.requests) {
        (_, 0) => "No request could be read".to_owned(),
        (0, _) => "Nobody would have crossed the threshold".to_owned(),
        (number, _) => format!("{} in {}", count(number, "incident", "incidents"), span(report.days)),
    };
    let weekly = report.incidents_per_week.map_or_else(|| "?".to_owned(), text);
    let tiles = [
        ("requests", grouped(report.requests), ""),
        ("malicious requests", grouped(report.malicious_requests), ""),
        ("users and addresses behind them", grouped(report.users as u64), ""),
        ("incidents", grouped(report.incidents), if report.incidents > 0 { " bad" } else { "" }),
        ("incidents a week", weekly, ""),
    ];
    let mut body = format!(
        "<h1>{headline}</h1>\n<div class=\"mute\">What user-risk-filter would have done with the traffic from {} to {}: an incident \
         opens when somebody's risk rises by more than {} points within {} ({} for an address without a user).</div>\n<div class=\"tiles\">",
        day(&report.from),
        day(&report.to),
        text(report.threshold),
        escape(&report.window),
        text(report.anonymous_threshold)
    );
    for (what, number, class) in tiles {
        let _ = write!(body, "<div class=\"tile{class}\"><b>{number}</b><span class=\"mute\">{what}</span></div>");
    }
    body.push_str("</div>\n");
    for (channel, told) in &report.notified {
        let sum = count(told.opened + told.updated + told.resolved, "message", "messages");
        let _ = writeln!(body, "<p class=\"mute\">{} would have got {sum}.</p>", escape(channel));
    }
    body
}

fn by_day(report: &Report) -> String {
    if report.by_day.len() < 2 {
        return String::new();
    }
    let chart = |title: &str, class: &'static str, value: fn(&super::report::Day) -> u64| {
        let column = |day: &super::report::Day| Column {
            label: day.day.get(5..).unwrap_or_default().to_owned(),
            value: value(day) as f64,
            text: grouped(value(day)),
            class,
        };
        svg::columns(title, &report.by_day.iter().map(column).collect::<Vec<_>>())
    };
    let malicious = chart("Malicious requests by day", "warn", |day| day.malicious_requests);
    let incidents = match report.incidents {
        0 => String::new(),
        _ => chart("Incidents by day", "bad", |day| day.incidents),
    };
    let opened = count(report.incidents, "incident", "incidents");
    section(
        "Day by day",
        &format!(
            "<div class=\"mute\">malicious requests</div>{malicious}<div class=\"mute\">{opened}</div>{incidents}"
        ),
    )
}

fn thresholds(report: &Report) -> String {
    if report.thresholds.is_empty() {
        return String::new();
    }
    let columns: Vec<_> = report
        .thresholds
        .iter()
        .map(|rung| Column {
            label: format!("{} points", text(rung.threshold)),
            value: rung.per_week.unwrap_or(rung.incidents as f64),
            text: text(rung.per_week.unwrap_or(rung.incidents as f64)),
            class: if rung.threshold == report.threshold { "bad" } else { "calm" },
        })
        .collect();
    let unit = if report.incidents_per_week.is_some() { "a week" } else { "in this time" };
    let chart = svg::columns("Incidents by threshold", &columns);
    section(
        "Which threshold would page how often",
        &format!(
            "<div class=\"mute\">incidents {unit}; yours in another colour; addresses at the same multiple of theirs</div>{chart}"
        ),
    )
}

fn incidents(report: &Report) -> String {
    let rows = report.opened.iter().map(|incident| {
        let told = if incident.notified.is_empty() { "nobody".to_owned() } else { incident.notified.join(", ") };
        let opened = incident.opened.get(..16).unwrap_or_default().replace('T', " ");
        format!(
            "<tr><td>{opened}</td><td><code>{}</code><br><span class=\"mute\">{}</span></td><td><span class=\"tag\">{}</span></td>\
             <td class=\"n\">{}</td><td>{}</td><td class=\"t\">{}</td></tr>",
            escape(&incident.user),
            escape(&incident.source),
            escape(&incident.band),
            text(incident.increase),
            escape(&incident.rules.iter().take(4).cloned().collect::<Vec<_>>().join(", ")),
            escape(&told)
        )
    });
    list(
        "Who would have crossed, and when",
        "<th>when (UTC)<th>who<th>band<th class=\"n\">points<th>rules<th>told",
        rows.collect(),
    )
}

fn users(report: &Report) -> String {
    let most = report.top_users.iter().map(|user| user.count.points).fold(0.0, f64::max);
    let rows = report.top_users.iter().take(15).map(|user| {
        format!(
            "<tr><td><code>{}</code></td><td class=\"w\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td></tr>",
            escape(&user.user),
            svg::bar(user.count.points, most, if user.incidents > 0 { "bad" } else { "calm" }),
            text(user.count.points),
            grouped(user.count.requests),
            user.incidents
        )
    });
    list(
        "Users and addresses with the most points",
        "<th>who<th><th class=\"n\">points<th class=\"n\">requests<th class=\"n\">incidents",
        rows.collect(),
    )
}

fn rules(report: &Report) -> String {
    let most = report.rules.iter().map(|rule| rule.row.count.points).fold(0.0, f64::max);
    let rows = report.rules.iter().map(|rule| {
        let class = match rule.row.severity.as_str() {
            "critical" => "bad",
            "high" => "warn",
            _ => "calm",
        };
        format!(
            "<tr><td><code>{}</code></td><td>{}</td><td class=\"w\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td></tr>",
            escape(&rule.rule),
            escape(&rule.row.severity),
            svg::bar(rule.row.count.points, most, class),
            text(rule.row.count.points),
            grouped(rule.row.count.requests)
        )
    });
    let rules = list(
        "What they did: rules",
        "<th>rule<th>severity<th><th class=\"n\">points<th class=\"n\">requests",
        rows.collect(),
    );
    let most = report.routes.iter().map(|route| route.count.points).fold(0.0, f64::max);
    let rows = report.routes.iter().take(15).map(|route| {
        format!(
            "<tr><td><code>{}</code></td><td class=\"w\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td></tr>",
            escape(&route.route),
            svg::bar(route.count.points, most, "calm"),
            text(route.count.points),
            grouped(route.count.requests)
        )
    });
    rules + &list("Where: routes", "<th>route<th><th class=\"n\">points<th class=\"n\">requests", rows.collect())
}

fn false_alarms(report: &Report) -> String {
    let rows = report.false_alarms.iter().map(|alarm| {
        format!(
            "<tr><td><code>{}</code></td><td><code>{}</code></td><td class=\"n\">{}</td><td class=\"n\">{}</td><td>{}</td></tr>",
            escape(&alarm.rule),
            escape(&alarm.target),
            grouped(alarm.detections),
            alarm.users,
            escape(&alarm.routes.join(", "))
        )
    });
    let rows: Vec<_> = rows.collect();
    if rows.is_empty() {
        return String::new();
    }
    let exclusions: Vec<_> = report.false_alarms.iter().filter_map(|alarm| alarm.exclude.as_deref()).collect();
    let mut paste = String::new();
    if !exclusions.is_empty() {
        let lines: String = exclusions.iter().map(|exclusion| format!("    - {exclusion}\n")).collect();
        paste = format!(
            "<p>Look at the requests first. If they are harmless, paste:</p><pre>detect:\n  exclude:\n{}</pre>",
            escape_lines(&lines)
        );
    }
    if let Some(tuned) = report.tuned {
        let incidents = count(tuned, "incident", "incidents");
        let _ = write!(paste, "<p>With these there would be {incidents} instead of {}.</p>", grouped(report.incidents));
    }
    let head = "<th>rule<th>target<th class=\"n\">detections<th class=\"n\">users<th>routes";
    section("What looks like false alarms", &format!("{}{paste}", table(head, &rows)))
}

fn doubts(report: &Report) -> String {
    let lacks = report.lacks.iter().map(|lack| format!("<li><b>{}</b>: {}</li>", lack.what, escape(&lack.consequence)));
    let odd = report.unread.iter().map(|odd| {
        format!(
            "<li>{} lines: each {}; the first is line {} of {}: <code>{}</code></li>",
            grouped(odd.count),
            odd.what,
            odd.line,
            escape(&odd.file),
            escape(&odd.text)
        )
    });
    let files =
        report.files.iter().map(|file| format!("<li><code>{}</code>: {}</li>", escape(&file.name), file.format));
    let lacks: String = lacks.collect();
    let lacks = if lacks.is_empty() { lacks } else { section("What the log lacks", &format!("<ul>{lacks}</ul>")) };
    lacks + &section("What was read", &format!("<ul>{}{}</ul>", files.collect::<String>(), odd.collect::<String>()))
}

fn list(title: &str, head: &str, rows: Vec<String>) -> String {
    if rows.is_empty() { String::new() } else { section(title, &table(head, &rows)) }
}

fn table(head: &str, rows: &[String]) -> String {
    let rest = rows.len().saturating_sub(ROWS);
    let more = if rest > 0 { format!("<p class=\"mute\">and {rest} more</p>") } else { String::new() };
    let rows: String = rows.iter().take(ROWS).map(String::as_str).collect();
    format!("<table><thead><tr>{head}</thead><tbody>{rows}</tbody></table>{more}")
}

fn section(title: &str, content: &str) -> String {
    format!("<section><h2>{title}</h2>{content}</section>\n")
}

fn escape(text: &str) -> String {
    html(text, LONGEST * 4)
}

/// As [`escape`], with its line breaks.
fn escape_lines(text: &str) -> String {
    text.lines().map(|line| html(line, usize::MAX) + "\n").collect()
}
