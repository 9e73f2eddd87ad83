//! A fleet for the tests: proxies of two workers each, a store, and a network that a seed makes lose, cut and delay.

use std::collections::{BTreeMap, BTreeSet};

use user_risk_filter::clock::Timestamp;
use user_risk_filter::engine::stream::{Mark, Part, Stream};
use user_risk_filter::engine::{Engine, Input};
use user_risk_filter::exchange::head::Head;
use user_risk_filter::exchange::headers::Headers;
use user_risk_filter::exchange::proxy::Known;
use user_risk_filter::incident::record::Record;
use user_risk_filter::keyed_hash::{Digest, Key};
use user_risk_filter::notify::callout::Reply;
use user_risk_filter::plugin::config::Config;
use user_risk_filter::secret::{Secret, Variable};
use user_risk_filter::state::memory::Memory;
use user_risk_filter::worker::effect::{Effect, PendingCallout, StoreCall};

use crate::store::MiniStore;

const PASSPHRASE: &str = "0123456789abcdef0123456789abcdef";

/// One configuration for all proxies, but for what `more` adds.
fn options(more: &str) -> String {
    format!(
        r#"{{"key_env": "KEY", "log": {{"lines_per_second": 10000}}, "store": {{"redis": {{"cluster": "risk_store"}}}}, "notify": [
        {{"webhook": {{"cluster": "receiver", "url": "https://h.example/risk", "secret_env": "SECRET"}}}}]{more}}}"#
    )
}

/// How bad the network is, in thousandths.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Network {
    /// The call does not arrive.
    pub(crate) lost: u64,
    /// It arrives, and its answer does not.
    pub(crate) unanswered: u64,
    /// The answer is cut.
    pub(crate) cut: u64,
    /// The longest way, in ms.
    pub(crate) delay: u64,
}

pub(crate) struct Proxy {
    workers: Vec<Engine<&'static Memory>>,
    /// What comes back when: by worker.
    answers: Vec<(u64, usize, StoreCall, Reply)>,
    messages: Vec<(usize, PendingCallout)>,
    pub(crate) lines: Vec<serde_json::Value>,
    pub(crate) counts: BTreeMap<&'static str, u64>,
    /// How far its clock is ahead.
    pub(crate) skew: i64,
    pub(crate) is_cut_off: bool,
}

/// A message as the receiver got it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Received {
    pub(crate) id: String,
    pub(crate) kind: String,
    pub(crate) user: String,
    pub(crate) proxy: usize,
}

pub(crate) struct Fleet {
    pub(crate) proxies: Vec<Proxy>,
    pub(crate) store: MiniStore,
    pub(crate) network: Network,
    pub(crate) received: Vec<Received>,
    pub(crate) now: u64,
    more: &'static str,
    seed: u64,
    started: u8,
}

impl Fleet {
    pub(crate) fn new(proxies: usize, seed: u64, network: Network, more: &'static str) -> Self {
        let (store, received) = (MiniStore::default(), Vec::new());
        let seed = seed.wrapping_mul(2) + 1;
        let mut fleet =
            Self { proxies: Vec::new(), store, network, received, now: 1_700_000_000_000, more, seed, started: 0 };
        for _ in 0..proxies {
            let proxy = fleet.start();
            fleet.proxies.push(proxy);
        }
        fleet
    }

    fn start(&mut self) -> Proxy {
        let cells: &'static Memory = Box::leak(Box::default());
        let mut worker = || {
            self.started = self.started.wrapping_add(1);
            let mut seed = [self.started; 32];
            seed[..8].copy_from_slice(&self.seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_le_bytes());
            self.seed = self.seed.wrapping_add(2);
            let lookup = |name: &str| {
                Variable::Set(Secret::new(if name == "KEY" {
                    PASSPHRASE
                } else {
                    "whsec_bGFiLW9ubHktbGFiLW9ubHktbGFiLW9ubHktbGFi"
                }))
            };
            let config = Config::load(options(self.more).as_bytes(), &lookup).unwrap().config;
            Engine::new(config, cells, seed)
        };
        let workers = vec![worker(), worker()];
        let (answers, messages, lines, counts) = (Vec::new(), Vec::new(), Vec::new(), BTreeMap::new());
        Proxy { workers, answers, messages, lines, counts, skew: 0, is_cut_off: false }
    }

    /// The proxy is killed, with all that it had, and another one starts in its place.
    pub(crate) fn restart(&mut self, proxy: usize) {
        self.proxies[proxy] = self.start();
    }

    /// A number below `below`: splitmix64.
    pub(crate) fn random(&mut self, below: u64) -> u64 {
        self.seed = self.seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.seed;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % below
    }

    /// A GET of `target` by `user`.
    pub(crate) fn get(&mut self, proxy: usize, user: &str, target: &str) {
        let worker = self.random(2) as usize;
        let mut stream = Stream::default();
        let head = [(":method", "GET"), (":path", target), (":authority", "shop.example"), ("x-user-id", user)];
        let known = Known::default().with_address("192.0.2.7:4000").answering(200, Headers::default());
        let head = Head::new(head.into_iter().collect());
        self.on(proxy, worker, Input::Stream(&mut stream, Part::Head(head)));
        for mark in [Mark::Complete, Mark::Answered, Mark::End] {
            self.on(proxy, worker, Input::Stream(&mut stream, Part::Mark(mark, &known)));
        }
    }

    /// So much time passes, in steps of 250 ms, in which all workers tick.
    pub(crate) fn pass(&mut self, millis: u64) {
        for _ in 0..millis / 250 {
            self.now += 250;
            self.store.now = self.now;
            for proxy in 0..self.proxies.len() {
                for worker in 0..2 {
                    self.on(proxy, worker, Input::Tick);
                }
                self.come_back(proxy);
            }
        }
    }

    /// What is on its way arrives, as far as it is due.
    fn come_back(&mut self, proxy: usize) {
        loop {
            let now = self.now;
            if let Some((worker, call)) = self.proxies[proxy].messages.pop() {
                let reply = Reply::Answer { status: 200, retry_after: None, body: Vec::new() };
                self.on(proxy, worker, Input::Answered(call, reply));
                continue;
            }
            let Some(at) = self.proxies[proxy].answers.iter().position(|(due, ..)| *due <= now) else { return };
            let (_, worker, call, reply) = self.proxies[proxy].answers.remove(at);
            self.on(proxy, worker, Input::Told(call, reply));
        }
    }

    fn on(&mut self, proxy: usize, worker: usize, input: Input<'_>) {
        let now = Timestamp::from_millis(self.now.wrapping_add_signed(self.proxies[proxy].skew));
        for effect in self.proxies[proxy].workers[worker].on(input, now) {
            match effect {
                Effect::Log(_, line) => self.proxies[proxy].lines.push(serde_json::from_str(&line).unwrap()),
                Effect::Count(counter, number) => {
                    *self.proxies[proxy].counts.entry(counter.name()).or_default() += number;
                }
                Effect::Call { pending_callout, request, .. } => {
                    let id = request.headers.iter().find(|(name, _)| *name == "webhook-id").unwrap().1.clone();
                    let body: serde_json::Value = serde_json::from_slice(&request.body).unwrap();
                    let kind = body["type"].as_str().unwrap().to_owned();
                    let user =
                        body["data"]["user"]["name"].as_str().or(body["data"]["user"].as_str()).unwrap_or_default();
                    self.received.push(Received { id, kind, user: user.to_owned(), proxy });
                    self.proxies[proxy].messages.push((worker, pending_callout));
                }
                Effect::Ask { call, body, .. } => self.carry(proxy, worker, call, &body),
                _ => {}
            }
        }
    }

    /// The network takes a call to the store and its answer back, or does not.
    fn carry(&mut self, proxy: usize, worker: usize, call: StoreCall, body: &[u8]) {
        let Network { lost, unanswered, cut, delay } = self.network;
        let fate = self.random(1000);
        let nothing = Reply::Nothing { why: "the connection was reset before an answer came" };
        let due = self.now + if delay > 0 { self.random(delay) } else { 0 };
        let is_lost = self.proxies[proxy].is_cut_off || fate < lost;
        let reply = if is_lost {
            nothing
        } else {
            let mut answer = self.store.answer(body);
            assert!(answer.len() < 64 * 1024, "Envoy would cut {} bytes", answer.len());
            if fate < lost + unanswered {
                nothing
            } else {
                if fate < lost + unanswered + cut {
                    let length = self.random(answer.len() as u64) as usize;
                    answer.truncate(length);
                }
                Reply::Answer { status: 200, retry_after: None, body: answer }
            }
        };
        self.proxies[proxy].answers.push((due, worker, call, reply));
    }

    pub(crate) fn record(&self, proxy: usize, user: &str) -> Option<Record> {
        self.proxies[proxy].workers[0].record(id(user))
    }

    /// How often openings of each user were received, by message.
    pub(crate) fn openings(&self) -> BTreeMap<&str, BTreeSet<&str>> {
        let mut openings: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for one in self.received.iter().filter(|one| one.kind.ends_with("opened")) {
            openings.entry(&one.user).or_default().insert(&one.id);
        }
        openings
    }

    pub(crate) fn count(&self, name: &str) -> u64 {
        self.proxies.iter().filter_map(|proxy| proxy.counts.get(name)).sum()
    }
}

/// The digest of a user of the header `x-user-id`.
pub(crate) fn id(user: &str) -> Digest {
    let config = Config::load(b"", &|_| Variable::Unset).unwrap().config;
    config.user.candidates(user.as_bytes(), &Key::from_passphrase(PASSPHRASE))[0].id
}
