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

    /// Can one queue serve both? Not if they differ in how long a message is tried, in what is rolled up, in which states
    /// they receive, or in how users are called.
    fn is_delivered_like(&self, other: &Self) -> bool {
        let terms = |entry: &Self| (entry.policy(), entry.route.users(), entry.route.takes_detections());
        terms(self) == terms(other) && self.route.takes_same_states(&other.route)
    }
}

/// The id of each entry's queue. Entries with the same channel share a queue, so that what both receive is sent once;
/// but only if they are delivered alike (policy, states, how users are called), as a queue is served by one of them.
/// The first entry of a channel has the channel's own id: its messages wait on while its options change.
pub fn identities<'a>(channels: &'a [Subscription], key: &Key) -> Vec<Digest> {
    let mut seen: Vec<(Digest, &'a Subscription)> = Vec::new();
    let identity = |entry: &'a Subscription| {
        let id = entry.channel.identity(key);
        let mut of_channel = seen.iter().filter(|(of, _)| *of == id);
        let known = of_channel.position(|(_, known)| known.is_delivered_like(entry));
        let number = known.unwrap_or_else(|| {
            let number = seen.iter().filter(|(of, _)| *of == id).count();
            seen.push((id, entry));
            number
        });
        match number {
            0 => id,
            number => key.digest("channel-again", &[id.as_bytes(), &number.to_le_bytes()]),
        }
    };
    channels.iter().map(identity).collect()
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
