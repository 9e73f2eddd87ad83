//! What does the mail look like? A page for mail programs of every age, by day and by night.
//!
//! Tables and inline styles, since many programs know no other; classes only for what is different in the dark, for those
//! that support it. No pictures and nothing that is fetched.

use crate::incident::snapshot::Transition;
use crate::notify::channel::email::parts::{RULES_SHOWN, more, signature, tag};
use crate::notify::notice::fact::Fact;
use crate::notify::notice::link::Link;
use crate::notify::notice::message::Notice;
use crate::notify::notice::rule_summary::RuleSummary;
use crate::risk::band::Band;
use crate::text::untrusted;

const CELL: &str = "padding:8px 12px 8px 0;border-bottom:1px solid #e5e7eb;text-align:left;vertical-align:top";
const NUMBER: &str = "padding:8px 0 8px 12px;border-bottom:1px solid #e5e7eb;text-align:right;vertical-align:top";
const LABEL: &str = "font-size:13px;color:#6b7280;font-weight:600";
const CODE: &str = "font-family:ui-monospace,Menlo,Consolas,monospace;font-size:13px;word-break:break-all";
const TABLE: &str = "<table role=\"presentation\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\"";

/// The page that carries `notice`.
pub(super) fn of(notice: &Notice<'_>) -> String {
    // A line must not break between a sign and its number.
    let headline = html(&notice.headline()).replace("× ", "×&nbsp;");
    let (tag, Tone { day, night }) = (tag(notice), tone(notice));
    let (facts, rule_summaries, advice) = (facts(notice), rule_summaries(notice), advice(notice));
    let signature = html(&signature(notice));
    format!(
        r##"<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>{headline}</title>
<style>
:root {{ color-scheme: light dark; supported-color-schemes: light dark }}
@media (prefers-color-scheme: dark) {{
.page {{ background: #0b0f19 !important }}
.card {{ background: #161d2b !important; color: #e5e7eb !important }}
.tone {{ color: {night} !important }}
.bar {{ border-top-color: {night} !important }}
.mute {{ color: #9ca3af !important }}
.cell {{ border-bottom-color: #2b3648 !important }}
.well {{ background: #0f1522 !important }}
.link {{ color: #93c5fd !important }}
.button {{ background: #e5e7eb !important; color: #111827 !important }}
}}
</style>
</head>
<body class="page" style="margin:0;padding:0;background:#f3f4f6">
{TABLE} class="page" style="background:#f3f4f6">
<tr><td align="center" style="padding:24px 12px">
{TABLE} class="card bar" style="max-width:640px;background:#ffffff;border-top:4px solid {day};border-radius:6px;font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;font-size:15px;line-height:22px;color:#111827">
<tr><td style="padding:24px 24px 12px 24px">
<div class="tone" style="font-size:12px;line-height:18px;font-weight:700;letter-spacing:1px;text-transform:uppercase;color:{day}">user risk: {tag}</div>
<h1 style="margin:4px 0 0 0;font-size:20px;line-height:28px;font-weight:600;word-break:break-word">{headline}</h1>
</td></tr>
<tr><td style="padding:4px 24px">
{TABLE} style="font-size:15px;line-height:22px">
{facts}</table>
</td></tr>
{rule_summaries}<tr><td style="padding:16px 24px 24px 24px">
{advice}</td></tr>
<tr><td class="well mute" style="padding:12px 24px;background:#f9fafb;border-radius:0 0 6px 6px;font-size:12px;line-height:18px;color:#6b7280;word-break:break-word">{signature}</td></tr>
</table>
</td></tr>
</table>
</body>
</html>
"##
    )
}

/// Longer than any text here: for escaping what has been cut already.
fn html(text: &str) -> String {
    untrusted::html(text, 10_000)
}

/// A colour for text on white and one for text on black, both with a contrast of 4.5 and more (WCAG 2, 1.4.3).
struct Tone {
    day: &'static str,
    night: &'static str,
}

fn tone(notice: &Notice<'_>) -> Tone {
    let (day, night) = match (notice.snapshot.transition, notice.snapshot.band) {
        (Transition::Resolved, _) => ("#15803d", "#4ade80"),
        (_, Band::Warning) => ("#a16207", "#facc15"),
        (_, Band::Error) => ("#c2410c", "#fb923c"),
        (_, Band::Critical) => ("#b91c1c", "#f87171"),
    };
    Tone { day, night }
}

fn facts(notice: &Notice<'_>) -> String {
    let row = |Fact { label, text, .. }: Fact| {
        let text = html(&text);
        format!(
            "<tr><td class=\"cell mute\" width=\"90\" style=\"{CELL};{LABEL}\">{label}</td>\
             <td class=\"cell\" style=\"{CELL};word-break:break-word\">{text}</td></tr>\n"
        )
    };
    notice.facts().into_iter().map(row).collect()
}

fn rule_summaries(notice: &Notice<'_>) -> String {
    let (rule_summaries, left_out) = notice.rule_summaries(RULES_SHOWN);
    if rule_summaries.is_empty() {
        return String::new();
    }
    let head: String = [("Rule", CELL), ("Route", CELL), ("Count", NUMBER), ("Points", NUMBER)]
        .iter()
        .map(|(label, style)| format!("<th class=\"cell mute\" style=\"{style};{LABEL}\">{label}</th>"))
        .collect();
    let rows: String = rule_summaries.iter().map(row).collect();
    let more = more(left_out, &format!("<tr><td colspan=\"4\" class=\"cell\" style=\"{CELL}\">"), "</td></tr>\n");
    format!(
        "<tr><td style=\"padding:12px 24px 4px 24px\">\n\
         <table width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" style=\"font-size:15px;line-height:22px\">\n\
         <tr>{head}</tr>\n{rows}{more}</table>\n</td></tr>\n"
    )
}

fn row(summary: &RuleSummary) -> String {
    let [rule, route] = [&summary.rule, &summary.route].map(|text| html(text));
    let (title, severity, count, points) = (summary.category.title(), summary.severity, summary.count, summary.points);
    let sent = match summary.cross_site {
        0 => String::new(),
        some if some >= count => ", sent by another site".to_owned(),
        some => format!(", {some} sent by another site"),
    };
    format!(
        "<tr><td class=\"cell\" style=\"{CELL}\">{title}, {severity}{sent}<br>\
         <span class=\"mute\" style=\"{CODE};color:#6b7280\">{rule}</span></td>\
         <td class=\"cell\" style=\"{CELL};{CODE}\">{route}</td>\
         <td class=\"cell\" style=\"{NUMBER}\">{count}</td><td class=\"cell\" style=\"{NUMBER}\">{points}</td></tr>\n"
    )
}

/// What to do: in words, by the runbook, by links, and by a command to paste.
fn advice(notice: &Notice<'_>) -> String {
    let mut advice = format!(
        "<div class=\"mute\" style=\"{LABEL}\">What to do</div>\n<p style=\"margin:4px 0 0 0\">{}</p>\n",
        html(&notice.advice())
    );
    let (mut buttons, mut anchors) = (String::new(), String::new());
    for Link { text, url } in notice.links() {
        let (text, url) = (html(&text), html(&url));
        if text == "Runbook" {
            buttons = format!(
                "<p style=\"margin:16px 0 0 0\"><a class=\"button\" href=\"{url}\" style=\"display:inline-block;\
                 padding:10px 18px;border-radius:6px;background:#1f2937;color:#ffffff;text-decoration:none;\
                 font-weight:600\">Open the runbook</a></p>\n"
            );
        } else {
            anchors.push_str(if anchors.is_empty() { "" } else { " · " });
            anchors.push_str(&format!("<a class=\"link\" href=\"{url}\" style=\"color:#1d4ed8\">{text}</a>"));
        }
    }
    advice.push_str(&buttons);
    if !anchors.is_empty() {
        advice.push_str(&format!("<p style=\"margin:16px 0 0 0\">{anchors}</p>\n"));
    }
    if let Some(mute) = notice.mute() {
        advice.push_str(&format!(
            "<div class=\"mute\" style=\"margin:16px 0 4px 0;{LABEL}\">Mute for 2 h</div>\n\
             <div class=\"well\" style=\"padding:8px 12px;border-radius:6px;background:#f3f4f6;{CODE}\">{}</div>\n",
            html(&mute)
        ));
    }
    advice
}
