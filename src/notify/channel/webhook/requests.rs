//! How does a program receive malicious requests? As one message of our own JSON about many of them.

use crate::clock::Timestamp;
use crate::notify::detected::{Detected, Match};
use crate::notify::notice::report::Report;
use crate::text::json::Json;

/// The event type, by which receivers distinguish events.
pub(super) const KIND: &str = "risk.requests.detected";

/// The body.
pub(super) fn payload(report: &Report<'_>) -> Json {
    Json::object(&[
        ("type", Json::text(KIND)),
        ("timestamp", Json::text(&report.batch.since().to_string())),
        ("data", data(report)),
    ])
}

/// The requests themselves.
pub(super) fn data(report: &Report<'_>) -> Json {
    let requests: Vec<Json> = report.requests().iter().map(request).collect();
    Json::object(&[
        ("requests", Json::list(&requests)),
        ("requests_left_out", Json::number(&report.batch.left_out)),
        ("service", Json::text(&report.service.name())),
        ("environment", Json::text(&report.service.environment())),
    ])
}

fn request(one: &Detected) -> Json {
    let user = one.user.as_ref();
    let rules: Vec<Json> = one.rules.iter().map(matched).collect();
    let text = |time: Timestamp| Json::text(&time.to_string());
    Json::object(&[
        ("time", text(one.at)),
        ("request_id", Json::text(&one.request_id)),
        ("user", Json::text_if_any(user.map_or("", |user| &user.name))),
        ("source", Json::text_if_any(user.map_or("", |user| &user.source))),
        ("route", Json::text(&one.route)),
        ("points", Json::number(&one.points)),
        ("increase", one.increase.map_or(crate::text::json::NOTHING, |increase| Json::number(&increase))),
        ("rules", Json::list(&rules)),
    ])
}

fn matched(rule: &Match) -> Json {
    Json::object(&[
        ("rule", Json::text(&rule.rule)),
        ("category", Json::text(rule.category.slug())),
        ("severity", Json::text(rule.severity.slug())),
        ("confidence", Json::text(rule.confidence.slug())),
        ("points", Json::number(&rule.points)),
        ("counted_before", Json::number(&rule.counted_before)),
    ])
}
