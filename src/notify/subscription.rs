//! An entry of `notify` in the configuration: a channel, and the route by which it is notified.

use crate::config::error::Error;
use crate::config::from_value::FromValue;
use crate::config::options::{self, Choice};
use crate::config::value::Value;
use crate::keyed_hash::{Digest, Key};
use crate::notify::channel::{Channel, KINDS};
use crate::notify::delivery_policy::DeliveryPolicy;
use crate::notify::route::Route;
use crate::notify::route::options::RouteOptions;

/// An entry of `notify`: a channel, and what it receives.
#[derive(Clone, Debug)]
pub struct Subscription {
    /// What it receives.
    pub route: Route,
    /// The channel.
    pub channel: Channel,
}

impl Subscription {
    /// The terms of its delivery.
    pub fn policy(&self) -> DeliveryPolicy {
        DeliveryPolicy { spacing: self.channel.spacing(), ..self.route.policy() }
    }
}

/// The id of each entry's queue. Two entries with the same channel and the same policy share a queue, so that what both
/// receive is sent once; entries whose policies differ have queues of their own, as a queue keeps only one policy.
pub fn identities(channels: &[Subscription], key: &Key) -> Vec<Digest> {
    let all: Vec<_> = channels.iter().map(|entry| entry.channel.identity(key)).collect();
    let mut seen: Vec<(Digest, _)> = Vec::new();
    let identity = |(entry, id): (&Subscription, &Digest)| {
        let DeliveryPolicy { group_wait, rate, .. } = entry.route.policy();
        let policy = (group_wait, rate, entry.route.takes_detections(), entry.route.users());
        let of_same =
            |seen: &[(Digest, _)]| seen.iter().filter(|(of, _)| of == id).position(|(_, known)| *known == policy);
        let at = of_same(&seen).or_else(|| {
            seen.push((*id, policy));
            of_same(&seen)
        });
        match at.unwrap_or_default() {
            0 => *id,
            number => key.digest("channel-again", &[id.as_bytes(), &number.to_le_bytes()]),
        }
    };
    channels.iter().zip(&all).map(identity).collect()
}

/// What the channels are called: by their names or else by their kinds, and each otherwise than those before it.
pub fn labels(channels: &[Subscription]) -> Vec<String> {
    let mut labels: Vec<String> = Vec::new();
    for Subscription { route, channel } in channels {
        let name = route.name().unwrap_or(channel.kind());
        let numbered = (2..).map(|number| format!("{name}-{number}"));
        let label = std::iter::once(name.to_owned()).chain(numbered).find(|label| !labels.contains(label));
        labels.extend(label);
    }
    labels
}

impl FromValue for Subscription {
    fn read(value: &Value) -> Result<Self, Error> {
        let written = value.map("a channel with its options, such as slack: {…}")?;
        let mut route = RouteOptions::default();
        let mut slots = route.slots();
        let mut channels: Vec<_> = KINDS.iter().map(Choice::of).collect();
        slots.extend(channels.iter_mut().map(Choice::slot));
        options::fill(written, &mut slots)?;
        let mut channels = channels.into_iter().filter_map(|choice| choice.made);
        let channel = match (channels.next(), channels.next()) {
            (Some(channel), None) => channel,
            (None, _) => return Err("names no channel; write for example slack: {…}".into()),
            _ => return Err("holds two channels; write each after a dash of its own".into()),
        };
        Ok(Self { route: Route::new(route, &channel)?, channel })
    }
}

#[cfg(test)]
mod tests;
