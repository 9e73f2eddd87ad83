//! How is any HTTP server notified? By a signed JSON body in one of three formats.
//!
//! Source: <https://www.standardwebhooks.com>, version 1.0.0, on headers, the signature, secrets and the size of a payload;
//! of Sqreen's format see `sqreen.rs`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::clock::{Span, Timestamp};
use crate::config::error::Error;
use crate::config::error::OptionError;
use crate::config::from_value::FromValue;
use crate::config::options::options;
use crate::config::value::Value;
use crate::keyed_hash;
use crate::notify::callout::{Finality, Request};
use crate::notify::channel::endpoint::Endpoint;
use crate::notify::channel::endpoint::{JSON, headers};
use crate::notify::channel::notifier::{Delivery, Notifier, default_timeout};
use crate::notify::notice::message::Notice;
use crate::notify::notice::report::Report;
use crate::secret::{FromEnv, Secret};
use crate::text::json::Json;

mod cloudevent;
mod incident;
mod requests;
mod sqreen;

/// The options of a webhook.
#[derive(Clone, Debug)]
pub struct Webhook {
    cluster: String,
    url: Secret,
    format: Format,
    secret: Option<Secret>,
    secrets: Vec<Secret>,
    secret_env: Option<FromEnv>,
    secrets_env: Vec<FromEnv>,
    timeout: Span,
}

options! { Webhook {
    cluster,
    url,
    format = Format::Json,
    secret,
    secrets = Vec::new(),
    secret_env,
    secrets_env = Vec::new(),
    timeout = default_timeout(),
} }

/// What the body looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    /// Our own.
    Json,
    /// A CloudEvent, signed like our own.
    CloudEvents,
    /// Sqreen's webhook v2, with its own signature.
    Sqreen,
}

impl FromValue for Format {
    fn read(value: &Value) -> Result<Self, Error> {
        value.word(&[("json", Self::Json), ("cloudevents", Self::CloudEvents), ("sqreen", Self::Sqreen)])
    }
}

/// Bodies stay below this many bytes.
const BODY_LIMIT: usize = 20_000;

impl Notifier for Webhook {
    fn kind(&self) -> &'static str {
        "webhook"
    }

    fn delivery(&self) -> Delivery<'_> {
        Delivery { cluster: &self.cluster, timeout: self.timeout.duration() }
    }

    fn variables(&mut self) -> Vec<(&'static str, &mut FromEnv)> {
        let one = self.secret_env.as_mut().map(|variable| ("secret_env", variable));
        one.into_iter().chain(self.secrets_env.iter_mut().map(|variable| ("secrets_env", variable))).collect()
    }

    fn identity(&self) -> Vec<&str> {
        let format = match self.format {
            Format::Json => "",
            Format::CloudEvents => "cloudevents",
            Format::Sqreen => "sqreen",
        };
        [self.url.expose(), format].into_iter().chain(self.secrets()).collect()
    }

    fn check(&self) -> Result<(), OptionError> {
        Endpoint::parse(self.url.expose()).map_err(|problem| ("url", problem.to_owned()))?;
        let (option, is_list) = self.option()?;
        let is_good = match self.format {
            Format::Json | Format::CloudEvents => |secret: &str| signing_key(secret).is_some(),
            Format::Sqreen => |secret: &str| (16..=256).contains(&secret.len()),
        };
        // Of a variable that was not looked at there is nothing to see.
        if self.secrets().iter().all(|secret| is_good(secret)) && (self.is_unread() || !self.secrets().is_empty()) {
            return Ok(());
        }
        let which = if is_list { "has one that is" } else { "is" };
        let mend = match self.format {
            Format::Json | Format::CloudEvents => {
                "no signing secret; write whsec_ and then 24 to 64 random bytes in Base64, for example the output of: \
                 echo whsec_$(openssl rand -base64 32)"
            }
            Format::Sqreen => {
                "no key of a Sqreen webhook; write 16 to 256 characters without a space, as the receiver has them, for \
                 example the output of: openssl rand -hex 32"
            }
        };
        Err((option, format!("{which} {mend}")))
    }

    fn keeps_state(&self) -> bool {
        true
    }

    fn finality(&self) -> Finality {
        Finality::Webhook
    }

    fn takes_detections(&self) -> bool {
        true
    }

    fn report(&self, report: &Report<'_>, now: Timestamp) -> Request {
        let (content_type, body) = match self.format {
            Format::Json => (JSON, requests::payload(report)),
            Format::CloudEvents => (cloudevent::CONTENT_TYPE, cloudevent::report(report)),
            Format::Sqreen => (JSON, sqreen::report(report, now)),
        };
        self.signed(report.message_id, content_type, body.into_bytes(), now)
    }

    fn request(&self, notice: &Notice<'_>, now: Timestamp) -> Request {
        let (content_type, body) = match self.format {
            Format::Json => (JSON, fitting(notice, &incident::payload)),
            Format::CloudEvents => (cloudevent::CONTENT_TYPE, fitting(notice, &cloudevent::payload)),
            Format::Sqreen => (JSON, sqreen::payload(notice, now)),
        };
        self.signed(notice.message_id, content_type, body.into_bytes(), now)
    }
}

impl Webhook {
    fn signed(&self, id: &str, content_type: &'static str, body: Vec<u8>, now: Timestamp) -> Request {
        let mut headers = headers(content_type);
        if self.format == Format::Sqreen {
            let key = self.secrets().first().copied().unwrap_or_default();
            headers.push((sqreen::SIGNATURE, keyed_hash::sign_hex(key.as_bytes(), &body)));
        } else {
            let seconds = now.as_secs().to_string();
            let signature = sign(&self.secrets(), id, &seconds, &body);
            headers.extend([
                ("webhook-id", id.to_owned()),
                ("webhook-timestamp", seconds),
                ("webhook-signature", signature),
            ]);
        }
        Endpoint::parse(self.url.expose()).unwrap_or_default().request(headers, body)
    }

    /// The secrets that are known: one or, while they rotate, several, the first the one that stays.
    fn secrets(&self) -> Vec<&str> {
        let from_env = self.secret_env.iter().chain(&self.secrets_env).filter_map(FromEnv::value);
        let all = self.secret.iter().chain(&self.secrets).chain(from_env);
        all.flat_map(|secret| secret.expose().split_whitespace()).collect()
    }

    /// The one option that gives the secrets, and whether it is a list.
    fn option(&self) -> Result<(&'static str, bool), OptionError> {
        let given = [
            ("secret", self.secret.is_some(), false),
            ("secrets", !self.secrets.is_empty(), true),
            ("secret_env", self.secret_env.is_some(), false),
            ("secrets_env", !self.secrets_env.is_empty(), true),
        ];
        let mut given = given.iter().filter(|(_, is_given, _)| *is_given);
        match (given.next(), given.next()) {
            (Some((option, _, is_list)), None) => Ok((option, *is_list)),
            (Some((name, ..)), Some((other, ..))) => Err((other, format!("stands beside {name}; keep one of them"))),
            (None, _) => Err(("", "needs secret or secret_env".to_owned())),
        }
    }

    fn is_unread(&self) -> bool {
        self.secret_env.iter().chain(&self.secrets_env).any(|variable| variable.value().is_none())
    }
}

/// The key that a secret of Standard Webhooks spells.
fn signing_key(secret: &str) -> Option<Vec<u8>> {
    let key = STANDARD.decode(secret.strip_prefix("whsec_")?).ok()?;
    (24..=64).contains(&key.len()).then_some(key)
}

/// A signature with each key, space-separated.
fn sign(secrets: &[&str], id: &str, seconds: &str, body: &[u8]) -> String {
    let message = [id.as_bytes(), b".", seconds.as_bytes(), b".", body];
    let keys = secrets.iter().filter_map(|secret| signing_key(secret));
    keys.map(|key| format!("v1,{}", keyed_hash::sign_base64(&key, &message))).collect::<Vec<_>>().join(" ")
}

/// The payload with as many events as there is room for.
fn fitting(notice: &Notice<'_>, payload: &dyn Fn(&Notice<'_>, usize) -> Json) -> Json {
    let mut sent = notice.snapshot.events.len();
    loop {
        let body = payload(notice, sent);
        if body.len() < BODY_LIMIT || sent == 0 {
            return body;
        }
        sent -= sent.div_ceil(8);
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
            [(vec![old.0], old.1.to_owned()), (vec![new.0, old.0], format!("{} {}", new.1, old.1))]
        {
            let signature = sign(&secrets, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", b"{\"test\": 2432232314}");
            assert_eq!(signature, expected);
        }
    }
}
