//! Which notifiers are there? One file a channel: its options, its request, its limits.

use std::time::Duration;

use crate::clock::{Span, Timestamp};
use crate::config::error::OptionError;
use crate::config::from_value::FromValue;
use crate::config::options::Kind;
use crate::keyed_hash::{Digest, Key};
use crate::notify::callout::{Finality, Request};
use crate::notify::channel::alertmanager::Alertmanager;
use crate::notify::channel::email::Email;
use crate::notify::channel::endpoint::Endpoint;
use crate::notify::channel::notifier::{Delivery, Notifier};
use crate::notify::channel::pagerduty::PagerDuty;
use crate::notify::channel::slack::Slack;
use crate::notify::channel::teams::Teams;
use crate::notify::channel::webhook::Webhook;
use crate::notify::delivery_policy::Rate;
use crate::notify::notice::message::Notice;
use crate::notify::notice::report::Report;
use crate::secret::FromEnv;

pub mod alertmanager;
pub mod email;
pub mod endpoint;
pub mod notifier;
pub mod pagerduty;
mod secret_option;
pub mod slack;
pub mod teams;
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
    /// A channel of Microsoft Teams, by a workflow.
    Teams(Teams),
    /// A Prometheus Alertmanager, by its API v2.
    Alertmanager(Alertmanager),
}

/// The channels by the names of their options.
pub(super) const KINDS: &[Kind<Channel>] = &[
    ("webhook", |options| Webhook::read(options).map(Channel::Webhook)),
    ("slack", |options| Slack::read(options).map(Channel::Slack)),
    ("pagerduty", |options| PagerDuty::read(options).map(Channel::PagerDuty)),
    ("email", |options| Email::read(options).map(Channel::Email)),
    ("teams", |options| Teams::read(options).map(Channel::Teams)),
    ("alertmanager", |options| Alertmanager::read(options).map(Channel::Alertmanager)),
];

impl Channel {
    /// The channel's name in paths, logs and metrics.
    pub fn kind(&self) -> &'static str {
        self.notifier().kind()
    }

    /// The options that every channel has.
    pub fn delivery(&self) -> Delivery<'_> {
        self.notifier().delivery()
    }

    /// What stands for the channel: a keyed hash of what it sends where. Channels of other options have another.
    pub fn identity(&self, key: &Key) -> Digest {
        let options = [self.kind(), self.delivery().cluster].into_iter().chain(self.notifier().identity());
        key.digest("channel", &options.map(str::as_bytes).collect::<Vec<_>>())
    }

    /// A server's answer without what is the channel's own: many repeat the address that they were asked for.
    pub fn redacted(&self, answer: &str) -> String {
        let options = self.notifier().identity();
        let paths = options.iter().filter_map(|option| Endpoint::parse(option).ok()).map(|url| url.path);
        let own = options.iter().copied().chain(paths).filter(|text| text.len() > 3);
        own.fold(answer.to_owned(), |answer, text| answer.replace(text, "<hidden>"))
    }

    /// What the channel sends, for its operator to see: without its keys.
    pub fn hidden(&self, text: &str) -> String {
        // People's addresses are no secret to who wrote them down; URLs are shown, or not, by whoever shows them.
        let own = self.notifier().identity().into_iter();
        let own = own.filter(|own| own.len() > 3 && !own.contains("://") && !own.contains('@'));
        own.fold(text.to_owned(), |text, own| text.replace(own, "<hidden>"))
    }

    /// How long the channel rests after a delivery.
    pub fn spacing(&self) -> Duration {
        self.notifier().spacing()
    }

    /// How many openings it receives at most where the operator says nothing.
    pub fn usual_rate(&self) -> Option<Rate> {
        self.notifier().usual_rate()
    }

    /// Does it keep a state of the incident, which its end has to change?
    pub fn keeps_state(&self) -> bool {
        self.notifier().keeps_state()
    }

    /// Can it receive each malicious request?
    pub fn takes_detections(&self) -> bool {
        self.notifier().takes_detections()
    }

    /// Which answers are final.
    pub fn finality(&self) -> Finality {
        self.notifier().finality()
    }

    /// Options that name an environment variable, to be filled in, each with the option's name.
    pub fn variables(&mut self) -> Vec<(&'static str, &mut FromEnv)> {
        match self {
            Self::Webhook(webhook) => webhook.variables(),
            Self::Slack(slack) => slack.variables(),
            Self::PagerDuty(pagerduty) => pagerduty.variables(),
            Self::Email(email) => email.variables(),
            Self::Teams(teams) => teams.variables(),
            Self::Alertmanager(alertmanager) => alertmanager.variables(),
        }
    }

    /// How long after a message an incident that goes on is repeated.
    pub fn remember_repeat(&mut self, repeat: Span) {
        if let Self::Alertmanager(alertmanager) = self {
            alertmanager.repeat = repeat;
        }
    }

    /// Checks what holds only between options, or only once the variables are known. A variable whose value was not
    /// looked at counts as good.
    ///
    /// # Errors
    /// The option's name (empty: the channel itself) and what is wrong with it, without a secret's value.
    pub fn check(&self) -> Result<(), OptionError> {
        self.delivery().check()?;
        self.notifier().check()
    }

    /// The request that carries malicious requests, made at `now`; for a channel that receives none, one that its server
    /// refuses.
    pub fn report(&self, report: &Report<'_>, now: Timestamp) -> Request {
        self.notifier().report(report, now)
    }

    /// The request that carries `notice`, made at `now`. The options have passed [`Channel::check`] with all variables
    /// resolved; otherwise the request is one that the server refuses.
    pub fn request(&self, notice: &Notice<'_>, now: Timestamp) -> Request {
        self.notifier().request(notice, now)
    }

    fn notifier(&self) -> &dyn Notifier {
        match self {
            Self::Webhook(webhook) => webhook,
            Self::Slack(slack) => slack,
            Self::PagerDuty(pagerduty) => pagerduty,
            Self::Email(email) => email,
            Self::Teams(teams) => teams,
            Self::Alertmanager(alertmanager) => alertmanager,
        }
    }
}
