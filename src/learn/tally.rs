//! What does a day come to? Numbers that add up, a worker's to those of all.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::incident::snapshot::Transition;
use crate::incident::weighing::{ActOutcome, Weighed};
use crate::keyed_hash::Digest;
use crate::points::Points;
use crate::risk::acts::Event;
use crate::risk::band::Band;
use crate::risk::crossing::Limits;
use crate::state::buckets::Kept;

/// The other thresholds that are tried, in halves of the one that holds: with the default 5, 10, 15, 20, 30 and 50 points.
pub(crate) const LADDER: [u32; 6] = [1, 2, 3, 4, 6, 10];

/// At most so many rules have a row of their own.
const RULES: usize = 64;

/// So many targets that look like false alarms are remembered.
const TARGETS: usize = 16;

/// The row that the rules share for which there is no room.
const OTHER: &str = "other";

/// Numbers of a day.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Tally {
    pub(crate) requests: u64,
    pub(crate) detections: u64,
    pub(crate) users: u64,
    /// Transitions that would have been notified: opened, updated, resolved.
    pub(crate) transitions: [u64; 3],
    /// Incidents that reached the bands, or a higher one: warning, error, critical.
    pub(crate) bands: [u64; 3],
    /// Incidents that each threshold of the ladder would have opened.
    pub(crate) ladder: [u64; 6],
    pub(crate) rules: Vec<Row>,
    pub(crate) targets: Vec<RuleTarget>,
}

/// What a rule came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Row {
    pub(crate) rule: String,
    pub(crate) acts: u64,
    pub(crate) points: Points,
}

/// A rule that matched at the same target for three users or more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RuleTarget {
    pub(crate) rule: String,
    pub(crate) target: String,
    pub(crate) acts: u64,
}

impl Tally {
    /// Does it say nothing?
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Counts a transition.
    pub(crate) fn transition(&mut self, transition: Transition) {
        let [opened, updated, resolved] = &mut self.transitions;
        let count = match transition {
            Transition::Opened => opened,
            Transition::Updated => updated,
            Transition::Resolved => resolved,
        };
        *count += 1;
    }

    /// Counts what came of the events of one exchange.
    pub(crate) fn weighed(&mut self, events: &[Event<'_>], weighed: &Weighed, step: Step) {
        self.users += u64::from(step.is_new);
        add(&mut self.bands, &step.bands);
        add(&mut self.ladder, &step.ladder);
        for (event, outcome) in events.iter().zip(&weighed.outcomes) {
            if let ActOutcome::Counted(points) = outcome {
                self.row(event.rule, 1, *points);
                if event.is_common {
                    self.target(event.rule, event.target, 1);
                }
            }
        }
    }

    /// Adds the numbers of another.
    pub(crate) fn merge(&mut self, other: Self) {
        self.requests += other.requests;
        self.detections += other.detections;
        self.users += other.users;
        add(&mut self.transitions, &other.transitions);
        add(&mut self.bands, &other.bands);
        add(&mut self.ladder, &other.ladder);
        other.rules.into_iter().for_each(|row| self.row(&row.rule, row.acts, row.points));
        other.targets.into_iter().for_each(|target| self.target(&target.rule, &target.target, target.acts));
    }

    fn row(&mut self, rule: &str, acts: u64, points: Points) {
        let is_known = self.rules.iter().any(|row| row.rule == rule);
        let rule = if is_known || self.rules.len() < RULES { rule } else { OTHER };
        match self.rules.iter_mut().find(|row| row.rule == rule) {
            Some(row) => {
                row.acts += acts;
                row.points = row.points + points;
            }
            None => self.rules.push(Row { rule: rule.to_owned(), acts, points }),
        }
    }

    fn target(&mut self, rule: &str, target: &str, acts: u64) {
        if let Some(known) = self.targets.iter_mut().find(|known| known.rule == rule && known.target == target) {
            known.acts += acts;
        } else if self.targets.len() < TARGETS {
            self.targets.push(RuleTarget { rule: rule.to_owned(), target: target.to_owned(), acts });
        }
    }
}

fn add(counts: &mut [u64], more: &[u64]) {
    counts.iter_mut().zip(more).for_each(|(count, more)| *count += more);
}

/// What is remembered of a user from one exchange to the next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct UserState {
    id: Digest,
    /// The day on which it was counted last.
    day: u64,
    /// The newest exchange.
    last: Timestamp,
    /// Which thresholds of the ladder have fired and are not armed again: a bit each.
    fired: u8,
    /// The band of the open incident, as far as it was counted.
    band: Option<Band>,
}

/// What one exchange adds for its user.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Step {
    is_new: bool,
    bands: [u64; 3],
    ladder: [u64; 6],
}

impl UserState {
    /// Of whom nothing is remembered.
    pub(crate) fn new(id: Digest) -> Self {
        Self { id, day: 0, last: Timestamp::default(), fired: 0, band: None }
    }

    /// Takes in what an exchange came to on `day`.
    pub(crate) fn step(&mut self, weighed: &Weighed, limits: &Limits, day: u64, now: Timestamp) -> Step {
        let mut step = Step { is_new: self.day != day, ..Step::default() };
        self.day = day;
        for snapshot in &weighed.transitions {
            match snapshot.transition {
                Transition::Resolved => self.band = None,
                Transition::Opened => self.reach(None, snapshot.band, &mut step),
                Transition::Updated => self.reach(self.band, snapshot.band, &mut step),
            }
        }
        let counts = weighed.outcomes.iter().any(|outcome| matches!(outcome, ActOutcome::Counted(_)));
        for ((at, halves), fires) in LADDER.iter().enumerate().zip(&mut step.ladder) {
            let rung = |points: Points| points.scaled(Points::whole(*halves), Points::whole(2));
            let bit = 1 << at;
            // An older exchange, or one of the same moment, of another worker may come late: what it saw before itself is
            // past.
            if weighed.before <= rung(limits.rearm) && now > self.last {
                self.fired &= !bit;
            }
            let crosses = weighed.is_conclusive || weighed.increase > rung(limits.threshold);
            if counts && crosses && self.fired & bit == 0 {
                self.fired |= bit;
                *fires = 1;
            }
        }
        self.last = self.last.max(now);
        step
    }

    fn reach(&mut self, from: Option<Band>, to: Band, step: &mut Step) {
        for (band, count) in [Band::Warning, Band::Error, Band::Critical].into_iter().zip(&mut step.bands) {
            *count += u64::from(from.is_none_or(|from| band > from) && band <= to);
        }
        self.band = Some(to);
    }
}

impl Kept for UserState {
    const FORMAT: u8 = 1;

    fn id(&self) -> Digest {
        self.id
    }

    /// Who was quiet for longest goes first.
    fn worth(&self) -> impl Ord {
        self.last
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incident::record::Record;
    use crate::incident::strength::Strength;
    use crate::incident::user::User;
    use crate::keyed_hash::Key;
    use crate::risk::exchange::Charged;
    use crate::risk::policy::Policy;

    fn weighed(before: u32, increase: u32) -> Weighed {
        let [before, increase] = [before, increase].map(Points::whole);
        let outcomes = vec![ActOutcome::Counted(increase.saturating_sub(before))];
        Weighed {
            followed: Vec::new(),
            is_conclusive: false,
            is_changed: true,
            outcomes,
            charged: Charged::new(Points::ZERO),
            before,
            increase,
            transitions: Vec::new(),
            is_muted: false,
            restricted: Vec::new(),
            stance: Record::new(user()).stance(),
        }
    }

    fn user() -> User {
        let id = Key::from_passphrase("k").digest("user", &[]);
        User { id, name: "u".to_owned(), source: "address".to_owned(), strength: Strength::Address }
    }

    #[test]
    fn two_workers_in_either_order_come_to_the_same() {
        let (limits, key) = (Policy::default().user_limits(), Key::from_passphrase("k"));
        let exchanges = [(1, weighed(0, 8)), (2, weighed(8, 16)), (2, weighed(16, 21))];
        for order in [[0, 1, 2], [1, 0, 2], [2, 1, 0], [1, 2, 0]] {
            let mut user_state = UserState::new(key.digest("user", &[]));
            let mut ladder = [0; 6];
            for (at, exchange) in order.into_iter().map(|number| &exchanges[number]) {
                add(&mut ladder, &user_state.step(exchange, &limits, 1, Timestamp::from_millis(*at)).ladder);
            }
            assert_eq!(ladder, [1, 1, 1, 1, 0, 0], "{order:?}");
            // Quiet again: those that fired are armed.
            let later = user_state.step(&weighed(2, 12), &limits, 1, Timestamp::from_millis(9));
            assert_eq!(later.ladder, [1, 1, 0, 0, 0, 0], "{order:?}");
        }
    }

    #[test]
    fn whatever_is_told_apart_is_bounded() {
        let mut tally = Tally::default();
        for number in 0..1000 {
            tally.row(&format!("application.{number}"), 1, Points::whole(1));
            tally.target("xss.script", &format!("query:{number}"), 1);
        }
        let other = tally.rules.iter().find(|row| row.rule == OTHER).map(|row| row.acts);
        assert_eq!((tally.rules.len(), tally.targets.len(), other), (RULES + 1, TARGETS, Some(1000 - RULES as u64)));
    }
}
