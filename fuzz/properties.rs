//! What holds for all bytes that a client may send? The fuzz targets and the tests check the same.

use user_risk_filter::decode::{ROUNDS, Views};
use user_risk_filter::detect::category::Category;
use user_risk_filter::detect::detection::{DETECTIONS, Detection, VALUE};
use user_risk_filter::detect::matcher::{Evidence, Verifier};
use user_risk_filter::detect::options::Options;
use user_risk_filter::detect::rule_set::RuleSet;
use user_risk_filter::detect::scan::Scan;
use user_risk_filter::detect::verify::{self, Subject};
use user_risk_filter::exchange::Head;
use user_risk_filter::read::place::Place;
use user_risk_filter::read::{self, Body, Field};
use user_risk_filter::written;

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
    for (verifier, place) in Verifier::ALL.iter().zip(Place::ALL.iter().cycle().skip(value.len())) {
        let seen = |place: Place| {
            let mut seen: Vec<Evidence> = Vec::new();
            let subject = Subject::new(&view, place, b"q");
            verify::run(*verifier, &subject, &mut |evidence| seen.push(evidence));
            seen
        };
        assert_eq!(seen(*place), seen(*place));
        assert!(seen(*place).len() <= 16 * view.len() + 64, "{verifier:?} repeats itself");
    }
}

/// A line with the content type, then the body: what is shown is bounded, and chunks make no difference.
pub(crate) fn body(data: &[u8]) {
    let (kind, bytes) = first_line(data);
    let head = Head::new([(&b"content-type"[..], kind)].into_iter().collect());
    let show = |chunk: usize| {
        let mut shown: Vec<(Place, Vec<u8>, Vec<u8>)> = Vec::new();
        let mut sink = |field: Field<'_>| shown.push((field.place, field.name.to_vec(), field.value.to_vec()));
        let mut body = Body::new(&head, BODY_LIMIT);
        bytes.chunks(chunk.max(1)).for_each(|chunk| body.push(chunk, &mut sink));
        body.finish(&mut sink);
        assert!(body.skipped() <= bytes.len() as u64);
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
            assert!(one.value.len() <= VALUE && one.place.len() <= 400 && one.place.is_ascii());
            assert!(!one.place.bytes().any(|byte| byte.is_ascii_control()), "{}", one.place);
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
        let options: Options = written::from_json(&options.to_string()).ok()?;
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

/// What is detected in a request that is written as for [`scan`].
pub(crate) fn detections(rules: &RuleSet, data: &[u8]) -> Vec<Detection> {
    in_chunks(rules, data, usize::MAX)
}

fn in_chunks(rules: &RuleSet, data: &[u8], chunk: usize) -> Vec<Detection> {
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
    let head = Head::new(pairs.into_iter().collect());
    let mut scan = Scan::new();
    scan.begin(rules, &head);
    let mut sink = |field: Field<'_>| scan.push(rules, field);
    read::head(&head, &mut sink);
    let mut body = Body::new(&head, BODY_LIMIT);
    rest.chunks(chunk).for_each(|chunk| body.push(chunk, &mut sink));
    body.finish(&mut sink);
    scan.take()
}

fn first_line(data: &[u8]) -> (&[u8], &[u8]) {
    let end = data.iter().position(|byte| *byte == b'\n').unwrap_or(data.len());
    (data.get(..end).unwrap_or_default(), data.get(end + 1..).unwrap_or_default())
}
