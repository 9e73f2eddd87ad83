//! What do answers tell, and what does it cost to listen? Without a proxy: a map, a clock, and a proxy that counts its calls.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::cell::Cell;
use std::collections::BTreeMap;

use user_risk_filter::clock::Timestamp;
use user_risk_filter::engine::stream::{Mark, Part, Stream};
use user_risk_filter::engine::{Engine, Input};
use user_risk_filter::exchange::head::Head;
use user_risk_filter::exchange::headers::Headers;
use user_risk_filter::exchange::proxy::{Attribute, Known, Proxy};
use user_risk_filter::plugin::config::Config;
use user_risk_filter::secret::Variable;
use user_risk_filter::state::memory::Memory;
use user_risk_filter::worker::effect::Effect;
use user_risk_filter::worker::metric::Counter;

const UNION: &str = "/search?q=1'%20UNION%20SELECT%20password%20FROM%20users--";
const CLIMB: &str = "/show?file=../../../../etc/passwd";
const PLAIN: &str = "/search?q=union%20jack";
const ERROR: &str = "You have an error in your SQL syntax; check the manual";
const PASSWD: &str = "root:x:0:0:root:/root:/bin/bash\n";
const TRACE: &str = "Traceback (most recent call last):\n  File \"app.py\", line 1";

/// A proxy that counts what it is asked.
#[derive(Default)]
struct Counting {
    known: Known,
    attributes: Cell<u32>,
    maps: Cell<u32>,
}

impl Counting {
    fn answering(status: u16, headers: &[(&str, &str)], cluster: &str) -> Self {
        let known = Known::default().with_address("192.0.2.7:4000").with_cluster(cluster);
        Self { known: known.answering(status, headers.iter().copied().collect()), ..Self::default() }
    }

    /// Attributes, maps of headers.
    fn asked(&self) -> (u32, u32) {
        (self.attributes.get(), self.maps.get())
    }
}

impl Proxy for Counting {
    fn attribute(&self, attribute: Attribute<'_>) -> Option<Vec<u8>> {
        self.attributes.set(self.attributes.get() + 1);
        self.known.attribute(attribute)
    }

    fn answer(&self) -> &Headers {
        self.maps.set(self.maps.get() + 1);
        self.known.answer()
    }
}

/// What came of exchanges.
#[derive(Default)]
struct Seen {
    lines: Vec<serde_json::Value>,
    counts: BTreeMap<&'static str, u64>,
    stripped: Vec<String>,
}

impl Seen {
    fn add(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Log(_, line) => self.lines.push(serde_json::from_str(&line).unwrap()),
                Effect::Count(counter, number) => *self.counts.entry(counter.name()).or_default() += number,
                Effect::StripRequest(name) => self.stripped.push(format!("request {name}")),
                Effect::StripAnswer(name) => self.stripped.push(format!("answer {name}")),
                Effect::CountLabelled(..) => {}
                _ => panic!("nobody is told, nothing is answered"),
            }
        }
    }

    /// Each finding of the log as `user rule points`.
    fn findings(&self) -> Vec<String> {
        let requests = self.lines.iter().filter(|line| line["event"] == "malicious_request");
        let finding = |line: &serde_json::Value| {
            let user = line["user"].as_str().unwrap_or("-").to_owned();
            let rules = line["rules"].as_array().unwrap().clone();
            rules.into_iter().map(move |rule| format!("{user} {} {}", rule["rule"].as_str().unwrap(), rule["points"]))
        };
        requests.flat_map(finding).collect()
    }

    fn count(&self, counter: Counter) -> u64 {
        self.counts.get(counter.name()).copied().unwrap_or_default()
    }
}

struct Lab<'a> {
    engine: Engine<&'a Memory>,
    now: u64,
}

impl<'a> Lab<'a> {
    fn new(cells: &'a Memory, configuration: &str) -> Self {
        let config = Config::load(configuration.as_bytes(), &|_| Variable::Unset).unwrap().config;
        Self { engine: Engine::new(config, cells, [1; 32]), now: 1_000_000 }
    }

    /// One exchange as the filter hands it in: only what the engine wants.
    fn exchange(&mut self, head: &[(&str, &str)], proxy: &Counting, body: &[&[u8]]) -> Seen {
        self.now += 1000;
        let (mut seen, mut stream, now) = (Seen::default(), Stream::default(), Timestamp::from_millis(self.now));
        let head =
            Head::new([(":method", "GET"), (":authority", "shop.example")].iter().chain(head).copied().collect());
        seen.add(self.engine.on(Input::Stream(&mut stream, Part::Head(head)), now));
        for mark in [Mark::Arrived, Mark::Complete, Mark::Answered, Mark::End] {
            if self.engine.wants_mark(&stream, mark) || mark == Mark::Answered && self.engine.has_app_events(proxy) {
                seen.add(self.engine.on(Input::Stream(&mut stream, Part::Mark(mark, proxy)), now));
            }
            for bytes in body.iter().filter(|_| mark == Mark::Answered) {
                if self.engine.wants_answer(&stream) {
                    seen.add(self.engine.on(Input::Stream(&mut stream, Part::Answer(bytes)), now));
                }
            }
        }
        seen
    }

    fn get(&mut self, target: &str, proxy: &Counting, body: &[&[u8]]) -> Seen {
        self.exchange(&[(":path", target), ("x-user-id", "mallory")], proxy, body)
    }
}

#[test]
fn a_harmless_exchange_costs_one_look_at_the_answers_head_or_none() {
    for (options, asked) in [
        (r#"{"probing": "off"}"#, (0, 1)),
        (r#"{"probing": "off", "application": "off"}"#, (0, 0)),
        (r#"{"probing": "off", "application": false}"#, (0, 0)),
        (r#"{"probing": "off", "application": null}"#, (0, 0)),
    ] {
        let cells = Memory::default();
        let proxy = Counting::answering(200, &[("content-type", "text/html")], "app");
        let seen = Lab::new(&cells, options).get(PLAIN, &proxy, &[PASSWD.as_bytes(), ERROR.as_bytes()]);
        assert_eq!(proxy.asked(), asked, "{options}");
        assert!(seen.lines.is_empty() && seen.counts.is_empty() && cells.is_empty(), "{options}");
    }
}

#[test]
fn the_application_tells_and_the_client_does_not_hear_it() {
    let told = |cluster: &str, lines: &[&str]| {
        let cells = Memory::default();
        let mut lab = Lab::new(&cells, r#"{"application": {"clusters": ["auth"]}}"#);
        let headers: Vec<_> = lines.iter().map(|line| ("x-user-risk-event", *line)).collect();
        lab.get(PLAIN, &Counting::answering(200, &headers, cluster), &[])
    };
    type Row<'a> = (&'a str, &'a [&'a str], &'a [&'a str], [u64; 3]);
    let rows: &[Row<'_>] = &[
        ("app", &["checkout.abuse; severity=high"], &["mallory application.checkout.abuse 5"], [1, 0, 0]),
        ("app", &["coupon-guess"], &["mallory application.coupon-guess 3"], [1, 0, 0]),
        // One exchange is one event of a category; the worst stands for the others.
        (
            "app",
            &["a; severity=low", "b; severity=critical"],
            &["mallory application.b 8", "mallory application.a 0"],
            [2, 0, 0],
        ),
        ("app", &["a; user=\"0042\""], &[], [0, 1, 0]),
        ("app", &["a; user=\"0042\", b"], &["mallory application.b 3"], [1, 1, 0]),
        ("auth", &["a; user=\"0042\""], &["0042 application.a 3"], [1, 0, 0]),
        (
            "auth",
            &["a; user=\"0042\", b, c; user=eve"],
            &["0042 application.a 3", "mallory application.b 3", "eve application.c 3"],
            [3, 0, 0],
        ),
        // The exchange's own user may be named by anybody.
        ("app", &["a; user=\"mallory\""], &["mallory application.a 3"], [1, 0, 0]),
        ("app", &["a b"], &[], [0, 0, 1]),
        ("app", &["a, B"], &["mallory application.a 3"], [1, 0, 1]),
    ];
    for (cluster, lines, findings, counts) in rows {
        let seen = told(cluster, lines);
        assert_eq!(seen.findings(), *findings, "{cluster} {lines:?}");
        assert_eq!(seen.stripped, ["answer x-user-risk-event"], "{lines:?}");
        let counted =
            [Counter::AppEvents, Counter::AppEventsRefused, Counter::AppEventErrors].map(|counter| seen.count(counter));
        assert_eq!(counted, *counts, "{cluster} {lines:?}");
        let mistakes = seen.lines.iter().filter(|line| line["event"] == "application_event_error");
        assert_eq!(mistakes.count() as u64, counts[2], "{lines:?}");
    }
}

#[test]
fn a_named_user_is_the_one_whom_the_header_names() {
    let cells = Memory::default();
    let mut lab = Lab::new(&cells, r#"{"application": {"clusters": ["auth"]}}"#);
    let named = Counting::answering(200, &[("x-user-risk-event", "theft; severity=critical; user=\"0042\"")], "auth");
    lab.get(PLAIN, &named, &[]);
    let own = Counting::answering(200, &[], "auth");
    let seen = lab.exchange(&[(":path", UNION), ("x-user-id", "0042")], &own, &[]);
    let opened = seen.lines.iter().find(|line| line["event"] == "incident_opened").unwrap();
    assert_eq!((&opened["user"], &opened["increase"]), (&"0042".into(), &16.into()));
    assert_eq!(opened["rules"][0]["rule"], "application.theft");
}

#[test]
fn events_of_different_names_stack_apart() {
    let cells = Memory::default();
    let mut lab = Lab::new(&cells, r#"{"risk": {"stack": 1}}"#);
    let mut increases = Vec::new();
    for event in ["a", "a", "b", "b", "c"] {
        let seen = lab.get(PLAIN, &Counting::answering(200, &[("x-user-risk-event", event)], "app"), &[]);
        increases.push(seen.lines.last().unwrap()["increase"].as_u64().unwrap());
    }
    assert_eq!(increases, [3, 3, 6, 6, 9]);
}

#[test]
fn an_operator_has_the_last_word_on_an_event() {
    for (change, points) in [(r#""off""#, None), (r#"{"severity": "low"}"#, Some(1)), (r#"{"points": 7}"#, Some(7))] {
        let cells = Memory::default();
        let options = format!(r#"{{"detect": {{"rules": {{"application.event": {change}}}}}}}"#);
        let proxy = Counting::answering(200, &[("x-user-risk-event", "a; severity=high")], "app");
        let seen = Lab::new(&cells, &options).get(PLAIN, &proxy, &[]);
        assert_eq!(seen.findings(), points.map(|points| format!("mallory application.a {points}")).as_slice());
    }
}

#[test]
fn a_request_that_forges_an_event_is_one_itself() {
    let cells = Memory::default();
    let mut lab = Lab::new(&cells, "{}");
    let head = [(":path", PLAIN), ("x-user-id", "mallory"), ("x-user-risk-event", "a; user=\"bob\"")];
    let seen = lab.exchange(&head, &Counting::answering(200, &[], "app"), &[]);
    assert_eq!(seen.findings(), ["mallory session.forged-event 3"]);
    assert_eq!(seen.stripped, ["request x-user-risk-event"]);
}

#[test]
fn the_answer_proves_what_was_tried() {
    let packed = |text: &str| {
        let deflated = miniz_oxide::deflate::compress_to_vec(text.as_bytes(), 6);
        [&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3][..], &deflated, &[0; 8]].concat()
    };
    let page = |text: &str| format!("<html><body>{}{text}", "<p>Welcome</p>".repeat(200));
    type Row<'a> = (&'a str, u16, Vec<u8>, Option<&'a str>);
    let rows: [Row<'_>; 15] = [
        (UNION, 200, ERROR.into(), Some("answer.sql-error.sqli 5")),
        (UNION, 500, page(ERROR).into(), Some("answer.sql-error.sqli 5")),
        (UNION, 200, packed(&page(ERROR)), Some("answer.sql-error.sqli 5")),
        (UNION, 200, format!("{}{ERROR}", "x".repeat(16 * 1024)).into(), None),
        (UNION, 200, "no results".into(), None),
        (PLAIN, 200, ERROR.into(), None),
        (CLIMB, 200, PASSWD.into(), Some("answer.system-file.path-traversal 8")),
        (CLIMB, 200, packed(PASSWD), Some("answer.system-file.path-traversal 8")),
        (CLIMB, 200, ERROR.into(), None),
        (CLIMB, 200, TRACE.into(), None),
        (CLIMB, 500, TRACE.into(), Some("answer.stack-trace.path-traversal 3")),
        (PLAIN, 200, PASSWD.into(), None),
        // The page shows what was asked for.
        ("/search?q='+UNION+SELECT+1--+root:x:0:0:", 200, PASSWD.into(), None),
        ("/search?q='+UNION+SELECT+1--&r=You+have+an+error+in+your+SQL%20syntax", 200, ERROR.into(), None),
        ("/search?q='+UNION+SELECT+1--&r=error", 200, ERROR.into(), Some("answer.sql-error.sqli 5")),
    ];
    for (target, status, body, expected) in rows {
        for size in [body.len(), 7, 1] {
            let cells = Memory::default();
            let chunks: Vec<_> = body.chunks(size).collect();
            let seen = Lab::new(&cells, "{}").get(target, &Counting::answering(status, &[], "app"), &chunks);
            let findings = seen.findings();
            let proof = findings.iter().find(|finding| finding.contains(" answer."));
            assert_eq!(proof.map(|proof| proof.trim_start_matches("mallory ")), expected, "{target} {status} {size}");
        }
    }
}

#[test]
fn a_header_of_the_answer_proves_too_and_proof_may_open_alone() {
    let cells = Memory::default();
    let proxy = Counting::answering(200, &[("x-debug", "SQLSTATE[42000]: syntax")], "app");
    let seen = Lab::new(&cells, "{}").get(UNION, &proxy, &[]);
    assert_eq!(seen.findings(), ["mallory sqli.union-select 8", "mallory answer.sql-error.sqli 5"]);
    assert_eq!(seen.count(Counter::Opened), 1);
}

#[test]
fn no_more_of_an_answer_is_asked_for_than_is_looked_at() {
    let cells = Memory::default();
    let mut lab = Lab::new(&cells, "{}");
    let (mut stream, now) = (Stream::default(), Timestamp::from_millis(1));
    let head = Head::new([(":method", "GET"), (":path", UNION)].into_iter().collect());
    lab.engine.on(Input::Stream(&mut stream, Part::Head(head)), now);
    assert!(!lab.engine.wants_answer(&stream), "not before it begins");
    lab.engine.on(Input::Stream(&mut stream, Part::Mark(Mark::Answered, &Counting::default())), now);
    let mut pieces = 0;
    while lab.engine.wants_answer(&stream) {
        lab.engine.on(Input::Stream(&mut stream, Part::Answer(&[b'a'; 1000])), now);
        pieces += 1;
    }
    assert_eq!(pieces, 17);
    // A bomb stops at what is unpacked, whatever is left of it.
    let bomb = miniz_oxide::deflate::compress_to_vec(&vec![b' '; 1 << 24], 9);
    let bomb = [&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3][..], &bomb].concat();
    let seen = lab.get(UNION, &Counting::answering(200, &[("content-encoding", "gzip")], "app"), &[&bomb]);
    assert_eq!(seen.findings().len(), 1);
}
