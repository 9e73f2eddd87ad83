//! One worker of a proxy that does what a step says.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::LazyLock;

use fake_host::exchange::{Exchange, pairs};
use fake_host::host::{CALLOUT_BODY, CALLOUT_HEADERS, Callout, REQUEST_BODY, REQUEST_HEADERS, REQUEST_TRAILERS, Scene};
use fake_host::vm::{Artefact, Callback, Vm};
use fake_host::world::World;

use crate::steps::{BODIES, PATHS, Step, TYPES, USERS};

pub(crate) const CONFIGURATION: &str = r#"{
    "user": {"sources": [{"header": "x-user-id"}], "session": {"cookie": "session"}},
    "log": {"lines_per_second": 10000},
    "memory": {"users": 64},
    "admin": {"token_env": "TOKEN"},
    "login": [{"route": "/login", "user_field": "user"}],
    "application": {"clusters": ["app"]},
    "notify": [
        {"webhook": {"cluster": "receiver", "url": "https://h.example/risk", "secret_env": "SECRET"}},
        {"states": ["opened", "resolved"], "slack": {"cluster": "slack", "url": "https://hooks.slack.com/services/T/B/x"}}
    ]}"#;
pub(crate) const TOKEN: &str = "0123456789abcdef";
pub(crate) const ENVIRONMENT: &[(&str, &str)] =
    &[("TOKEN", TOKEN), ("SECRET", "whsec_bGFiLW9ubHktbGFiLW9ubHktbGFiLW9ubHktbGFi")];

pub(crate) static ARTEFACT: LazyLock<Artefact> = LazyLock::new(|| Artefact::built().unwrap());

/// One worker of the proxy.
pub(crate) struct Worker {
    pub(crate) vm: Vm,
    /// The root contexts, the newest last.
    pub(crate) roots: Vec<u32>,
    next: u32,
    exchange: Exchange,
    trailers: bool,
    pub(crate) callbacks: u64,
    /// The bodies that were answered with 200.
    pub(crate) delivered: Vec<String>,
}

impl Worker {
    /// A worker whose filter is configured.
    pub(crate) fn new(world: &Rc<RefCell<World>>, seed: u64) -> Self {
        let mut vm = Vm::new(&ARTEFACT, world, ENVIRONMENT, seed).unwrap();
        assert!(vm.start(1000, CONFIGURATION).unwrap(), "{:?}", vm.host().lines);
        let exchange = Exchange::get("/", "alice");
        Self { vm, roots: vec![1000], next: 2000, exchange, trailers: false, callbacks: 0, delivered: Vec::new() }
    }

    pub(crate) fn call(&mut self, callback: Callback) {
        self.callbacks += 1;
        if let Err(error) = self.vm.call(callback) {
            panic!("{callback:?}: {error:?}\n{:?}", self.vm.host().lines.last());
        }
    }

    pub(crate) fn newest(&self) -> u32 {
        self.roots.last().copied().unwrap_or(1)
    }

    pub(crate) fn take(&mut self, step: &Step) {
        match step {
            Step::Phase { context, phase, body, last } => self.phase(*context, *phase, BODIES[*body], *last),
            Step::Request { path, user, content_type, trailers } => {
                self.exchange = Exchange::get(PATHS[*path], USERS[*user]);
                let authorization = format!("Bearer {TOKEN}");
                self.exchange
                    .head
                    .extend(pairs(&[("content-type", TYPES[*content_type]), ("authorization", &authorization)]));
                self.trailers = *trailers;
            }
            Step::Answer { status, events } => {
                self.exchange.answer = pairs(&[(":status", &status.to_string()), ("set-cookie", "session=1")]);
                if *events {
                    self.exchange.answer.extend(pairs(&[("x-user-risk-event", "abuse; severity=high; user=\"bob\"")]));
                }
            }
            Step::Whole => {
                self.next += 1;
                self.callbacks += 7;
                let root = self.newest();
                self.exchange.play(&mut self.vm, self.next, root).unwrap();
            }
            Step::Tick { generation } => {
                let root = self.roots.get(*generation).copied().unwrap_or(1);
                self.call(Callback::Tick(root));
            }
            Step::Answered { at, known, status } => self.answered(*at, *known, *status),
            Step::Advance(millis) => self.vm.host().world.borrow_mut().advance(*millis),
            Step::Fail(fault) => self.vm.host().fault = Some(*fault),
            Step::Reload => {
                self.next += 1;
                self.callbacks += 3;
                let root = self.next;
                // Without its configuration it would keep its records elsewhere.
                self.vm.host().fault = None;
                assert!(self.vm.start(root, CONFIGURATION).unwrap());
                self.roots.push(root);
            }
            Step::DropRoot { generation } => {
                if *generation < self.roots.len() {
                    let root = self.roots.remove(*generation);
                    self.call(Callback::Done(root));
                    self.call(Callback::Delete(root));
                }
            }
        }
    }

    fn phase(&mut self, context: u32, phase: usize, body: &str, last: bool) {
        let (size, body) = (body.len() as u32, body.as_bytes().to_vec());
        let mut scene = if phase < 5 { self.exchange.request_scene() } else { self.exchange.answer_scene() };
        scene.buffers.insert(REQUEST_BODY, body);
        if self.trailers {
            scene.maps.insert(REQUEST_TRAILERS, pairs(&[("x-sum", "' UNION SELECT password FROM users--")]));
        }
        if phase == 7 {
            scene.maps.insert(REQUEST_HEADERS, self.exchange.head.clone());
        }
        self.vm.host().scene = scene;
        let answer = self.exchange.answer_body.len() as u32;
        let root = self.newest();
        let callback = match phase {
            0 => Callback::ContextCreate(context, root),
            1 => Callback::RequestHeaders(context, last),
            // Once in a while more is announced than is there.
            2 => Callback::RequestBody(context, size + u32::from(last), last),
            3 => Callback::RequestTrailers(context),
            4 => Callback::ResponseTrailers(context),
            5 => Callback::ResponseHeaders(context, last),
            6 => Callback::ResponseBody(context, answer, last),
            7 => Callback::Log(context),
            _ => {
                self.call(Callback::Done(context));
                Callback::Delete(context)
            }
        };
        self.call(callback);
    }

    /// Answers a callout that is under way, or one that nobody made.
    fn answered(&mut self, at: usize, known: bool, status: Option<u16>) {
        let callouts = &mut self.vm.host().callouts;
        if !known || callouts.is_empty() {
            return self.answer(at as u32, status);
        }
        let callout = callouts.remove(at % callouts.len());
        self.answer_callout(&callout, status);
    }

    /// Answers a callout; the status is none if the connection was reset.
    pub(crate) fn answer_callout(&mut self, callout: &Callout, status: Option<u16>) {
        if status == Some(200) {
            self.delivered.push(String::from_utf8_lossy(&callout.body).into_owned());
        }
        self.answer(callout.token, status);
    }

    fn answer(&mut self, token: u32, status: Option<u16>) {
        let mut scene = Scene::default();
        let headers = u32::from(status.is_some());
        if let Some(status) = status {
            scene.maps.insert(CALLOUT_HEADERS, pairs(&[(":status", &status.to_string())]));
            scene.buffers.insert(CALLOUT_BODY, b"ok".to_vec());
        }
        self.vm.host().scene = scene;
        // Each root context has callouts of its own; to the others it is none of theirs.
        for root in self.roots.clone() {
            self.call(Callback::HttpCallResponse(root, token, headers, 2));
        }
    }
}
