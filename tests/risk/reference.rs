//! Is the record exact? Random histories beside a naive reference that keeps every act for ever.

use proptest::collection::vec;
use proptest::prelude::*;
use user_risk_filter::clock::Timestamp;
use user_risk_filter::detect::category::Severity;
use user_risk_filter::incident::snapshot::Transition;
use user_risk_filter::incident::weighing::{ActOutcome, Worths};
use user_risk_filter::points::Points;

use crate::{CRITICAL, HIGH, HOUR, LOW, MEDIUM, MINUTE, SECOND, START, Timeline, event};

const WINDOW: u64 = 24 * HOUR;
const STACK: usize = 3;
/// Rules of two categories; each has its severity, as rules do.
const RULES: [(&str, Severity, u32); 6] = [
    ("sqli.a", CRITICAL, 8),
    ("sqli.b", HIGH, 5),
    ("sqli.c", LOW, 1),
    ("xss.a", MEDIUM, 3),
    ("xss.b", LOW, 1),
    ("xss.c", LOW, 1),
];

/// What happens next, and how many milliseconds after what came before; before it, where the clock steps back.
#[derive(Clone, Debug)]
enum Step {
    Act { after: i64, rule: usize, value: u64, target: u64 },
    Look { after: i64 },
}

#[derive(Clone, Debug)]
struct Done {
    time: u64,
    rule: usize,
    value: u64,
    target: u64,
    /// Has it left the window, or have three newer ones taken its place? What is gone never returns, whatever the clock does.
    gone: bool,
}

/// Every act for ever, by time, of equal ones the later below; summed up anew each time.
#[derive(Clone, Default)]
struct Reference {
    done: Vec<Done>,
    open: bool,
    threshold: u32,
    rearm: u32,
}

impl Reference {
    /// Re-dates what lies too far ahead; the moment that counts.
    fn moment(&mut self, now: u64) -> u64 {
        for act in &mut self.done {
            if act.time > now + 5 * MINUTE {
                act.time = now;
            }
        }
        self.done.sort_by_key(|act| act.time);
        let left = |act: &Done, moment| act.time + WINDOW <= moment;
        let moment = self.done.iter().filter(|act| !act.gone).map(|act| act.time).fold(now, u64::max);
        for act in &mut self.done {
            act.gone |= left(act, moment);
        }
        moment
    }

    /// The acts that count at `moment`: of each rule the newest three.
    fn counting(&self, moment: u64) -> Vec<&Done> {
        let mut counting = Vec::new();
        for rule in 0..RULES.len() {
            let of_rule: Vec<_> = self
                .done
                .iter()
                .rev()
                .filter(|act| !act.gone && act.rule == rule && moment < act.time + WINDOW)
                .collect();
            counting.extend(of_rule.into_iter().take(STACK));
        }
        counting
    }

    /// Of a rule only the newest three stay.
    fn displace(&mut self, rule: usize) {
        let of_rule: Vec<_> = self.done.iter_mut().rev().filter(|act| !act.gone && act.rule == rule).collect();
        of_rule.into_iter().skip(STACK).for_each(|act| act.gone = true);
    }

    fn increase(&self, moment: u64) -> u32 {
        let points = |low: bool| -> u32 {
            let rules = self.counting(moment).into_iter().map(|act| RULES[act.rule]);
            rules.filter(|(_, severity, _)| (*severity == LOW) == low).map(|(_, _, points)| points).sum()
        };
        points(false) + points(true).min(5)
    }

    /// Whether the incident ends by the look at `moment`.
    fn fall(&mut self, moment: u64) -> bool {
        let ends = self.open && self.increase(moment) <= self.rearm;
        self.open &= !ends;
        ends
    }

    /// When it ends if nothing more happens.
    fn quiet_at(&self, moment: u64) -> u64 {
        let mut leave: Vec<u64> = self
            .done
            .iter()
            .filter(|act| !act.gone)
            .map(|act| act.time + WINDOW)
            .filter(|leave| *leave > moment)
            .collect();
        leave.sort_unstable();
        leave.into_iter().find(|leave| self.increase(*leave) <= self.rearm).unwrap()
    }

    fn knows(&self, rule: usize, value: u64, target: u64, moment: u64, now: u64) -> bool {
        self.counting(moment).into_iter().any(|act| {
            act.rule == rule && act.value == value && (act.target == target || now.saturating_sub(act.time) <= MINUTE)
        })
    }
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let after = prop_oneof![
        4 => 0..60 * SECOND as i64,
        3 => 0..3 * HOUR as i64,
        1 => 0..30 * HOUR as i64,
        1 => -(20 * MINUTE as i64)..0,
    ];
    let step = (after, 0..RULES.len() + 1, 0_u64..12, 0_u64..3).prop_map(|(after, rule, value, target)| {
        if rule == RULES.len() { Step::Look { after } } else { Step::Act { after, rule, value, target } }
    });
    vec(step, 1..50)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn the_record_is_the_reference(steps in steps()) {
        // What persistence adds has tests of its own.
        let mut timeline = Timeline { persistence: Worths::default(), ..Timeline::new("{}") };
        let mut reference = Reference { threshold: 10, rearm: 5, ..Reference::default() };
        let mut clock = 1000 * HOUR as i64;
        for step in steps {
            let (Step::Act { after, .. } | Step::Look { after }) = step;
            clock += after;
            let now = clock as u64;
            let mut expected = Vec::new();
            let before = (reference.clone(), timeline.record.clone());
            let moment = reference.moment(now);
            if reference.fall(moment) {
                expected.push(Transition::Resolved);
            }
            match step {
                Step::Look { .. } => {
                    let settled = timeline.record.resolve(Timestamp::from_millis(START + now), true);
                    let transitions: Vec<_> = settled.iter().map(|one| one.transition).collect();
                    prop_assert_eq!(&transitions, &expected);
                    if transitions.is_empty() {
                        // A look that ends nothing writes nothing.
                        (reference, timeline.record) = before;
                        continue;
                    }
                }
                Step::Act { rule, value, target, .. } => {
                    let known = reference.knows(rule, value, target, moment, now);
                    if !known {
                        reference.done.push(Done { time: now, rule, value, target, gone: false });
                        reference.done.sort_by_key(|act| act.time);
                        reference.displace(rule);
                        if !reference.open && reference.increase(moment) > reference.threshold {
                            reference.open = true;
                            expected.push(Transition::Opened);
                        }
                    }
                    let (name, severity, points) = RULES[rule];
                    let fingerprint = value + 100 * rule as u64;
                    let weighed = timeline.weighed(now, &[event(name, severity, fingerprint, target)]);
                    let outcome = if known { ActOutcome::CountedBefore } else { ActOutcome::Counted(Points::whole(points)) };
                    prop_assert_eq!(weighed.outcomes, vec![outcome]);
                    prop_assert_eq!(weighed.increase, Points::whole(reference.increase(moment)));
                    let transitions = weighed.transitions.iter().map(|one| one.transition);
                    let transitions: Vec<_> = transitions.filter(|one| *one != Transition::Updated).collect();
                    prop_assert_eq!(transitions, expected);
                }
            }
            let quiet = reference.open.then(|| Timestamp::from_millis(START + reference.quiet_at(moment)));
            prop_assert_eq!(timeline.record.resolve_at(), quiet);
        }
    }

    #[test]
    fn two_workers_updates_in_either_order_give_the_same(
        history in vec((0..10 * MINUTE, 0..RULES.len()), 0..30),
        pair in (0..RULES.len(), 0..RULES.len(), 0_u64..5),
    ) {
        let play = |swapped: bool| {
            let mut timeline = Timeline::new("{}");
            let mut now = 0;
            let mut acts: Vec<(u64, usize, u64)> = history
                .iter()
                .enumerate()
                .map(|(number, (after, rule))| {
                    now += after;
                    (now, *rule, number as u64)
                })
                .collect();
            let (first, second, apart) = pair;
            let last = [(now + HOUR, first, 100), (now + HOUR + apart, second, 101)];
            acts.extend(if swapped { [last[1], last[0]] } else { last });
            let mut increase = Points::ZERO;
            for (at, rule, value) in acts {
                increase = timeline.weighed(at, &[event(RULES[rule].0, RULES[rule].1, value, value)]).increase;
            }
            let opened = timeline.record.pending().iter().filter(|one| one.transition == Transition::Opened).count();
            (increase, opened, timeline.record.resolve_at())
        };
        prop_assert_eq!(play(false), play(true));
    }
}
