//! What does a receiver of Sqreen's webhooks get? Version 2 of their format: a list of messages, signed as a whole.
//!
//! Source: Sqreen's documentation of "Webhook v2", as its receivers have it: HMAC-SHA256 of the body with the key's
//! characters, in hexadecimal digits.

use std::net::IpAddr;

use crate::clock::Timestamp;
use crate::incident::snapshot::Transition;
use crate::notify::detected::Detected;
use crate::notify::notice::message::Notice;
use crate::notify::notice::report::Report;
use crate::points::Points;
use crate::text::json::{Json, NOTHING};

/// The header that carries the signature.
pub(super) const SIGNATURE: &str = "x-sqreen-integrity";

/// What our incidents are among Sqreen's kinds of messages.
const KIND: &str = "user_risk";

/// A list of one message, made at `now`.
pub(super) fn payload(notice: &Notice<'_>, now: Timestamp) -> Json {
    Json::list(&[message(notice.message_id, KIND, incident(notice), now)])
}

/// A list of a message for each malicious request, made at `now`.
pub(super) fn report(report: &Report<'_>, now: Timestamp) -> Json {
    let id = |number| format!("{}_{number}", report.message_id);
    let event = |(number, one)| message(&id(number), "security_event", event(report, one), now);
    Json::list(&report.requests().iter().enumerate().map(event).collect::<Vec<_>>())
}

fn message(id: &str, kind: &str, content: Json, now: Timestamp) -> Json {
    Json::object(&[
        ("message_id", Json::text(id)),
        ("api_version", Json::text("2")),
        ("date_created", date(now)),
        ("message_type", Json::text(kind)),
        ("retry_count", Json::number(&0)),
        ("message", content),
    ])
}

/// A request, as its worst rule has it; its risk is out of 100.
fn event(report: &Report<'_>, one: &Detected) -> Json {
    let service = report.service.name();
    let worst = one.rules.iter().max_by_key(|rule| rule.severity);
    let (name, source) = one.user.as_ref().map_or(("", ""), |user| (&user.name, &user.source));
    let rule = worst.map_or("", |rule| &rule.rule);
    let risk = Points::whole(100).min(one.points.scaled(Points::whole(10), Points::whole(1)));
    let on = if one.route.is_empty() { "" } else { " on " };
    Json::object(&[
        ("risk_coefficient", Json::number(&risk)),
        ("event_category", Json::text(worst.map_or("", |rule| rule.category.slug()))),
        ("event_kind", Json::text(rule)),
        ("application_id", Json::text(&service)),
        ("application_name", Json::text(&service)),
        ("environment", Json::text(&report.service.environment())),
        ("date_occurred", date(one.at)),
        ("event_id", Json::text(&one.request_id)),
        ("humanized_description", Json::text(&format!("{rule}{on}{}", one.route))),
        ("user_identifiers", Json::list(&[Json::text_if_any(name)])),
        ("ips", Json::list(&[address(source, name)])),
    ])
}

fn incident(notice: &Notice<'_>) -> Json {
    let snapshot = notice.snapshot;
    let service = notice.service.name();
    let (first, last) = notice.span_of_events();
    let status = match snapshot.transition {
        Transition::Opened => "created",
        Transition::Updated => "updated",
        Transition::Resolved => "resolved",
    };
    Json::object(&[
        ("incident_thread", Json::text(&snapshot.incident.to_string())),
        ("incident_status", Json::text(status)),
        ("date_started", date(first)),
        ("date_last_updated", date(last)),
        ("application_id", Json::text(&service)),
        ("application_name", Json::text(&service)),
        ("environment", Json::text(&notice.service.environment())),
        ("new_related_ips", Json::list(&[address(&notice.source(), &notice.user())])),
        ("humanized_description", Json::text(&notice.headline())),
    ])
}

/// The address that did it, where it is one and `privacy.addresses` lets it out: else it is a stand-in or a prefix.
fn address(source: &str, name: &str) -> Json {
    if source != "address" || name.parse::<IpAddr>().is_err() {
        return NOTHING;
    }
    Json::object(&[("address", Json::text(name))])
}

/// `2021-02-08T12:45:00.078000+00:00`: Sqreen writes microseconds and an offset.
fn date(at: Timestamp) -> Json {
    let text = at.to_string();
    Json::text(&format!("{}000+00:00", text.trim_end_matches('Z')))
}
