//! A proxy for the tests: a few workers on one thread, a clock, and lists of what was sent, written and counted.

use std::collections::BTreeMap;

use user_risk_filter::clock::Timestamp;
use user_risk_filter::engine::stream::{Mark, Part, Stream};
use user_risk_filter::engine::{Engine, Input};
use user_risk_filter::exchange::head::Head;
use user_risk_filter::exchange::headers::Headers;
use user_risk_filter::exchange::proxy::Known;
use user_risk_filter::notify::callout::Reply;
use user_risk_filter::plugin::config::Config;
use user_risk_filter::secret::{Secret, Variable};
use user_risk_filter::state::cells::Cells;
use user_risk_filter::state::memory::Memory;
use user_risk_filter::worker::effect::Effect;
use user_risk_filter::worker::effect::PendingCallout;
use user_risk_filter::worker::metric::Counter;

/// What all environment variables hold.
pub(crate) const TOKEN: &str = "0123456789abcdef";

/// A proxy of a few workers on one thread.
pub(crate) struct Proxy<'a, C: Cells = Memory> {
    pub(crate) workers: Vec<Engine<&'a C>>,
    pub(crate) now: u64,
    pub(crate) sent: Vec<(String, String)>,
    pub(crate) bodies: Vec<String>,
    pub(crate) lines: Vec<serde_json::Value>,
    pub(crate) counts: BTreeMap<&'static str, u64>,
    /// By the channel's place: what was counted for it, and the age of its oldest message.
    pub(crate) counts_for: BTreeMap<(usize, &'static str), u64>,
    pub(crate) oldest: BTreeMap<usize, u64>,
    pub(crate) labelled: BTreeMap<String, u64>,
    pub(crate) gauges: BTreeMap<&'static str, u64>,
    pub(crate) under_way: Vec<(usize, PendingCallout)>,
    /// How often a tick was asked for at once.
    pub(crate) hastened: u64,
}

impl<'a, C: Cells> Proxy<'a, C> {
    pub(crate) fn new(cells: &'a C, configuration: &str) -> Self {
        let worker = |seed| {
            let config = Config::load(configuration.as_bytes(), &|_| Variable::Set(Secret::new(TOKEN))).unwrap().config;
            Engine::new(config, cells, [seed; 32])
        };
        let (sent, bodies, lines, counts) = (Vec::new(), Vec::new(), Vec::new(), BTreeMap::new());
        let (counts_for, oldest, under_way) = (BTreeMap::new(), BTreeMap::new(), Vec::new());
        let workers = vec![worker(1), worker(2)];
        let (labelled, gauges) = (BTreeMap::new(), BTreeMap::new());
        Self {
            labelled,
            gauges,
            workers,
            now: 1_000_000,
            sent,
            bodies,
            lines,
            counts,
            counts_for,
            oldest,
            under_way,
            hastened: 0,
        }
    }

    pub(crate) fn on(&mut self, worker: usize, input: Input<'_>) {
        for effect in self.effects(worker, input) {
            self.take(worker, effect);
        }
    }

    pub(crate) fn effects(&self, worker: usize, input: Input<'_>) -> Vec<Effect> {
        self.workers[worker].on(input, Timestamp::from_millis(self.now))
    }

    pub(crate) fn take(&mut self, worker: usize, effect: Effect) {
        match effect {
            Effect::Log(_, line) => self.lines.push(serde_json::from_str(&line).unwrap()),
            Effect::Count(counter, number) => *self.counts.entry(counter.name()).or_default() += number,
            Effect::CountFor(channel, counter, number) => {
                *self.counts_for.entry((channel, counter.name())).or_default() += number;
            }
            Effect::Oldest(channel, seconds) => {
                self.oldest.insert(channel, seconds);
            }
            Effect::Call { pending_callout, cluster, request, .. } => {
                let id = request.headers.iter().find(|(name, _)| *name == "webhook-id");
                self.sent.push((cluster, id.map(|(_, id)| id.clone()).unwrap_or_default()));
                self.bodies.push(String::from_utf8(request.body).unwrap());
                self.under_way.push((worker, pending_callout));
            }
            Effect::CountLabelled(labelled, number) => *self.labelled.entry(labelled.name()).or_default() += number,
            Effect::Set(gauge, value) => {
                self.gauges.insert(gauge.name(), value);
            }
            Effect::Hasten => self.hastened += 1,
            Effect::StripRequest(_)
            | Effect::Ask { .. }
            | Effect::StripAnswer(_)
            | Effect::SetRequestHeader(..)
            | Effect::SetState(..)
            | Effect::AskOn
            | Effect::Respond { .. } => {}
        }
    }

    /// A GET of `target` by `user` on a worker; the points that it got.
    pub(crate) fn get(&mut self, worker: usize, user: &str, target: &str) -> u64 {
        self.get_with(worker, ("x-user-id", user), target)
    }

    /// A GET of `target` with this header on a worker; the points that it got, if the log has a line about it.
    pub(crate) fn get_with(&mut self, worker: usize, header: (&str, &str), target: &str) -> u64 {
        let lines = self.lines.len();
        let mut stream = Stream::default();
        let head = [(":method", "GET"), (":path", target), (":authority", "shop.example"), header];
        self.on(worker, Input::Stream(&mut stream, Part::Head(Head::new(head.into_iter().collect()))));
        for mark in [Mark::Complete, Mark::Answered, Mark::End] {
            self.on(worker, Input::Stream(&mut stream, Part::Mark(mark, &known_of(header))));
        }
        let line = self.lines[lines..].iter().find(|line| line["event"] == "malicious_request");
        line.map_or(0, |line| line["points"].as_u64().unwrap())
    }

    /// Ticks of both workers, each call answered with `status`.
    pub(crate) fn deliver(&mut self, status: u16) {
        for worker in 0..self.workers.len() {
            self.on(worker, Input::Tick);
        }
        while let Some((worker, pending_callout)) = self.under_way.pop() {
            let reply = Reply::Answer { status, retry_after: None, body: b"ok".to_vec() };
            self.on(worker, Input::Answered(pending_callout, reply));
        }
    }

    pub(crate) fn count(&self, counter: Counter) -> u64 {
        self.counts.get(counter.name()).copied().unwrap_or_default()
    }
}

/// The same; each user that a header names has an address of their own.
fn known_of((header, user): (&str, &str)) -> Known {
    if header != "x-user-id" || user.is_empty() {
        return known();
    }
    let [a, b, c, _] = user.bytes().fold(0_u32, |hash, byte| hash.wrapping_mul(31) ^ u32::from(byte)).to_le_bytes();
    known().with_address(format!("10.{a}.{b}.{c}:4000"))
}

/// What the proxy knows: the client's address and the status.
pub(crate) fn known() -> Known {
    Known::default().with_address("192.0.2.7:4000").answering(200, Headers::default())
}
