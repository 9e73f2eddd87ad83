//! How do detections become events in the user's record? One step for each party, with the log line and transitions that follow.

use crate::clock::Timestamp;
use crate::console::journal::Notes;
use crate::detect::category::Category;
use crate::detect::detection::{Detection, Whose};
use crate::detect::signal::Signal;
use crate::engine::account::{Account, Finding, Party, Standing};
use crate::engine::attributed::Attributed;
use crate::engine::facts::Facts;
use crate::fleet::feed::Kind as News;
use crate::incident::ledger::Entered;
use crate::incident::user::User;
use crate::incident::weighing::{ActOutcome, Followed, WeighContext, Weighed, Worths};
use crate::keyed_hash::{Digest, Key};
use crate::risk::acts::Event;
use crate::risk::crossing::Limits;
use crate::risk::exchange::{self, ranked};
use crate::risk::fingerprint::Fingerprint;
use crate::state::cells::Cells;
use crate::state::table::Failure;
use crate::worker::metric::Counter;
use crate::worker::state::Worker;
use crate::worker::tables::Tables;
use crate::worker::turn::Turn;

/// What came of detections.
#[derive(Default)]
struct Outcome {
    /// Of each, in order.
    outcomes: Vec<ActOutcome>,
    /// What followed from them.
    followed: Vec<Followed>,
}

impl<C: Cells> Turn<'_, C> {
    /// Holds what was found since the last weighing against those whose it is.
    pub(super) fn weigh(&mut self, facts: Facts<'_>, account: &mut Account, found: Vec<Detection>) {
        let is_new = account.parties.is_empty();
        self.count(Counter::Requests, u64::from(is_new));
        self.count_detections(&found);
        self.learn(|learning| learning.found(is_new, found.len(), self.now));
        let mut found = ranked(&self.worker.rules, found);
        while let Some(first) = found.first() {
            let whose = first.whose.clone();
            let (theirs, others) = found.into_iter().partition(|detection| detection.whose == whose);
            found = others;
            let Some(party) = account.party(&whose, self.worker.config.risk.exchange_cap()) else { continue };
            if let Some(party) = account.parties.get_mut(party) {
                party.is_echo = false;
            }
            self.hold_against(facts, account, party, theirs.clone());
            if whose == Whose::Exchange && account.parties.get(party).is_some_and(Party::is_invented) {
                self.echo(facts, account, theirs);
            }
        }
    }

    /// Counts for the address too what a user did whose name clients can invent, or a new cookie for each request would hide
    /// everything. Of a user over the threshold, and of what is conclusive, the user's own incident tells.
    fn echo(&mut self, facts: Facts<'_>, account: &mut Account, mut found: Vec<Detection>) {
        found.retain(|detection| {
            let rule = self.worker.rules.rule(detection.rule);
            !rule.conclusive && rule.category != Category::Test
        });
        if found.is_empty() {
            return;
        }
        let is_new = account.parties.iter().all(|party| party.whose != Whose::Client);
        let Some(index) = account.party(&Whose::Client, self.worker.config.risk.exchange_cap()) else { return };
        if let Some(party) = account.parties.get_mut(index) {
            party.is_echo |= is_new;
        }
        self.hold_against(facts, account, index, found);
    }

    /// Holds the detections, in the order in which they fill the cap, against one of the account's parties.
    fn hold_against(&mut self, facts: Facts<'_>, account: &mut Account, party: usize, found: Vec<Detection>) {
        let Account { route, address, parties, .. } = account;
        let Some(party) = parties.get_mut(party) else { return };
        let entered = self.tables().and_then(|tables| match self.attribute(tables, facts, address, party)? {
            Some(attributed) => self.enter(tables, facts, route, party, attributed, &found),
            None => Ok(Outcome::default()),
        });
        let Outcome { outcomes, followed } = entered.unwrap_or_else(|failure| {
            self.count_unweighed();
            self.log_trouble("the request could not be weighed", &failure);
            Outcome::default()
        });
        let mut outcomes = outcomes.into_iter();
        party.findings.extend(found.into_iter().map(|detection| {
            let rule = self.worker.rules.rule(detection.rule);
            Finding::found(&rule, detection, outcomes.next())
        }));
        // What follows for the address is its own.
        party.is_echo &= followed.is_empty();
        party.findings.extend(followed.into_iter().map(Finding::followed));
    }

    /// Enters the detections into the user's record, and acts on what that came to.
    fn enter(
        &mut self,
        tables: &Tables,
        facts: Facts<'_>,
        route: &str,
        party: &mut Party,
        attributed: Attributed,
        found: &[Detection],
    ) -> Result<Outcome, Failure> {
        let Attributed { user, someone, limits, audience, address } = attributed;
        let worker = self.worker;
        let is_cross_site = facts.head.is_cross_site();
        let request_id = facts.head.kept_request_id();
        let occasion: &[&[u8]] = &[request_id.as_bytes(), &self.now.as_millis().to_le_bytes()];
        let mut events: Vec<Event<'_>> = Vec::new();
        for detection in found {
            let is_common = worker.is_common(tables, detection, someone, self.now)?;
            let known = events.iter().zip(found).find(|(_, other)| is_same_act(detection, other));
            let fingerprint = known.map(|(event, _)| event.fingerprint.clone());
            let fingerprint =
                fingerprint.unwrap_or_else(|| worker.fingerprint(detection, route, &tables.key, occasion));
            let event = worker.event(detection, route, fingerprint);
            let is_conclusive = event.is_conclusive
                || event.category == Category::Test && worker.is_second_test(tables, &user, self.now)?;
            // Of another's doing, such as a failed login, it says nothing that a foreign site sent the request.
            let cross_site = is_cross_site && detection.whose == Whose::Exchange;
            events.push(Event { cross_site, is_common, is_conclusive, ..event });
        }
        let (policy, notifies) = (&worker.config.risk, worker.notifies());
        let (key, request_id, proxy) = (&tables.key, request_id.as_str(), tables.proxy);
        let restrictions = worker.restrictions(facts.proxy, audience.group.as_deref());
        let context = WeighContext {
            policy,
            limits,
            key,
            notifies,
            proxy,
            request_id,
            address: &address,
            audience: &audience,
            persistence: worker.persistence(),
            restrictions: &restrictions,
            deciding: self.deciding(tables),
        };
        let charged = party.charged.clone().at_most(limits.threshold);
        let entered = tables.ledger.weigh(&worker.cells, &user, &events, &charged, self.now, context)?;
        let Some(Entered { weighed, pending, evicted, ended }) = entered else {
            // No line: whoever invents names decides how many there are.
            self.count_unweighed();
            return Ok(Outcome::default());
        };
        if evicted {
            self.count(Counter::Evicted, 1);
            worker.note(Notes::evicted);
            worker.evictions.count();
        }
        self.learn_weighed(tables, &user, &limits, &events, &weighed);
        self.note_transitions(&weighed.transitions, Some(facts.head));
        self.note_transitions(&ended, None);
        self.note_restrictions(&user, &weighed.restricted, &weighed.stance);
        self.note_stance(tables, weighed.stance.clone());
        self.forget_stances(tables, &ended);
        if !pending.is_empty() && !request_id.is_empty() && facts.proxy.status().is_none() {
            // The message is to have the answer's status: the answer hastens it.
            self.queue(tables, user.id, &pending);
        } else {
            self.hand_off(tables, user.id, &pending);
        }
        if weighed.is_changed {
            let order = (!weighed.restricted.is_empty()).then_some(News::Blocked);
            self.share(tables, user.id, order);
        }
        self.count_events(&user, if party.is_echo { &[] } else { found }, &weighed);
        let Weighed { outcomes, followed, charged, increase, is_muted, .. } = weighed;
        party.standing = Some(Standing { user, limits, increase, audience, is_muted });
        party.charged = charged;
        Ok(Outcome { outcomes, followed })
    }

    fn learn_weighed(
        &mut self,
        tables: &Tables,
        user: &User,
        limits: &Limits,
        events: &[Event<'_>],
        weighed: &Weighed,
    ) {
        let Some(learning) = &self.worker.learning else { return };
        match tables.learned.step(&self.worker.cells, user.id, weighed, limits, self.now) {
            Ok(step) => learning.weighed(events, weighed, step, self.now),
            Err(failure) => self.log_learning_trouble(&failure),
        }
    }
}

impl<C: Cells> Worker<C> {
    /// What identifies the act: its values or, where each is a new one, the `occasion`.
    fn fingerprint(&self, detection: &Detection, route: &str, key: &Key, occasion: &[&[u8]]) -> Fingerprint {
        let rule = self.rules.rule(detection.rule);
        if !rule.category.is_new_each_time() {
            return Fingerprint::of(key, rule.id, &detection.values, route);
        }
        let parts = [rule.id, detection.name.as_deref().unwrap_or_default(), &detection.target].map(str::as_bytes);
        Fingerprint::unique(key, &parts.iter().chain(occasion).copied().collect::<Vec<_>>())
    }

    fn event<'e>(&'e self, detection: &'e Detection, route: &'e str, fingerprint: Fingerprint) -> Event<'e> {
        let rule = self.rules.rule(detection.rule);
        Event {
            rule: detection.name.as_deref().unwrap_or(rule.id),
            category: rule.category,
            severity: detection.severity,
            confidence: detection.confidence,
            points: exchange::points(&self.config.risk, detection),
            fingerprint,
            target: &detection.target,
            is_common: false,
            route,
            cross_site: false,
            is_conclusive: rule.conclusive,
        }
    }

    /// What it counts if a user persists.
    fn persistence(&self) -> Worths {
        let worth = |signal| {
            let (severity, points) = self.rules.of_signal(signal)?;
            Some((severity, points.unwrap_or_else(|| self.config.risk.points.of(severity))))
        };
        Worths { rule: worth(Signal::PersistenceRule), spread: worth(Signal::PersistenceSpread) }
    }

    /// Has the rule matched at this target in several users' exchanges? Behaviour has no target that users could share.
    fn is_common(
        &self,
        tables: &Tables,
        detection: &Detection,
        someone: Digest,
        now: Timestamp,
    ) -> Result<bool, Failure> {
        let rule = self.rules.rule(detection.rule);
        if rule.category.is_new_each_time() {
            return Ok(false);
        }
        let id = tables.key.digest("common", &[rule.id.as_bytes(), detection.target.as_bytes()]);
        let window = self.config.risk.window().duration();
        tables.ledger.is_common(&self.cells, id, someone, window, now)
    }
}

/// Are both the same act, seen at two targets? Behaviour has no values: each is an act of its own.
fn is_same_act(one: &Detection, other: &Detection) -> bool {
    one.rule == other.rule && one.name == other.name && !one.values.is_empty() && one.values == other.values
}
