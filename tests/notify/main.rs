//! What do people and programs get? A golden payload for each channel, and properties of all payloads.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "clippy knows a test by its attribute, and these are helpers of tests"
)]

mod fixtures;
mod golden;
mod headline;
mod many;
mod properties;
mod safety;

use fixtures::{alertmanager, email, pagerduty, request, slack, snapshot, teams, webhook, webhook_of};
use golden::{check_golden, indent};
use user_risk_filter::incident::snapshot::{Snapshot, Transition};
use user_risk_filter::notify::notice::service::Service;
use user_risk_filter::risk::band::Band;

#[test]
fn each_channel_sends_its_golden_payload() {
    let [opened, updated, resolved] = [Transition::Opened, Transition::Updated, Transition::Resolved].map(snapshot);
    let rows = [
        ("webhook.json", webhook(), &opened),
        ("webhook-resolved.json", webhook(), &resolved),
        ("cloudevents.json", webhook_of("cloudevents"), &opened),
        ("sqreen.json", webhook_of("sqreen"), &opened),
        (
            "sqreen-address.json",
            webhook_of("sqreen"),
            &Snapshot { user: "192.0.2.7".to_owned(), source: "address".to_owned(), ..resolved.clone() },
        ),
        ("slack.json", slack(), &opened),
        ("teams.json", teams(), &opened),
        ("pagerduty.json", pagerduty(), &opened),
        ("pagerduty-updated.json", pagerduty(), &updated),
        ("pagerduty-resolved.json", pagerduty(), &resolved),
        ("alertmanager.json", alertmanager(), &opened),
        ("alertmanager-updated.json", alertmanager(), &Snapshot { band: Band::Error, ..updated.clone() }),
        ("alertmanager-resolved.json", alertmanager(), &resolved),
        ("sendgrid.json", email("sendgrid"), &opened),
        ("resend.json", email("resend"), &opened),
        ("postmark.json", email("postmark"), &opened),
    ];
    for (file, channel, snapshot) in rows {
        let body = String::from_utf8(request(&channel, snapshot).body).unwrap();
        check_golden(file, &indent(&body));
    }
    let body = request(&email("resend"), &opened).body;
    let mail: serde_json::Value = serde_json::from_slice(&body).unwrap();
    check_golden("email.html", mail["html"].as_str().unwrap());
    check_golden("email.txt", mail["text"].as_str().unwrap());
}

#[test]
fn each_channel_sends_its_headers_to_its_address() {
    let agent = format!("user-agent: user-risk-filter/{}", env!("CARGO_PKG_VERSION"));
    let standard = vec!["webhook-id: msg_1", "webhook-timestamp: 1767323105", "webhook-signature: v1"];
    let rows = [
        (webhook(), "hooks.example.com/risk?team=a", standard.clone()),
        (webhook_of("cloudevents"), "hooks.example.com/risk?team=a", standard),
        (webhook_of("sqreen"), "hooks.example.com/risk?team=a", vec!["x-sqreen-integrity: …"]),
        (slack(), "hooks.slack.com/services/T0/B0/x", vec![]),
        (teams(), "prod-1.westeurope.logic.azure.com/workflows/x/triggers/manual/paths/invoke?sig=s", vec![]),
        (alertmanager(), "alertmanager:9093/prefix/api/v2/alerts", vec!["authorization: Bearer t"]),
        (pagerduty(), "events.pagerduty.com/v2/enqueue", vec![]),
        (email("sendgrid"), "api.sendgrid.com/v3/mail/send", vec!["authorization: Bearer k"]),
        (email("resend"), "api.resend.com/emails", vec!["authorization: Bearer k", "idempotency-key: msg_1"]),
        (
            email("postmark"),
            "api.postmarkapp.com/email",
            vec!["accept: application/json", "x-postmark-server-token: k"],
        ),
    ];
    for (channel, address, more) in rows {
        let request = request(&channel, &snapshot(Transition::Opened));
        // The signature itself depends on the whole body.
        let headers = request.headers.iter().map(|(name, value)| match *name {
            "webhook-signature" => format!("{name}: {}", &value[..2]),
            "x-sqreen-integrity" => format!("{name}: …"),
            _ => format!("{name}: {value}"),
        });
        let headers: Vec<String> = headers.collect();
        let cloudevent = channel.kind() == "webhook" && headers.iter().any(|header| header.contains("cloudevents"));
        let kind = if cloudevent { "application/cloudevents+json" } else { "application/json" };
        let kind = format!("content-type: {kind}");
        let expected: Vec<&str> = [&*kind, &agent].into_iter().chain(more).collect();
        assert_eq!(headers, expected, "{}", channel.kind());
        assert_eq!(format!("{}{}", request.authority, request.path), address);
    }
}

#[test]
fn a_runbook_is_a_page_of_the_web() {
    let rows = [
        ("", None),
        ("https://wiki.example.com/risk#user", None),
        ("wiki", Some("is not a URL; write https://host/path")),
        ("javascript:alert(1)", Some("is not a URL; write https://host/path")),
        ("https://h/#a b", Some("is not a URL; write https://host/path")),
    ];
    for (url, expected) in rows {
        let service = Service { runbook_url: url.to_owned(), ..Service::default() };
        let problem = service.check().err().map(|(option, message)| {
            assert_eq!(option, "runbook_url");
            message
        });
        assert_eq!(problem.as_deref(), expected, "{url}");
    }
}
