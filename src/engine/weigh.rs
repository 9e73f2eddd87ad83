//! What do the detections of an exchange come to? Events of its user, in the user's record.

use crate::clock::Timestamp;
use crate::detect::category::{Category, Severity};
use crate::detect::detection::{Detection, Whose};
use crate::engine::Engine;
use crate::engine::effect::{Counter, Effect};
use crate::engine::log_line::{self, Kind};
use crate::engine::shared::Shared;
use crate::exchange::head::Head;
use crate::exchange::proxy::Proxy;
use crate::exchange::route;
use crate::identity::Attribution;
use crate::identity::group::Group;
use crate::identity::source::Named;
use crate::incident::audience::Audience;
use crate::incident::ledger::Entered;
use crate::incident::user::User;
use crate::incident::weighing::{ActOutcome, WeighContext};
use crate::keyed_hash::Key;
use crate::points::Points;
use crate::risk::acts::Event;
use crate::risk::crossing::Limits;
use crate::risk::exchange::{self, Charged, ranked};
use crate::risk::fingerprint::Fingerprint;
use crate::state::cells::Cells;
use crate::state::table::Failure;
use crate::text::untrusted;

/// What is held against an exchange.
#[derive(Debug)]
pub(super) struct Account {
    /// The route's label.
    pub(super) route: String,
    address: Vec<u8>,
    /// Those whom something is held against: nearly always one, the exchange's own user.
    pub(super) parties: Vec<Party>,
}

/// Somebody whom something is held against.
#[derive(Debug)]
pub(super) struct Party {
    pub(super) whose: Whose,
    /// Who it is, and what they rose by; none where there is nobody to hold it against.
    pub(super) standing: Option<Standing>,
    /// The operator wants them to be ignored: it is logged and counted, and that is all.
    pub(super) ignored: Option<Ignored>,
    pub(super) findings: Vec<Finding>,
    charged: Charged,
}

/// Somebody who is ignored, as far as it is known who.
#[derive(Debug)]
pub(super) struct Ignored(pub(super) Option<User>);

/// How a user stands after the exchange.
#[derive(Debug)]
pub(super) struct Standing {
    pub(super) user: User,
    pub(super) limits: Limits,
    pub(super) increase: Points,
    /// UserRef an incident of the user's concerns.
    pub(super) audience: Audience,
    /// Is nobody to be told of the user for now?
    pub(super) is_muted: bool,
}

/// What a user is held to.
struct Measure {
    limits: Limits,
    audience: Audience,
}

/// A detection and what it counted for.
#[derive(Debug)]
pub(super) struct Finding {
    pub(super) rule: String,
    pub(super) category: Category,
    pub(super) severity: Severity,
    pub(super) target: String,
    /// None where there is nobody to hold it against, or the record could not be changed.
    pub(super) outcome: Option<ActOutcome>,
}

/// How much of a request's id is kept, in UTF-16 units: Envoy's own are 36.
const REQUEST_ID_KEPT: usize = 64;

/// The most parties of one exchange: its user, its client, and as many as an application may name in one answer.
const PARTIES: usize = 18;

impl Account {
    /// With nothing held against it yet.
    pub(super) fn new(head: &Head, proxy: &dyn Proxy) -> Self {
        Self {
            route: route::label(&proxy.route(), head.request_target()),
            address: proxy.address(),
            parties: Vec::new(),
        }
    }

    fn party(&mut self, whose: &Whose, cap: Points) -> Option<usize> {
        let known = self.parties.iter().position(|party| party.whose == *whose);
        if known.is_none() && self.parties.len() < PARTIES {
            let (standing, ignored, findings, charged) = (None, None, Vec::new(), Charged::new(cap));
            self.parties.push(Party { whose: whose.clone(), standing, ignored, findings, charged });
            return Some(self.parties.len() - 1);
        }
        known
    }
}

impl Party {
    /// Who it is, if that is known.
    pub(super) fn user(&self) -> Option<&User> {
        let ignored = || self.ignored.as_ref().and_then(|ignored| ignored.0.as_ref());
        self.standing.as_ref().map(|standing| &standing.user).or_else(ignored)
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
            Some(ActOutcome::Counted(points)) => points,
            Some(ActOutcome::CountedBefore | ActOutcome::Covered) | None => Points::ZERO,
        }
    }
}

impl<C: Cells> Engine<C> {
    /// Holds what was found since it was last weighed against those whose it is.
    pub(super) fn weigh(
        &self,
        head: &Head,
        proxy: &dyn Proxy,
        account: &mut Account,
        found: Vec<Detection>,
        now: Timestamp,
        effects: &mut Vec<Effect>,
    ) {
        if account.parties.is_empty() {
            effects.push(Effect::Count(Counter::Requests, 1));
        }
        effects.push(Effect::Count(Counter::Detections, found.len() as u64));
        self.learn_found(account.parties.is_empty(), found.len(), now);
        let mut found = ranked(&self.rules, found);
        while let Some(first) = found.first() {
            let whose = first.whose.clone();
            let (theirs, others) = found.into_iter().partition(|detection| detection.whose == whose);
            found = others;
            if let Some(party) = account.party(&whose, self.config.risk.exchange_cap()) {
                self.hold_against(head, proxy, account, party, theirs, now, effects);
            }
        }
    }

    /// Holds the detections, in the order in which they fill the cap, against one of the exchange's parties.
    #[expect(clippy::too_many_arguments, reason = "an exchange, a party of it, and what is held against them")]
    fn hold_against(
        &self,
        head: &Head,
        proxy: &dyn Proxy,
        account: &mut Account,
        party: usize,
        found: Vec<Detection>,
        now: Timestamp,
        effects: &mut Vec<Effect>,
    ) {
        let Account { route, address, parties } = account;
        let Some(party) = parties.get_mut(party) else { return };
        let entered = self.shared().and_then(|shared| {
            let (user, measure) = match self.config.user.attribute(head, proxy, address, &party.whose, &shared.key) {
                Attribution::User(named) => {
                    let measure = self.measure(shared, proxy, address, &party.whose, &named, now)?;
                    (named.user, measure)
                }
                Attribution::Address(user) => {
                    let is_shared = shared.shared_addresses.is_shared(
                        &self.cells,
                        user.id,
                        self.config.risk.window().duration(),
                        now,
                    )?;
                    let audience = Audience { is_shared, ..Audience::default() };
                    (user, Measure { limits: self.config.risk.anonymous_limits(), audience })
                }
                Attribution::Ignored(user) => {
                    party.ignored = Some(Ignored(user));
                    return Ok(Vec::new());
                }
                Attribution::Nobody => return Ok(Vec::new()),
            };
            self.enter(shared, head, route, party, user, &measure, &found, now, effects)
        });
        let outcomes = entered.unwrap_or_else(|failure| {
            effects.push(Effect::Count(Counter::Unweighed, 1));
            let line = log_line::trouble("the request could not be weighed", &failure);
            self.budget.spend(Kind::Service, now, log::Level::Error, line, effects);
            Vec::new()
        });
        let mut outcomes = outcomes.into_iter();
        party.findings.extend(found.into_iter().map(|detection| {
            let rule = self.rules.rule(detection.rule);
            Finding {
                rule: detection.name.unwrap_or_else(|| rule.id.to_owned()),
                category: rule.category,
                severity: detection.severity,
                target: detection.target,
                outcome: outcomes.next(),
            }
        }));
    }

    /// What a named user is held to, and who is told. Remembers that the user did something from this address.
    fn measure(
        &self,
        shared: &Shared,
        proxy: &dyn Proxy,
        address: &[u8],
        whose: &Whose,
        named: &Named,
        now: Timestamp,
    ) -> Result<Measure, Failure> {
        let policy = &self.config.risk;
        let is_own = *whose == Whose::Exchange;
        if is_own && let Some(address) = self.config.user.address_id(address, &shared.key) {
            shared.shared_addresses.record(&self.cells, address, named.user.id, policy.window().duration(), now)?;
        }
        // The token is the exchange's: it says nothing of somebody else.
        let payload = is_own.then(|| self.config.user.payload());
        let group = Group::of(&self.config.groups, named, proxy, payload, now);
        let limits = group.and_then(Group::threshold).map_or_else(|| policy.user_limits(), |own| policy.limits_of(own));
        let audience = Audience {
            channels: group.and_then(|group| group.notify.clone()),
            group: group.and_then(Group::name).map(str::to_owned),
            ..Audience::default()
        };
        Ok(Measure { limits, audience })
    }

    /// Enters the detections into the user's record; the outcome of each.
    #[expect(clippy::too_many_arguments, reason = "the facts of one entry, each of them needed once")]
    fn enter(
        &self,
        shared: &Shared,
        head: &Head,
        route: &str,
        party: &mut Party,
        user: User,
        measure: &Measure,
        found: &[Detection],
        now: Timestamp,
        effects: &mut Vec<Effect>,
    ) -> Result<Vec<ActOutcome>, Failure> {
        let Measure { limits, audience } = measure;
        let limits = *limits;
        // Of another's doing, as of a failed login, it says nothing that a foreign site sent the request.
        let cross_site = party.whose == Whose::Exchange && head.is_cross_site();
        let request_id = untrusted::clean_bytes(head.request_id(), REQUEST_ID_KEPT);
        let mut events: Vec<Event<'_>> = Vec::new();
        for detection in found {
            let is_common = self.is_common(shared, detection, &user, now)?;
            let known = events.iter().zip(found).find(|(_, other)| is_same_act(detection, other));
            let fingerprint = known.map(|(event, _)| event.fingerprint.clone());
            let fingerprint = fingerprint.unwrap_or_else(|| {
                self.fingerprint(
                    detection,
                    route,
                    &shared.key,
                    &[request_id.as_bytes(), &now.as_millis().to_le_bytes()],
                )
            });
            events.push(Event { cross_site, is_common, ..self.event(detection, route, fingerprint) });
        }
        let (policy, notifies) = (&self.config.risk, self.tells());
        let context = WeighContext {
            policy,
            limits,
            key: &shared.key,
            notifies,
            proxy: shared.proxy,
            request_id: &request_id,
            audience,
        };
        let charged = party.charged.clone().at_most(limits.threshold);
        let Entered { weighed, pending, evicted, ended } =
            shared.ledger.weigh(&self.cells, &user, &events, &charged, now, context)?;
        if evicted {
            effects.push(Effect::Count(Counter::Evicted, 1));
            let line = log_line::notice("a user's record with points went to make room; raise memory.users");
            self.budget.spend(Kind::Service, now, log::Level::Error, line, effects);
        }
        self.learn_weighed(shared, &user, &limits, &events, &weighed, now, effects);
        self.log_transitions(&weighed.transitions, Some(head), now, effects);
        self.log_transitions(&ended, None, now, effects);
        self.hand_off(shared, user.id, &pending, now, effects);
        for (counter, counts) in [
            (Counter::Events, (|outcome| matches!(outcome, ActOutcome::Counted(_))) as fn(&&ActOutcome) -> bool),
            (Counter::Repeats, |outcome| **outcome == ActOutcome::CountedBefore),
        ] {
            match weighed.outcomes.iter().filter(counts).count() {
                0 => {}
                number => effects.push(Effect::Count(counter, number as u64)),
            }
        }
        let (increase, is_muted, audience) = (weighed.increase, weighed.is_muted, audience.clone());
        party.standing = Some(Standing { user, limits, increase, audience, is_muted });
        party.charged = weighed.charged;
        Ok(weighed.outcomes)
    }

    /// What identifies the act: its values or, where each is a new one, the `occasion`.
    fn fingerprint(&self, detection: &Detection, route: &str, key: &Key, occasion: &[&[u8]]) -> Fingerprint {
        let rule = self.rules.rule(detection.rule);
        if !rule.category.is_new_each_time() {
            return Fingerprint::of(key, rule.id, &detection.values, route);
        }
        let name = detection.name.as_deref().unwrap_or_default();
        let parts = [rule.id, name, &detection.target].map(str::as_bytes);
        Fingerprint::unique(key, &parts.iter().chain(occasion).copied().collect::<Vec<_>>())
    }

    fn event<'a>(&'a self, detection: &'a Detection, route: &'a str, fingerprint: Fingerprint) -> Event<'a> {
        let rule = self.rules.rule(detection.rule);
        Event {
            rule: detection.name.as_deref().unwrap_or(rule.id),
            category: rule.category,
            severity: detection.severity,
            points: exchange::points(&self.config.risk, detection),
            fingerprint,
            target: &detection.target,
            is_common: false,
            route,
            cross_site: false,
        }
    }

    /// Has the rule matched at this target in several users' exchanges? Behaviour has no target that many could share.
    fn is_common(&self, shared: &Shared, detection: &Detection, user: &User, now: Timestamp) -> Result<bool, Failure> {
        let rule = self.rules.rule(detection.rule);
        if rule.category.is_new_each_time() {
            return Ok(false);
        }
        let id = shared.key.digest("common", &[rule.id.as_bytes(), detection.target.as_bytes()]);
        shared.ledger.is_common(&self.cells, id, user.id, self.config.risk.window().duration(), now)
    }
}

/// Are both the same act, seen at two targets? Behaviour has no values: each is an act of its own.
fn is_same_act(one: &Detection, other: &Detection) -> bool {
    one.rule == other.rule && one.name == other.name && !one.values.is_empty() && one.values == other.values
}
