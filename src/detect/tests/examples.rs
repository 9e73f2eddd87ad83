//! Does each rule find its examples, also inside a text, and leave its counter-examples alone?

use super::{EXAMPLES, Example, scan};
use crate::detect::category::{Category, Severity};
use crate::detect::rule_set::RuleSet;
use crate::detect::scan::Scan;
use crate::read::field::Field;
use crate::read::target::Target;
use proptest::prelude::*;

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

#[test]
fn every_rule_can_be_named() {
    let rules = RuleSet::builtin();
    for rule in rules.rules() {
        assert_eq!(rules.by_id(rule.id), Some(rule));
        assert!(Category::from_slug(rule.id.split('.').next().unwrap()) == Some(rule.category));
    }
    assert_eq!(rules.by_id("none.such"), None);
}

/// Rules with an example that text around it hides, and why that is meant. A rule that is not here must find its examples
/// inside a text.
const HIDDEN_BY_TEXT: &[&str] = &[
    // An address, a name or a path: whoever opens it takes the whole value, and in a sentence it is only mentioned.
    "file-inclusion.remote",
    "file-inclusion.scheme",
    "file-inclusion.script",
    "file-inclusion.data",
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
    "ssrf.metadata-name",
    "ssrf.odd-address",
    "ssrf.private",
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
    "code-injection.hosted",
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
    "nosqli.cypher",
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

proptest! {
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
