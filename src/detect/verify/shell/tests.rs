//! Does each pattern find its example, and only that?

use super::pattern::{Pattern, ValuePattern};
use super::position::{self, Position};
use super::{SimpleCommand, Subject, patterns, tables, verify};
use crate::detect::matcher::Evidence;
use crate::detect::verify::subject::Effort;
use crate::read::target::Target;
use crate::text::byte_set::ByteSet;

/// A row of either kind of table.
struct Row {
    name: &'static str,
    evidence: Evidence,
    example: &'static str,
    counter_example: &'static str,
}

fn rows() -> Vec<Row> {
    let of_commands = tables::OF_COMMANDS.iter().copied().flatten();
    let of_values = tables::OF_VALUES.iter().copied().flatten();
    let commands = of_commands.map(|Pattern { name, evidence, example, counter_example, .. }| Row {
        name,
        evidence: *evidence,
        example,
        counter_example,
    });
    let values = of_values.map(|ValuePattern { name, evidence, example, counter_example, .. }| Row {
        name,
        evidence: *evidence,
        example,
        counter_example,
    });
    commands.chain(values).collect()
}

/// The evidence that the verifier finds.
fn evidence(value: &str) -> Vec<Evidence> {
    let effort = Effort::default();
    let mut all = Vec::new();
    verify(&Subject::new(value.as_bytes(), Target::Query, b"q", &effort), &mut |evidence| all.push(evidence));
    all
}

/// The patterns that are reported.
fn reported(value: &str) -> Vec<(&'static str, Evidence)> {
    let effort = Effort::default();
    let mut all = Vec::new();
    let subject = Subject::new(value.as_bytes(), Target::Query, b"q", &effort);
    patterns(&subject, &mut |name, evidence| all.push((name, evidence)));
    all
}

#[test]
fn each_pattern_finds_its_example() {
    for Row { name, evidence: kind, example, .. } in rows() {
        assert!(evidence(example).contains(&kind), "{name}: {example:?} has the evidence");
        let mut by: Vec<_> = reported(example).into_iter().filter(|(_, found)| *found == kind).collect();
        by.dedup();
        assert_eq!(by, [(name, kind)], "{name}: only this pattern finds {example:?}");
    }
}

#[test]
fn no_counter_example_has_the_evidence() {
    for Row { name, evidence: kind, counter_example, .. } in rows() {
        assert!(!evidence(counter_example).contains(&kind), "{name}: {counter_example:?} has not");
    }
}

#[test]
fn commands_may_stand_behind_each_of_these() {
    for (value, expected) in [
        ("a;b", &[(2, Position::Strong)][..]),
        ("a|b", &[(2, Position::Strong)]),
        ("a||b", &[(3, Position::Strong)]),
        ("a&&b", &[(3, Position::Strong)]),
        ("a&b", &[(2, Position::Weak)]),
        ("a\nb", &[(2, Position::Line)]),
        ("a$(b)", &[(3, Position::Substitution)]),
        ("<(b)", &[(2, Position::Substitution)]),
        ("a(b)", &[]),
        ("a`b`", &[(2, Position::BackQuote), (4, Position::BackQuote)]),
        ("`a` or `b`", &[(1, Position::BackQuote), (8, Position::BackQuote)]),
        ("\" b", &[(1, Position::Weak)]),
        ("\" b\"", &[]),
        ("x\\n/bin/id", &[(3, Position::Strong)]),
        ("x\\n/srv/id", &[]),
    ] {
        let mut positions = Vec::new();
        let unread =
            position::each(value.as_bytes(), ByteSet::of(value.as_bytes()), |start, at| positions.push((start, at)));
        assert_eq!((&positions[..], unread), (expected, 0), "{value:?}");
    }
    // Every byte is a separator: what lies behind the last that is looked at is unread.
    let many = [b';'; 5000];
    assert_eq!(position::each(&many, ByteSet::of(&many), |_, _| {}), 5000 - 4096);
}

#[test]
fn names_are_unique() {
    let mut names: Vec<_> = rows().iter().map(|row| row.name).collect();
    names.sort_unstable();
    let all = names.len();
    names.dedup();
    assert_eq!(names.len(), all);
}

/// How strong evidence is: of one line only the strongest is reported.
fn strength(evidence: Evidence) -> u8 {
    match evidence {
        Evidence::ShellObfuscated | Evidence::ShellSubstitution => 4,
        Evidence::ShellCommand => 3,
        Evidence::ShellAlone => 2,
        _ => 1,
    }
}

#[test]
fn the_strongest_evidence_comes_first() {
    for table in tables::OF_COMMANDS {
        assert!(
            table.is_sorted_by_key(|pattern| std::cmp::Reverse(strength(pattern.evidence))),
            "the table with {:?}",
            table[0].name
        );
    }
}

/// So that a row can move among those of its evidence, and none is there for nothing.
#[test]
fn no_other_row_of_the_evidence_holds_for_an_example() {
    for table in tables::OF_COMMANDS {
        for row in *table {
            let view = row.example.as_bytes();
            let mut holding = Vec::new();
            let mut at = |start, position| {
                let Some(command) = SimpleCommand::read(view, start, position) else { return };
                let same = table.iter().filter(|other| other.evidence == row.evidence && other.holds(&command));
                holding.extend(same.map(|other| other.name));
            };
            at(0, Position::Start);
            position::each(view, ByteSet::of(view), at);
            holding.dedup();
            assert_eq!(holding, [row.name], "{:?}", row.example);
        }
    }
}
