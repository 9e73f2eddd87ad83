//! What do the detections of an exchange come to? Events of its user, in the user's record.

use crate::clock::Timestamp;
use crate::detect::category::{Category, Severity};
use crate::detect::scan::Detection;
use crate::engine::Engine;
use crate::engine::effect::{Counter, Effect};
use crate::engine::report::{self, Kind};
use crate::engine::shared::Shared;
use crate::exchange::{Facts, Head};
use crate::identity::Attribution;
use crate::incident::ledger::Entered;
use crate::incident::record::{Outcome, Terms, User};
use crate::keyed::Key;
use crate::points::Points;
use crate::risk::acts::Event;
use crate::risk::crossing::Limits;
use crate::risk::exchange::{self, Charged, ranked};
use crate::route;
use crate::state::Cells;
use crate::state::table::Failure;

/// What is held against an exchange.
#[derive(Debug)]
pub(super) struct Account {
    /// What the proxy knew when the first detection was weighed.
    pub(super) facts: Facts,
    /// Whose exchange it is, and what they rose by.
    pub(super) user: Option<Standing>,
    /// All detections.
    pub(super) findings: Vec<Finding>,
    charged: Charged,
}

/// How a user stands after the exchange.
#[derive(Debug)]
pub(super) struct Standing {
    pub(super) user: User,
    pub(super) limits: Limits,
    pub(super) increase: Points,
}

/// A detection and what it counted for.
#[derive(Debug)]
pub(super) struct Finding {
    pub(super) rule: String,
    pub(super) category: Category,
    pub(super) severity: Severity,
    pub(super) place: String,
    /// None where there is nobody to hold it against, or the record could not be changed.
    pub(super) outcome: Option<Outcome>,
}

impl Account {
    /// With nothing held against it yet.
    pub(super) fn new(facts: Facts, cap: Points) -> Self {
        Self { facts, user: None, findings: Vec::new(), charged: Charged::new(cap) }
    }

    /// The points that the exchange has added.
    pub(super) fn points(&self) -> Points {
        self.findings.iter().map(Finding::points).sum()
    }
}

impl Finding {
    /// The points that it counted.
    pub(super) fn points(&self) -> Points {
        match self.outcome {
            Some(Outcome::Counted(points)) => points,
            Some(Outcome::CountedBefore | Outcome::Covered) | None => Points::ZERO,
        }
    }
}

impl<C: Cells> Engine<C> {
    /// Holds what was found since it was last weighed against the exchange's user.
    pub(super) fn weigh(
        &self,
        head: &Head,
        account: &mut Account,
        found: Vec<Detection>,
        now: Timestamp,
        effects: &mut Vec<Effect>,
    ) {
        if account.findings.is_empty() {
            effects.push(Effect::Count(Counter::Requests, 1));
        }
        effects.push(Effect::Count(Counter::Detections, found.len() as u64));
        let found = ranked(&self.rules, found);
        let entered = self.shared().and_then(|shared| self.enter(shared, head, account, &found, now, effects));
        let outcomes = entered.unwrap_or_else(|failure| {
            effects.push(Effect::Count(Counter::Unweighed, 1));
            let line = report::trouble("the request could not be weighed", &failure);
            self.budget.spend(Kind::Service, now, log::Level::Error, line, effects);
            Vec::new()
        });
        let mut outcomes = outcomes.into_iter();
        account.findings.extend(found.into_iter().map(|detection| {
            let rule = self.rules.rule(detection.rule);
            Finding {
                rule: rule.id.to_owned(),
                category: rule.category,
                severity: detection.severity,
                place: detection.place,
                outcome: outcomes.next(),
            }
        }));
    }

    /// Enters the detections into the user's record; the outcome of each, or none where there is no user.
    fn enter(
        &self,
        shared: &Shared,
        head: &Head,
        account: &mut Account,
        found: &[Detection],
        now: Timestamp,
        effects: &mut Vec<Effect>,
    ) -> Result<Vec<Outcome>, Failure> {
        let (user, limits) = match self.config.user.attribute(head, &account.facts.address, &shared.key) {
            Attribution::User(user) => (user, self.config.risk.user_limits()),
            Attribution::Address(user) => (user, self.config.risk.anonymous_limits()),
            Attribution::Nobody => return Ok(Vec::new()),
        };
        let route = route::label(&account.facts.route, head.target());
        let events: Vec<_> = found.iter().map(|detection| self.event(detection, &route, &shared.key)).collect();
        let tell = !self.config.notify.is_empty();
        let terms = Terms { policy: &self.config.risk, limits, key: &shared.key, tell };
        let Entered { weighed, pending, evicted } =
            shared.ledger.weigh(&self.cells, &user, &events, &account.charged, now, terms)?;
        if evicted {
            effects.push(Effect::Count(Counter::Evicted, 1));
            let line = report::notice("a user's record with points went to make room; raise memory.users");
            self.budget.spend(Kind::Service, now, log::Level::Error, line, effects);
        }
        if let Some(opened) = &weighed.opened {
            effects.push(Effect::Count(Counter::Opened, 1));
            let line = report::incident_opened(opened, &user, head, now);
            self.budget.spend(Kind::Incident, now, log::Level::Error, line, effects);
        }
        self.post(shared, user.id, &pending, now, effects);
        for (counter, counts) in [
            (Counter::Events, (|outcome| matches!(outcome, Outcome::Counted(_))) as fn(&&Outcome) -> bool),
            (Counter::Repeats, |outcome| **outcome == Outcome::CountedBefore),
        ] {
            match weighed.outcomes.iter().filter(counts).count() {
                0 => {}
                number => effects.push(Effect::Count(counter, number as u64)),
            }
        }
        account.user = Some(Standing { user, limits, increase: weighed.increase });
        account.charged = weighed.charged;
        Ok(weighed.outcomes)
    }

    fn event<'a>(&'a self, detection: &Detection, route: &'a str, key: &Key) -> Event<'a> {
        let rule = self.rules.rule(detection.rule);
        let fingerprint = || key.digest("act", &[rule.id.as_bytes(), &detection.value]).short();
        Event {
            rule: rule.id,
            category: rule.category,
            severity: detection.severity,
            points: exchange::points(&self.config.risk, detection),
            // The test string has to work each time that somebody tries it.
            fingerprint: (rule.category != Category::Test).then(fingerprint),
            place: key.digest("place", &[detection.place.as_bytes()]).short(),
            route,
        }
    }
}
