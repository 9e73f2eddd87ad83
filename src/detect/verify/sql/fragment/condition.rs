//! Is the value a condition, or an operator with its operands, that belongs behind others?

use super::super::lexer::Kind;
use super::value::{Row, Value};
use crate::detect::matcher::Evidence::SqlFragment;

pub(super) const PATTERNS: &[Row] = &[
    Row {
        name: "a condition of two numbers that is multiplied, and no more",
        evidence: SqlFragment,
        example: "(42=42)*1",
        counter_example: "(42-42)*1",
        when: |it| {
            let kinds = [Kind::Open, Kind::Number, Kind::Equals, Kind::Number, Kind::Close, Kind::Arith, Kind::Number];
            it.count == kinds.len()
                && kinds.iter().enumerate().all(|(at, kind)| {
                    it.tokens.kind(at) == Some(*kind) || *kind == Kind::Arith && it.tokens.kind(at) == Some(Kind::Star)
                })
        },
    },
    Row {
        // Signs that only a condition has.
        name: "two numbers that differ, and no more",
        evidence: SqlFragment,
        example: "11!=1",
        counter_example: "11>1",
        when: |it| it.numbers.is_some() && matches!(it.tokens.text(1), b"!=" | b"<>" | b"<=>"),
    },
    Row {
        name: "a number equal to itself, and no more",
        evidence: SqlFragment,
        example: "1=1",
        counter_example: "1=2",
        when: |it| {
            it.numbers
                .is_some_and(|condition| condition.equals && it.tokens.text(0) == it.tokens.text(condition.next - 1))
        },
    },
    Row {
        name: "two numbers compared by a word, and no more",
        evidence: SqlFragment,
        example: "42 not like 43",
        counter_example: "42=43",
        when: |it| {
            let operand = [Kind::Quote(b'\''), Kind::Ident, Kind::Number, Kind::Not];
            let operator = || it.tokens.text(it.tokens.skip(1, &operand));
            let word = || operator().first().is_some_and(u8::is_ascii_alphabetic);
            it.count >= 3 && it.numbers.is_some_and(|condition| condition.equals) && word()
        },
    },
    Row {
        name: "OR and the same operand on both sides",
        evidence: SqlFragment,
        example: "or pin=pin",
        counter_example: "or pin=code",
        when: |it| {
            let logic = matches!(it.tokens.text(0), b"or" | b"and" | b"||" | b"&&");
            let equals = it.tokens.kind(2) == Some(Kind::Equals);
            logic && it.count == 4 && equals && it.tokens.text(1) == it.tokens.text(3)
        },
    },
    Row {
        name: "|| or && and a comparison in parentheses",
        evidence: SqlFragment,
        example: "&& (b=0)",
        counter_example: "&& (b)",
        when: |it| {
            let symbol = matches!(it.tokens.text(it.assigned), b"||" | b"&&");
            let parentheses = it.tokens.is_call(it.assigned) && it.nth_last(1) == Some(Kind::Close);
            let compares = |at| matches!(it.tokens.kind(at), Some(Kind::Equals | Kind::Compare));
            symbol && parentheses && it.count <= 12 && it.any_from(it.assigned + 2, compares)
        },
    },
    Row {
        name: "arithmetic on numbers, then a comment",
        evidence: SqlFragment,
        example: "1*1--",
        counter_example: "1--",
        when: |it| {
            let arithmetic = |at| matches!(it.tokens.kind(at), Some(Kind::Star | Kind::Arith));
            let number = |at| it.tokens.kind(at) == Some(Kind::Number);
            let last = it.count - 1;
            number(0)
                && it.tokens.text(last) == b"--"
                && (1..last).any(arithmetic)
                && (0..last).all(|at| number(at) || arithmetic(at))
        },
    },
    Row {
        name: "a number equal to itself as the last item of a list",
        evidence: SqlFragment,
        example: "a,1=1",
        counter_example: "a,1=2",
        when: |it| {
            it.count >= 5
                && it.nth_last(4) == Some(Kind::Comma)
                && it.nth_last(3) == Some(Kind::Number)
                && it.nth_last(2) == Some(Kind::Equals)
                && it.tokens.text(it.count - 1) == it.tokens.text(it.count - 3)
        },
    },
    Row {
        // The complement of zero is the largest number there is: the difference fails.
        name: "a number less the complement of another, and no more",
        evidence: SqlFragment,
        example: "7-~0",
        counter_example: "7-0",
        when: |it| {
            let numbers = is(it, 0, Kind::Number) && is(it, 3, Kind::Number);
            it.count == 4 && numbers && is(it, 1, Kind::Arith) && it.tokens.text(2) == b"~"
        },
    },
    Row {
        name: "LIKE and NULL",
        evidence: SqlFragment,
        example: "like null",
        counter_example: "< null",
        when: |it| {
            let word = it.tokens.text(0).first().is_some_and(u8::is_ascii_lowercase);
            it.count == 2 && word && is(it, 0, Kind::Compare) && is(it, 1, Kind::Null)
        },
    },
];

fn is(it: &Value<'_>, at: usize, kind: Kind) -> bool {
    it.tokens.kind(at) == Some(kind)
}
