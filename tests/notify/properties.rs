//! What holds for every payload, whatever a client calls itself?

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::Value;
use user_risk_filter::clock::Timestamp;
use user_risk_filter::detect::category::{Category, Severity};
use user_risk_filter::detect::confidence::Confidence;
use user_risk_filter::incident::audience::Audience;
use user_risk_filter::incident::request::NamedRequest;
use user_risk_filter::incident::restriction::Restrictions;
use user_risk_filter::incident::snapshot::{IncidentId, Snapshot, Tally, Transition};
use user_risk_filter::keyed_hash::Key;
use user_risk_filter::notify::channel::Channel;
use user_risk_filter::notify::notice::links::Links;
use user_risk_filter::notify::notice::message::Notice;
use user_risk_filter::notify::notice::service::Service;
use user_risk_filter::points::Points;
use user_risk_filter::risk::band::Band;
use user_risk_filter::text::untrusted::is_invisible;

use super::fixtures::{AT, alertmanager, email, pagerduty, slack, teams, webhook, webhook_of};

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn webhooks_keep_their_size(snapshot in snapshots(), service in services()) {
        let body = body(&webhook(), &snapshot, &service);
        prop_assert!(body.len() < 20_000);
        let payload: Value = serde_json::from_slice(&body).unwrap();
        check_visible(&payload, false)?;
        let data = &payload["data"];
        let sent = data["events"].as_array().unwrap().len();
        prop_assert_eq!(sent + usize::try_from(data["events_left_out"].as_u64().unwrap()).unwrap(), snapshot.events.len());
        prop_assert!(sent >= snapshot.events.len().min(12));
    }

    #[test]
    fn slack_messages_keep_their_limits_and_call_nobody(snapshot in snapshots(), service in services()) {
        let body = String::from_utf8(body(&slack(), &snapshot, &service)).unwrap();
        prop_assert!(body.chars().count() <= 13_000);
        let message: Value = serde_json::from_str(&body).unwrap();
        check_visible(&message, true)?;
        let blocks = message["blocks"].as_array().unwrap();
        prop_assert!(blocks.len() <= 50);
        let length = |text: &Value| text["text"].as_str().unwrap().encode_utf16().count();
        for block in blocks {
            let limit = if block["type"] == "header" { 150 } else { 3000 };
            if let Some(text) = block.get("text") {
                prop_assert!((1..=limit).contains(&length(text)), "{}", block);
            }
            let fields = block.get("fields").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
            prop_assert!(fields.len() <= 10 && fields.iter().all(|field| length(field) <= 2000), "{}", block);
        }
        let mut texts = Vec::new();
        strings(&message, &mut texts);
        for text in texts {
            let text = text.replace("<https://", "");
            prop_assert!(!text.contains('<'), "{}", text);
            let lower = text.to_lowercase();
            for word in ["@channel", "@here", "@everyone"] {
                let called = lower.match_indices(word).any(|(at, _)| !lower[..at].ends_with(char::is_alphanumeric));
                prop_assert!(!called, "{}", text);
            }
        }
    }

    #[test]
    fn pagerduty_events_keep_their_limits(snapshot in snapshots(), service in services()) {
        let body = body(&pagerduty(), &snapshot, &service);
        prop_assert!(body.len() < 100_000);
        let event: Value = serde_json::from_slice(&body).unwrap();
        check_visible(&event, false)?;
        prop_assert!(event["dedup_key"].as_str().unwrap().len() <= 255);
        if event["event_action"] == "resolve" {
            return Ok(());
        }
        prop_assert!(event["payload"]["summary"].as_str().unwrap().encode_utf16().count() <= 1024);
        prop_assert!(!event["payload"]["source"].as_str().unwrap().is_empty());
    }

    #[test]
    fn teams_messages_keep_their_size_and_know_no_markdown(snapshot in snapshots(), service in services()) {
        let body = body(&teams(), &snapshot, &service);
        prop_assert!(body.len() <= 28_000);
        let message: Value = serde_json::from_slice(&body).unwrap();
        check_visible(&message, false)?;
        let mut texts = Vec::new();
        strings(&message, &mut texts);
        prop_assert!(!texts.contains(&"TextBlock") && !texts.contains(&"FactSet"));
    }

    #[test]
    fn alerts_have_labels_and_an_end(snapshot in snapshots(), service in services()) {
        let alerts: Value = serde_json::from_slice(&body(&alertmanager(), &snapshot, &service)).unwrap();
        check_visible(&alerts, true)?;
        let alerts = alerts.as_array().unwrap();
        let severities: Vec<_> = alerts.iter().map(|alert| &alert["labels"]["severity"]).collect();
        prop_assert!((1..=3).contains(&severities.len()) && severities.contains(&&snapshot.band.slug().into()));
        for alert in alerts {
            let labels = alert["labels"].as_object().unwrap();
            prop_assert!(labels.values().all(|label| label.as_str().is_some_and(|label| !label.is_empty())));
            prop_assert!(alert["endsAt"].is_string());
            // Who ends something need not say when it began.
            let is_on = alert["labels"]["severity"] == snapshot.band.slug() && snapshot.transition != Transition::Resolved;
            prop_assert_eq!(alert.get("startsAt").is_some(), is_on);
        }
    }

    #[test]
    fn other_formats_of_webhooks_are_whole(snapshot in snapshots(), service in services()) {
        let event = body(&webhook_of("cloudevents"), &snapshot, &service);
        prop_assert!(event.len() < 20_000);
        let event: Value = serde_json::from_slice(&event).unwrap();
        check_visible(&event, false)?;
        prop_assert!(event["source"].as_str().unwrap().bytes().all(|byte| byte.is_ascii_graphic()));
        let messages = body(&webhook_of("sqreen"), &snapshot, &service);
        prop_assert!(messages.len() < 20_000);
        check_visible(&serde_json::from_slice(&messages).unwrap(), false)?;
    }

    #[test]
    fn mails_have_one_line_of_subject_and_the_same_tags_for_any_text(snapshot in snapshots(), service in services()) {
        let mail = |snapshot: &Snapshot| -> Value {
            serde_json::from_slice(&body(&email("resend"), snapshot, &service)).unwrap()
        };
        let hostile = mail(&snapshot);
        check_visible(&hostile, true)?;
        let subject = hostile["subject"].as_str().unwrap();
        prop_assert!(!subject.contains(['\r', '\n']) && subject.encode_utf16().count() <= 200);
        let mut harmless = snapshot.clone();
        harmless.user = "u".to_owned();
        if harmless.source != "address" {
            harmless.source = "s".to_owned();
        }
        for tally in &mut harmless.events {
            (tally.rule, tally.route) = ("r".to_owned(), "/".to_owned());
        }
        let harmless = mail(&harmless);
        prop_assert_eq!(tags(hostile["html"].as_str().unwrap()), tags(harmless["html"].as_str().unwrap()));
    }
}

fn body(channel: &Channel, snapshot: &Snapshot, service: &Service) -> Vec<u8> {
    channel
        .request(
            &Notice { message_id: "msg_1", snapshot, service, links: &Links::default(), console: None, rollup: None },
            AT,
        )
        .body
}

/// Is there no character that hides, or moves others, in any text? Line breaks may be ours.
fn check_visible(json: &Value, line_breaks: bool) -> Result<(), TestCaseError> {
    let mut texts = Vec::new();
    strings(json, &mut texts);
    for text in texts {
        let invisible = text.chars().find(|c| is_invisible(*c) && !(line_breaks && *c == '\n'));
        prop_assert_eq!(invisible, None, "{:?}", text);
    }
    Ok(())
}

pub(super) fn strings<'a>(json: &'a Value, texts: &mut Vec<&'a str>) {
    match json {
        Value::String(text) => texts.push(text),
        Value::Array(values) => values.iter().for_each(|value| strings(value, texts)),
        Value::Object(members) => members.values().for_each(|value| strings(value, texts)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// All that stands in angle brackets.
pub(super) fn tags(html: &str) -> Vec<&str> {
    html.split('<').skip(1).map(|after| after.split('>').next().unwrap()).collect()
}

pub(super) fn snapshots() -> impl Strategy<Value = Snapshot> {
    let transitions = select(vec![Transition::Opened, Transition::Updated, Transition::Resolved]);
    let bands = select(vec![Band::Warning, Band::Error, Band::Critical]);
    let sources = prop_oneof![Just("address".to_owned()), texts()];
    let numbers = (any::<u32>(), 1_u64..u64::from(u32::MAX), any::<u64>());
    (texts(), sources, transitions, bands, numbers, vec(tallies(), 0..40)).prop_map(
        |(user, source, transition, band, (points, window_millis, at), events)| Snapshot {
            incident: IncidentId(Key::from_passphrase("k").digest("incident", &[])),
            transition,
            ending: None,
            number: 1,
            at: Timestamp::from_millis(at),
            user_digest: Key::from_passphrase("k").digest("user", &[user.as_bytes()]),
            user,
            source,
            increase: hundredths(points),
            threshold: hundredths(points / 2),
            window_millis,
            band,
            events,
            requests: vec![NamedRequest { id: "r".repeat(64), status: Some(200) }; 3],
            addresses: vec!["2001:db8:1::/48".to_owned()],
            audience: Audience::default(),
            restrictions: Restrictions::default(),
        },
    )
}

fn tallies() -> impl Strategy<Value = Tally> {
    let kinds = (select(Category::ALL.to_vec()), select(Severity::ALL.to_vec()));
    let targets = (texts(), any::<bool>());
    (texts(), kinds, any::<u32>(), any::<u32>(), any::<(u64, u64)>(), texts(), targets).prop_map(
        |(rule, (category, severity), count, points, (first, last), route, (name, is_common))| Tally {
            rule,
            category,
            severity,
            confidence: Confidence::High,
            count,
            points: hundredths(points),
            first: Timestamp::from_millis(first),
            last: Timestamp::from_millis(last),
            route,
            target: format!("query:{name}"),
            is_common,
            cross_site: 0,
        },
    )
}

pub(super) fn services() -> impl Strategy<Value = Service> {
    let runbooks =
        select(vec!["", "https://wiki.example.com/a?b=c&d=\"e\"|f>#g", "nonsense\n", "https://h/<!channel>"]);
    (texts(), texts(), runbooks).prop_map(|(name, environment, runbook_url)| Service {
        name,
        environment,
        runbook_url: runbook_url.to_owned(),
    })
}

/// Short and long, of all characters, with more than their share of those that have been trouble before.
fn texts() -> impl Strategy<Value = String> {
    let trouble = select(vec![
        "<!channel>",
        "@here",
        "@Everyone ",
        "<@U1|x>",
        "`",
        "```",
        "*_~",
        "&amp;",
        "\"",
        "\\",
        "'",
        "<script>",
        "</td>",
        "]]>",
        "<!--",
        "\r\nbcc: a@b.c\r\n",
        "\u{202e}",
        "\u{200b}",
        "\u{feff}",
        "\0",
        "https://evil.example",
        "{{x}}",
        "“”",
        "😀",
        "|",
        ":smile:",
        "4711",
    ]);
    let pieces = prop_oneof![any::<char>().prop_map(String::from), trouble.prop_map(str::to_owned)];
    // Now and then one of 10 KB and more.
    let repeats = prop_oneof![9 => Just(1_usize), 1 => 20_usize..60];
    (vec(pieces, 0..120), repeats).prop_map(|(pieces, repeats)| pieces.concat().repeat(repeats))
}

/// Points of any value.
fn hundredths(points: u32) -> Points {
    Points::whole(1).scaled(Points::whole(points / 100), Points::whole(100)) + Points::whole(points / 1000)
}
