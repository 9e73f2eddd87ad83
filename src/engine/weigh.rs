//! What do the detections of an exchange come to? Events of its user, in the user's record and, at a crossing, told.

use crate::clock::Timestamp;
use crate::detect::category::{Category, Severity};
use crate::detect::scan::Detection;
use crate::engine::Engine;
use crate::engine::effect::{Counter, Effect};
use crate::engine::report;
use crate::engine::shared::Shared;
use crate::exchange::{Facts, Head};
use crate::identity::Attribution;
use crate::incident::ledger::Entered;
use crate::incident::record::{Terms, User};
use crate::incident::snapshot::Snapshot;
use crate::keyed::{Digest, Key};
use crate::notify::queue::Queued;
use crate::risk::acts::Event;
use crate::risk::crossing::Limits;
use crate::risk::exchange::{Charge, charges};
use crate::risk::points::Points;
use crate::route;
use crate::state::Cells;
use crate::state::table::Failure;

/// What an exchange has been charged with.
#[derive(Debug)]
pub(super) struct Account {
    /// What the proxy knew when the first detection was weighed.
    pub(super) facts: Facts,
    /// Whose exchange it is, and what they rose by.
    pub(super) user: Option<Standing>,
    /// All detections.
    pub(super) findings: Vec<Finding>,
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
    pub(super) outcome: Outcome,
}

/// What a detection counted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It is an event, of so many points.
    Points(Points),
    /// The same act was counted before.
    CountedBefore,
    /// A worse detection of its category stands for it.
    Covered,
    /// There is nobody to hold it against, or the record could not be changed.
    Unweighed,
}

impl Account {
    pub(super) fn new(facts: Facts) -> Self {
        Self { facts, user: None, findings: Vec::new() }
    }

    /// The points that the exchange has added.
    pub(super) fn points(&self) -> Points {
        let points = |finding: &Finding| match finding.outcome {
            Outcome::Points(points) => points,
            Outcome::CountedBefore | Outcome::Covered | Outcome::Unweighed => Points::ZERO,
        };
        self.findings.iter().map(points).sum()
    }

    fn has(&self, category: Category) -> bool {
        self.findings.iter().any(|finding| finding.category == category)
    }
}

impl<C: Cells> Engine<C> {
    /// Charges the exchange with what was found since it was last weighed.
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
        let charges = charges(&self.rules, found, &|category| account.has(category));
        let entered = self.shared().and_then(|shared| self.enter(shared, head, account, &charges, now, effects));
        let outcomes = entered.unwrap_or_else(|failure| {
            effects.push(Effect::Count(Counter::Unweighed, 1));
            let line = report::trouble("the request could not be weighed", &failure);
            self.budget.spend(now, log::Level::Error, line, effects);
            Vec::new()
        });
        let mut outcomes = outcomes.into_iter();
        for charge in charges {
            let outcome = match charge.stands {
                true => outcomes.next().unwrap_or(Outcome::Unweighed),
                false => Outcome::Covered,
            };
            let rule = self.rules.rule(charge.detection.rule);
            account.findings.push(Finding {
                rule: rule.id.to_owned(),
                category: rule.category,
                severity: charge.detection.severity,
                place: charge.detection.place,
                outcome,
            });
        }
    }

    /// Enters what stands into the user's record; the outcome of each.
    fn enter(
        &self,
        shared: &Shared,
        head: &Head,
        account: &mut Account,
        charges: &[Charge],
        now: Timestamp,
        effects: &mut Vec<Effect>,
    ) -> Result<Vec<Outcome>, Failure> {
        let standing: Vec<_> = charges.iter().filter(|charge| charge.stands).map(|charge| &charge.detection).collect();
        let (user, limits) = match self.config.user.attribute(head, &account.facts.address, &shared.key) {
            Attribution::User(user) => (user, self.config.risk.user_limits()),
            Attribution::Address(user) => (user, self.config.risk.anonymous_limits()),
            Attribution::Nobody => return Ok(vec![Outcome::Unweighed; standing.len()]),
        };
        let route = route::label(&account.facts.route, head.target());
        let events: Vec<_> = standing.iter().map(|detection| self.event(detection, &route, &shared.key)).collect();
        let cap = self.config.risk.exchange_cap().saturating_sub(account.points());
        let terms = Terms { policy: &self.config.risk, limits, key: &shared.key };
        let Entered { weighed, pending, evicted } =
            shared.ledger.weigh(&self.cells, &user, &events, cap, now, terms)?;
        if evicted {
            effects.push(Effect::Count(Counter::Evicted, 1));
            let line = report::notice("a user's record with points went to make room; raise memory.users");
            self.budget.spend(now, log::Level::Error, line, effects);
        }
        if let Some(opened) = &weighed.opened {
            effects.push(Effect::Count(Counter::Opened, 1));
            // A budget of its own: however noisy the attack, its incident has a line.
            let line = report::incident_opened(opened, &user, head, now);
            self.incident_budget.spend(now, log::Level::Error, line, effects);
        }
        self.post(shared, user.id, &pending, now, effects);
        account.user = Some(Standing { user, limits, increase: weighed.increase });
        let outcomes = weighed.points.iter().map(|points| points.map_or(Outcome::CountedBefore, Outcome::Points));
        let outcomes: Vec<_> = outcomes.collect();
        let repeats = outcomes.iter().filter(|outcome| **outcome == Outcome::CountedBefore).count();
        for (counter, number) in [(Counter::Events, outcomes.len() - repeats), (Counter::Repeats, repeats)] {
            if number > 0 {
                effects.push(Effect::Count(counter, number as u64));
            }
        }
        Ok(outcomes)
    }

    fn event<'a>(&'a self, detection: &Detection, route: &'a str, key: &Key) -> Event<'a> {
        let rule = self.rules.rule(detection.rule);
        let fingerprint = || key.digest("act", &[rule.id.as_bytes(), &detection.value]).short();
        Event {
            rule: rule.id,
            category: rule.category,
            severity: detection.severity,
            points: self.config.risk.points.of(detection.severity),
            // The test string has to work each time that somebody tries it.
            fingerprint: (rule.category != Category::Test).then(fingerprint),
            place: key.digest("place", &[detection.place.as_bytes()]).short(),
            route,
        }
    }

    /// Hands what is pending on to the outbox, and then says so in the records: in this order nothing is lost.
    fn post(&self, shared: &Shared, beside: Digest, pending: &[Snapshot], now: Timestamp, effects: &mut Vec<Effect>) {
        let mut handed = Vec::new();
        for snapshot in pending {
            match shared.outbox.post(&self.cells, snapshot, &shared.channels, now) {
                Ok(posted) => {
                    let gone =
                        |queued: &&Queued| matches!(queued, Queued::Stopped | Queued::Displaced(_) | Queued::Full);
                    let dropped = posted.lost + posted.queued.iter().filter(gone).count();
                    if dropped > 0 {
                        effects.push(Effect::Count(Counter::Dropped, dropped as u64));
                        let line = report::notice(&format!(
                            "{dropped} messages went: the outbox is full or the channel stopped"
                        ));
                        self.budget.spend(now, log::Level::Error, line, effects);
                    }
                    handed.push(snapshot.clone());
                }
                Err(failure) => {
                    let line = report::trouble("an incident could not be queued; the next event tries again", &failure);
                    self.budget.spend(now, log::Level::Error, line, effects);
                }
            }
        }
        if !handed.is_empty()
            && let Err(failure) = shared.ledger.told(&self.cells, beside, &handed)
        {
            let line = report::trouble("an incident could not be marked as queued", &failure);
            self.budget.spend(now, log::Level::Error, line, effects);
        }
    }
}
