//! How is any HTTP server told? A JSON body signed by the Standard Webhooks rules, version 1.0.0.
//!
//! Source: <https://www.standardwebhooks.com>, on headers, the signature, secrets and the size of a payload.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde_json::Value;

use crate::clock::{Span, Timestamp};
use crate::incident::snapshot::Ending;
use crate::keyed;
use crate::notify::callout::Request;
use crate::notify::channel::endpoint::Endpoint;
use crate::notify::channel::{Delivery, Either, Mistake, default_timeout, headers, json};
use crate::notify::notice::Notice;
use crate::notify::notice::deed::Deed;
use crate::secret::{FromEnv, Secret};
use crate::written::options::options;

/// The options of a webhook.
#[derive(Clone, Debug)]
pub struct Webhook {
    cluster: String,
    url: Secret,
    secret: Option<Secret>,
    secret_env: Option<FromEnv>,
    timeout: Span,
}

options! { Webhook { cluster, url, secret, secret_env, timeout = default_timeout() } }

/// Bodies stay below this many bytes.
const BODY_LIMIT: usize = 20_000;

impl Webhook {
    pub(super) fn delivery(&self) -> Delivery<'_> {
        Delivery { cluster: &self.cluster, timeout: self.timeout.duration() }
    }

    pub(super) fn variable(&mut self) -> (&'static str, &mut Option<FromEnv>) {
        ("secret_env", &mut self.secret_env)
    }

    pub(super) fn identity(&self) -> Vec<&str> {
        vec![self.url.expose(), self.secrets().expose()]
    }

    pub(super) fn check(&self) -> Result<(), Mistake> {
        Endpoint::parse(self.url.expose()).map_err(|problem| ("url", problem.to_owned()))?;
        self.secrets().check(|secrets| match signing_keys(secrets) {
            Some(_) => Ok(()),
            None => Err("is no signing secret; write whsec_ and then 24 to 64 random bytes in Base64, \
                         for example the output of: echo whsec_$(openssl rand -base64 32)"
                .to_owned()),
        })
    }

    pub(super) fn request(&self, notice: &Notice<'_>, now: Timestamp) -> Request {
        let (id, seconds, body) = (notice.message_id, now.as_secs().to_string(), body(notice));
        let keys = signing_keys(self.secrets().expose()).unwrap_or_default();
        let signature = sign(&keys, id, &seconds, &body);
        let headers =
            headers([("webhook-id", id.to_owned()), ("webhook-timestamp", seconds), ("webhook-signature", signature)]);
        Endpoint::parse(self.url.expose()).unwrap_or_default().request(headers, body)
    }

    fn secrets(&self) -> Either<'_> {
        Either { inline: ("secret", &self.secret), from_env: ("secret_env", &self.secret_env) }
    }
}

/// The keys that `secrets` spells: one or, while keys rotate, several with spaces between them.
fn signing_keys(secrets: &str) -> Option<Vec<Vec<u8>>> {
    let key = |secret: &str| STANDARD.decode(secret.strip_prefix("whsec_")?).ok();
    let keys: Option<Vec<Vec<u8>>> = secrets.split_whitespace().map(key).collect();
    keys.filter(|keys| !keys.is_empty() && keys.iter().all(|key| (24..=64).contains(&key.len())))
}

/// A signature with each key, space-separated.
fn sign(keys: &[Vec<u8>], id: &str, seconds: &str, body: &[u8]) -> String {
    let message = [id.as_bytes(), b".", seconds.as_bytes(), b".", body];
    let signatures = keys.iter().map(|key| format!("v1,{}", keyed::sign_base64(key, &message)));
    signatures.collect::<Vec<_>>().join(" ")
}

/// The payload with as many events as there is room for.
fn body(notice: &Notice<'_>) -> Vec<u8> {
    let mut told = notice.snapshot.events.len();
    loop {
        let body = json(&Payload::new(notice, told));
        if body.len() < BODY_LIMIT || told == 0 {
            return body;
        }
        told -= told.div_ceil(8);
    }
}

#[derive(Serialize)]
struct Payload<'a> {
    r#type: String,
    timestamp: String,
    data: Data<'a>,
}

#[derive(Serialize)]
struct Data<'a> {
    id: String,
    user: String,
    source: String,
    increase: Value,
    threshold: Value,
    window: String,
    band: &'static str,
    /// How it ended, if it has.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    summary: String,
    /// The ids of the newest requests.
    requests: Vec<String>,
    events: Vec<Event>,
    /// How many rules `events` leaves out.
    events_left_out: usize,
    service: String,
    environment: String,
    /// The exclusion that would end it, where it has the shape of a false alarm.
    #[serde(skip_serializing_if = "Option::is_none")]
    exclusion: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    runbook_url: Option<&'a str>,
}

#[derive(Serialize)]
struct Event {
    rule: String,
    category: &'static str,
    severity: &'static str,
    count: u32,
    points: Value,
    first: String,
    last: String,
    route: String,
}

impl<'a> Payload<'a> {
    fn new(notice: &Notice<'a>, told: usize) -> Self {
        let snapshot = notice.snapshot;
        let (deeds, events_left_out) = notice.deeds(told);
        let data = Data {
            id: snapshot.incident.to_string(),
            user: notice.user(),
            source: notice.source(),
            increase: snapshot.increase.to_json(),
            threshold: snapshot.threshold.to_json(),
            window: notice.span().to_string(),
            band: snapshot.band.slug(),
            reason: snapshot.ending.map(Ending::slug),
            summary: notice.headline(),
            requests: notice.requests(),
            events: deeds.into_iter().map(Event::from).collect(),
            events_left_out,
            service: notice.service.name(),
            environment: notice.service.environment(),
            exclusion: notice.exclusion(),
            runbook_url: notice.runbook(),
        };
        Self {
            r#type: format!("risk.incident.{}", snapshot.transition.slug()),
            timestamp: snapshot.at.to_string(),
            data,
        }
    }
}

impl From<Deed> for Event {
    fn from(deed: Deed) -> Self {
        Self {
            rule: deed.rule,
            category: deed.category.slug(),
            severity: deed.severity.slug(),
            count: deed.count,
            points: deed.points.to_json(),
            first: deed.first.to_string(),
            last: deed.last.to_string(),
            route: deed.route,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_are_those_of_another_implementation() {
        // Made with the Python package standardwebhooks 1.1.0.
        let old = ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        let new =
            ("whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "v1,O4Gjv1HqPqsMrjmczoggs/sWA8gZD0VyHG+fLh4+ktI=");
        for (secrets, expected) in
            [(old.0.to_owned(), old.1.to_owned()), (format!("{} {}", new.0, old.0), format!("{} {}", new.1, old.1))]
        {
            let keys = signing_keys(&secrets).unwrap();
            assert_eq!(sign(&keys, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", b"{\"test\": 2432232314}"), expected);
        }
    }
}
