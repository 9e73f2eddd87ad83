//! How is a receiver of Sqreen's webhooks told? By their version 2: a list of messages, signed as a whole.
//!
//! Source: Sqreen's documentation of "Webhook v2", as its receivers have it: HMAC-SHA256 of the body with the key's
//! characters, in hexadecimal digits.

use std::net::IpAddr;

use crate::clock::Timestamp;
use crate::incident::snapshot::Transition;
use crate::json::{Json, NOTHING};
use crate::notify::notice::Notice;

/// The header that carries the signature.
pub(super) const SIGNATURE: &str = "x-sqreen-integrity";

/// What our incidents are among Sqreen's kinds of messages.
const KIND: &str = "user_risk";

/// A list of one message, made at `now`.
pub(super) fn payload(notice: &Notice<'_>, now: Timestamp) -> Json {
    let message = incident(notice);
    Json::list(&[Json::object(&[
        ("message_id", Json::text(notice.message_id)),
        ("api_version", Json::text("2")),
        ("date_created", date(now)),
        ("message_type", Json::text(KIND)),
        ("retry_count", Json::number(&0)),
        ("message", message),
    ])])
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
        ("new_related_ips", Json::list(&[address(notice)])),
        ("humanized_description", Json::text(&notice.headline())),
    ])
}

/// The address that did it, where it is one and `privacy.addresses` lets it out: else it is a stand-in or a prefix.
fn address(notice: &Notice<'_>) -> Json {
    let user = notice.user();
    if notice.source() != "address" || user.parse::<IpAddr>().is_err() {
        return NOTHING;
    }
    Json::object(&[("address", Json::text(&user))])
}

/// `2021-02-08T12:45:00.078000+00:00`: Sqreen writes microseconds and an offset.
fn date(at: Timestamp) -> Json {
    let text = at.to_string();
    Json::text(&format!("{}000+00:00", text.trim_end_matches('Z')))
}
