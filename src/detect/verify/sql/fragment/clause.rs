//! Is the value a clause, or the end of one, without the statement it belongs to?

use super::super::lexer::Kind;
use super::value::Row;
use crate::detect::matcher::Evidence::SqlFragment;

pub(super) const PATTERNS: &[Row] = &[
    Row {
        name: "SET of a variable",
        evidence: SqlFragment,
        example: "set @a",
        counter_example: "set a",
        when: |it| {
            let start = it.tokens.skip(0, &[Kind::Compare, Kind::Arith]).min(1);
            let sets =
                |at: usize| it.tokens.kind(at) == Some(Kind::Set) && it.tokens.kind(at + 1) == Some(Kind::Variable);
            it.count <= 8 && (0..=start).any(sets)
        },
    },
    Row {
        name: "INTO a variable",
        evidence: SqlFragment,
        example: "pin into @a",
        counter_example: "pin into a",
        when: |it| {
            let into =
                |at: usize| it.tokens.kind(at) == Some(Kind::Into) && it.tokens.kind(at + 1) == Some(Kind::Variable);
            it.count <= 16 && it.any_from(1, into)
        },
    },
    Row {
        name: "a column renamed to a quoted name, then FROM",
        evidence: SqlFragment,
        example: "1 as \"x\" from cards",
        counter_example: "1 as \"x\" of cards",
        when: |it| {
            let renames = |at: usize| {
                it.tokens.text(at) == b"as"
                    && it.tokens.is_quote(at + 1)
                    && it.tokens.kind(at + 3) == it.tokens.kind(at + 1)
                    && it.tokens.kind(at + 4) == Some(Kind::From)
            };
            !matches!(it.tokens.kind(0), Some(Kind::Select | Kind::Verb)) && it.any_from(1, renames)
        },
    },
    Row {
        name: "the end of a derived column, then FROM",
        evidence: SqlFragment,
        example: ") as x from",
        counter_example: ") as x for",
        when: |it| {
            let quote = [Kind::Quote(b'`')];
            let name = it.tokens.skip(2, &quote);
            let from = it.tokens.skip(name + 1, &quote);
            let closes = matches!(it.tokens.kind(0), Some(Kind::Close | Kind::Quote(b'`')));
            closes && it.tokens.text(1) == b"as" && it.tokens.kind(from) == Some(Kind::From)
        },
    },
    Row {
        name: "the end of an operand, then WHEN or LIKE",
        evidence: SqlFragment,
        example: ") when 1",
        counter_example: ") then 1",
        when: |it| {
            let closes = matches!(it.tokens.kind(0), Some(Kind::Close | Kind::Quote(b'`')));
            closes && matches!(it.tokens.text(1), b"when" | b"like")
        },
    },
    Row {
        name: "FROM a table and GROUP BY",
        evidence: SqlFragment,
        example: "from cards group by pin",
        counter_example: "from cards group of pins",
        when: |it| {
            it.tokens.kind(0) == Some(Kind::From)
                && it.tokens.text(2) == b"group"
                && it.tokens.kind(3) == Some(Kind::By)
        },
    },
];
