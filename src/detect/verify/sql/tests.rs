//! Does each pattern find its example and not its counter-example, in whatever order? Do hostile values stay linear?

use std::collections::BTreeSet;

use super::pattern::{Pattern, asked};
use super::{
    boolean, breakout, call, clause, fragment, pasted, schema, statement, subquery, union, verb, whole_statement,
};
use crate::detect::matcher::Evidence;
use crate::detect::verify::Subject;
use crate::detect::verify::subject::Effort;
use crate::read::target::Target;

/// What a pattern says about itself, and where its examples stand.
#[derive(Clone, Copy)]
struct Row {
    name: &'static str,
    evidence: Evidence,
    example: &'static str,
    counter_example: &'static str,
    place: Target,
}

fn rows<When>(place: Target, table: &'static [Pattern<When>]) -> impl Iterator<Item = Row> {
    table.iter().map(move |&Pattern { name, evidence, example, counter_example, .. }| Row {
        name,
        evidence,
        example,
        counter_example,
        place,
    })
}

/// Every row of every table.
fn patterns() -> Vec<Row> {
    let fragments = fragment::TABLES.iter().flat_map(|table| rows(Target::Query, table));
    rows(Target::Query, union::PATTERNS)
        .chain(rows(Target::Query, boolean::PATTERNS))
        .chain(rows(Target::Query, subquery::PATTERNS))
        .chain(rows(Target::Query, clause::PATTERNS))
        .chain(rows(Target::Query, breakout::AT_QUOTE))
        .chain(rows(Target::Query, breakout::WHOLE))
        .chain(rows(Target::Query, call::PATTERNS))
        .chain(rows(Target::Query, statement::PATTERNS))
        .chain(rows(Target::Query, verb::PATTERNS))
        .chain(rows(Target::Query, schema::PATTERNS))
        .chain(rows(Target::Query, whole_statement::PATTERNS))
        .chain(rows(Target::Text, pasted::PATTERNS))
        .chain(rows(Target::Query, fragment::any_length::PATTERNS))
        .chain(fragments)
        .collect()
}

/// What the verifiers find in a value.
fn found(value: &str, place: Target) -> Vec<Evidence> {
    let effort = Effort::default();
    let subject = Subject::new(value.as_bytes(), place, b"", &effort);
    let mut all = Vec::new();
    super::verify(&subject, &mut |evidence| all.push(evidence));
    super::fragment(&subject, &mut |evidence| all.push(evidence));
    all
}

#[test]
fn each_pattern_finds_its_example_and_not_its_counter_example() {
    let mut wrong = Vec::new();
    for Row { name, evidence, example, counter_example, place } in patterns() {
        for (value, expected) in [(example, true), (counter_example, false)] {
            let mut all = Vec::new();
            let asked = asked::during(|| all = found(value, place));
            if all.contains(&evidence) != expected || asked.get(name) != Some(&expected) {
                wrong.push(format!("{name}: {value}: {all:?}, asked and matched: {:?}", asked.get(name)));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn each_pattern_has_a_name_of_its_own_and_is_tested() {
    let all = patterns();
    let names: BTreeSet<_> = all.iter().map(|row| row.name).collect();
    assert_eq!(names.len(), all.len(), "a name stands twice");
    for row in &all {
        for name in asked::during(|| drop(found(row.example, row.place))).into_keys() {
            assert!(names.contains(name), "{name} is in a table that patterns() does not list");
        }
    }
}

#[test]
fn stays_linear_on_hostile_values() {
    for part in ["'", "(", "/*", "or ", "--", "union ", "';", "select(", "1 or ", "/*!", "a/**/", "' or '"] {
        // Would take minutes if any pattern read on to the end of the value.
        found(&part.repeat(60_000 / part.len()), Target::Query);
    }
}

#[test]
fn reads_every_short_value() {
    let parts =
        ["'", "(", ")", "1", "a", " or ", " union ", "||", "=", "--", ";", ",", "*", " as ", " into ", "@a", " set "];
    for first in parts {
        for second in parts {
            for third in parts {
                for value in [first.to_owned(), [first, second].concat(), [first, second, third].concat()] {
                    // Would panic if any pattern counted back beyond the first token, or if two rows of a table differed.
                    found(&value, Target::Query);
                }
            }
        }
    }
}
