//! What does an exchange come to? Its events enter the user's record, and open an incident or let it grow, in one step.

use crate::clock::{Timestamp, Window};
use crate::detect::category::{Category, Severity};
use crate::incident::record::Record;
use crate::incident::restriction::RestrictionKind;
use crate::incident::sharing::{Deciding, Undecided};
use crate::incident::snapshot::Snapshot;
use crate::incident::weighing::{ActOutcome, Followed, Restricted, WeighContext, Weighed};
use crate::points::Points;
use crate::risk::acts::Event;
use crate::risk::exchange::Charged;
use crate::risk::fingerprint::{ActId, Fingerprint};
use crate::risk::persistence::Signs;

impl Record {
    /// Expires, adds, decides, and keeps the transitions as pending: one step. `events` stand in the order in which they
    /// fill the exchange's cap; `charged` is what the exchange was charged with before.
    pub fn weigh(
        &mut self,
        events: &[Event<'_>],
        charged: &Charged,
        now: Timestamp,
        context: WeighContext<'_>,
    ) -> Weighed {
        let mut transitions = Vec::new();
        let window = context.policy.window();
        match context.deciding {
            Deciding::Alone | Deciding::Meanwhile => transitions.extend(self.expire(now, window, context.notifies)),
            Deciding::Fleet => self.forget(now, window),
        }
        let moment = self.acts.moment(now);
        let window = Window { end: moment, length: window.duration() };
        let before = self.acts.increase();
        let mut charged = charged.clone();
        let mut outcomes: Vec<ActOutcome> = Vec::new();
        let mut followed = Vec::new();
        let mut newest = None;
        let (mut is_conclusive, mut is_changed) = (false, !transitions.is_empty());
        for event in events {
            let same = events.iter().zip(&outcomes).find(|(other, _)| other.fingerprint.is_same(&event.fingerprint));
            if let Some((_, outcome)) = same {
                // Another target of the same act.
                outcomes.push(if let ActOutcome::Counted(_) = outcome { ActOutcome::Covered } else { *outcome });
                continue;
            }
            let outcome = if self.acts.knows(&event.fingerprint, now) {
                ActOutcome::CountedBefore
            } else {
                is_changed = true;
                let points = charged.charge(event.category, event.points);
                let act = self.add(event, points.unwrap_or_default(), now, context);
                newest = points.map(|_| act).or(newest);
                points.map_or(ActOutcome::Covered, ActOutcome::Counted)
            };
            let is_counted = matches!(outcome, ActOutcome::Counted(points) if points > Points::ZERO);
            let signs = self.acts.persist(event, is_counted, context.proxy, window);
            if let Some(act) = self.follow(event, signs, &mut followed, now, context) {
                newest = Some(act);
            }
            is_conclusive |= is_counted && (event.is_conclusive || signs.is_conclusive);
            is_changed |= signs.is_changed;
            outcomes.push(outcome);
        }
        let mut restricted = Vec::new();
        if let Some(act) = newest {
            self.note_request(context.request_id, context.address, now);
            // Before the transition: its snapshot says what was done.
            restricted = self.restrict(is_conclusive, now, context);
            transitions.extend(self.meet(act, is_conclusive, moment, context));
        }
        let counted = events.iter().zip(&outcomes).filter_map(|(event, outcome)| match outcome {
            ActOutcome::Counted(points) => Some((event.rule, event.target, *points)),
            ActOutcome::CountedBefore | ActOutcome::Covered => None,
        });
        let after = followed.iter().map(|one| (one.rule, one.target.as_str(), one.points));
        self.note_events(counted.chain(after), context.request_id, now);
        if is_changed {
            self.sharing.touch();
        }
        self.fit(context.policy.stack());
        let is_muted = now < self.life.muted_until();
        let increase = self.acts.increase();
        let stance = self.stance();
        Weighed {
            outcomes,
            followed,
            is_conclusive,
            is_changed,
            charged,
            before,
            increase,
            transitions,
            is_muted,
            restricted,
            stance,
        }
    }

    /// A new act may open an incident or let it grow: at once, or when the fleet has decided. Returns the transition.
    fn meet(
        &mut self,
        act: ActId,
        is_conclusive: bool,
        moment: Timestamp,
        context: WeighContext<'_>,
    ) -> Option<Snapshot> {
        let mut alone = self.life.clone();
        let (_, facts) = self.parts();
        let transition = alone.grow(facts, act, is_conclusive, moment, context);
        let is_decided_here = context.deciding != Deciding::Fleet;
        if context.deciding != Deciding::Alone {
            let (limits, audience, since) = (context.limits, context.audience.clone(), moment);
            let is_urgent = transition.is_some();
            self.sharing.note(Undecided { act, limits, audience, is_conclusive, since, is_urgent, is_decided_here });
        }
        if is_decided_here {
            self.life = alone;
        }
        transition.filter(|_| is_decided_here)
    }

    /// Begins the restrictions that are due with a new event: none of an address that several people share, and none of a
    /// user whose requests all claim to come from another site.
    fn restrict(&mut self, is_conclusive: bool, now: Timestamp, context: WeighContext<'_>) -> Vec<Restricted> {
        let band = self.life.band_after(self.acts.standing(), &context.limits, is_conclusive);
        let Some(band) = band.filter(|_| !context.audience.is_shared && !context.restrictions.is_empty()) else {
            return Vec::new();
        };
        if self.is_victim_only() {
            return Vec::new();
        }
        let mut begun = Vec::new();
        for kind in [RestrictionKind::Block, RestrictionKind::Redirect] {
            let due = || context.restrictions.iter().filter(|terms| terms.kind == kind && terms.at <= band);
            let Some(terms) = due().find(|terms| !terms.is_dry).or_else(|| due().next()) else { continue };
            let until = self.restrictions.of_mut(kind).begin_by(terms, now);
            begun.extend(until.map(|until| Restricted { kind, until, is_dry: terms.is_dry }));
        }
        begun
    }

    /// Adds what followed from the event: the user goes on with the rule, or tries one value on many routes. Returns the act
    /// that it is.
    fn follow(
        &mut self,
        event: &Event<'_>,
        signs: Signs,
        followed: &mut Vec<Followed>,
        now: Timestamp,
        context: WeighContext<'_>,
    ) -> Option<ActId> {
        let due = [
            ("persistence.rule", context.persistence.rule.filter(|_| signs.persists)),
            ("persistence.spread", context.persistence.spread.filter(|_| signs.spreads)),
        ];
        let mut newest = None;
        for (rule, worth) in due {
            let Some((severity, points)) = worth else { continue };
            newest = Some(self.add(&follower(event, rule, severity, points, now, context), points, now, context));
            followed.push(Followed { rule, severity, points, target: event.target.to_owned() });
        }
        newest
    }

    fn add(&mut self, event: &Event<'_>, points: Points, now: Timestamp, context: WeighContext<'_>) -> ActId {
        let act = ActId::new(context.key, context.proxy, now, &event.fingerprint);
        self.acts.add(event, points, act, context.policy.stack());
        if points > Points::ZERO {
            self.hours.add(context.proxy, points, now);
        }
        act
    }
}

/// The event of this rule that has followed from `event`.
fn follower<'a>(
    event: &Event<'a>,
    rule: &'static str,
    severity: Severity,
    points: Points,
    now: Timestamp,
    context: WeighContext<'_>,
) -> Event<'a> {
    let parts = [rule.as_bytes(), event.rule.as_bytes(), &now.as_millis().to_le_bytes()];
    let fingerprint = Fingerprint::unique(context.key, &parts);
    let category = Category::Persistence;
    Event { rule, category, severity, points, fingerprint, is_common: false, is_conclusive: false, ..event.clone() }
}
