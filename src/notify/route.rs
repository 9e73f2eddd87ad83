//! Which of the channels is told? Each has a route: from which band on, of which categories and groups, and of which turns.

use crate::clock::Span;
use crate::config::error::Error;
use crate::config::from_value::FromValue;
use crate::config::options::{self, Choice, Slot};
use crate::config::value::Value;
use crate::detect::category::Category;
use crate::incident::audience::Audience;
use crate::incident::snapshot::{Snapshot, Transition};
use crate::keyed_hash::{Digest, Key};
use crate::notify::channel::{Channel, KINDS};
use crate::notify::delivery_policy::{DeliveryPolicy, Rate};
use crate::notify::privacy::Users;
use crate::risk::crossing::Band;

/// An entry of `notify`: a channel, and what it is told.
#[derive(Clone, Debug)]
pub struct Subscription {
    /// What it is told.
    pub route: Route,
    /// The channel.
    pub channel: Channel,
}

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

impl Subscription {
    /// On which policy it is told.
    pub fn policy(&self) -> DeliveryPolicy {
        DeliveryPolicy { spacing: self.channel.spacing(), ..self.route.policy }
    }
}

/// What stands for the queue of each. Two entries with the same channel share one, so that what both are told leaves once;
/// but not if they are told on other policy, as only one could be kept.
pub fn identities(channels: &[Subscription], key: &Key) -> Vec<Digest> {
    let all: Vec<_> = channels.iter().map(|entry| entry.channel.identity(key)).collect();
    let mut seen: Vec<(Digest, _)> = Vec::new();
    let identity = |(entry, id): (&Subscription, &Digest)| {
        let DeliveryPolicy { group_wait, rate, .. } = entry.route.policy;
        let policy = (group_wait, rate, entry.route.detected, entry.route.users);
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

impl Route {
    /// Does the channel want this turn of an incident at all?
    pub fn takes(&self, transition: Transition) -> bool {
        self.states.contains(&transition)
    }

    /// How users are called on this channel, if it has a say of its own.
    pub fn users(&self) -> Option<Users> {
        self.users
    }

    /// As what the channel is told of this; none if it is not told.
    ///
    /// An incident comes to a channel when it first reaches the band and one of the categories, and is told as opened
    /// then, however old it is. From then on the channel hears of its turns, whatever the incident does: nobody hears
    /// the end of what they never heard of. The snapshot alone decides, so that all workers come to the same.
    pub fn tells(&self, snapshot: &Snapshot) -> Option<Transition> {
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

    /// Is it told of each malicious request?
    pub fn is_told_detections(&self) -> bool {
        self.detected
    }

    /// Is it told of a malicious request of these, in which rules of these categories matched?
    pub fn tells_detected(&self, audience: &Audience, categories: &[Category]) -> bool {
        let is_wanted = |category: &Category| self.categories.contains(category);
        self.detected && self.concerns(audience) && (self.categories.is_empty() || categories.iter().any(is_wanted))
    }

    /// Is it for these that the channel is?
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

    /// Checks that the groups of these names are all that it speaks of.
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

    fn new(beside: Beside, channel: &Channel) -> Result<Self, Error> {
        let Beside { name, states, min_band, categories, groups, users, give_up_after, group_wait, rate } = beside;
        let plain = |name: &String| {
            !name.is_empty()
                && name.len() <= 64
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
        };
        if let Some(name) = name.as_ref().filter(|name| !plain(name)) {
            return Err(format!("has the name `{name}`; write letters, digits, dots and dashes").into());
        }
        // An end is news only to those who keep a state of it: people see it in a chat as one more alert.
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
            return Err("has states without opened; nobody is told the end of what they never heard of"
                .to_owned()
                .into());
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
        let usual = DeliveryPolicy::default();
        let policy = DeliveryPolicy {
            give_up_after: limit("give_up_after", give_up_after, 7 * 24)?.unwrap_or(usual.give_up_after),
            group_wait: limit("group_wait", group_wait, 1)?.unwrap_or(usual.group_wait),
            tells_end: states.contains(&Transition::Resolved),
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

/// What `states` may name: each malicious request, or what happens to incidents.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Detected,
    Turn(Transition),
}

impl FromValue for State {
    fn read(value: &Value) -> Result<Self, Error> {
        let turns =
            [Transition::Opened, Transition::Updated, Transition::Resolved].map(|turn| (turn.slug(), Self::Turn(turn)));
        let [opened, updated, resolved] = turns;
        value.word(&[("detected", Self::Detected), opened, updated, resolved])
    }
}

/// The options beside a channel, as they were written.
#[derive(Default)]
struct Beside {
    name: Option<String>,
    states: Option<Vec<State>>,
    min_band: Option<Band>,
    categories: Option<Vec<Category>>,
    groups: Option<Vec<String>>,
    users: Option<Users>,
    give_up_after: Option<Span>,
    group_wait: Option<Span>,
    rate: Option<Rate>,
}

impl FromValue for Subscription {
    fn read(value: &Value) -> Result<Self, Error> {
        let written = value.map("a channel with its options, such as slack: {…}")?;
        let mut beside = Beside::default();
        let mut slots: Vec<(_, &mut dyn Slot)> = vec![
            ("name", &mut beside.name),
            ("states", &mut beside.states),
            ("min_band", &mut beside.min_band),
            ("categories", &mut beside.categories),
            ("groups", &mut beside.groups),
            ("users", &mut beside.users),
            ("give_up_after", &mut beside.give_up_after),
            ("group_wait", &mut beside.group_wait),
            ("rate", &mut beside.rate),
        ];
        let mut channels: Vec<_> = KINDS.iter().map(Choice::of).collect();
        slots.extend(channels.iter_mut().map(Choice::slot));
        options::fill(written, &mut slots)?;
        let mut channels = channels.into_iter().filter_map(|choice| choice.made);
        let channel = match (channels.next(), channels.next()) {
            (Some(channel), None) => channel,
            (None, _) => return Err("names no channel; write for example slack: {…}".into()),
            _ => return Err("holds two channels; write each after a dash of its own".into()),
        };
        Ok(Self { route: Route::new(beside, &channel)?, channel })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;
    use crate::config;
    use crate::detect::category::Severity;
    use crate::incident::audience::Reach;
    use crate::incident::snapshot::{IncidentId, Tally};
    use crate::points::Points;

    fn subscription(options: &str, channel: &str) -> Result<Subscription, String> {
        let channel = match channel {
            "slack" => r#""slack": {"cluster": "c", "url": "https://h.example/x"}"#,
            _ => r#""pagerduty": {"cluster": "c", "routing_key": "0123456789abcdef0123456789abcdef"}"#,
        };
        config::from_json(&format!("{{{options}{channel}}}")).map_err(|error| error.to_string())
    }

    fn snapshot(transition: Transition, band: Band, categories: &[Category], audience: Audience) -> Snapshot {
        let digest = Key::from_passphrase("k").digest("x", &[]);
        let (at, points) = (Timestamp::from_millis(0), Points::whole(11));
        let tally = |category: &Category| Tally {
            target: String::new(),
            is_common: false,
            rule: "r".to_owned(),
            category: *category,
            severity: Severity::High,
            count: 1,
            points,
            first: at,
            last: at,
            route: "/".to_owned(),
            cross_site: 0,
        };
        Snapshot {
            ending: None,
            requests: Vec::new(),
            incident: IncidentId(digest),
            transition,
            number: 1,
            at,
            user: "u".to_owned(),
            user_digest: digest,
            source: "header:x-user-id".to_owned(),
            increase: points,
            threshold: Points::whole(10),
            window_millis: 1000,
            band,
            events: categories.iter().map(tally).collect(),
            audience,
        }
    }

    #[test]
    fn a_channel_hears_of_an_incident_from_when_it_concerns_it_to_its_end() {
        use Band::{Critical, Error, Warning};
        use Transition::{Opened, Resolved, Updated};
        let turns = [
            (Opened, Warning, &[Category::Scanner][..]),
            (Updated, Error, &[Category::Scanner, Category::Sqli]),
            (Updated, Critical, &[Category::Sqli]),
            // What led to it has left the window by then.
            (Resolved, Critical, &[]),
        ];
        let (none, opened, updated, resolved) = (None, Some(Opened), Some(Updated), Some(Resolved));
        let rows = [
            ("", "slack", [opened, updated, updated, none]),
            ("", "pagerduty", [opened, updated, updated, resolved]),
            (r#""states": ["opened", "resolved"],"#, "slack", [opened, none, none, resolved]),
            (r#""states": ["opened"],"#, "pagerduty", [opened, none, none, none]),
            (r#""min_band": "error","#, "pagerduty", [none, opened, updated, resolved]),
            (r#""min_band": "error","#, "slack", [none, opened, updated, none]),
            (r#""min_band": "critical", "states": ["opened", "resolved"],"#, "slack", [none, none, opened, resolved]),
            (r#""categories": ["sqli"],"#, "pagerduty", [none, opened, updated, resolved]),
            (r#""categories": ["scanner"],"#, "pagerduty", [opened, updated, updated, resolved]),
            (r#""categories": ["xss"],"#, "pagerduty", [none, none, none, none]),
            (r#""categories": ["sqli"], "min_band": "critical","#, "pagerduty", [none, none, opened, resolved]),
        ];
        for (options, channel, expected) in rows {
            let route = subscription(options, channel).unwrap().route;
            let mut before = Reach::default();
            let told = turns.map(|(transition, band, categories)| {
                let snapshot = snapshot(transition, band, categories, Audience { before, ..Audience::default() });
                before = snapshot.reach();
                route.tells(&snapshot)
            });
            assert_eq!(told, expected, "{options} {channel}");
        }
    }

    #[test]
    fn nobody_hears_of_an_end_that_would_be_the_first_they_hear() {
        let route = subscription(r#""categories": ["xss"],"#, "pagerduty").unwrap().route;
        let before = Reach::default().with(Band::Warning, []);
        let audience = Audience { before, ..Audience::default() };
        assert_eq!(route.tells(&snapshot(Transition::Resolved, Band::Warning, &[Category::Xss], audience)), None);
    }

    #[test]
    fn the_same_channel_has_one_queue_for_all_that_is_told_on_the_same_terms() {
        let rows = [
            "",
            r#""min_band": "error","#,
            r#""group_wait": "5m","#,
            r#""group_wait": "1m","#,
            r#""group_wait": "5m","#,
        ];
        let channels: Vec<_> = rows.iter().map(|options| subscription(options, "slack").unwrap()).collect();
        let ids = identities(&channels, &Key::from_passphrase("k"));
        let first: Vec<_> = ids.iter().map(|id| ids.iter().position(|known| known == id).unwrap()).collect();
        assert_eq!(first, [0, 0, 2, 3, 2]);
        assert_eq!(ids[0], channels[0].channel.identity(&Key::from_passphrase("k")));
    }

    #[test]
    fn groups_and_channels_name_each_other() {
        let rows = [
            ("", None, None, true),
            ("", Some("qa"), None, true),
            ("", None, Some("qa"), false),
            (r#""name": "qa","#, None, Some("qa"), true),
            (r#""name": "ops","#, None, Some("qa"), false),
            (r#""groups": ["qa"],"#, None, None, false),
            (r#""groups": ["qa"],"#, Some("qa"), None, true),
            (r#""groups": ["qa", "x"],"#, Some("ops"), None, false),
        ];
        for (options, group, channels, expected) in rows {
            let route = subscription(options, "slack").unwrap().route;
            let channels = channels.map(|name: &str| vec![name.to_owned()]);
            let audience =
                Audience { channels: channels.clone(), group: group.map(str::to_owned), ..Audience::default() };
            let snapshot = snapshot(Transition::Opened, Band::Warning, &[], audience);
            assert_eq!(route.tells(&snapshot).is_some(), expected, "{options} {group:?} {channels:?}");
        }
    }

    #[test]
    fn what_takes_nothing_is_refused() {
        for wrong in [
            r#""states": ["resolved"],"#,
            r#""states": [],"#,
            r#""states": ["closed"],"#,
            r#""categories": [],"#,
            r#""categories": ["sql"],"#,
            r#""groups": [],"#,
            r#""name": "","#,
            r#""name": "a b","#,
            r#""min_band": "high","#,
            r#""states": ["detected"],"#,
            r#""states": ["detected", "resolved"],"#,
            r#""group_wait": "2h","#,
            r#""give_up_after": "8760h","#,
            r#""rate": {"messages": 10},"#,
            r#""rate": {"messages": 0, "per": "1m"},"#,
            r#""rate": {"messages": 10, "per": "48h"},"#,
            r#""rate": "10/1m","#,
        ] {
            assert!(subscription(wrong, "slack").is_err(), "{wrong}");
        }
    }
}
