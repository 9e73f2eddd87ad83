//! Is everything told although a worker dies, wherever it dies? It is killed after its first swap, its second, and so on.

use std::cell::Cell as Count;
use std::collections::BTreeMap;

use user_risk_filter::clock::Timestamp;
use user_risk_filter::engine::stream::{Mark, Part, Stream};
use user_risk_filter::engine::{Engine, Input};
use user_risk_filter::exchange::head::Head;
use user_risk_filter::notify::callout::Reply;
use user_risk_filter::plugin::config::Config;
use user_risk_filter::secret::Variable;
use user_risk_filter::state::cells::{Cell, Cells, Refusal, Unavailable, Version};
use user_risk_filter::state::memory::Memory;
use user_risk_filter::worker::effect::Effect;

use crate::{CHANNELS, COMMAND, JNDI, SCRIPT, UNION, known, with};

/// Cells that a worker loses after so many swaps: what it wrote stands, and it does nothing more.
struct Mortal<'a> {
    cells: &'a Memory,
    left: Count<u32>,
    reads: Count<u32>,
    swaps: Count<u32>,
}

impl<'a> Mortal<'a> {
    fn new(cells: &'a Memory, left: u32) -> Self {
        Self { cells, left: Count::new(left), reads: Count::new(0), swaps: Count::new(0) }
    }

    fn is_dead(&self) -> bool {
        self.left.get() == 0
    }
}

impl Cells for Mortal<'_> {
    fn read(&self, key: &str) -> Result<Option<Cell>, Unavailable> {
        if self.is_dead() {
            return Err(Unavailable);
        }
        self.reads.set(self.reads.get() + 1);
        self.cells.read(key)
    }

    fn swap(&self, key: &str, bytes: &[u8], seen: Option<Version>) -> Result<(), Refusal> {
        if self.is_dead() {
            return Err(Refusal::Unavailable);
        }
        self.left.set(self.left.get() - 1);
        self.swaps.set(self.swaps.get() + 1);
        self.cells.swap(key, bytes, seen)
    }
}

/// What happens, in this order; the user is gone after the last attack.
enum Step {
    Attack(&'static str),
    /// A tick a second, for so many seconds.
    Wait(u64),
}

use Step::{Attack, Wait};

const STORY: [Step; 7] = [Attack(UNION), Attack(COMMAND), Wait(3), Attack(JNDI), Attack(SCRIPT), Wait(20), Wait(40)];

/// A receiver's view: incident, transition and message id, in the order of arrival.
type Lines = Vec<(String, String, String)>;

/// One worker does it all until it dies; then another goes on, from the step in which the first one died.
struct Life<'a> {
    cells: &'a Mortal<'a>,
    engine: Engine<&'a Mortal<'a>>,
}

impl<'a> Life<'a> {
    fn new(cells: &'a Mortal<'a>, seed: u8) -> Self {
        let options = format!(r#""risk": {{"window": "40s"}}, "memory": {{"users": 8}}, "key_env": "K", {CHANNELS}"#);
        let secret = |_: &str| Variable::Set(user_risk_filter::secret::Secret::new(crate::TOKEN));
        let config = Config::load(with(&options).as_bytes(), &secret).unwrap().config;
        Self { cells, engine: Engine::new(config, cells, [seed; 32]) }
    }

    /// Effects of a worker that has died meanwhile are carried out by nobody: they come back empty.
    fn on(&self, input: Input<'_>, now: u64) -> Vec<Effect> {
        let effects = self.engine.on(input, Timestamp::from_millis(now));
        if self.cells.is_dead() { Vec::new() } else { effects }
    }

    fn attack(&self, target: &str, now: u64) {
        let head = [(":method", "GET"), (":path", target), (":authority", "shop.example"), ("x-user-id", "mallory")];
        let mut stream = Stream::default();
        self.on(Input::Stream(&mut stream, Part::Head(Head::new(head.into_iter().collect()))), now);
        for mark in [Mark::Complete, Mark::Answered, Mark::End] {
            self.on(Input::Stream(&mut stream, Part::Mark(mark, &known())), now);
        }
    }

    fn tick(&self, now: u64, told: &mut Lines) {
        let mut effects = self.on(Input::Tick, now);
        while let Some(effect) = effects.pop() {
            let Effect::Call { pending_callout, cluster, request, .. } = effect else { continue };
            if cluster == "receiver" {
                let body: serde_json::Value = serde_json::from_slice(&request.body).unwrap();
                let id = request.headers.iter().find(|(name, _)| *name == "webhook-id").unwrap().1.clone();
                let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
                told.push((text(&body["data"]["id"]), text(&body["type"]), id));
            }
            let reply = Reply::Answer { status: 200, retry_after: None, body: b"ok".to_vec() };
            effects.extend(self.on(Input::Answered(pending_callout, reply), now));
        }
    }
}

/// Plays the story with a first worker that dies after so many swaps; what was told, and whether it died.
fn play(deaths: u32) -> (Lines, bool) {
    let memory = Memory::default();
    let (first, second) = (Mortal::new(&memory, deaths), Mortal::new(&memory, u32::MAX));
    let lives = [Life::new(&first, 1), Life::new(&second, 2)];
    let (mut now, mut told) = (1_000_000, Vec::new());
    for step in &STORY {
        match step {
            Attack(target) => {
                now += 1000;
                lives[0].attack(target, now);
                if first.is_dead() {
                    // The client tries again, as it got a 503.
                    now += 1000;
                    lives[1].attack(target, now);
                }
            }
            Wait(seconds) => {
                for _ in 0..*seconds {
                    now += 1000;
                    lives[usize::from(first.is_dead())].tick(now, &mut told);
                }
            }
        }
    }
    (told, first.is_dead())
}

#[test]
fn wherever_a_worker_dies_everything_is_told_in_order_under_constant_ids() {
    for deaths in 1.. {
        let (told, died) = play(deaths);
        let mut messages: BTreeMap<&str, &str> = BTreeMap::new();
        let mut order = Vec::new();
        for (incident, transition, id) in &told {
            assert_eq!(*incident, told[0].0, "one incident; died after swap {deaths}: {told:?}");
            if *messages.entry(transition).or_insert(id) != id {
                panic!("another id for the same; died after swap {deaths}: {told:?}");
            }
            if order.last() != Some(transition) {
                order.push(transition.clone());
            }
        }
        let expected = ["risk.incident.opened", "risk.incident.updated", "risk.incident.resolved"];
        assert_eq!(order, expected, "died after swap {deaths}: {told:?}");
        assert!(told.len() <= 4, "a death makes at most one message come twice: {told:?}");
        if !died {
            assert!(deaths > 20, "only {deaths} swaps in the whole story");
            return;
        }
    }
}

#[test]
fn what_a_malicious_request_costs_in_shared_data_is_bounded() {
    let memory = Memory::default();
    let cells = Mortal::new(&memory, u32::MAX);
    let life = Life::new(&cells, 1);
    let many: String =
        (0..120).map(|n| format!("&p{n}=1'%20UNION%20SELECT%20password%20FROM%20users--%20{n}")).collect();
    let mut costs = Vec::new();
    for (name, target) in [
        ("first", UNION),
        ("again", UNION),
        ("opens", COMMAND),
        ("grows", JNDI),
        ("grows too", SCRIPT),
        ("many", &format!("/?{many}")),
    ] {
        let before = (cells.reads.get(), cells.swaps.get());
        life.attack(target, 1_000_000);
        costs.push((name, cells.reads.get() - before.0, cells.swaps.get() - before.1));
    }
    assert!(costs.iter().all(|(_, reads, swaps)| *reads <= 24 && *swaps <= 24), "{costs:?}");
}
