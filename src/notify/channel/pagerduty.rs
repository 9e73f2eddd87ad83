//! How is who is on call told? By PagerDuty's Events API v2: one alert a user, opened and resolved by its key.
//!
//! Source: PagerDuty, "Send an alert event", with the limits of each field.

use serde::Serialize;
use serde_json::Value;

use crate::clock::Span;
use crate::incident::snapshot::Transition;
use crate::notify::callout::Request;
use crate::notify::channel::endpoint::Endpoint;
use crate::notify::channel::{CLIENT, Delivery, Either, Mistake, default_timeout, headers, json};
use crate::notify::notice::Notice;
use crate::notify::notice::words::MoreRules;
use crate::secret::{FromEnv, Secret};
use crate::untrusted;
use crate::written::options::options;

/// The options of PagerDuty.
#[derive(Clone, Debug)]
pub struct PagerDuty {
    cluster: String,
    routing_key: Option<Secret>,
    routing_key_env: Option<FromEnv>,
    /// Elsewhere in the European service region: `https://events.eu.pagerduty.com/v2/enqueue`.
    url: String,
    timeout: Span,
}

options! { PagerDuty { cluster, routing_key, routing_key_env, url = default_url(), timeout = default_timeout() } }

fn default_url() -> String {
    "https://events.pagerduty.com/v2/enqueue".to_owned()
}

/// The longest summary, in characters.
const SUMMARY_LIMIT: usize = 1024;

/// As many rules as are told: with the other limits, far below the 512 KB of an event.
const DEEDS: usize = 20;

impl PagerDuty {
    pub(super) fn delivery(&self) -> Delivery<'_> {
        Delivery { cluster: &self.cluster, timeout: self.timeout.duration() }
    }

    pub(super) fn variable(&mut self) -> (&'static str, &mut Option<FromEnv>) {
        ("routing_key_env", &mut self.routing_key_env)
    }

    pub(super) fn identity(&self) -> Vec<&str> {
        vec![&self.url, self.routing_key().expose()]
    }

    pub(super) fn check(&self) -> Result<(), Mistake> {
        Endpoint::parse(&self.url).map_err(|problem| ("url", problem.to_owned()))?;
        self.routing_key().check(|key| {
            if key.len() == 32 && key.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
                return Ok(());
            }
            Err("is not the 32 letters and digits of an integration key; copy it from the PagerDuty service's \
                 Integrations tab, Events API v2"
                .to_owned())
        })
    }

    pub(super) fn request(&self, notice: &Notice<'_>) -> Request {
        let event = Event::new(self.routing_key().expose(), notice);
        Endpoint::parse(&self.url).unwrap_or_default().request(headers([]), json(&event))
    }

    fn routing_key(&self) -> Either<'_> {
        Either { inline: ("routing_key", &self.routing_key), from_env: ("routing_key_env", &self.routing_key_env) }
    }
}

#[derive(Serialize)]
struct Event<'a> {
    routing_key: &'a str,
    event_action: &'static str,
    dedup_key: String,
    /// A resolve carries none: PagerDuty would not look at it.
    #[serde(skip_serializing_if = "Option::is_none")]
    payload: Option<Payload>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    links: Vec<Link<'a>>,
    client: &'static str,
}

#[derive(Serialize)]
struct Payload {
    summary: String,
    source: String,
    severity: &'static str,
    timestamp: String,
    /// The route of the worst rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    component: Option<String>,
    /// The environment.
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<String>,
    /// The category of the worst rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    class: Option<&'static str>,
    custom_details: Details,
}

#[derive(Serialize)]
struct Details {
    incident: String,
    user: String,
    source: String,
    increase: Value,
    threshold: Value,
    window: String,
    band: &'static str,
    rules: Vec<String>,
    requests: Vec<String>,
    advice: String,
}

#[derive(Serialize)]
struct Link<'a> {
    href: &'a str,
    text: &'static str,
}

impl<'a> Event<'a> {
    fn new(routing_key: &'a str, notice: &Notice<'a>) -> Self {
        let resolved = notice.snapshot.transition == Transition::Resolved;
        Self {
            routing_key,
            event_action: if resolved { "resolve" } else { "trigger" },
            // Without a time: the same user on fifty proxies with one key is one alert.
            dedup_key: format!("user_risk_{}", notice.snapshot.user_digest),
            payload: (!resolved).then(|| Payload::new(notice)),
            links: match notice.runbook() {
                Some(href) if !resolved => vec![Link { href, text: "Runbook" }],
                _ => Vec::new(),
            },
            client: CLIENT,
        }
    }
}

impl Payload {
    fn new(notice: &Notice<'_>) -> Self {
        let snapshot = notice.snapshot;
        let named = |text: String| Some(text).filter(|text| !text.is_empty());
        let (deeds, left_out) = notice.deeds(DEEDS);
        let worst = deeds.first();
        let mut rules: Vec<String> = deeds.iter().map(ToString::to_string).collect();
        if left_out > 0 {
            rules.push(MoreRules(left_out).to_string());
        }
        Self {
            summary: untrusted::clean(&notice.headline(), SUMMARY_LIMIT),
            source: named(notice.service.name()).unwrap_or_else(|| "envoy".to_owned()),
            severity: snapshot.band.slug(),
            timestamp: snapshot.at.to_string(),
            component: worst.and_then(|deed| named(deed.route.clone())),
            group: named(notice.service.environment()),
            class: worst.map(|deed| deed.category.slug()),
            custom_details: Details {
                incident: snapshot.incident.to_string(),
                user: notice.user(),
                source: notice.source(),
                increase: snapshot.increase.to_json(),
                threshold: snapshot.threshold.to_json(),
                window: notice.span().to_string(),
                band: snapshot.band.slug(),
                rules,
                requests: notice.requests(),
                advice: notice.advice(),
            },
        }
    }
}
