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
use crate::time::{AFTER_ANSWER, Agenda, Happens};

/// What the receiver checks and the console asks for.
const SECRET: &str = "whsec_bGFiLW9ubHktbGFiLW9ubHktbGFiLW9ubHktbGFi";

const PASSPHRASE: &str = "0123456789abcdef0123456789abcdef";

const COMMON: &str = r#"{"key_env": "KEY", "log": {"lines_per_second": 10000}, "store": {"redis": {"cluster": "risk_store"}},
    "notify": [{"webhook": {"cluster": "receiver", "url": "https://h.example/risk", "secret_env": "SECRET"}}]}"#;

/// The common configuration, with these options instead of its own; `{}` changes nothing.
fn configuration(options: &str) -> Config {
    let mut all: serde_json::Map<_, _> = serde_json::from_str(COMMON).unwrap();
    all.extend(serde_json::from_str::<serde_json::Map<_, _>>(options).unwrap());
    let lookup = |name: &str| Variable::Set(Secret::new(if name == "KEY" { PASSPHRASE } else { SECRET }));
    Config::load(serde_json::to_string(&all).unwrap().as_bytes(), &lookup).unwrap().config
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
    options: &'static str,
    workers: Vec<Engine<&'static Memory>>,
    /// The answers that are under way, by their numbers: to which worker.
    pub(crate) answers: BTreeMap<u64, (usize, StoreCall, Reply)>,
    pub(crate) messages: Vec<(usize, PendingCallout)>,
    pub(crate) lines: Vec<serde_json::Value>,
    pub(crate) counts: BTreeMap<&'static str, u64>,
    pub(crate) gauges: BTreeMap<&'static str, u64>,
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
    /// The path to which it was sent.
    pub(crate) path: String,
}

pub(crate) struct Fleet {
    /// What happens next, and when.
    pub(crate) agenda: Agenda,
    answers: u64,
    pub(crate) proxies: Vec<Proxy>,
    pub(crate) store: MiniStore,
    pub(crate) network: Network,
    pub(crate) received: Vec<Received>,
    pub(crate) now: u64,
    seed: u64,
    started: u16,
}

impl Fleet {
    /// `options` are all proxies', beyond the common ones.
    pub(crate) fn new(proxies: usize, seed: u64, network: Network, options: &'static str) -> Self {
        let (store, received) = (MiniStore::default(), Vec::new());
        let seed = seed.wrapping_mul(2) + 1;
        let mut fleet = Self {
            agenda: Agenda::default(),
            answers: 0,
            proxies: Vec::new(),
            store,
            network,
            received,
            now: 1_700_000_000_000,
            seed,
            started: 0,
        };
        (0..proxies).for_each(|_| fleet.join(options));
        fleet
    }

    /// One more proxy, with these options.
    pub(crate) fn join(&mut self, options: &'static str) {
        let proxy = self.start(options);
        self.proxies.push(proxy);
    }

    fn start(&mut self, options: &'static str) -> Proxy {
        let cells: &'static Memory = Box::leak(Box::default());
        let mut worker = || {
            self.started += 1;
            let mut seed = [0; 32];
            seed[..8].copy_from_slice(&self.seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_le_bytes());
            seed[8..10].copy_from_slice(&self.started.to_le_bytes());
            self.seed = self.seed.wrapping_add(2);
            Engine::new(configuration(options), cells, seed)
        };
        let workers = vec![worker(), worker()];
        let (answers, messages, lines) = (BTreeMap::new(), Vec::new(), Vec::new());
        let (counts, gauges) = (BTreeMap::new(), BTreeMap::new());
        Proxy { options, workers, answers, messages, lines, counts, gauges, skew: 0, is_cut_off: false }
    }

    /// The proxy is killed, with all that it had, and another one starts in its place.
    pub(crate) fn restart(&mut self, proxy: usize) {
        self.replace(proxy, self.proxies[proxy].options);
    }

    /// The same, with other options.
    pub(crate) fn replace(&mut self, proxy: usize, options: &'static str) {
        self.proxies[proxy] = self.start(options);
    }

    /// A number below `below`: splitmix64.
    pub(crate) fn random(&mut self, below: u64) -> u64 {
        self.seed = self.seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.seed;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % below
    }

    /// A GET of `target` by `user`. Returns the status if the filter answers it.
    pub(crate) fn get(&mut self, proxy: usize, user: &str, target: &str) -> Option<u16> {
        // Records hold how each of the newest requests was answered, which has to be merged too.
        let request = format!("{}-{proxy}-{user}", self.now);
        // Each user has an address of their own.
        let [a, b, c, _] = user.bytes().fold(0_u32, |hash, byte| hash.wrapping_mul(31) ^ u32::from(byte)).to_le_bytes();
        let address = format!("10.{a}.{b}.{c}:4000");
        let user = ("x-user-id", user);
        let head =
            [(":method", "GET"), (":path", target), (":authority", "shop.example"), user, ("x-request-id", &request)];
        let known = Known::default().with_address(address).answering(200, Headers::default());
        self.exchange(proxy, &head, &known)
    }

    /// An operator's order in a proxy's console.
    pub(crate) fn order(&mut self, proxy: usize, order: &str) {
        let (path, bearer) = (format!("/.user-risk/{order}&who=jo&why=a+pentest"), format!("Bearer {SECRET}"));
        let head = [(":method", "POST"), (":path", &path), ("authorization", &bearer), ("x-user-risk-token", SECRET)];
        let known = Known::default().with_listener_metadata("user-risk", &["admin"], [1]);
        assert_eq!(self.exchange(proxy, &head, &known), Some(200), "{order}");
    }

    fn exchange(&mut self, proxy: usize, head: &[(&str, &str)], known: &Known) -> Option<u16> {
        let worker = self.random(2) as usize;
        let mut stream = Stream::default();
        let mut status = None;
        let head = Head::new(head.iter().copied().collect());
        let marks = [Mark::Arrived, Mark::Complete, Mark::Answered, Mark::End].map(|mark| Part::Mark(mark, known));
        for part in [Part::Head(head)].into_iter().chain(marks) {
            let is_wanted = match &part {
                Part::Mark(mark, _) => self.proxies[proxy].workers[worker].wants_mark(&stream, *mark),
                _ => true,
            };
            if is_wanted {
                status = status.or(self.on(proxy, worker, Input::Stream(&mut stream, part)));
            }
        }
        status
    }

    /// Returns the status of an answer in the application's place.
    pub(crate) fn on(&mut self, proxy: usize, worker: usize, input: Input<'_>) -> Option<u16> {
        let mut answered = None;
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
                    let (user, path) = (user.to_owned(), request.path.clone());
                    self.received.push(Received { id, kind, user, proxy, path });
                    self.proxies[proxy].messages.push((worker, pending_callout));
                }
                Effect::Ask { call, body, .. } => self.carry(proxy, worker, call, &body),
                Effect::AskOn => {
                    self.agenda.add(self.now + AFTER_ANSWER, Happens::Tick { proxy, worker });
                }
                Effect::Set(gauge, value) => {
                    self.proxies[proxy].gauges.insert(gauge.name(), value);
                }
                Effect::Respond { status, .. } => answered = Some(status),
                _ => {}
            }
        }
        answered
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
        self.answers += 1;
        self.proxies[proxy].answers.insert(self.answers, (worker, call, reply));
        self.agenda.add(due, Happens::Answer { proxy, number: self.answers });
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
    thread_local!(static CONFIG: Config = configuration("{}"));
    CONFIG.with(|config| config.user.candidates(user.as_bytes(), &Key::from_passphrase(PASSPHRASE))[0].id)
}
