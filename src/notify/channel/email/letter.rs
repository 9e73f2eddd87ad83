//! What does the mail look like? Its subject, its plain text, and its HTML for mail programs of every age.

use crate::incident::snapshot::Transition;
use crate::notify::channel::CLIENT;
use crate::notify::notice::deed::Deed;
use crate::notify::notice::link::Link;
use crate::notify::notice::words::{MoreRules, Readable};
use crate::notify::notice::{Fact, Notice};
use crate::risk::crossing::Band;
use crate::untrusted::{self, html};

/// What people get to read.
pub struct Letter {
    /// One line without line breaks.
    pub subject: String,
    /// The text for programs without HTML.
    pub text: String,
    /// The same as a page: tables and inline styles only, since mail programs drop all else; no pictures.
    pub html: String,
}

/// The longest subject: no mail program shows more.
const SUBJECT_LIMIT: usize = 200;

/// As many rules as are told.
const DEEDS: usize = 20;

/// Longer than any text here: for escaping what has been cut already.
const UNCUT: usize = 10_000;

impl Letter {
    /// The letter that tells `notice`.
    pub fn new(notice: &Notice<'_>) -> Self {
        let subject = format!("[user risk: {}] {}", tag(notice), notice.headline());
        Self { subject: untrusted::clean(&subject, SUBJECT_LIMIT), text: text(notice), html: page(notice) }
    }
}

/// `warning`, `error`, `critical`, `resolved`: for mail filters.
fn tag(notice: &Notice<'_>) -> &'static str {
    match notice.snapshot.transition {
        Transition::Resolved => "resolved",
        Transition::Opened | Transition::Updated => notice.snapshot.band.slug(),
    }
}

fn text(notice: &Notice<'_>) -> String {
    let mut text = format!("{}\n\n", notice.headline());
    for Fact { label, text: fact, .. } in notice.facts() {
        text.push_str(&format!("{label:<9} {fact}\n"));
    }
    let (deeds, left_out) = notice.deeds(DEEDS);
    if !deeds.is_empty() {
        text.push_str("\nRules\n");
    }
    deeds.iter().for_each(|deed| text.push_str(&format!("- {deed}\n")));
    text.push_str(&more(left_out, "- ", "\n"));
    text.push_str(&format!("\nWhat to do\n{}\n", notice.advice()));
    for Link { text: label, url } in notice.links() {
        text.push_str(&format!("{label}: {url}\n"));
    }
    if let Some(mute) = notice.mute() {
        text.push_str(&format!("\nMute for 2 h\n{mute}\n"));
    }
    // `-- ` begins the signature (RFC 3676, 4.3).
    text.push_str(&format!("\n-- \n{}\n", signature(notice)));
    text
}

fn more(left_out: usize, before: &str, after: &str) -> String {
    if left_out == 0 { String::new() } else { format!("{before}{}{after}", MoreRules(left_out)) }
}

fn signature(notice: &Notice<'_>) -> String {
    format!("{} · {} · {CLIENT}", notice.snapshot.incident, Readable(notice.snapshot.at))
}

const FONT: &str = "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif";
const CELL: &str = "padding:8px 12px 8px 0;border-bottom:1px solid #e5e7eb;text-align:left;vertical-align:top";
const LABEL: &str = "font-size:12px;line-height:18px;color:#6b7280;font-weight:600";
const CODE: &str = "font-family:ui-monospace,Menlo,Consolas,monospace;font-size:13px;word-break:break-all";

fn page(notice: &Notice<'_>) -> String {
    let headline = html(&notice.headline(), UNCUT);
    let (tag, colour) = (tag(notice), colour(notice));
    let (facts, deeds, advice) = (facts(notice), deeds(notice), advice(notice));
    let signature = html(&signature(notice), UNCUT);
    format!(
        r##"<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{headline}</title>
</head>
<body style="margin:0;padding:0;background:#f3f4f6">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="background:#f3f4f6">
<tr><td align="center" style="padding:24px 12px">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="max-width:640px;background:#ffffff;border-top:4px solid {colour};{FONT};font-size:15px;line-height:22px;color:#111827">
<tr><td style="padding:24px 24px 8px 24px">
<span style="font-size:12px;line-height:18px;font-weight:700;letter-spacing:1px;text-transform:uppercase;color:{colour}">user risk: {tag}</span>
<h1 style="margin:4px 0 0 0;font-size:20px;line-height:28px;font-weight:600;word-break:break-word">{headline}</h1>
</td></tr>
<tr><td style="padding:8px 24px">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="font-size:15px;line-height:22px">
{facts}</table>
</td></tr>
{deeds}<tr><td style="padding:16px 24px 24px 24px">
{advice}</td></tr>
<tr><td style="padding:12px 24px;background:#f9fafb;font-size:12px;line-height:18px;color:#6b7280">{signature}</td></tr>
</table>
</td></tr>
</table>
</body>
</html>
"##
    )
}

/// Dark enough for text on white: a contrast of 4.5 and more (WCAG 2, 1.4.3).
fn colour(notice: &Notice<'_>) -> &'static str {
    match (notice.snapshot.transition, notice.snapshot.band) {
        (Transition::Resolved, _) => "#15803d",
        (_, Band::Warning) => "#a16207",
        (_, Band::Error) => "#c2410c",
        (_, Band::Critical) => "#b91c1c",
    }
}

fn facts(notice: &Notice<'_>) -> String {
    let row = |Fact { label, text, .. }: Fact| {
        let text = html(&text, UNCUT);
        format!(
            "<tr><td width=\"90\" style=\"{CELL};{LABEL};line-height:22px\">{label}</td>\
             <td style=\"{CELL};word-break:break-word\">{text}</td></tr>\n"
        )
    };
    notice.facts().into_iter().map(row).collect()
}

fn deeds(notice: &Notice<'_>) -> String {
    let (deeds, left_out) = notice.deeds(DEEDS);
    if deeds.is_empty() {
        return String::new();
    }
    let head: String = ["Rule", "Route", "Count", "Points"]
        .iter()
        .map(|label| format!("<th style=\"{CELL};{LABEL}\">{label}</th>"))
        .collect();
    let rows: String = deeds.iter().map(row).collect();
    let more = more(left_out, &format!("<tr><td colspan=\"4\" style=\"{CELL}\">"), "</td></tr>\n");
    format!(
        "<tr><td style=\"padding:8px 24px\">\n\
         <table width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" style=\"font-size:15px;line-height:22px\">\n\
         <tr>{head}</tr>\n{rows}{more}</table>\n</td></tr>\n"
    )
}

fn row(deed: &Deed) -> String {
    let [rule, route] = [&deed.rule, &deed.route].map(|text| html(text, UNCUT));
    let (title, severity, count, points) = (deed.category.title(), deed.severity, deed.count, deed.points);
    format!(
        "<tr><td style=\"{CELL}\">{title}, {severity}<br><span style=\"{CODE};color:#6b7280\">{rule}</span></td>\
         <td style=\"{CELL};{CODE}\">{route}</td><td style=\"{CELL}\">{count}</td><td style=\"{CELL}\">{points}</td></tr>\n"
    )
}

fn advice(notice: &Notice<'_>) -> String {
    let mut advice = format!("<p style=\"margin:0\">{}</p>\n", html(&notice.advice(), UNCUT));
    let (buttons, links): (Vec<_>, Vec<_>) = notice.links().into_iter().partition(|link| link.text == "Runbook");
    for Link { url, .. } in buttons {
        let url = html(&url, UNCUT);
        advice.push_str(&format!(
            "<p style=\"margin:16px 0 0 0\"><a href=\"{url}\" style=\"display:inline-block;padding:10px 18px;\
             background:#1f2937;color:#ffffff;text-decoration:none;font-weight:600\">Open the runbook</a></p>\n"
        ));
    }
    let anchor = |Link { text, url }: Link| {
        let (text, url) = (html(&text, UNCUT), html(&url, UNCUT));
        format!("<a href=\"{url}\" style=\"color:#1d4ed8\">{text}</a>")
    };
    let anchors: Vec<_> = links.into_iter().map(anchor).collect();
    if !anchors.is_empty() {
        advice.push_str(&format!("<p style=\"margin:16px 0 0 0\">{}</p>\n", anchors.join(" · ")));
    }
    if let Some(mute) = notice.mute() {
        let mute = html(&mute, UNCUT);
        advice.push_str(&format!(
            "<p style=\"margin:16px 0 4px 0;{LABEL}\">Mute for 2 h</p>\n\
             <p style=\"margin:0;padding:8px 12px;background:#f3f4f6;{CODE}\">{mute}</p>\n"
        ));
    }
    advice
}
