//! Does the core do in V8 what it does natively? The rules' examples and hostile values, in wasm, as inside Envoy.
//!
//! `./build.sh test wasm`; natively this file is empty.

#![cfg(all(target_family = "wasm", target_os = "unknown"))]
#![allow(clippy::unwrap_used, clippy::panic)]

use user_risk_filter::detect::detection::{DETECTIONS, Detection};
use user_risk_filter::detect::rule_set::RuleSet;
use user_risk_filter::detect::scan::Scan;
use user_risk_filter::exchange::head::Head;
use user_risk_filter::read::target::Target;
use user_risk_filter::read::{self, Body, Field};
use wasm_bindgen_test::wasm_bindgen_test;

struct Example {
    rule: &'static str,
    target: Target,
    name: &'static str,
    matches: &'static [&'static str],
    harmless: &'static [&'static str],
}

include!(concat!(env!("OUT_DIR"), "/examples.rs"));

/// So much longer may twice the bytes take: a little more than twice. What is not linear takes four times as long.
const TWICE: f64 = 2.6;
/// So often it is tried, for what else happens on the machine only adds: at least, and until it is so.
const TRIES: std::ops::Range<u32> = 3..40;

fn scan(rules: &RuleSet, example: &Example, text: &str) -> Vec<Detection> {
    let mut scan = Scan::new();
    match text.split_once(' ') {
        Some((method @ ("GET" | "POST"), target)) if target.starts_with('/') => {
            let head = Head::new([(":method", method), (":path", target)].into_iter().collect());
            read::head(&head, &mut |field| scan.push(rules, field));
        }
        _ => {
            let (target, name) = (example.target, example.name.as_bytes());
            scan.push(rules, Field { target, name, value: text.as_bytes(), encoded: false });
        }
    }
    scan.take()
}

#[wasm_bindgen_test]
fn rules_find_their_examples_and_leave_their_counter_examples_alone() {
    let rules = RuleSet::builtin();
    let mut wrong = Vec::new();
    for example in EXAMPLES {
        let finds = |text: &str| scan(&rules, example, text).iter().any(|one| rules.rule(one.rule).id == example.rule);
        wrong.extend(example.matches.iter().filter(|text| !finds(text)).map(|text| (example.rule, text)));
        wrong.extend(example.harmless.iter().filter(|text| finds(text)).map(|text| (example.rule, text)));
    }
    assert!(EXAMPLES.len() > 50 && wrong.is_empty(), "{wrong:?}");
}

/// How long a value takes at four places and as a body, in milliseconds.
fn millis(rules: &RuleSet, text: &str) -> f64 {
    let start = js_sys::Date::now();
    let mut scan = Scan::new();
    for target in [Target::Query, Target::Path, Target::Text, Target::Header] {
        scan.push(rules, Field { target, name: b"x", value: text.as_bytes(), encoded: true });
    }
    let head = Head::new([("content-type", "application/json")].into_iter().collect());
    let mut body = Body::new(&head, 1 << 20);
    body.push(text.as_bytes(), &mut |field| scan.push(rules, field));
    body.finish(&mut |field| scan.push(rules, field));
    assert!(scan.detections().len() <= DETECTIONS);
    js_sys::Date::now() - start
}

#[wasm_bindgen_test]
fn hostile_values_cost_what_their_length_says() {
    let rules = RuleSet::builtin();
    for part in
        ["'", "(", "%25", "${", "<", "<a x='", "&#", "\\u", "../", "' or ", "{\"a\":", "[", "a&", "for %", "http://"]
    {
        let [half, whole] = [64, 128].map(|kib| part.repeat(kib * 1024 / part.len()));
        let (mut one, mut two) = (f64::INFINITY, f64::INFINITY);
        for tried in 1..=TRIES.end {
            one = one.min(millis(&rules, &half));
            two = two.min(millis(&rules, &whole));
            if tried >= TRIES.start && two <= TWICE * one {
                break;
            }
        }
        assert!(two <= TWICE * one, "{part:?} takes {one} ms, twice as much of it {two} ms");
    }
}
