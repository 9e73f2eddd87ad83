//! Is a quote there to close or to open the application's string: with an operator between two, or what ends it behind one?

use super::super::lexer::Kind;
use super::value::{Row, Value};
use crate::detect::matcher::Evidence::SqlFragment;

pub(super) const PATTERNS: &[Row] = &[
    Row {
        name: "a quote, OR and two strings side by side",
        evidence: SqlFragment,
        example: "' or 'x' 'x",
        counter_example: "' or 'x' x",
        when: |it| {
            let joins = it.tokens.is_quote(0) && it.tokens.kind(1) == Some(Kind::Logic);
            joins && it.count == 7 && [2, 4, 5].iter().all(|at| it.tokens.is_quote(*at))
        },
    },
    Row {
        name: "an operator between the only two quotes, with blanks",
        evidence: SqlFragment,
        example: "x' like 'y",
        counter_example: "x' likes 'y",
        when: |it| between(it).is_some_and(|it| it.blanks),
    },
    Row {
        name: "an operator between the only two quotes, attached to words",
        evidence: SqlFragment,
        example: "a'or'b",
        counter_example: "a 'or' b",
        when: |it| between(it).is_some_and(|it| it.attached),
    },
    Row {
        name: "a concatenation at the end, with what the application's own quote closes",
        evidence: SqlFragment,
        example: "x'||'",
        counter_example: "x'|'",
        when: |it| between(it).is_some_and(|it| it.concatenates),
    },
    Row {
        name: "a concatenation of nothing",
        evidence: SqlFragment,
        example: "'||'",
        counter_example: "'|'",
        when: |it| it.count == 3 && it.tokens.is_quote(0) && concatenates(it, 1) && it.tokens.is_quote(2),
    },
    Row {
        name: "a concatenation of one operand",
        evidence: SqlFragment,
        example: "'||user||'",
        counter_example: "'||user'||",
        when: |it| {
            let start = after_word(it);
            it.count == start + 5
                && it.tokens.is_quote(start)
                && concatenates(it, start + 1)
                && concatenates(it, start + 3)
                && it.tokens.is_quote(start + 4)
        },
    },
    Row {
        name: "a quote, an operator, a number, then a comment",
        evidence: SqlFragment,
        example: "'^0#",
        counter_example: "'=0#",
        when: |it| {
            let start = after_word(it);
            // `'=1#`: an address with an anchor.
            let anchor = it.tokens.kind(start + 1) == Some(Kind::Equals) && it.tokens.text(start + 3) == b"#";
            joins_number(it, start) && it.tokens.kind(start + 3) == Some(Kind::Comment) && !anchor
        },
    },
    Row {
        name: "a number between operators and quotes",
        evidence: SqlFragment,
        example: "'*1*'",
        counter_example: "'*1*\"",
        when: |it| {
            let start = after_word(it);
            let closes = it.tokens.kind(start + 4) == it.tokens.kind(start) && it.count == start + 5;
            joins_number(it, start) && closes && is_operator(it, start + 3)
        },
    },
    Row {
        name: "what ends a statement, then the next one",
        evidence: SqlFragment,
        example: "\";alter x",
        counter_example: "\";alter the order of words",
        when: |it| {
            let ends =
                [Kind::Quote(b'\''), Kind::Quote(b'"'), Kind::Quote(b'`'), Kind::Comment, Kind::Semi, Kind::Close];
            let verb = it.tokens.skip(it.assigned, &ends);
            let starts = matches!(it.tokens.kind(verb), Some(Kind::Union | Kind::Verb | Kind::Select));
            it.quotes <= 1 && verb > it.assigned && it.count <= verb + 3 && starts && it.tokens.text(verb) != b"load"
        },
    },
    Row {
        // What follows was meant to be another statement.
        name: "the only quote, then a semicolon, and no more",
        evidence: SqlFragment,
        example: "x';",
        counter_example: "x=y';",
        when: |it| {
            let semi = it.nth_last(1) == Some(Kind::Semi) && matches!(it.nth_last(2), Some(Kind::Quote(_)));
            let start = it.count.checked_sub(2).and_then(|at| it.tokens.get(at)).map(|quote| quote.start);
            let prefix = start.and_then(|start| it.tokens.view.get(..start)).unwrap_or_default();
            let word = || !prefix.iter().any(|byte| matches!(byte, b' ' | b'&' | b'='));
            it.count >= 3 && it.quotes == 1 && semi && word()
        },
    },
    Row {
        name: "a comparison by a word, then a quote that the application's own closes",
        evidence: SqlFragment,
        example: "x like '",
        counter_example: "x likes '",
        when: |it| {
            let opens = it.quotes == 1 && matches!(it.nth_last(1), Some(Kind::Quote(_)));
            let word = || it.tokens.text(it.count - 2).first().is_some_and(u8::is_ascii_alphabetic);
            opens && (3..=5).contains(&it.count) && it.nth_last(2) == Some(Kind::Compare) && word()
        },
    },
];

/// An operator and nothing else between the only two quotes, which are of one kind and stand at the end.
struct Between {
    /// Do blanks stand around the operator?
    blanks: bool,
    /// Are the quotes attached to what they cut apart, on both sides?
    attached: bool,
    /// Is it `||` behind something, and the end?
    concatenates: bool,
}

fn between(it: &Value<'_>) -> Option<Between> {
    if it.quotes != 2 {
        return None;
    }
    let tokens = it.tokens;
    let mut quotes = (0..it.count).filter(|at| tokens.is_quote(*at));
    let (first, second) = (quotes.next()?, quotes.next()?);
    let inner = tokens.skip(first + 1, &[Kind::Not]) + usize::from(tokens.text(first + 1) == b"sounds");
    let operator = matches!(tokens.kind(inner), Some(Kind::Logic | Kind::Equals | Kind::Compare | Kind::Is))
        || matches!(tokens.text(inner), b"div" | b"mod");
    let paired = tokens.kind(first) == tokens.kind(second) && second + 4 >= it.count;
    if !operator || tokens.skip(inner + 1, &[Kind::Not]) != second || !paired {
        return None;
    }
    let (open, close) = (tokens.get(first)?, tokens.get(second)?);
    let byte = |at: Option<usize>| at.and_then(|at| tokens.view.get(at)).copied();
    let blank = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_whitespace());
    let after = byte(Some(close.end));
    Some(Between {
        blanks: blank(byte(Some(open.end))) && blank(byte(close.start.checked_sub(1))),
        attached: !blank(byte(open.start.checked_sub(1))) && !blank(after) && after.is_some(),
        concatenates: concatenates(it, inner) && after.is_none() && first > 0 && open.end + 2 == close.start,
    })
}

/// The position behind a word or a number before the quote.
fn after_word(it: &Value<'_>) -> usize {
    usize::from(matches!(it.tokens.kind(0), Some(Kind::Ident | Kind::Number)))
}

fn concatenates(it: &Value<'_>, at: usize) -> bool {
    it.tokens.text(at) == b"||"
}

fn is_operator(it: &Value<'_>, at: usize) -> bool {
    matches!(it.tokens.kind(at), Some(Kind::Arith | Kind::Star | Kind::Equals | Kind::Compare))
        || matches!(it.tokens.text(at), b"||" | b"&&" | b"mod" | b"div")
}

/// A quote, an operator and a number, and little more: `'^0`.
fn joins_number(it: &Value<'_>, start: usize) -> bool {
    it.count <= start + 5
        && matches!(it.tokens.kind(start), Some(Kind::Quote(b'\'' | b'"' | b'`')))
        && matches!(it.tokens.kind(start + 2), Some(Kind::Number | Kind::Null))
        && is_operator(it, start + 1)
}
