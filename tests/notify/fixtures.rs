//! The channels, incidents and services that the tests use.

use serde_json::json;
use user_risk_filter::clock::{Span, Timestamp};
use user_risk_filter::config;
use user_risk_filter::detect::category::{Category, Severity};
use user_risk_filter::detect::confidence::Confidence;
use user_risk_filter::incident::audience::Audience;
use user_risk_filter::incident::request::NamedRequest;
use user_risk_filter::incident::restriction::Restrictions;
use user_risk_filter::incident::snapshot::{Ending, IncidentId, Snapshot, Tally, Transition};
use user_risk_filter::keyed_hash::{Digest, Key};
use user_risk_filter::notify::callout::Request;
use user_risk_filter::notify::channel::Channel;
use user_risk_filter::notify::notice::links::Links;
use user_risk_filter::notify::notice::message::Notice;
use user_risk_filter::notify::notice::service::Service;
use user_risk_filter::notify::rollup::RollupSummary;
use user_risk_filter::notify::subscription::Subscription;
use user_risk_filter::points::Points;
use user_risk_filter::risk::band::Band;

/// 2026-01-02T03:04:05.678Z.
pub(super) const AT: Timestamp = Timestamp::from_millis(1_767_323_045_678);

const SIGNING_SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const SQREEN_KEY: &str = "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0";

pub(super) fn webhook() -> Channel {
    webhook_of("json")
}

pub(super) fn webhook_of(format: &str) -> Channel {
    let secret = if format == "sqreen" { SQREEN_KEY } else { SIGNING_SECRET };
    let url = "https://hooks.example.com/risk?team=a";
    channel(json!({"webhook": {"cluster": "c", "url": url, "format": format, "secret": secret}}))
}

pub(super) fn teams() -> Channel {
    let url = "https://prod-1.westeurope.logic.azure.com/workflows/x/triggers/manual/paths/invoke?sig=s";
    channel(json!({"teams": {"cluster": "c", "url": url}}))
}

pub(super) fn alertmanager() -> Channel {
    let options = json!({"cluster": "c", "url": "http://alertmanager:9093/prefix/", "authorization": "Bearer t"});
    let mut channel = channel(json!({ "alertmanager": options }));
    channel.remember_repeat(Span::from_secs(4 * 60 * 60));
    channel
}

pub(super) fn slack() -> Channel {
    channel(json!({"slack": {"cluster": "c", "url": "https://hooks.slack.com/services/T0/B0/x"}}))
}

pub(super) fn pagerduty() -> Channel {
    channel(json!({"pagerduty": {"cluster": "c", "routing_key": "0123456789abcdef0123456789abcdef"}}))
}

pub(super) fn email(provider: &str) -> Channel {
    channel(json!({"email": {
        "cluster": "c", "provider": provider, "key": "k",
        "from": "risk@example.com", "to": ["a@example.com", "b@example.com"],
    }}))
}

pub(super) fn channel(options: serde_json::Value) -> Channel {
    let entry: Subscription = config::from_json(&options.to_string()).unwrap();
    entry.channel.check().unwrap();
    entry.channel
}

/// What the channel sends a minute after the incident's transition.
pub(super) fn request(channel: &Channel, snapshot: &Snapshot) -> Request {
    request_of(channel, snapshot, None)
}

pub(super) fn request_of(channel: &Channel, snapshot: &Snapshot, rollup: Option<&RollupSummary>) -> Request {
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

pub(super) fn snapshot(transition: Transition) -> Snapshot {
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
        requests: vec![NamedRequest { id: "b7b2c1a0-9d41-4a5e-8f0e-2d6c3e1f0a77".to_owned(), status: Some(403) }],
        addresses: vec!["203.0.113.0/24".to_owned()],
        audience: Audience::default(),
        restrictions: Restrictions::default(),
    }
}

pub(super) fn tally(category: Category, count: u32, points: u32, route: &str) -> Tally {
    Tally {
        rule: format!("{category}.rule"),
        category,
        severity: Severity::High,
        confidence: Confidence::High,
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

pub(super) fn digest(purpose: &str) -> Digest {
    Key::from_passphrase("golden").digest(purpose, &[])
}
