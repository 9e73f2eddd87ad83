//! How does an incident become a CloudEvent? In the structured mode of version 1.0.
//!
//! Source: <https://github.com/cloudevents/spec>, "CloudEvents 1.0", on required attributes and URI references, and its
//! JSON format.

use crate::clock::Timestamp;
use crate::notify::channel::endpoint::CLIENT;
use crate::notify::channel::webhook::{incident, requests};
use crate::notify::notice::message::Notice;
use crate::notify::notice::report::Report;
use crate::notify::notice::service::Service;
use crate::text::json::{Json, NOTHING};

/// Of the body.
pub(super) const CONTENT_TYPE: &str = "application/cloudevents+json";

/// The event, with the first `sent` of what the user did. Source and id name it once, over all tries.
pub(super) fn payload(notice: &Notice<'_>, sent: usize) -> Json {
    let Notice { message_id, service, snapshot, .. } = *notice;
    let subject = Json::text(&snapshot.incident.to_string());
    event(message_id, service, &incident::kind(notice), snapshot.at, subject, incident::data(notice, sent))
}

/// The event that carries malicious requests.
pub(super) fn report(report: &Report<'_>) -> Json {
    let Report { message_id, service, batch, .. } = *report;
    event(message_id, service, requests::KIND, batch.since(), NOTHING, requests::data(report))
}

fn event(id: &str, service: &Service, kind: &str, at: Timestamp, subject: Json, data: Json) -> Json {
    Json::object(&[
        ("specversion", Json::text("1.0")),
        ("id", Json::text(id)),
        ("source", Json::text(&source(service))),
        ("type", Json::text(kind)),
        ("time", Json::text(&at.to_string())),
        ("subject", subject),
        ("datacontenttype", Json::text("application/json")),
        ("data", data),
    ])
}

/// `/user-risk-filter/shop/production`: a path, which is a URI reference.
fn source(service: &Service) -> String {
    let mut source = format!("/{CLIENT}");
    for name in [service.name(), service.environment()] {
        if name.is_empty() {
            continue;
        }
        source.push('/');
        for byte in name.bytes() {
            match byte {
                b'-' | b'.' | b'_' | b'~' => source.push(char::from(byte)),
                _ if byte.is_ascii_alphanumeric() => source.push(char::from(byte)),
                _ => source.push_str(&format!("%{byte:02X}")),
            }
        }
    }
    source
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_source_is_a_path_whatever_the_service_is_called() {
        let rows = [
            ("", "", "/user-risk-filter"),
            ("shop", "production", "/user-risk-filter/shop/production"),
            ("", "eu 1/ä", "/user-risk-filter/eu%201%2F%C3%A4"),
        ];
        for (name, environment, expected) in rows {
            let service = Service { name: name.to_owned(), environment: environment.to_owned(), ..Service::default() };
            assert_eq!(source(&service), expected);
        }
    }
}
