//! Is the value cut off: does it open a call, a condition, a list or a query that the statement has to close?

use super::super::lexer::Kind;
use super::super::names::FUNCTIONS;
use super::value::{Row, Value};
use crate::detect::matcher::Evidence::SqlFragment;

pub(super) const PATTERNS: &[Row] = &[
    Row {
        name: "a call that is open at the end",
        evidence: SqlFragment,
        example: "x, substr (",
        counter_example: "x, subject (",
        when: opens_call,
    },
    Row {
        name: "a condition without its right side",
        evidence: SqlFragment,
        example: "' or pin <",
        counter_example: "a long text on bowling or pins <",
        when: opens_comparison,
    },
    Row {
        name: "a quote, OR and one or two words",
        evidence: SqlFragment,
        example: "' or city 7",
        counter_example: "' or city' 7",
        when: |it| (3..=5).contains(&it.count) && it.quotes == 1 && it.tokens.is_quote(0) && is_word(it, 1),
    },
    Row {
        name: "a number, OR and an open parenthesis",
        evidence: SqlFragment,
        example: "3 and(",
        counter_example: "c and(",
        when: |it| {
            let opens = (3..=4).contains(&it.count) && it.nth_last(1) == Some(Kind::Open);
            opens && it.nth_last(3) == Some(Kind::Number) && is_word(it, it.count - 2)
        },
    },
    Row {
        name: "a number and UNION",
        evidence: SqlFragment,
        example: "-113 union all",
        counter_example: "-113 unions all",
        when: |it| {
            let union = it.count.saturating_sub(1 + usize::from(it.nth_last(1) == Some(Kind::All)));
            let number = it.tokens.skip(0, &[Kind::Arith]);
            it.tokens.text(union) == b"union" && number + 1 == union && it.tokens.kind(number) == Some(Kind::Number)
        },
    },
];

/// Is it an operator on conditions that is spelled as a word?
fn is_word(it: &Value<'_>, at: usize) -> bool {
    it.tokens.kind(at) == Some(Kind::Logic) && it.tokens.text(at).first().is_some_and(u8::is_ascii_lowercase)
}

/// `lower(`, `x, substr (`: the last sign opens a call, and prose does not end so.
fn opens_call(it: &Value<'_>) -> bool {
    let (tokens, end) = (it.tokens, it.count);
    if !matches!(it.nth_last(1), Some(Kind::Open | Kind::Quote(_))) {
        return false;
    }
    let word = |at: &usize| tokens.text(*at).first().is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte >= 0x80);
    let Some(name) = (end.saturating_sub(8)..end).rev().find(word) else { return false };
    let opens = (name + 1..end).any(|at| tokens.kind(at) == Some(Kind::Open));
    let closes = (name + 1..end).any(|at| matches!(tokens.kind(at), Some(Kind::Close | Kind::Comma)));
    let text = tokens.text(name);
    // `json_array(`: names of several words are functions too.
    // `assert_eq!(` is a macro of Rust.
    let is_called = tokens.kind(name + 1) == Some(Kind::Open);
    let joined = || text.len() >= 6 && text.contains(&b'_') && !text.starts_with(b"_");
    let known = || FUNCTIONS.has(text) || is_called && joined();
    opens && !closes && known()
}

/// `… or zero: <empty>`, `between 5 and 7</p>`: does the value end in what stands between angle brackets?
fn ends_in_tag(view: &[u8]) -> bool {
    let Some(text) = view.trim_ascii_end().strip_suffix(b">") else { return false };
    let Some(open) = text.iter().rposition(|byte| *byte == b'<') else { return false };
    let next = text.get(open + 1).copied().unwrap_or_default();
    next.is_ascii_alphabetic() || next == b'/'
}

/// `|| a ==`, `and 1=(`, `or name = "`, `' or 'x' <`: a condition whose other side the statement brings.
fn opens_comparison(it: &Value<'_>) -> bool {
    let (tokens, end) = (it.tokens, it.count);
    if ends_in_tag(tokens.view) {
        return false;
    }
    let mut last = end;
    while last > 1 && last + 2 > end && matches!(tokens.kind(last - 1), Some(Kind::Quote(_) | Kind::Open | Kind::Arith))
    {
        last -= 1;
    }
    let compares = |at: usize| matches!(tokens.kind(at), Some(Kind::Equals | Kind::Compare | Kind::In));
    let symbol = |at: usize| tokens.text(at).first().is_some_and(|byte| !byte.is_ascii_alphabetic());
    if !compares(last - 1) || !(symbol(last - 1) || last < end) {
        return false;
    }
    let from = last.saturating_sub(8);
    let logic = (from..last - 1).rev().find(|at| tokens.kind(*at) == Some(Kind::Logic));
    let Some(logic) = logic else { return false };
    // WordList of prose before the operator: a text about conditions.
    let starts = logic <= 4 || matches!(tokens.before(logic), Some(Kind::Quote(_) | Kind::Close | Kind::Number));
    starts && (last - 1 > logic + 1 || symbol(logic))
}
