//! Does a subquery stand inside an expression: a SELECT in parentheses where a value belongs?

use super::lexer::Kind;
use super::names::is_blind;
use super::pattern::{self, Pattern};
use super::select_list::is_select_list;
use super::tokens::TokenStream;
use crate::detect::matcher::Evidence::{self, SqlSubquery};

/// `(SELECT` and a select list.
pub(super) struct Subquery<'a> {
    tokens: &'a TokenStream<'a>,
    /// Where the parenthesis opens.
    at: usize,
    before: Option<Kind>,
}

type Row = Pattern<fn(&Subquery<'_>) -> bool>;

pub(super) const PATTERNS: &[Row] = &[
    Row {
        name: "operand",
        evidence: SqlSubquery,
        example: "1-(select 1)",
        counter_example: "see (select 1)",
        when: |it| {
            matches!(it.before, Some(Kind::Equals | Kind::Compare | Kind::Logic | Kind::Not | Kind::Arith | Kind::In))
        },
    },
    Row {
        name: "item of a list",
        evidence: SqlSubquery,
        example: "1,(select pin from cards)",
        counter_example: "choose (select 1 or 2)",
        when: |it| matches!(it.before, Some(Kind::Comma | Kind::Select | Kind::All)),
    },
    Row {
        name: "derived table",
        evidence: SqlSubquery,
        example: "1 from (select 2)x",
        counter_example: "to (select 2)x",
        when: |it| it.before == Some(Kind::From),
    },
    Row {
        name: "behind a closed quote or another parenthesis",
        evidence: SqlSubquery,
        example: "x'(select 1)",
        counter_example: "x (select 1)",
        when: |it| matches!(it.before, Some(Kind::Quote(_) | Kind::Open)),
    },
    Row {
        name: "argument of a function of blind injection",
        evidence: SqlSubquery,
        example: "ascii(select pin from cards)",
        counter_example: "options(select pin from cards)",
        when: |it| is_blind(it.tokens.text_before(it.at)),
    },
    Row {
        name: "first in the value, with a parenthesis in its select list",
        evidence: SqlSubquery,
        example: "(select(pin)from(cards))",
        counter_example: "(select 1)",
        when: |it| it.before.is_none() && it.tokens.kind(it.at + 2) == Some(Kind::Open),
    },
];

pub(super) fn subquery(tokens: &TokenStream<'_>, at: usize) -> Option<Evidence> {
    let selects = tokens.kind(at + 1) == Some(Kind::Select) && is_select_list(tokens, at + 2, false);
    // MySQL 8: `(table cards limit 1)`, to the end of the parentheses.
    let names_table = || {
        let ends = (at + 3..at + 6).find(|end| tokens.kind(*end) == Some(Kind::Close));
        tokens.text(at + 1) == b"table"
            && tokens.kind(at + 2) == Some(Kind::Ident)
            && ends.is_some()
            && tokens.text(at + 3) == b"limit"
            && matches!(tokens.before(at), Some(Kind::Equals | Kind::Compare))
    };
    if !selects && !names_table() {
        return None;
    }
    let subquery = Subquery { tokens, at, before: tokens.before(at) };
    pattern::evidence(PATTERNS, |when| when(&subquery))
}
