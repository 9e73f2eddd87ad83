//! What follows a quote that closes the application's string, that only a payload has?

use super::expression::operand;
use super::lexer::{Kind, Token};
use super::pattern::{self, Pattern};
use super::tokens::TokenStream;
use crate::detect::matcher::Evidence::{self, SqlCommented, SqlCondition};

/// A quote, and what follows it behind closing parentheses and semicolons.
pub(super) struct Breakout<'a> {
    tokens: &'a TokenStream<'a>,
    at: usize,
    quote: Token,
    next: usize,
    follows: Kind,
}

type BreakoutRow = Pattern<fn(&Breakout<'_>) -> bool>;

pub(super) const AT_QUOTE: &[BreakoutRow] = &[
    BreakoutRow {
        name: "a comment, with little before and behind",
        evidence: SqlCommented,
        example: "admin'--",
        counter_example: "admin'-- see above, and in the second chapter",
        when: |it| it.follows == Kind::Comment && is_quietly_commented(it),
    },
    BreakoutRow {
        name: "a comparison between two quotes, and no more",
        evidence: SqlCondition,
        example: "'='",
        counter_example: "'='a'='",
        when: |it| {
            let compares = matches!(it.follows, Kind::Equals | Kind::Compare);
            compares && it.at == 0 && it.tokens.is_quote(it.next + 1) && it.tokens.len() <= 4
        },
    },
    BreakoutRow {
        name: "a comparison attached to the only quote, then a comment",
        evidence: SqlCondition,
        example: "bob'=pin--",
        counter_example: "bob' =pin--",
        when: |it| {
            let commented = || operand(it.tokens, it.next + 1).is_some_and(|(_, end)| it.tokens.is_commented(end));
            matches!(it.follows, Kind::Equals | Kind::Compare) && is_attached(it) && commented()
        },
    },
    BreakoutRow {
        name: "an operator attached to the only quote, and a comment at the end",
        evidence: SqlCondition,
        example: "bob'collate binary--",
        counter_example: "bob'collate binary",
        when: |it| {
            let operator = match it.follows {
                Kind::Arith => true,
                Kind::Ident | Kind::Is | Kind::In | Kind::Not | Kind::Object | Kind::Logic => {
                    it.tokens.text(it.next).len() > 2
                }
                _ => false,
            };
            let comment = || (it.next..it.next + 6).find(|at| it.tokens.kind(*at) == Some(Kind::Comment));
            let last = |at: usize| at + 1 >= it.tokens.len() && it.tokens.text(at) != b"#";
            operator && it.next == it.at + 1 && comment().is_some_and(last) && is_attached(it)
        },
    },
];

/// A whole value: a name of a few words at most, a quote, and an end that cuts off the rest of the statement.
pub(super) struct Swallowed<'a> {
    tokens: &'a TokenStream<'a>,
    quote: usize,
    follows: Option<Kind>,
    /// The comment, or the semicolon at the end.
    last: usize,
    /// The text of that token.
    end: &'a [u8],
}

type SwallowedRow = Pattern<fn(&Swallowed<'_>) -> bool>;

pub(super) const WHOLE: &[SwallowedRow] = &[
    SwallowedRow {
        name: "the next value or row, then a comment",
        evidence: SqlCondition,
        example: "x',role='y' where z--",
        counter_example: "x', e' a l'y -- z",
        when: |it| {
            let row = it.tokens.skip(it.quote + 1, &[Kind::Close]);
            // `l'uomo`: an apostrophe.
            let word = |at: usize| it.tokens.kind(at) == Some(Kind::Ident);
            let is_apostrophe = |at: usize| {
                let joined = it.tokens.is_attached(at) && it.tokens.is_attached(at + 1);
                it.tokens.is_quote(at) && joined && word(at - 1) && word(at + 1)
            };
            let is_row = it.tokens.kind(row) == Some(Kind::Comma) && it.last > row + 2;
            it.end == b"--" && is_row && !(row + 1..it.last).any(is_apostrophe)
        },
    },
    SwallowedRow {
        name: "arithmetic or a comparison, then a comment",
        evidence: SqlCondition,
        example: "x' % email--",
        counter_example: "x' % (email)--",
        when: |it| {
            let operator = matches!(it.follows, Some(Kind::Arith | Kind::Star | Kind::Compare));
            let operand = matches!(it.tokens.kind(it.quote + 2), Some(Kind::Ident | Kind::Number));
            it.end == b"--" && operator && operand && it.last > it.quote + 2
        },
    },
    SwallowedRow {
        name: "a condition, then a comment or a semicolon",
        evidence: SqlCondition,
        example: "x' or array[id] is not null--",
        counter_example: "x' or array[id] is not null#",
        when: |it| {
            let condition = matches!(it.follows, Some(Kind::Logic | Kind::Is | Kind::Where));
            // Long, with two words in a row: a sentence with others in quotes.
            let word = |at: usize| it.tokens.kind(at) == Some(Kind::Ident);
            let is_long = it.last > it.quote + 20;
            let is_sentence = || is_long && (it.quote + 2..it.last).any(|at| word(at) && word(at + 1));
            it.end != b"#" && condition && it.last > it.quote + 2 && !is_sentence()
        },
    },
];

/// What follows the quote that stands here.
pub(super) fn breakout(tokens: &TokenStream<'_>, at: usize) -> Option<Evidence> {
    let quote = tokens.get(at)?;
    let next = tokens.skip(at + 1, &[Kind::Close, Kind::Semi]);
    let breakout = Breakout { tokens, at, quote, next, follows: tokens.kind(next)? };
    pattern::evidence(AT_QUOTE, |when| when(&breakout))
}

/// Does a comment follow that stands almost alone: `admin'--`?
fn is_quietly_commented(it: &Breakout<'_>) -> bool {
    let view = it.tokens.view;
    let Some(comment) = it.tokens.get(it.next) else { return false };
    let rest = view.get(comment.end..).unwrap_or_default();
    let prefix = view.get(..it.quote.start).unwrap_or_default();
    // `15"--`: inches.
    let measure = it.quote.kind == Kind::Quote(b'"') && prefix.last().is_some_and(u8::is_ascii_digit);
    let lone = prefix.len() <= 64 && !measure && !prefix.iter().any(|byte| matches!(byte, b'\'' | b'"'));
    let quiet = rest.len() <= 16 && rest.iter().all(|byte| byte.is_ascii_alphanumeric() || b" -+;\0\n".contains(byte));
    let hash = it.tokens.text(it.next) == b"#";
    lone && quiet && (!hash || rest.trim_ascii().is_empty()) && !is_attribution(it, prefix, rest)
}

/// `… enough." -- Serena`: the end of a sentence that is quoted, and who said it. No name in a table ends so.
fn is_attribution(it: &Breakout<'_>, said: &[u8], by: &[u8]) -> bool {
    let ends = matches!(said, [.., letter, b'.' | b'!' | b'?'] if letter.is_ascii_lowercase() || *letter >= 0x80);
    let is_name =
        by.starts_with(b" ") && by.trim_ascii().iter().all(|byte| byte.is_ascii_alphabetic() || *byte == b' ');
    let apart = it.quote.kind == Kind::Quote(b'"') && it.next == it.at + 1 && !it.tokens.is_attached(it.next);
    let is_sentence = said.split(|byte| *byte == b' ').filter(|word| word.len() > 1).count() >= 3;
    ends && is_sentence && apart && is_name && by.len() > 3 && it.tokens.text(it.next) == b"--"
}

/// Is it the only quote, behind one word at most, with the rest attached to it: `bob'collate binary--`?
fn is_attached(it: &Breakout<'_>) -> bool {
    // No further than the second: a value of nothing but quotes must not be counted through at each of them.
    let quotes = || it.tokens.iter().filter(|token| matches!(token.kind, Kind::Quote(_))).take(2).count();
    it.at <= 1 && it.tokens.is_attached(it.at + 1) && quotes() == 1
}

/// `npm audit --production`: two dashes behind a blank with a word attached are a program's option.
fn is_option(tokens: &TokenStream<'_>, at: usize) -> bool {
    let Some(comment) = tokens.get(at) else { return false };
    let before = comment.start.checked_sub(1).and_then(|at| tokens.view.get(at));
    let word = tokens.view.get(comment.start + 2..).unwrap_or_default();
    let letters = word.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    tokens.text(at) == b"--" && before == Some(&b' ') && letters > 2
}

/// Is the value a name, a closed quote, and what cuts off the rest of the statement?
pub(super) fn swallowed(tokens: &TokenStream<'_>) -> Option<Evidence> {
    let view = tokens.view;
    if view.len() > 160 {
        return None;
    }
    let quote = tokens.iter().position(|token| token.kind == Kind::Quote(b'\''))?;
    // What a comment cuts off may be anything.
    let comment = (quote + 1..tokens.len().min(quote + 48)).find(|at| {
        tokens.kind(*at) == Some(Kind::Comment)
            && tokens.text(*at) != b"/*"
            && tokens.text(*at + 1) != b">"
            && !is_option(tokens, *at)
    });
    let end = tokens.len().saturating_sub(1);
    let last = comment.or_else(|| (tokens.kind(end) == Some(Kind::Semi)).then_some(end))?;
    let prefix = tokens.get(quote).and_then(|token| view.get(..token.start)).unwrap_or_default();
    // A name, of a few words at most; not a text.
    let words = prefix.split(|byte| *byte == b' ').count();
    let named = words <= 4 && !prefix.iter().any(|byte| b"\n.,;()\"".contains(byte));
    let lone = prefix.len() <= 64 && (!prefix.contains(&b' ') || named && tokens.text(last) == b"--");
    let swallowed = Swallowed { tokens, quote, follows: tokens.kind(quote + 1), last, end: tokens.text(last) };
    if lone { pattern::evidence(WHOLE, |when| when(&swallowed)) } else { None }
}
