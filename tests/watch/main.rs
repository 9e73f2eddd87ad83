//! Does behaviour over several requests come to events of the right party? Two workers, a map, a clock.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use user_risk_filter::clock::Timestamp;
use user_risk_filter::engine::stream::{Mark, Part, Stream};
use user_risk_filter::engine::{Engine, Input};
use user_risk_filter::exchange::head::Head;
use user_risk_filter::exchange::headers::Headers;
use user_risk_filter::exchange::proxy::Known;
use user_risk_filter::plugin::config::Config;
use user_risk_filter::secret::Variable;
use user_risk_filter::state::memory::Memory;
use user_risk_filter::worker::effect::Effect;
use user_risk_filter::worker::metric::Counter;

mod campaigns;

const LOGIN: &str = r#"{"login": [{"route": "/login", "user_field": "username", "password_field": "password"}]}"#;

/// A proxy of two workers that take turns.
struct Proxy<'a> {
    workers: Vec<Engine<&'a Memory>>,
    next: usize,
    now: u64,
    lines: Vec<serde_json::Value>,
    opened: u64,
}

/// One exchange.
#[derive(Clone, Copy)]
struct Exchange<'a> {
    method: &'a str,
    path: &'a str,
    headers: &'a [(&'a str, &'a str)],
    body: &'a str,
    address: &'a str,
    status: u16,
    answer: &'a [(&'a str, &'a str)],
    page: &'a str,
}

const GET: Exchange<'_> = Exchange {
    method: "GET",
    path: "/",
    headers: &[],
    body: "",
    address: "192.0.2.7:4000",
    status: 200,
    answer: &[],
    page: "",
};

impl<'a> Proxy<'a> {
    fn new(cells: &'a Memory, configuration: &str) -> Self {
        let worker = |seed| {
            let config = Config::load(configuration.as_bytes(), &|_| Variable::Unset).unwrap().config;
            Engine::new(config, cells, [seed; 32])
        };
        Self { workers: vec![worker(1), worker(2)], next: 0, now: 1_000_000, lines: Vec::new(), opened: 0 }
    }

    /// The exchange, in the parts that the proxy would hand in; what was found: the rule, against whom, the points.
    fn pass(&mut self, exchange: Exchange<'_>) -> Vec<(String, String, u64)> {
        let Exchange { method, path, headers, body, address, status, answer, page } = exchange;
        let worker = self.next;
        self.next = (worker + 1) % self.workers.len();
        self.now += 1000;
        let first = self.lines.len();
        let (mut stream, before) = (Stream::default(), Known::default().with_address(address));
        let after = before.clone().answering(status, answer.iter().copied().collect::<Headers>());
        let head = [(":method", method), (":path", path), (":authority", "shop.example")];
        let form = [("content-type", "application/x-www-form-urlencoded")];
        let head: Headers = head.iter().chain(&form).chain(headers).copied().collect();
        self.part(worker, &mut stream, Part::Head(Head::new(head)));
        self.mark(worker, &mut stream, Mark::Arrived, &before);
        if !body.is_empty() {
            self.part(worker, &mut stream, Part::Chunk(body.as_bytes()));
        }
        self.mark(worker, &mut stream, Mark::Complete, &before);
        self.mark(worker, &mut stream, Mark::Answered, &after);
        if self.workers[worker].wants_answer(&stream) {
            self.part(worker, &mut stream, Part::Answer(page.as_bytes()));
        }
        // As the filter does: nearly every exchange ends without a call.
        if !self.workers[worker].passes(&stream, || Some(status)) {
            self.mark(worker, &mut stream, Mark::End, &after);
        }
        let found = self.lines[first..].iter().filter(|line| line["event"] == "malicious_request");
        found
            .flat_map(|line| {
                let user = line["user"].as_str().unwrap_or("nobody");
                line["rules"].as_array().unwrap().iter().map(move |rule| {
                    (rule["rule"].as_str().unwrap().to_owned(), user.to_owned(), rule["points"].as_u64().unwrap())
                })
            })
            .collect()
    }

    fn mark(&mut self, worker: usize, stream: &mut Stream, mark: Mark, known: &Known) {
        if self.workers[worker].wants_mark(stream, mark) {
            self.part(worker, stream, Part::Mark(mark, known));
        }
    }

    fn part(&mut self, worker: usize, stream: &mut Stream, part: Part<'_>) {
        for effect in self.workers[worker].on(Input::Stream(stream, part), Timestamp::from_millis(self.now)) {
            match effect {
                Effect::Log(_, line) => self.lines.push(serde_json::from_str(&line).unwrap()),
                Effect::Count(Counter::Opened, number) => self.opened += number,
                _ => {}
            }
        }
    }

    /// A try to log in.
    fn login(&mut self, name: &str, status: u16) -> Vec<(String, String, u64)> {
        let body = format!("username={name}&password=x");
        self.pass(Exchange { method: "POST", path: "/login", body: &body, status, ..GET })
    }
}

fn row(rule: &str, user: &str, points: u64) -> (String, String, u64) {
    (rule.to_owned(), user.to_owned(), points)
}

#[test]
fn failed_logins_are_the_clients_and_counted_over_both_workers() {
    let cells = Memory::default();
    let mut proxy = Proxy::new(&cells, LOGIN);
    let found: Vec<_> = (0..8).flat_map(|_| proxy.login("ann", 401)).collect();
    assert_eq!(found, [row("login.failures", "192.0.2.7", 5)], "once, and never ann's");
    assert_eq!(proxy.pass(Exchange { headers: &[("x-user-id", "ann")], ..GET }), []);
    assert!(!proxy.lines.iter().any(|line| line.to_string().contains("ann")), "no name in the log");
}

#[test]
fn who_gets_in_at_last_had_only_mistyped() {
    let cells = Memory::default();
    let mut proxy = Proxy::new(&cells, LOGIN);
    for _ in 0..3 {
        let found: Vec<_> = (0..4).flat_map(|_| proxy.login("ann", 401)).collect();
        assert_eq!(found, []);
        assert_eq!(proxy.login("Ann", 302), []);
    }
    assert_eq!(proxy.opened, 0);
}

#[test]
fn stuffing_from_one_address_passes_the_threshold_of_addresses() {
    let cells = Memory::default();
    let mut proxy = Proxy::new(&cells, LOGIN);
    let mut seconds = 0;
    while proxy.opened == 0 && seconds < 600 {
        proxy.login(&format!("user{seconds}"), 401);
        seconds += 1;
    }
    assert!(seconds < 180, "{seconds}");
    assert!(proxy.lines.iter().any(|line| line.to_string().contains("login.stuffing")));
    let others = proxy.lines.iter().filter(|line| line["user"] != "192.0.2.7").count();
    assert_eq!(others, 0);
}

/// A hundred people behind one address, some of whom mistype, must not open an incident.
#[test]
fn an_office_on_monday_morning_opens_nothing() {
    let cells = Memory::default();
    let mut proxy = Proxy::new(&cells, LOGIN);
    for person in 0..300 {
        proxy.now += 11_000;
        proxy.login(&format!("person{person}"), if person % 3 == 0 { 401 } else { 302 });
    }
    assert_eq!(proxy.opened, 0);
}

#[test]
fn a_failure_may_show_in_the_body_alone() {
    let cells = Memory::default();
    let look = r#"{"login": [{"route": "signin", "user_field": "username", "failures": 2, "failure": {"status": [200], "body": "Wrong password"}}]}"#;
    let mut proxy = Proxy::new(&cells, look);
    let login = Exchange { method: "POST", path: "/a", body: "username=ann", ..GET };
    for page in ["Wrong password", "Wrong password"] {
        assert_eq!(proxy.pass(Exchange { page, ..login }), [], "another route");
    }
    let looks = look.replace("signin", "/a");
    let mut proxy = Proxy::new(&cells, &looks);
    assert_eq!(proxy.pass(Exchange { page: "Wrong password", ..login }), []);
    assert_eq!(proxy.pass(Exchange { page: "Wrong password", ..login }), [row("login.failures", "192.0.2.7", 5)]);
}

#[test]
fn a_session_that_another_user_sends_is_that_users_event() {
    let cells = Memory::default();
    let mut proxy = Proxy::new(&cells, r#"{"user": {"session": {"cookie": "sid", "response_header": "x-logged-in"}}}"#);
    let by = |headers| Exchange { headers, ..GET };
    let set: &[(&str, &str)] = &[("set-cookie", "sid=s1; HttpOnly"), ("x-logged-in", "ann")];
    assert_eq!(proxy.pass(Exchange { answer: set, ..GET }), []);
    assert_eq!(proxy.pass(by(&[("cookie", "sid=s1"), ("x-user-id", "ann")])), []);
    assert_eq!(proxy.pass(by(&[("cookie", "sid=s2"), ("x-user-id", "bob")])), []);
    let theft = proxy.pass(by(&[("cookie", "sid=s1"), ("x-user-id", "mallory")]));
    assert_eq!(theft, [row("session.two-users", "mallory", 5)]);
    assert_eq!(proxy.pass(by(&[("x-user-id", "ann")])), [row("session.without", "ann", 1)]);
    assert_eq!(proxy.pass(by(&[("x-user-id", "ann")])), [], "once an hour");
    assert_eq!(proxy.pass(by(&[("x-user-id", "api")])), [], "who never had a session");
}

#[test]
fn probing_is_told_and_a_broken_release_is_not() {
    let cells = Memory::default();
    let mut proxy = Proxy::new(&cells, r#"{"probing": {"paths": 5}}"#);
    let miss = |proxy: &mut Proxy<'_>, user: &str, path: &str, status| {
        proxy.pass(Exchange { path, status, headers: &[("x-user-id", user)], ..GET })
    };
    // Two workers: each has to have seen that a path answers somebody. Nothing is kept for that.
    for path in ["/a", "/a", "/b", "/b"] {
        assert_eq!(miss(&mut proxy, "ann", path, 200), []);
    }
    assert!(cells.is_empty());
    let mut found = Vec::new();
    for path in ["/a", "/b", "/x", "/x?x=2", "/y", "/z", "/id/1", "/id/2"] {
        found.extend(miss(&mut proxy, "mallory", path, 404));
    }
    assert_eq!(found, []);
    assert_eq!(miss(&mut proxy, "mallory", "/5", 403), [row("probing.paths", "mallory", 3)]);
    assert_eq!(miss(&mut proxy, "mallory", "/6", 404), []);

    let cells = Memory::default();
    let mut proxy = Proxy::new(&cells, r#"{"probing": {"paths": 5}}"#);
    for round in 0..20 {
        for user in 0..10 {
            proxy.now -= 900;
            assert_eq!(
                miss(&mut proxy, &format!("u{user}"), &format!("/new/{}", char::from(b'a' + round)), 404),
                [],
                "{round}"
            );
        }
    }
}

#[test]
fn what_a_route_does_not_take_is_the_users() {
    let cells = Memory::default();
    let routes = r#"{"routes": [{"route": "/orders", "methods": ["GET"], "parameters": ["id"], "required": ["id"]}]}"#;
    let mut proxy = Proxy::new(&cells, routes);
    let by = |method, path| Exchange { method, path, headers: &[("x-user-id", "ann")], ..GET };
    for (method, path, expected) in [
        ("GET", "/orders?id=1", None),
        ("DELETE", "/orders?id=1", Some("protocol.route-method")),
        ("GET", "/orders?id=1&debug=1", Some("protocol.route-extra")),
        ("GET", "/orders", Some("protocol.route-missing")),
        ("GET", "/other", None),
    ] {
        let found: Vec<_> = proxy.pass(by(method, path)).into_iter().map(|(rule, ..)| rule).collect();
        assert_eq!(found, expected.into_iter().collect::<Vec<_>>(), "{method} {path}");
    }
}

#[test]
fn harmless_exchanges_touch_nothing_that_is_shared() {
    let cells = Memory::default();
    let mut proxy = Proxy::new(&cells, LOGIN);
    for path in ["/", "/login", "/search?q=1"] {
        proxy.pass(Exchange { path, ..GET });
    }
    assert!(cells.is_empty());
}

#[test]
fn a_million_clients_take_the_memory_of_a_few() {
    let cells = Memory::default();
    let options = LOGIN.replacen('{', r#"{"memory": {"watch": 16},"#, 1);
    let mut proxy = Proxy::new(&cells, &options);
    for client in 0..500 {
        let (address, body) =
            (format!("10.0.{}.{}:1", client / 250, client % 250), format!("username=u{client}&password=x"));
        proxy.pass(Exchange { method: "POST", path: "/login", body: &body, status: 401, address: &address, ..GET });
    }
    assert!(cells.len() <= 2 + 2, "{}", cells.len());
    let found: Vec<_> = (0..5).flat_map(|_| proxy.login("ann", 401)).collect();
    assert_eq!(found.len(), 1, "a newcomer is counted all the same");
}
