//! How is the person on call alerted? By PagerDuty's Events API v2: one alert a user, opened and resolved by its key.
//!
//! Source: PagerDuty, "Send an alert event", with the limits of each field.

use crate::clock::{Span, Timestamp};
use crate::config::error::OptionError;
use crate::config::options::options;
use crate::detect::confidence::Confidence;
use crate::incident::snapshot::Transition;
use crate::notify::callout::Request;
use crate::notify::channel::endpoint::Endpoint;
use crate::notify::channel::endpoint::{CLIENT, JSON, headers};
use crate::notify::channel::notifier::{Delivery, Notifier, default_timeout};
use crate::notify::channel::secret_option::SecretOption;
use crate::notify::delivery_policy::{PAGING, Rate};
use crate::notify::notice::link::Link;
use crate::notify::notice::message::{Notice, USER_LIMIT};
use crate::notify::notice::phrasing::{MoreRules, name};
use crate::secret::{FromEnv, Secret};
use crate::text::json::{Json, NOTHING};
use crate::text::untrusted;

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

/// The largest event, in bytes.
const EVENT_LIMIT: usize = 512_000;

/// As many rules as are sent.
const RULES_SHOWN: usize = 20;

impl Notifier for PagerDuty {
    fn kind(&self) -> &'static str {
        "pagerduty"
    }

    fn delivery(&self) -> Delivery<'_> {
        Delivery { cluster: &self.cluster, timeout: self.timeout.duration() }
    }

    fn variables(&mut self) -> Vec<(&'static str, &mut FromEnv)> {
        self.routing_key_env.as_mut().map(|variable| ("routing_key_env", variable)).into_iter().collect()
    }

    fn identity(&self) -> Vec<&str> {
        vec![&self.url, self.routing_key().expose()]
    }

    fn check(&self) -> Result<(), OptionError> {
        Endpoint::parse(&self.url).map_err(|problem| ("url", problem.to_owned()))?;
        self.routing_key().check(&|key| {
            if key.len() == 32 && key.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
                return Ok(());
            }
            Err("is not the 32 letters and digits of an integration key; copy it from the PagerDuty service's \
                 Integrations tab, Events API v2"
                .to_owned())
        })
    }

    fn keeps_state(&self) -> bool {
        true
    }

    fn usual_rate(&self) -> Option<Rate> {
        Some(PAGING)
    }

    fn request(&self, notice: &Notice<'_>, _: Timestamp) -> Request {
        let event = event(self.routing_key().expose(), notice);
        Endpoint::parse(&self.url).unwrap_or_default().request(headers(JSON), event.into_bytes())
    }
}

impl PagerDuty {
    fn routing_key(&self) -> SecretOption<'_> {
        SecretOption {
            inline: ("routing_key", &self.routing_key),
            from_env: ("routing_key_env", &self.routing_key_env),
        }
    }
}

/// The event. What is too much for PagerDuty goes from its details, which are what is longest.
fn event(routing_key: &str, notice: &Notice<'_>) -> Json {
    let event = |details| {
        let is_resolved = notice.snapshot.transition == Transition::Resolved;
        // Of a resolve PagerDuty would not look at more.
        let unless_resolved = |json| if is_resolved { NOTHING } else { json };
        Json::object(&[
            ("routing_key", Json::text(routing_key)),
            ("event_action", Json::text(if is_resolved { "resolve" } else { "trigger" })),
            // Without a time: the same user on fifty proxies with one key is one alert, and what comes later updates it.
            ("dedup_key", Json::text(&format!("user_risk_{}", notice.snapshot.user_digest))),
            ("payload", unless_resolved(payload(notice, details))),
            ("links", unless_resolved(links(notice).if_any())),
            ("client", Json::text(CLIENT)),
            ("client_url", unless_resolved(Json::text_if_any(&client_url(notice)))),
        ])
    };
    let whole = event(details(notice));
    if whole.len() <= EVENT_LIMIT { whole } else { event(NOTHING) }
}

fn payload(notice: &Notice<'_>, details: Json) -> Json {
    let snapshot = notice.snapshot;
    let (rule_summaries, _) = notice.rule_summaries(1);
    let worst = rule_summaries.first();
    let service = notice.service.name();
    Json::object(&[
        ("summary", Json::text(&untrusted::clean(&notice.headline(), SUMMARY_LIMIT))),
        ("source", Json::text(if service.is_empty() { "envoy" } else { &service })),
        ("severity", Json::text(snapshot.band.slug())),
        ("timestamp", Json::text(&snapshot.at.to_string())),
        // The route and the category of the worst rule.
        ("component", Json::text_if_any(worst.map_or("", |summary| &summary.route))),
        ("group", Json::text_if_any(&notice.service.environment())),
        ("class", Json::text_if_any(worst.map_or("", |summary| summary.category.slug()))),
        ("custom_details", details),
    ])
}

fn details(notice: &Notice<'_>) -> Json {
    let snapshot = notice.snapshot;
    let (rule_summaries, left_out) = notice.rule_summaries(RULES_SHOWN);
    let mut rules: Vec<String> = rule_summaries.iter().map(ToString::to_string).collect();
    if left_out > 0 {
        rules.push(MoreRules(left_out).to_string());
    }
    Json::object(&[
        ("incident", Json::text(&snapshot.incident.to_string())),
        // Shown to people, by a program that makes links of addresses.
        ("user", Json::text(&name(&snapshot.user, USER_LIMIT))),
        ("source", Json::text(&notice.source())),
        ("increase", Json::number(&snapshot.increase)),
        ("threshold", Json::number(&snapshot.threshold)),
        ("window", Json::text(&notice.span().to_string())),
        ("band", Json::text(snapshot.band.slug())),
        ("rules", Json::texts(&rules)),
        ("requests", Json::texts(&notice.requests().iter().map(ToString::to_string).collect::<Vec<_>>())),
        ("addresses", Json::texts(&notice.addresses()).if_any()),
        ("confidence", Json::text_if_any(notice.confidence().map_or("", Confidence::slug))),
        ("advice", Json::text(&notice.advice())),
        ("mute", Json::text_if_any(&notice.mute().unwrap_or_default())),
    ])
}

/// The console, where its address is one that PagerDuty takes for a URL: their document wants a name with dots, and a
/// refused event is lost.
fn client_url(notice: &Notice<'_>) -> String {
    let url = notice.console_url().unwrap_or_default();
    let host = Endpoint::parse(&url).unwrap_or_default().authority;
    if has_domain(host) { url } else { String::new() }
}

fn has_domain(authority: &str) -> bool {
    let host = authority.split(':').next().unwrap_or_default();
    host.rsplit_once('.').is_some_and(|(_, last)| last.len() > 1 && last.bytes().all(|byte| byte.is_ascii_alphabetic()))
}

fn links(notice: &Notice<'_>) -> Json {
    let link = |link: &Link| Json::object(&[("href", Json::text(&link.url)), ("text", Json::text(&link.text))]);
    Json::list(&notice.links().iter().map(link).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_a_name_with_dots_or_none() {
        for host in ["risk.example.com", "risk.example.com:8443"] {
            assert!(has_domain(host), "{host}");
        }
        for host in ["", "localhost:1", "10.0.0.7:10003", "[2001:db8::7]:1", "risk", "risk."] {
            assert!(!has_domain(host), "{host}");
        }
    }
}
