//! Which ways lead to people? One file a channel: its options, its request, its limits.

use std::time::Duration;

use serde::Serialize;

use crate::clock::{Span, Timestamp};
use crate::keyed::{Digest, Key};
use crate::notify::callout::{Finality, Request};
use crate::notify::channel::email::Email;
use crate::notify::channel::endpoint::Endpoint;
use crate::notify::channel::pagerduty::PagerDuty;
use crate::notify::channel::slack::Slack;
use crate::notify::channel::webhook::Webhook;
use crate::notify::notice::Notice;
use crate::secret::{FromEnv, Secret};
use crate::written::Written;
use crate::written::options::Kind;

pub mod email;
pub mod endpoint;
pub mod pagerduty;
pub mod slack;
pub mod webhook;

#[cfg(test)]
mod tests;

/// A channel with its options, as it stands under `notify` in the configuration.
#[derive(Clone, Debug)]
pub enum Channel {
    /// Any HTTP server, signed by the Standard Webhooks rules.
    Webhook(Webhook),
    /// A Slack channel, by an incoming webhook.
    Slack(Slack),
    /// A PagerDuty service, by the Events API v2.
    PagerDuty(PagerDuty),
    /// E-mail to a list of people, by a mail API.
    Email(Email),
}

/// The channels by the names of their options.
pub(super) const KINDS: &[Kind<Channel>] = &[
    ("webhook", |options| Webhook::read(options).map(Channel::Webhook)),
    ("slack", |options| Slack::read(options).map(Channel::Slack)),
    ("pagerduty", |options| PagerDuty::read(options).map(Channel::PagerDuty)),
    ("email", |options| Email::read(options).map(Channel::Email)),
];

/// What is wrong with a channel's options: the option's name (empty: the channel itself) and a message to follow it.
/// Never a secret's value.
pub type Mistake = (&'static str, String);

impl Channel {
    /// The channel's name in paths, logs and metrics.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Webhook(_) => "webhook",
            Self::Slack(_) => "slack",
            Self::PagerDuty(_) => "pagerduty",
            Self::Email(_) => "email",
        }
    }

    /// The options that every channel has.
    pub fn delivery(&self) -> Delivery<'_> {
        match self {
            Self::Webhook(webhook) => webhook.delivery(),
            Self::Slack(slack) => slack.delivery(),
            Self::PagerDuty(pagerduty) => pagerduty.delivery(),
            Self::Email(email) => email.delivery(),
        }
    }

    /// What stands for the channel: a keyed hash of what it sends where. Channels of other options have another.
    pub fn identity(&self, key: &Key) -> Digest {
        let options = [self.kind(), self.delivery().cluster].into_iter().chain(self.options());
        key.digest("channel", &options.map(str::as_bytes).collect::<Vec<_>>())
    }

    /// A server's answer without what is the channel's own: many repeat the address that they were asked for.
    pub fn redacted(&self, answer: &str) -> String {
        let paths = self.options().into_iter().filter_map(|option| Endpoint::parse(option).ok()).map(|url| url.path);
        let own = self.options().into_iter().chain(paths).filter(|text| text.len() > 3);
        own.fold(answer.to_owned(), |answer, text| answer.replace(text, "<hidden>"))
    }

    fn options(&self) -> Vec<&str> {
        match self {
            Self::Webhook(webhook) => webhook.identity(),
            Self::Slack(slack) => slack.identity(),
            Self::PagerDuty(pagerduty) => pagerduty.identity(),
            Self::Email(email) => email.identity(),
        }
    }

    /// How long the channel rests after a delivery: Slack takes one message a second.
    pub const fn spacing(&self) -> Duration {
        match self {
            Self::Slack(_) => Duration::from_secs(1),
            Self::Webhook(_) | Self::PagerDuty(_) | Self::Email(_) => Duration::ZERO,
        }
    }

    /// Does it keep a state of the incident, which its end has to change?
    pub const fn keeps_state(&self) -> bool {
        match self {
            Self::Webhook(_) | Self::PagerDuty(_) => true,
            Self::Slack(_) | Self::Email(_) => false,
        }
    }

    /// Which answers are final.
    pub const fn finality(&self) -> Finality {
        match self {
            Self::Webhook(_) => Finality::Webhook,
            Self::Slack(_) => Finality::VendorAddress,
            Self::PagerDuty(_) | Self::Email(_) => Finality::Vendor,
        }
    }

    /// Options that name an environment variable, to be filled in, each with the option's name.
    pub fn variables(&mut self) -> Vec<(&'static str, &mut FromEnv)> {
        let (name, variable) = match self {
            Self::Webhook(webhook) => webhook.variable(),
            Self::Slack(slack) => slack.variable(),
            Self::PagerDuty(pagerduty) => pagerduty.variable(),
            Self::Email(email) => email.variable(),
        };
        variable.as_mut().map(|variable| (name, variable)).into_iter().collect()
    }

    /// Checks what holds only between options, or only once the variables are known. A variable whose value was not
    /// looked at counts as good.
    ///
    /// # Errors
    /// The option's name (empty: the channel itself) and what is wrong with it, without a secret's value.
    pub fn check(&self) -> Result<(), Mistake> {
        self.delivery().check()?;
        match self {
            Self::Webhook(webhook) => webhook.check(),
            Self::Slack(slack) => slack.check(),
            Self::PagerDuty(pagerduty) => pagerduty.check(),
            Self::Email(email) => email.check(),
        }
    }

    /// The request that tells `notice`, made at `now`. The options have passed [`Channel::check`] with all variables
    /// resolved; otherwise the request is one that the server refuses.
    pub fn request(&self, notice: &Notice<'_>, now: Timestamp) -> Request {
        match self {
            Self::Webhook(webhook) => webhook.request(notice, now),
            Self::Slack(slack) => slack.request(notice),
            Self::PagerDuty(pagerduty) => pagerduty.request(notice),
            Self::Email(email) => email.request(notice),
        }
    }
}

/// Where a channel's requests go, and how long one may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delivery<'a> {
    /// The proxy's cluster.
    pub cluster: &'a str,
    /// How long a try may take.
    pub timeout: Duration,
}

impl Delivery<'_> {
    fn check(&self) -> Result<(), Mistake> {
        if self.cluster.is_empty() {
            return Err(("cluster", "is empty; name a cluster of the proxy".to_owned()));
        }
        if self.timeout > TIMEOUT_LIMIT {
            return Err(("timeout", format!("is longer than {0} s; write {0}s or less", TIMEOUT_LIMIT.as_secs())));
        }
        Ok(())
    }
}

/// The longest `timeout`: a try holds up those behind it.
const TIMEOUT_LIMIT: Duration = Duration::from_secs(60);

/// What a try may take where `timeout` does not say.
fn default_timeout() -> Span {
    Span::from_secs(10)
}

/// What this filter calls itself.
const CLIENT: &str = env!("CARGO_PKG_NAME");

/// The headers that all requests carry.
fn headers<const N: usize>(more: [(&'static str, String); N]) -> Vec<(&'static str, String)> {
    let mut headers = vec![
        ("content-type", "application/json".to_owned()),
        ("user-agent", format!("{CLIENT}/{}", env!("CARGO_PKG_VERSION"))),
    ];
    headers.extend(more);
    headers
}

/// A body, its members in the order of the type's fields.
fn json(body: &impl Serialize) -> Vec<u8> {
    // Bodies are structs of strings and numbers: nothing in them can fail to serialise.
    serde_json::to_vec(body).unwrap_or_default()
}

/// A secret that is either written out or in the environment: two options, of which a channel has exactly one.
#[derive(Clone, Copy)]
struct Either<'a> {
    inline: (&'static str, &'a Option<Secret>),
    from_env: (&'static str, &'a Option<FromEnv>),
}

impl<'a> Either<'a> {
    /// Checks that there is one, and what it says.
    fn check(self, check: impl Fn(&'a str) -> Result<(), String>) -> Result<(), Mistake> {
        let (name, value) = match (self.inline, self.from_env) {
            ((name, Some(value)), (_, None)) => (name, Some(value)),
            ((_, None), (name, Some(variable))) => (name, variable.value()),
            ((name, Some(_)), (beside, Some(_))) => {
                return Err((beside, format!("stands beside {name}; keep one of them")));
            }
            ((name, None), (or, None)) => return Err(("", format!("needs {name} or {or}"))),
        };
        value.map_or(Ok(()), |value| check(value.expose())).map_err(|message| (name, message))
    }

    /// The value; empty where it is not known.
    fn expose(self) -> &'a str {
        let value = self.inline.1.as_ref().or_else(|| self.from_env.1.as_ref()?.value());
        value.map_or("", Secret::expose)
    }
}

/// Is `key` one that a header can carry? Of the mistakes with keys, a space or a line break is the common one.
fn check_key(key: &str) -> Result<(), String> {
    if key.is_empty() || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err("is not a key: it is empty or has a space or a character beyond ASCII".to_owned());
    }
    Ok(())
}
