//! Does a channel want this transition? By band, category, group and state.

use crate::clock::Span;
use crate::config::error::Error;
use crate::detect::category::Category;
use crate::incident::audience::Audience;
use crate::incident::snapshot::{Snapshot, Transition};
use crate::notify::channel::Channel;
use crate::notify::delivery_policy::{DeliveryPolicy, RateOption};
use crate::notify::privacy::Users;
use crate::notify::route::options::{RouteOptions, State};
use crate::risk::band::Band;

pub(super) mod options;

/// The options that stand beside a channel: `{name: qa, min_band: error, slack: {…}}`.
#[derive(Clone, Debug)]
pub struct Route {
    name: Option<String>,
    states: Vec<Transition>,
    detected: bool,
    min_band: Band,
    categories: Vec<Category>,
    groups: Vec<String>,
    users: Option<Users>,
    policy: DeliveryPolicy,
}

impl Route {
    /// Does the channel want this turn of an incident at all?
    pub fn takes(&self, transition: Transition) -> bool {
        self.states.contains(&transition)
    }

    /// Do both receive the same states?
    pub fn takes_same_states(&self, other: &Self) -> bool {
        self.states.iter().all(|state| other.takes(*state)) && other.states.iter().all(|state| self.takes(*state))
    }

    /// How users are called on this channel, if it has a say of its own.
    pub fn users(&self) -> Option<Users> {
        self.users
    }

    /// The transition that the channel receives for this snapshot; none if it receives nothing.
    ///
    /// A channel joins an incident when that first reaches the band and one of the categories, and receives it as opened
    /// then, however old it is. From then on it receives each transition it wants, whatever the incident does. A
    /// resolution is sent only to channels that received an opening. The snapshot alone decides, so that all workers
    /// come to the same result.
    pub fn transition_for(&self, snapshot: &Snapshot) -> Option<Transition> {
        let audience = &snapshot.audience;
        if !self.concerns(audience) || self.states.is_empty() {
            return None;
        }
        if audience.before.is_at(self.min_band, &self.categories) {
            return self.states.contains(&snapshot.transition).then_some(snapshot.transition);
        }
        let has_come = snapshot.reach().is_at(self.min_band, &self.categories);
        (has_come && snapshot.transition != Transition::Resolved).then_some(Transition::Opened)
    }

    /// Does it receive each malicious request?
    pub fn takes_detections(&self) -> bool {
        self.detected
    }

    /// Does it receive a request of this audience in which rules of these categories matched?
    pub fn takes_request(&self, audience: &Audience, categories: &[Category]) -> bool {
        let is_wanted = |category: &Category| self.categories.contains(category);
        self.detected && self.concerns(audience) && (self.categories.is_empty() || categories.iter().any(is_wanted))
    }

    /// Is the channel meant for this audience?
    fn concerns(&self, audience: &Audience) -> bool {
        let is_named = |names: &Vec<String>| self.name.as_ref().is_some_and(|name| names.contains(name));
        let is_of_group = |group: &String| self.groups.contains(group);
        audience.channels.as_ref().is_none_or(is_named)
            && (self.groups.is_empty() || audience.group.as_ref().is_some_and(is_of_group))
    }

    /// The channel's name, if it has one.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Checks that it names only these groups.
    ///
    /// # Errors
    /// The option's name and what is wrong with it.
    pub fn check(&self, groups: &[&str]) -> Result<(), (&'static str, String)> {
        match self.groups.iter().find(|group| !groups.contains(&group.as_str())) {
            None => Ok(()),
            Some(group) if groups.is_empty() => Err((
                "groups",
                format!("`{group}` is no group: none has a name; write groups: [{{name: {group}, match: …}}]"),
            )),
            Some(group) => Err(("groups", format!("`{group}` is no group; the names are {}", groups.join(", ")))),
        }
    }

    /// The delivery policy that the options ask for; the channel adds its spacing.
    pub(super) fn policy(&self) -> DeliveryPolicy {
        self.policy
    }

    /// Checks the options and completes them by what is usual for the channel.
    pub(super) fn new(options: RouteOptions, channel: &Channel) -> Result<Self, Error> {
        let RouteOptions { name, states, min_band, categories, groups, users, give_up_after, group_wait, rate } =
            options;
        let plain = |name: &String| {
            !name.is_empty()
                && name.len() <= 64
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
        };
        if let Some(name) = name.as_ref().filter(|name| !plain(name)) {
            return Err(format!("has the name `{name}`; write letters, digits, dots and dashes").into());
        }
        // Only channels that keep a state need the end by default: in a chat it would be one more alert.
        let all = [Transition::Opened, Transition::Updated, Transition::Resolved];
        let usual = if channel.keeps_state() { all.as_slice() } else { &[Transition::Opened, Transition::Updated] };
        let states = states.unwrap_or_else(|| usual.iter().copied().map(State::Turn).collect());
        let detected = states.contains(&State::Detected);
        if detected && !channel.takes_detections() {
            let message = "detected is for webhooks only, and not in Sqreen's format; leave it out";
            return Err(Error::new(message.to_owned()).under("states"));
        }
        let turn = |state| if let State::Turn(turn) = state { Some(turn) } else { None };
        let states: Vec<_> = states.into_iter().filter_map(turn).collect();
        let is_whole = states.contains(&Transition::Opened) || detected && states.is_empty();
        if !is_whole {
            return Err(
                "has states without opened; a channel receives the end only of what it received the beginning of"
                    .to_owned()
                    .into(),
            );
        }
        if categories.as_ref().is_some_and(Vec::is_empty) || groups.as_ref().is_some_and(Vec::is_empty) {
            return Err("has an empty list, which takes nothing; leave the option out to take all".to_owned().into());
        }
        let limit = |option, span: Option<Span>, hours: u64| match span {
            Some(span) if span > Span::from_secs(hours * 60 * 60) => {
                Err(Error::new(format!("is longer than {hours}h; write {hours}h or less")).under(option))
            }
            span => Ok(span.map(Span::duration)),
        };
        let rate = match rate {
            None => channel.usual_rate(),
            Some(RateOption::Off) => None,
            Some(RateOption::Limited(rate)) => Some(rate),
        };
        let usual = DeliveryPolicy::default();
        let policy = DeliveryPolicy {
            give_up_after: limit("give_up_after", give_up_after, 7 * 24)?.unwrap_or(usual.give_up_after),
            group_wait: limit("group_wait", group_wait, 1)?.unwrap_or(usual.group_wait),
            sends_resolved: states.contains(&Transition::Resolved),
            rate,
            ..usual
        };
        if rate.is_some_and(|rate| rate.is_too_long()) {
            return Err(Error::new("is longer than 24h; write 24h or less".to_owned()).under("per").under("rate"));
        }
        Ok(Self {
            name,
            states,
            detected,
            min_band: min_band.unwrap_or(Band::Warning),
            categories: categories.unwrap_or_default(),
            groups: groups.unwrap_or_default(),
            users,
            policy,
        })
    }
}
