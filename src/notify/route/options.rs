//! The options of an entry of `notify` besides its channel: name, states, min_band, groups and so on.

use crate::clock::Span;
use crate::config::error::Error;
use crate::config::from_value::FromValue;
use crate::config::options::Slot;
use crate::config::value::Value;
use crate::detect::category::Category;
use crate::incident::snapshot::Transition;
use crate::notify::delivery_policy::RateOption;
use crate::notify::privacy::Users;
use crate::risk::band::Band;

/// The options besides the channel, as they were written: what is missing has a default that may depend on the channel.
#[derive(Default)]
pub(in crate::notify) struct RouteOptions {
    pub(in crate::notify) name: Option<String>,
    pub(in crate::notify) states: Option<Vec<State>>,
    pub(in crate::notify) min_band: Option<Band>,
    pub(in crate::notify) categories: Option<Vec<Category>>,
    pub(in crate::notify) groups: Option<Vec<String>>,
    pub(in crate::notify) users: Option<Users>,
    pub(in crate::notify) give_up_after: Option<Span>,
    pub(in crate::notify) group_wait: Option<Span>,
    pub(in crate::notify) rate: Option<RateOption>,
}

impl RouteOptions {
    /// The options by their names, to be filled in.
    pub(in crate::notify) fn slots(&mut self) -> Vec<(&'static str, &mut dyn Slot)> {
        vec![
            ("name", &mut self.name),
            ("states", &mut self.states),
            ("min_band", &mut self.min_band),
            ("categories", &mut self.categories),
            ("groups", &mut self.groups),
            ("users", &mut self.users),
            ("give_up_after", &mut self.give_up_after),
            ("group_wait", &mut self.group_wait),
            ("rate", &mut self.rate),
        ]
    }
}

/// What `states` may name: each malicious request, or what happens to incidents.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::notify) enum State {
    /// Each malicious request.
    Detected,
    /// A transition of incidents.
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
