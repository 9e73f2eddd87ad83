//! Does a clause that ends a query follow a breakout: ORDER BY, GROUP BY, HAVING, LIMIT, PROCEDURE?

use super::expression::{Operand, condition, operand};
use super::lexer::Kind;
use super::pattern::{self, Pattern};
use super::tokens::TokenStream;
use crate::detect::matcher::Evidence::{self, SqlTail};

/// The keyword of a clause, and its first operand.
pub(super) struct Clause<'a> {
    tokens: &'a TokenStream<'a>,
    keyword: &'a [u8],
    /// Does a quote close the application's string before it?
    breaks_out: bool,
    /// Where the operand starts, and what comes behind it.
    first: usize,
    next: usize,
    /// Is the operand a number, as for a column by its position or a row?
    number: bool,
}

type Row = Pattern<fn(&Clause<'_>) -> bool>;

pub(super) const PATTERNS: &[Row] = &[
    Row {
        name: "PROCEDURE ANALYSE",
        evidence: SqlTail,
        example: "1 procedure analyse(1)",
        counter_example: "1 procedure analysed(1)",
        when: |it| it.keyword == b"procedure" && it.tokens.text(it.first) == b"analyse",
    },
    Row {
        name: "HAVING with a comparison",
        evidence: SqlTail,
        example: "1 having 1=1",
        counter_example: "1 having a good day",
        when: |it| {
            let compares = || condition(it.tokens, it.first).is_some_and(|condition| condition.right.is_some());
            it.keyword == b"having" && compares()
        },
    },
    Row {
        name: "columns behind a closed quote, then a comment or HAVING",
        evidence: SqlTail,
        example: "x' group by id,pin having 1",
        counter_example: "x' group by id,pin",
        when: |it| {
            let column = |at: &usize| matches!(it.tokens.kind(*at), Some(Kind::Comma | Kind::Ident | Kind::Dot));
            let end = || (it.next..it.next + 24).find(|at| !column(at));
            let cut = |at: usize| it.tokens.is_commented(at) || it.tokens.text(at) == b"having";
            it.breaks_out && !it.number && takes_operand(it.keyword) && end().is_some_and(cut)
        },
    },
    Row {
        name: "a number behind a closed quote, and the end or a second one",
        evidence: SqlTail,
        example: "x' order by 5",
        counter_example: "x' order by 5 days",
        when: |it| {
            let ends = || it.tokens.ends_expression(it.next) || it.tokens.kind(it.next) == Some(Kind::Comma);
            it.breaks_out && it.number && takes_operand(it.keyword) && ends()
        },
    },
    Row {
        name: "ORDER BY or GROUP BY a number, and the end",
        evidence: SqlTail,
        example: "1 order by 5",
        counter_example: "1 order by 5 people",
        when: |it| {
            let ends = || it.tokens.is_commented(it.next) || it.next >= it.tokens.len();
            !it.breaks_out && it.number && matches!(it.keyword, b"order" | b"group") && ends()
        },
    },
    Row {
        name: "LIMIT with a number, then a comment",
        evidence: SqlTail,
        example: "1 limit 5--",
        counter_example: "1 limit 5",
        when: |it| !it.breaks_out && it.number && it.keyword == b"limit" && it.tokens.is_commented(it.next),
    },
];

/// Is it a clause whose patterns are about what follows its operand?
fn takes_operand(keyword: &[u8]) -> bool {
    matches!(keyword, b"order" | b"group" | b"limit")
}

pub(super) fn clause(tokens: &TokenStream<'_>, at: usize) -> Option<Evidence> {
    let keyword = tokens.text(at);
    let breaks_out = match tokens.before(at) {
        Some(Kind::Quote(_)) => true,
        Some(Kind::Close | Kind::Number) => false,
        // At the start of the value: what is alone there in prose too needs a comment.
        None if keyword == b"having" || matches!(tokens.text(at + 3), b"--" | b"#") => false,
        _ => return None,
    };
    let first = match keyword {
        b"order" | b"group" if tokens.kind(at + 1) == Some(Kind::By) => at + 2,
        b"order" | b"group" => return None,
        _ => at + 1,
    };
    let (kind, next) = operand(tokens, first)?;
    let number = kind == Operand::Literal && tokens.kind(first) == Some(Kind::Number);
    let clause = Clause { tokens, keyword, breaks_out, first, next, number };
    pattern::evidence(PATTERNS, |when| when(&clause))
}
