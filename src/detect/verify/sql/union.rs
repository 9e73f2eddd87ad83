//! Does a UNION query read what another query asks for?

use super::lexer::Kind;
use super::pattern::{self, Pattern};
use super::select_list::is_select_list;
use super::tokens::TokenStream;
use crate::detect::matcher::Evidence::{self, SqlUnion};

/// UNION, INTERSECT or EXCEPT, and what follows it.
pub(super) struct Union<'a> {
    tokens: &'a TokenStream<'a>,
    before: Option<Kind>,
    /// The first token behind ALL, comments, quotes and parentheses.
    next: usize,
}

type Row = Pattern<fn(&Union<'_>) -> bool>;

pub(super) const PATTERNS: &[Row] = &[
    Row {
        name: "UNION SELECT with a select list",
        evidence: SqlUnion,
        example: "1 union all select 1,2",
        counter_example: "the union select committee",
        when: |it| {
            let in_prose = matches!(it.before, Some(Kind::Ident | Kind::Object | Kind::Verb | Kind::Dot | Kind::Comma));
            it.tokens.kind(it.next) == Some(Kind::Select) && is_select_list(it.tokens, it.next + 1, in_prose)
        },
    },
    Row {
        name: "UNION VALUES",
        evidence: SqlUnion,
        example: "1 union values row(1,2)",
        counter_example: "1 union values matter",
        when: |it| {
            let row = it.tokens.text(it.next + 1) == b"row" && it.tokens.is_call(it.next + 1);
            it.tokens.text(it.next) == b"values" && (row || it.tokens.is_call(it.next))
        },
    },
    Row {
        // MySQL 8: `table t` is `select * from t`.
        name: "UNION TABLE with a name, and no more",
        evidence: SqlUnion,
        example: "1 union table cards",
        counter_example: "1 union table of cards",
        when: |it| {
            let name = it.tokens.skip(it.next + 1, &[Kind::Quote(b'`')]);
            let ends = it.tokens.ends_expression(name + 1) || it.tokens.kind(name + 1) == Some(Kind::Dot);
            let data = matches!(it.before, Some(Kind::Quote(_) | Kind::Number | Kind::Close | Kind::Null));
            it.tokens.text(it.next) == b"table" && data && it.tokens.kind(name) == Some(Kind::Ident) && ends
        },
    },
    Row {
        // HTTP parameter pollution: the application joins the two values, and the comment hides what it puts between them.
        name: "UNION and an open comment, which the next parameter of the same name closes",
        evidence: SqlUnion,
        example: "1' union/*",
        counter_example: "european union/*",
        when: |it| {
            it.tokens.text(it.next) == b"/*"
                && it.next + 1 >= it.tokens.len()
                && matches!(it.before, Some(Kind::Quote(_) | Kind::Number | Kind::Close))
        },
    },
];

pub(super) fn union(tokens: &TokenStream<'_>, at: usize) -> Option<Evidence> {
    let next = tokens.skip(
        behind_versioned(tokens, tokens.behind_comment(at + 1)),
        &[Kind::All, Kind::Open, Kind::Quote(b'\''), Kind::Quote(b'"')],
    );
    let union = Union { tokens, before: tokens.before(at), next };
    pattern::evidence(PATTERNS, |when| when(&union))
}

/// The token behind what MySQL may skip: `union/*!99999x*/select`, where only a later version would read the `x`.
fn behind_versioned(tokens: &TokenStream<'_>, at: usize) -> usize {
    let Some(token) = tokens.get(at).filter(|token| token.kind != Kind::Select) else { return at };
    let opens = tokens.view.get(token.start.saturating_sub(9)..token.start).unwrap_or_default();
    let closes = tokens.view.get(token.end..token.end + 2) == Some(b"*/");
    if closes && opens.windows(3).any(|sign| sign == b"/*!") { at + 1 } else { at }
}
