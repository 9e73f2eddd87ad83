//! What does a program get to know of an incident? The same members in our own JSON and in a CloudEvent.
//!
//! The promise to receivers is `docs/webhook.schema.json`: members are added, never renamed.

use crate::incident::request::NamedRequest;
use crate::incident::snapshot::Ending;
use crate::notify::notice::done::Done;
use crate::notify::notice::link::Link;
use crate::notify::notice::message::Notice;
use crate::notify::notice::rule_summary::RuleSummary;
use crate::notify::rollup::RollupSummary;
use crate::text::json::{Json, NOTHING};

/// The event type, by which receivers distinguish events: `risk.incident.opened`.
pub(super) fn kind(notice: &Notice<'_>) -> String {
    format!("risk.{}.{}", notice.topic(), notice.snapshot.transition.slug())
}

/// The body, with the first `sent` of the events.
pub(super) fn payload(notice: &Notice<'_>, sent: usize) -> Json {
    Json::object(&[
        ("type", Json::text(&kind(notice))),
        ("timestamp", Json::text(&notice.snapshot.at.to_string())),
        ("data", data(notice, sent)),
    ])
}

/// The incident itself.
pub(super) fn data(notice: &Notice<'_>, sent: usize) -> Json {
    let snapshot = notice.snapshot;
    let (rule_summaries, left_out) = notice.rule_summaries(sent);
    let (first, last) = notice.span_of_events();
    let events: Vec<Json> = rule_summaries.iter().map(event).collect();
    let links: Vec<Json> = notice.links().iter().map(link).collect();
    Json::object(&[
        ("id", Json::text(&snapshot.incident.to_string())),
        ("number", Json::number(&snapshot.number)),
        ("user", Json::text(&notice.user())),
        ("user_key", Json::text(&snapshot.user_digest.to_string())),
        ("source", Json::text(&notice.source())),
        ("group", Json::text_if_any(&notice.group())),
        ("increase", Json::number(&snapshot.increase)),
        ("threshold", Json::number(&snapshot.threshold)),
        ("window", Json::text(&notice.span().to_string())),
        ("band", Json::text(snapshot.band.slug())),
        ("reason", Json::text_if_any(snapshot.ending.map_or("", Ending::slug))),
        ("summary", Json::text(&notice.headline())),
        ("first", Json::text(&first.to_string())),
        ("last", Json::text(&last.to_string())),
        ("requests", Json::list(&notice.requests().iter().map(NamedRequest::to_json).collect::<Vec<_>>())),
        ("addresses", Json::texts(&notice.addresses()).if_any()),
        ("shared", Json::number(&snapshot.audience.is_shared)),
        ("possible_victim", Json::number(&notice.is_possible_victim())),
        ("response", Done::of(snapshot).map_or(NOTHING, done)),
        ("events", Json::list(&events)),
        ("events_left_out", Json::number(&left_out)),
        ("service", Json::text(&notice.service.name())),
        ("environment", Json::text(&notice.service.environment())),
        ("exclusion", Json::text_if_any(&notice.exclusion().unwrap_or_default())),
        // The command that mutes the user, to paste.
        ("mute", Json::text_if_any(&notice.mute().unwrap_or_default())),
        ("links", Json::list(&links).if_any()),
        ("runbook_url", Json::text_if_any(notice.runbook().unwrap_or_default())),
        ("rollup", notice.rollup.map_or(NOTHING, rollup)),
    ])
}

fn link(link: &Link) -> Json {
    Json::object(&[("text", Json::text(&link.text)), ("url", Json::text(&link.url))])
}

/// What was done about the user, or would have been.
fn done(done: Done) -> Json {
    Json::object(&[
        ("action", Json::text(done.kind.slug())),
        ("until", Json::text(&done.until.to_string())),
        ("dry_run", Json::number(&done.is_dry)),
    ])
}

/// Who they are, if these are many.
fn rollup(rollup: &RollupSummary) -> Json {
    Json::object(&[("count", Json::number(&rollup.count)), ("users", Json::texts(&rollup.names()))])
}

/// The events of one rule.
fn event(summary: &RuleSummary) -> Json {
    Json::object(&[
        ("rule", Json::text(&summary.rule)),
        ("category", Json::text(summary.category.slug())),
        ("severity", Json::text(summary.severity.slug())),
        ("confidence", Json::text(summary.confidence.slug())),
        ("count", Json::number(&summary.count)),
        ("points", Json::number(&summary.points)),
        ("first", Json::text(&summary.first.to_string())),
        ("last", Json::text(&summary.last.to_string())),
        ("route", Json::text(&summary.route)),
        ("cross_site", Json::number(&summary.cross_site)),
    ])
}
