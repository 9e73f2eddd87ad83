//! Is everything bounded: records, memory, lines of the log?

use std::cell::Cell;

use user_risk_filter::engine::Input;
use user_risk_filter::engine::stream::{Mark, Part, Stream};
use user_risk_filter::exchange::head::Head;
use user_risk_filter::exchange::headers::Headers;
use user_risk_filter::exchange::proxy::{Attribute, Known, Proxy as Host};
use user_risk_filter::state::memory::Memory;
use user_risk_filter::worker::metric::Counter;

use crate::proxy::Proxy;
use crate::{CHANNELS, COMMAND, JNDI, PLAIN, UNION, with};

#[test]
fn users_who_fell_quiet_make_room_for_those_who_attack() {
    let cells = Memory::default();
    let mut proxy = Proxy::new(&cells, r#"{"memory": {"users": 8}}"#);
    for user in 0..8 {
        proxy.get(0, &format!("old-{user}"), UNION);
        proxy.get(0, &format!("old-{user}"), COMMAND);
        proxy.now += 1000;
    }
    assert_eq!(proxy.count(Counter::Opened), 8);
    proxy.now += 30 * 24 * 60 * 60 * 1000;
    for attack in [UNION, COMMAND] {
        for user in ["new-1", "new-2"] {
            proxy.get(0, user, attack);
        }
    }
    assert_eq!((proxy.count(Counter::Evicted), proxy.count(Counter::Opened)), (0, 10));
}

#[test]
fn the_memory_of_a_million_users_is_that_of_a_few() {
    let cells = Memory::default();
    let mut proxy = Proxy::new(&cells, r#"{"memory": {"users": 64, "watch": 64}}"#);
    for user in 0..1000 {
        proxy.get(0, &format!("user-{user}"), UNION);
    }
    // The users, who else attacks from their addresses, which of these are shared, one place at which a rule matched, the key,
    // and the marks.
    assert!(cells.len() <= 64 / 8 + 64 / 8 + 16 / 8 + 3, "{} cells", cells.len());
    assert!(proxy.count(Counter::Evicted) > 900);
    proxy.now += 1000;
    assert_eq!(proxy.get(0, "user-999", COMMAND), 8, "a newcomer is always admitted");
}

/// How many lines of an event a user has.
fn lines(proxy: &Proxy<'_>, event: &str, user: impl Fn(&str) -> bool) -> usize {
    let matches = |line: &&serde_json::Value| line["event"] == event && line["user"].as_str().is_some_and(&user);
    proxy.lines.iter().filter(matches).count()
}

#[test]
fn the_log_is_shared_fairly_and_says_what_it_leaves_out() {
    let cells = Memory::default();
    let mut proxy = Proxy::new(&cells, r#"{"user": {"sources": [{"header": "x-user-id"}, {"cookie": "sid"}]}}"#);
    // One user's burst: the first are written, each with its points or not.
    for number in 0..60 {
        proxy.get(0, "noisy", &UNION.replace("password", &format!("password{number}")));
    }
    assert_eq!(lines(&proxy, "malicious_request", |user| user == "noisy"), 10, "a fifth of fifty");
    // Invented names, as many as you like, leave room for those that somebody vouches for.
    for number in 0..100 {
        proxy.get_with(0, ("cookie", &format!("sid=invented-{number}")), UNION);
    }
    let invented = lines(&proxy, "malicious_request", |user| user != "noisy");
    assert_eq!(invented, 20, "up to three fifths of fifty");
    for number in 0..30 {
        proxy.get(0, &format!("vouched-{number}"), UNION);
    }
    assert_eq!(lines(&proxy, "malicious_request", |user| user.starts_with("vouched")), 10, "up to four fifths");
    // What opens is always written.
    for number in 0..100 {
        proxy.get(0, &format!("vouched-{number}"), COMMAND);
        proxy.get(0, &format!("vouched-{number}"), UNION);
    }
    assert_eq!(lines(&proxy, "incident_opened", |user| user.starts_with("vouched")), 100);
    let suppressed = proxy.count(Counter::Suppressed);
    assert_eq!(suppressed, 50 + 80 + 20 + 200);
    // Of what was left out there is one line, once the second is over.
    proxy.on(0, Input::Tick);
    assert!(!proxy.lines.iter().any(|line| line["event"] == "log_lines_suppressed"), "the second is not over");
    proxy.now += 1000;
    proxy.on(0, Input::Tick);
    proxy.on(0, Input::Tick);
    let told: Vec<_> = proxy.lines.iter().filter(|line| line["event"] == "log_lines_suppressed").collect();
    assert_eq!(told.len(), 1);
    assert_eq!(
        (&told[0]["lines"], &told[0]["users"][0]["user"], &told[0]["users"][0]["lines"]),
        (&suppressed.into(), &"noisy".into(), &50.into())
    );
    let named: u64 = told[0]["users"].as_array().unwrap().iter().map(|user| user["lines"].as_u64().unwrap()).sum();
    assert_eq!(told[0]["lines_of_others"], suppressed - named);
    proxy.get(0, "later", UNION);
    assert_eq!(lines(&proxy, "malicious_request", |user| user == "later"), 1);
}

#[test]
fn messages_that_arrive_hide_no_attack() {
    let cells = Memory::default();
    let mut proxy = Proxy::new(&cells, &with(CHANNELS));
    for number in 0..60 {
        proxy.get(0, &format!("crossing-{number}"), COMMAND);
        proxy.get(0, &format!("crossing-{number}"), UNION);
    }
    proxy.now += 1000;
    for _ in 0..60 {
        proxy.deliver(200);
    }
    let delivered = proxy.lines.iter().filter(|line| line["event"] == "delivered").count();
    assert_eq!(delivered, 15, "three tenths of the second's fifty");
    proxy.get(0, "vouched", UNION);
    assert_eq!(lines(&proxy, "malicious_request", |user| user == "vouched"), 1);
}

#[test]
fn evictions_by_invented_users_hide_no_attack_of_a_vouched_one() {
    let cells = Memory::default();
    let options = r#"{"memory": {"users": 8}, "user": {"sources": [{"header": "x-user-id"}, {"cookie": "sid"}]}}"#;
    let mut proxy = Proxy::new(&cells, options);
    for number in 0..200 {
        proxy.get_with(0, ("cookie", &format!("sid=invented-{number}")), UNION);
    }
    assert!(proxy.count(Counter::Evicted) > 150);
    proxy.get(0, "vouched", UNION);
    assert_eq!(lines(&proxy, "malicious_request", |user| user == "vouched"), 1);
    for seconds in [1, 1, 1] {
        proxy.now += seconds * 1000;
        proxy.on(0, Input::Tick);
    }
    let told =
        |line: &&serde_json::Value| line["what"].as_str().is_some_and(|what| what.ends_with("raise memory.users"));
    assert_eq!(proxy.lines.iter().filter(told).count(), 1, "told once, however many");
}

#[test]
fn what_adds_nothing_gives_way_to_what_does() {
    let cells = Memory::default();
    let mut proxy = Proxy::new(&cells, r#"{"log": {"lines_per_second": 20}}"#);
    for user in 0..20 {
        proxy.get(0, &user.to_string(), UNION);
        proxy.now += 1000;
    }
    let before = proxy.lines.len();
    for user in 0..20 {
        proxy.get(0, &user.to_string(), UNION);
    }
    assert_eq!(proxy.lines.len() - before, 6, "three tenths of twenty");
    proxy.get(0, "new", UNION);
    assert_eq!(lines(&proxy, "malicious_request", |user| user == "new"), 1);
}

#[test]
fn invented_names_never_push_out_a_user_for_whom_somebody_vouches() {
    let cells = Memory::default();
    let options = r#"{"memory": {"users": 256}, "user": {"sources": [{"header": "x-user-id"}, {"cookie": "sid"}]}}"#;
    let mut proxy = Proxy::new(&cells, options);
    let vouched: Vec<_> = (0..40).map(|number| format!("vouched-{number}")).collect();
    for user in &vouched {
        proxy.get(0, user, UNION);
        proxy.now += 200;
    }
    for number in 0..5000 {
        proxy.get_with(number % 2, ("cookie", &format!("sid=invented-{number}")), [UNION, COMMAND][number / 2 % 2]);
        proxy.now += 20;
    }
    assert!(proxy.count(Counter::Evicted) > 4000, "they do push out each other");
    proxy.now += 1000;
    for user in &vouched {
        proxy.get(0, user, COMMAND);
        proxy.now += 200;
    }
    assert_eq!(lines(&proxy, "incident_opened", |user| user.starts_with("vouched")), 40, "the first act still counts");
}

#[test]
fn an_invented_name_waits_where_all_room_is_taken_by_those_for_whom_somebody_vouches() {
    let cells = Memory::default();
    let options = r#"{"memory": {"users": 8}, "user": {"sources": [{"header": "x-user-id"}, {"cookie": "sid"}]}}"#;
    let mut proxy = Proxy::new(&cells, options);
    for number in 0..8 {
        proxy.get(0, &format!("vouched-{number}"), UNION);
    }
    proxy.now += 1000;
    assert_eq!(proxy.get_with(0, ("cookie", "sid=a"), UNION), 0);
    assert_eq!((proxy.count(Counter::Unweighed), proxy.count(Counter::Evicted)), (1, 0));
    assert_eq!(proxy.get(0, "one more", UNION), 8, "a newcomer of the same strength is admitted");
    assert_eq!(proxy.count(Counter::Evicted), 1);
    proxy.now += 25 * 60 * 60 * 1000;
    assert_eq!(proxy.get_with(0, ("cookie", "sid=a"), UNION), 8, "their points are over");
}

#[test]
fn two_test_strings_open_an_incident_without_a_user_once_an_hour_in_all() {
    let cells = Memory::default();
    let mut proxy = Proxy::new(&cells, "{}");
    let test = "/?q=user-risk-filter-test";
    // No user: the address, whose threshold is thirty.
    proxy.get(0, "", test);
    assert_eq!(proxy.count(Counter::Opened), 0);
    proxy.now += 61_000;
    proxy.get(0, "", test);
    assert_eq!(proxy.count(Counter::Opened), 0, "too late to belong to the first");
    proxy.now += 1000;
    proxy.get(1, "", test);
    assert_eq!(proxy.count(Counter::Opened), 1);
    let options = r#"{"risk": {"threshold": 100}}"#;
    let mut others = Proxy::new(&cells, options);
    others.now = proxy.now;
    for (wait, expected) in [(1000, 0), (60 * 60 * 1000, 1)] {
        others.now += wait;
        for user in ["a", "b"] {
            others.get(0, user, test);
            others.get(0, user, test);
        }
        assert_eq!(others.count(Counter::Opened), expected);
    }
}

/// A proxy that counts how often it is asked.
struct Asked(Known, Cell<u32>);

impl Host for Asked {
    fn attribute(&self, attribute: Attribute<'_>) -> Option<Vec<u8>> {
        self.1.set(self.1.get() + 1);
        self.0.attribute(attribute)
    }

    fn answer(&self) -> &Headers {
        self.1.set(self.1.get() + 1);
        self.0.answer()
    }
}

#[test]
fn responses_cost_a_harmless_request_no_call() {
    let respond = r#""mode": "protect", "respond": [{"block": {}, "headers": true}], "risk": {"anonymous_threshold": 12}, "probing": "off""#;
    let alice = Some(("x-user-id", "alice"));
    let rows = [
        ("nobody is risky", None, alice, 0),
        ("nobody is risky", None, None, 0),
        ("a user is", Some(("x-user-id", "mallory")), alice, 0),
        ("a user is", Some(("x-user-id", "mallory")), None, 0),
        ("an address is", Some(("x-nobody", "")), alice, 0),
        // Is it that address?
        ("an address is", Some(("x-nobody", "")), None, 1),
    ];
    for (name, risky, header, calls) in rows {
        let cells = Memory::default();
        let mut proxy = Proxy::new(&cells, &with(respond));
        if let Some(header) = risky {
            for target in [UNION, COMMAND, JNDI] {
                proxy.get_with(0, header, target);
            }
        }
        let asked = Asked(Known::default().with_address("198.51.100.9:1"), Cell::default());
        let mut stream = Stream::default();
        let head: Headers = [(":method", "GET"), (":path", PLAIN)].into_iter().chain(header).collect();
        proxy.on(0, Input::Stream(&mut stream, Part::Head(Head::new(head))));
        for mark in [Mark::Arrived, Mark::Complete, Mark::Answered, Mark::End] {
            if proxy.workers[0].wants_mark(&stream, mark) {
                proxy.on(0, Input::Stream(&mut stream, Part::Mark(mark, &asked)));
            }
        }
        assert_eq!(asked.1.get(), calls, "{name}: {header:?}");
    }
}
