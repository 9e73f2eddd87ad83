//! What may an operator change about detection? The options under `detect`.

use super::category::Severity;
use super::exclude::{Exclusion, Host, Pick, Route};
use super::own::Own;
use super::rule::Rule;
use crate::config::bounded::Bounded;
use crate::config::error::Error;
use crate::config::from_value::FromValue;
use crate::config::options::options;
use crate::config::value::Value;
use crate::exchange::head::Head;
use crate::points::{Amount, Points};
use crate::read::field::Field;

/// The options under `detect`.
#[derive(Clone, Debug)]
pub struct Options {
    body_limit: Bounded<0, 67_108_864>,
    rules: Changes,
    exclude: Vec<Exclusion>,
    /// The operator's own rules.
    pub own: Own,
}

options! { Options { body_limit, rules, exclude, own, ..Self::default() } }

/// How many exclusions, and how many entries of `rules`, there may be: each is compared with each detection.
const MOST: usize = 64;

/// What an operator changed about a rule.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Change {
    off: bool,
    /// The severity instead of the rule's own.
    pub severity: Option<Severity>,
    /// The points instead of those of the severity.
    pub points: Option<Points>,
}

/// Which of the options with a route or a host hold for a request.
#[derive(Clone, Copy, Debug, Default)]
pub struct Scope {
    excluded: u64,
    changed: u64,
}

impl Options {
    /// How much of a body is taken apart from its start, in bytes.
    pub fn body_limit(&self) -> usize {
        self.body_limit.value() as usize
    }

    /// Which options hold for the request with this head.
    pub fn scope(&self, head: &Head) -> Scope {
        let bits = |holds: &mut dyn Iterator<Item = bool>| {
            holds.take(MOST).enumerate().fold(0, |bits, (at, holds)| bits | u64::from(holds) << at)
        };
        Scope {
            excluded: bits(&mut self.exclude.iter().map(|exclusion| exclusion.holds(head))),
            changed: bits(&mut self.rules.0.iter().map(|(_, setting)| setting.holds(head))),
        }
    }

    /// What is changed about a detection of `rule` in `field`, whose decoded value matched; nothing, if it does not count at all.
    pub fn change(&self, rule: &Rule<'_>, field: Field<'_>, value: &[u8], scope: Scope) -> Option<Change> {
        let excluded = holding(&self.exclude, scope.excluded).any(|exclusion| exclusion.excludes(rule, field, value));
        if excluded {
            return None;
        }
        let changes = holding(&self.rules.0, scope.changed).filter(|(pick, _)| pick.is(rule));
        // The most specific one alone decides; of two that are equal, the one that stands further down.
        let decisive = changes.max_by_key(|(pick, setting)| (pick.is_rule(), setting.host.is_some(), setting.reach()));
        let change = decisive.map_or(Change::default(), |(_, setting)| setting.change);
        (!change.off).then_some(change)
    }

    /// Checks what holds between options.
    ///
    /// # Errors
    /// The option's name and what is wrong with it.
    pub fn check(&self) -> Result<(), (&'static str, String)> {
        for (option, number) in [("exclude", self.exclude.len()), ("rules", self.rules.0.len())] {
            if number > MOST {
                return Err((
                    option,
                    format!("{number} entries are too many; at most {MOST} are compared with each detection"),
                ));
            }
        }
        let picks = self.exclude.iter().map(|exclusion| ("exclude", exclusion.pick()));
        let picks = picks.chain(self.rules.0.iter().map(|(pick, _)| ("rules", pick)));
        for (option, pick) in picks {
            if let Pick::Own(id) = pick
                && !self.own.rules().any(|rule| rule.id == id)
            {
                return Err((option, format!("`{id}` is no rule of detect.own")));
            }
        }
        Ok(())
    }
}

impl Default for Options {
    fn default() -> Self {
        let (rules, exclude, own) = (Changes::default(), Vec::new(), Own::default());
        Self { body_limit: Bounded::new(1024 * 1024), rules, exclude, own }
    }
}

/// The items with a bit set at their index.
fn holding<T>(items: &[T], bits: u64) -> impl Iterator<Item = &T> {
    items.iter().take(MOST).enumerate().filter(move |(at, _)| bits >> at & 1 == 1).map(|(_, item)| item)
}

/// The entries of `rules`, each for a rule or a category.
#[derive(Clone, Debug, Default)]
struct Changes(Vec<(Pick, Setting)>);

/// `off`, `on`, or a mapping.
#[derive(Clone, Debug, Default)]
struct Setting {
    change: Change,
    route: Option<Route>,
    host: Option<Host>,
}

impl Setting {
    fn holds(&self, head: &Head) -> bool {
        self.route.as_ref().is_none_or(|route| route.holds(head))
            && self.host.as_ref().is_none_or(|host| host.holds(head))
    }

    /// How far down a route it holds: the longer one is the more specific.
    fn reach(&self) -> usize {
        self.route.as_ref().map_or(0, Route::reach)
    }
}

impl FromValue for Changes {
    fn read(value: &Value) -> Result<Self, Error> {
        let mut changes = Vec::new();
        for (name, written) in value.map("a mapping of rules or categories, for example {open-redirect: off}")? {
            let read = || Ok((Pick::named(name)?, settings(written)?));
            let (pick, settings) = read().map_err(|error: Error| error.under(name))?;
            changes.extend(settings.into_iter().map(|setting| (pick.clone(), setting)));
        }
        Ok(Self(changes))
    }
}

/// The settings of a rule or category: one, or a list with routes and hosts.
fn settings(value: &Value) -> Result<Vec<Setting>, Error> {
    match (value.switch(), value) {
        (Some(on), _) => Ok(vec![Setting { change: Change { off: !on, ..Change::default() }, ..Setting::default() }]),
        (None, Value::Map(_)) => Ok(vec![Setting::read(value)?]),
        (None, Value::List(_)) => Vec::read(value),
        (None, Value::Text(word)) => {
            Err(format!("`{word}` is neither off nor a mapping such as {{severity: low}}").into())
        }
        _ => Err(value.is_not("off, a mapping such as {severity: low}, or a list of mappings")),
    }
}

impl FromValue for Setting {
    fn read(value: &Value) -> Result<Self, Error> {
        Mapping::read(value).map(Self::from)
    }
}

/// A setting as a mapping.
struct Mapping {
    severity: Option<Severity>,
    points: Option<Amount>,
    route: Option<Route>,
    host: Option<Host>,
}

options! { Mapping { severity, points, route, host } }

impl From<Mapping> for Setting {
    fn from(Mapping { severity, points, route, host }: Mapping) -> Self {
        Self { change: Change { off: false, severity, points: points.map(|amount| amount.0) }, route, host }
    }
}
