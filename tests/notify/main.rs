//! What do people and programs get? A golden payload for each channel, and properties of all payloads.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "clippy knows a test by its attribute, and these are helpers of tests"
)]

mod many;
mod properties;
mod safety;

use std::path::Path;

use serde_json::json;
use user_risk_filter::clock::{Span, Timestamp};
use user_risk_filter::config;
use user_risk_filter::detect::category::{Category, Severity};
use user_risk_filter::incident::audience::Audience;
use user_risk_filter::incident::snapshot::{Ending, IncidentId, Snapshot, Tally, Transition};
use user_risk_filter::keyed_hash::{Digest, Key};
use user_risk_filter::notify::callout::Request;
use user_risk_filter::notify::channel::Channel;
use user_risk_filter::notify::notice::link::Links;
use user_risk_filter::notify::notice::{Notice, Service};
use user_risk_filter::notify::rollup::RollupSummary;
use user_risk_filter::notify::route::Subscription;
use user_risk_filter::points::Points;
use user_risk_filter::risk::crossing::Band;

/// 2026-01-02T03:04:05.678Z.
const AT: Timestamp = Timestamp::from_millis(1_767_323_045_678);

const SIGNING_SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const SQREEN_KEY: &str = "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0";

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
fn headlines_say_it_in_one_line() {
    let plain = snapshot(Transition::Opened);
    let (sqli, xss) = (Category::Sqli, Category::Xss);
    let with = |events: &[(Category, u32, u32, &str)]| Snapshot {
        events: events
            .iter()
            .map(|(category, count, points, route)| tally(*category, *count, *points, route))
            .collect(),
        ..plain.clone()
    };
    let named = |user: &str| Snapshot { user: user.to_owned(), events: Vec::new(), ..plain.clone() };
    let rows = [
        (plain.clone(), "User 4711 rose by 13 points in 24 h: SQL injection × 2 on /search"),
        (snapshot(Transition::Updated), "User 4711 is now at 13 points in 24 h: SQL injection × 2 on /search"),
        (snapshot(Transition::Resolved), "User 4711 is quiet again: 13 points left of the last 24 h"),
        (
            Snapshot { ending: Some(Ending::Evicted), ..snapshot(Transition::Resolved) },
            "User 4711 is watched no longer: the record went to make room for another's",
        ),
        (Snapshot { source: "address".to_owned(), ..named("1f0c9a7e") }, "Address 1f0c9a7e rose by 13 points in 24 h"),
        (
            Snapshot {
                source: "address".to_owned(),
                audience: Audience { is_shared: true, ..Audience::default() },
                ..named("1f0c9a7e")
            },
            "Network 1f0c9a7e rose by 13 points in 24 h",
        ),
        (
            with(&[(xss, 1, 5, "/a"), (sqli, 1, 5, "/b"), (sqli, 2, 8, "/c")]),
            "User 4711 rose by 13 points in 24 h: SQL injection × 3 on 2 routes and cross-site scripting on /a",
        ),
        (
            with(&[
                (sqli, 1, 8, "/a"),
                (xss, 1, 5, "/a"),
                (Category::Ssrf, 1, 5, "/a"),
                (Category::Rce, 1, 8, "/a"),
                (Category::Scanner, 9, 1, "/a"),
            ]),
            "User 4711 rose by 13 points in 24 h: \
             SQL injection, command injection, cross-site scripting and 2 more on /a",
        ),
        (
            with(&[(sqli, 1, 8, ""), (xss, 1, 5, "/b")]),
            "User 4711 rose by 13 points in 24 h: SQL injection and cross-site scripting on /b",
        ),
        (named("jo+x@example.com"), "User jo+x@example.com rose by 13 points in 24 h"),
        (named("5 rose by 1 point"), "User “5 rose by 1 point” rose by 13 points in 24 h"),
        (named("https://evil.example/x"), "User https[:]//evil.example/x rose by 13 points in 24 h"),
        (named("a\u{202e}b"), "User “a\u{fffd}b” rose by 13 points in 24 h"),
        (named(""), "User “” rose by 13 points in 24 h"),
        (
            Snapshot { window_millis: 5_400_000, increase: Points::whole(1), ..named("u") },
            "User u rose by 1 point in 1 h 30 m",
        ),
    ];
    for (snapshot, expected) in rows {
        let service = Service::default();
        let notice = Notice {
            message_id: "msg_1",
            snapshot: &snapshot,
            service: &service,
            links: &Links::default(),
            console: None,
            rollup: None,
        };
        assert_eq!(notice.headline(), expected);
    }
}

#[test]
fn a_possible_victim_is_told_as_one() {
    let part = Tally { cross_site: 1, ..tally(Category::Xss, 3, 5, "/a") };
    let all = Tally { cross_site: 3, ..part.clone() };
    let none = tally(Category::Sqli, 1, 8, "/b");
    let rows = [
        (vec![none.clone()], false, "sqli.rule on /b: SQL injection, high, 8 points"),
        (
            vec![part, none.clone()],
            false,
            "xss.rule × 3 on /a: cross-site scripting, high, 5 points, 1 sent by another site",
        ),
        (
            vec![all.clone(), none],
            false,
            "xss.rule × 3 on /a: cross-site scripting, high, 5 points, sent by another site",
        ),
        (vec![all], true, "xss.rule × 3 on /a: cross-site scripting, high, 5 points, sent by another site"),
        (vec![], false, ""),
    ];
    for (events, is_victim, expected) in rows {
        let snapshot = Snapshot { events, ..snapshot(Transition::Opened) };
        let service = Service::default();
        let notice = Notice {
            message_id: "msg_1",
            snapshot: &snapshot,
            service: &service,
            links: &Links::default(),
            console: None,
            rollup: None,
        };
        assert_eq!(notice.advice().contains("may be the victim"), is_victim, "{expected}");
        assert_eq!(notice.rule_summaries(1).0.first().map(ToString::to_string).unwrap_or_default(), expected);
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

fn webhook() -> Channel {
    webhook_of("json")
}

fn webhook_of(format: &str) -> Channel {
    let secret = if format == "sqreen" { SQREEN_KEY } else { SIGNING_SECRET };
    let url = "https://hooks.example.com/risk?team=a";
    channel(json!({"webhook": {"cluster": "c", "url": url, "format": format, "secret": secret}}))
}

fn teams() -> Channel {
    let url = "https://prod-1.westeurope.logic.azure.com/workflows/x/triggers/manual/paths/invoke?sig=s";
    channel(json!({"teams": {"cluster": "c", "url": url}}))
}

fn alertmanager() -> Channel {
    let options = json!({"cluster": "c", "url": "http://alertmanager:9093/prefix/", "authorization": "Bearer t"});
    let mut channel = channel(json!({ "alertmanager": options }));
    channel.remember_repeat(Span::from_secs(4 * 60 * 60));
    channel
}

fn slack() -> Channel {
    channel(json!({"slack": {"cluster": "c", "url": "https://hooks.slack.com/services/T0/B0/x"}}))
}

fn pagerduty() -> Channel {
    channel(json!({"pagerduty": {"cluster": "c", "routing_key": "0123456789abcdef0123456789abcdef"}}))
}

fn email(provider: &str) -> Channel {
    channel(json!({"email": {
        "cluster": "c", "provider": provider, "key": "k",
        "from": "risk@example.com", "to": ["a@example.com", "b@example.com"],
    }}))
}

fn channel(options: serde_json::Value) -> Channel {
    let entry: Subscription = config::from_json(&options.to_string()).unwrap();
    entry.channel.check().unwrap();
    entry.channel
}

/// What the channel sends a minute after the incident's transition.
fn request(channel: &Channel, snapshot: &Snapshot) -> Request {
    request_of(channel, snapshot, None)
}

fn request_of(channel: &Channel, snapshot: &Snapshot, rollup: Option<&RollupSummary>) -> Request {
    let service = Service {
        name: "shop".to_owned(),
        environment: "production".to_owned(),
        runbook_url: "https://wiki.example.com/risk".to_owned(),
    };
    let links = Links {
        log: "https://logs.example.com/?q=id:%22{request_id}%22".to_owned(),
        user: "https://shop.example.com/admin/users/{user}".to_owned(),
        console: "http://10.0.0.7:10003".to_owned(),
    };
    let console = Some("/.user-risk");
    let notice = Notice { message_id: "msg_1", snapshot, service: &service, links: &links, console, rollup };
    channel.request(&notice, Timestamp::from_millis(AT.as_millis() + 60_000))
}

fn snapshot(transition: Transition) -> Snapshot {
    let sqli = |rule: &str, severity, points| Tally {
        rule: rule.to_owned(),
        severity,
        ..tally(Category::Sqli, 1, points, "/search")
    };
    Snapshot {
        incident: IncidentId(digest("incident")),
        transition,
        ending: (transition == Transition::Resolved).then_some(Ending::Quiet),
        number: 1,
        at: AT,
        user: "4711".to_owned(),
        user_digest: digest("user"),
        source: "header:x-user-id".to_owned(),
        increase: Points::whole(13),
        threshold: Points::whole(10),
        window_millis: 86_400_000,
        band: Band::Warning,
        events: vec![sqli("sqli.union-select", Severity::Critical, 8), sqli("sqli.tautology", Severity::High, 5)],
        requests: vec!["b7b2c1a0-9d41-4a5e-8f0e-2d6c3e1f0a77".to_owned()],
        audience: Audience::default(),
    }
}

fn tally(category: Category, count: u32, points: u32, route: &str) -> Tally {
    Tally {
        rule: format!("{category}.rule"),
        category,
        severity: Severity::High,
        count,
        points: Points::whole(points),
        first: Timestamp::from_millis(AT.as_millis() - 600_000),
        last: AT,
        route: route.to_owned(),
        target: "query:q".to_owned(),
        is_common: false,
        cross_site: 0,
    }
}

fn digest(purpose: &str) -> Digest {
    Key::from_passphrase("golden").digest(purpose, &[])
}

/// Compares with the file of that name beside this one.
fn check_golden(file: &str, found: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/notify").join(file);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, found).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    if expected == found {
        return;
    }
    let (mut old, mut new) = (expected.lines(), found.lines());
    let mut diff = String::new();
    loop {
        match (old.next(), new.next()) {
            (None, None) => break,
            (old, new) if old == new => {}
            (old, new) => {
                old.into_iter().for_each(|line| diff.push_str(&format!("- {line}\n")));
                new.into_iter().for_each(|line| diff.push_str(&format!("+ {line}\n")));
            }
        }
    }
    panic!("tests/notify/{file} differs:\n{diff}If the new one is right: UPDATE_GOLDEN=1 cargo test --test notify");
}

/// The same JSON with a line for each member, which a reader of the golden files will want; in its order, which a parser
/// would lose.
fn indent(json: &str) -> String {
    let mut indented = String::new();
    let (mut depth, mut in_string, mut escaped) = (0, false, false);
    for character in json.chars() {
        if in_string {
            indented.push(character);
            (escaped, in_string) = (character == '\\' && !escaped, character != '"' || escaped);
            continue;
        }
        match character {
            '{' | '[' => {
                depth += 1;
                indented.push(character);
                indented.push_str(&format!("\n{}", "  ".repeat(depth)));
            }
            '}' | ']' => {
                depth -= 1;
                indented.push_str(&format!("\n{}", "  ".repeat(depth)));
                indented.push(character);
            }
            ',' => indented.push_str(&format!(",\n{}", "  ".repeat(depth))),
            ':' => indented.push_str(": "),
            _ => {
                in_string = character == '"';
                indented.push(character);
            }
        }
    }
    indented + "\n"
}
