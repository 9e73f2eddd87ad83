//! Is it SQL injection? Asks the patterns about each token of the value, and about the value as a whole.
//!
//! The patterns stand in tables ([`pattern`]), a file for each thing a payload may do to a statement. Each pattern reads a
//! bounded number of tokens from where it stands, so the whole is linear. The files from the bottom to the top, each
//! imports only from those before it: names, lexer, reading, tokens, pattern; select_list, expression, listing; then the tables.

mod boolean;
mod breakout;
mod call;
mod clause;
mod expression;
mod filter;
mod fragment;
mod lexer;
mod listing;
mod names;
mod pasted;
mod pattern;
mod reading;
mod schema;
mod select_list;
mod statement;
mod subquery;
#[cfg(test)]
mod tests;
mod tokens;
mod union;
mod verb;
mod whole_statement;

use crate::detect::matcher::Evidence;
use crate::detect::verify::bytes::find;
use crate::detect::verify::subject::Subject;
use lexer::Kind;
use listing::{is_complete, is_listing, is_script, pries};
use tokens::TokenStream;

/// A value with signs instead of blanks is read a second time if it is no longer than this, in bytes.
const PLUSES: usize = 512;

/// Reads the view as SQL.
pub(super) fn verify(subject: &Subject<'_>, found: &mut dyn FnMut(Evidence)) {
    read(subject, found);
    // Coded twice: the second layer's `+` is a blank too.
    let view = subject.view;
    let pluses = view.iter().filter(|byte| **byte == b'+').count();
    if view.len() <= PLUSES && pluses >= 3 && !view.contains(&b' ') {
        let spaced: Vec<u8> = view.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
        read(&Subject { view: &spaced, ..*subject }, found);
    }
    if let Some(plain) = without_comments(view) {
        read(&Subject { view: &plain, ..*subject }, found);
    }
}

/// `1'#a⏎union#b⏎select`, `union/**//**/select`: without the comments that stand for blanks; none if there are not several, or if no
/// verb of a query stands there.
fn without_comments(view: &[u8]) -> Option<Vec<u8>> {
    const COMMENT: usize = 128;
    const LONGEST: usize = 6 * 1024;
    let is_query = || [&b"select"[..], b"union", b"table"].iter().any(|word| find(view, 0, word).is_some());
    if view.len() > LONGEST || !(view.contains(&b'\n') || view.contains(&b'*')) || !is_query() {
        return None;
    }
    let (mut plain, mut rest, mut count) = (Vec::with_capacity(view.len()), view, 0);
    while let Some((byte, behind)) = rest.split_first() {
        let opens = match rest {
            [b'#', b' ', next, ..] | [b'#', next, ..] => next.is_ascii_alphanumeric(),
            [b'-', b'-', b' ', next, ..] | [b'-', b'-', next, ..] => next.is_ascii_alphanumeric(),
            _ => false,
        };
        let near = rest.get(..COMMENT).unwrap_or(rest);
        let end = match rest {
            // `/*!` is code of MySQL.
            [b'/', b'*', next, ..] if *next != b'!' => find(near, 2, b"*/").map(|end| end + 2),
            _ if opens => near.iter().position(|byte| *byte == b'\n').map(|end| end + 1),
            _ => None,
        };
        rest = end.and_then(|end| rest.get(end..)).unwrap_or(behind);
        plain.push(if end.is_some() { b' ' } else { *byte });
        count += usize::from(end.is_some());
    }
    (count >= 2).then_some(plain)
}

fn read(subject: &Subject<'_>, found: &mut dyn FnMut(Evidence)) {
    let tokens = TokenStream::of(subject.view);
    subject.leave(tokens.unread);
    let in_body = subject.target.in_body();
    let listing = is_listing(&tokens, in_body);
    let script = listing || is_script(&tokens);
    let whole = whole_statement::whole_statement(&tokens);
    let whole = whole.map(|evidence| if in_body { pasted::in_body(&tokens) } else { evidence });
    // What a statement of its own joins and asks for is the statement's business.
    let is_own = whole == Some(Evidence::SqlPasted)
        || in_body && (opens_quotes(subject.view) || is_markdown(subject.view))
        || filter::is_filter(subject);
    // A text that begins with a statement itself goes on with its own.
    let begins = in_body && statement::starts_statement(&tokens, 0);
    let is_own = |evidence| is_own && is_common(evidence) || begins && evidence == Evidence::SqlStacked;
    let found = &mut |evidence| found(if is_own(evidence) { Evidence::SqlPasted } else { evidence });
    let complete = in_body && is_complete(&tokens) && !pries(&tokens);
    // In a statement of its own functions stand outside of its strings; behind a break-out they stand between.
    let (mut single, mut double) = (false, false);
    for (at, token) in tokens.iter().enumerate() {
        let evidence = at_token(&tokens, at, token.kind);
        // What reads and formats columns is nested in every report.
        single ^= token.kind == Kind::Quote(b'\'');
        double ^= token.kind == Kind::Quote(b'"');
        let is_own = complete && !single && !double && !call::fails(tokens.text(at));
        let is_formatting = |evidence| is_own && evidence == Evidence::SqlFunction;
        let counts = |evidence: &Evidence| !script || is_dangerous(*evidence, listing) && !is_formatting(*evidence);
        if let Some(evidence) = evidence.filter(counts) {
            found(evidence);
        }
    }
    if listing {
        found(Evidence::SqlPasted);
        return;
    }
    if let Some(evidence) = schema::schema(&tokens) {
        found(evidence);
    }
    if let Some(evidence) = whole {
        found(evidence);
    }
    if let Some(evidence) = breakout::swallowed(&tokens) {
        found(evidence);
    }
}

/// Asks the table that is about this kind of token: at most one.
fn at_token(tokens: &TokenStream<'_>, at: usize, kind: Kind) -> Option<Evidence> {
    match kind {
        Kind::Union => union::union(tokens, at),
        Kind::Logic => boolean::joined(tokens, at),
        Kind::Semi => statement::statement(tokens, at + 1),
        Kind::Open => subquery::subquery(tokens, at),
        Kind::Quote(_) => breakout::breakout(tokens, at),
        Kind::Into | Kind::Verb => verb::verb(tokens, at),
        Kind::Tail => clause::clause(tokens, at),
        Kind::Ident | Kind::Object | Kind::Case => call::call(tokens, at),
        _ => None,
    }
}

/// Is it what statements of every program hold as well?
fn is_common(evidence: Evidence) -> bool {
    matches!(
        evidence,
        Evidence::SqlUnion
            | Evidence::SqlTautology
            | Evidence::SqlCondition
            | Evidence::SqlSubquery
            | Evidence::SqlSchema
            | Evidence::SqlTail
    )
}

/// `a == "b" and c`, `f("x") or y`: does the value open its first string itself, and close each? Then nothing is broken out of.
fn opens_quotes(view: &[u8]) -> bool {
    let Some(first) = view.iter().position(|byte| matches!(byte, b'\'' | b'"')) else { return false };
    let (before, rest) = view.split_at(first);
    let before = before.trim_ascii();
    let even = |quote: u8| rest.iter().filter(|byte| **byte == quote).count() % 2 == 0;
    let begins = before.first().is_some_and(|byte| byte.is_ascii_alphabetic() || b"({=$_".contains(byte));
    begins && before.last().is_some_and(|byte| b"=~([{,:".contains(byte)) && even(b'\'') && even(b'"')
}

/// Does a text mark names with back-quotes, as Markdown does: several pairs, the first behind a blank?
fn is_markdown(view: &[u8]) -> bool {
    let count = view.iter().filter(|byte| **byte == b'`').count();
    let before = view.split(|byte| *byte == b'`').next().unwrap_or_default();
    count >= 4 && count % 2 == 0 && before.last().is_some_and(|byte| byte.is_ascii_whitespace() || *byte == b'(')
}

/// Does it count in a script too? A script unites, joins and nests queries of its own; it seldom waits or runs programs.
fn is_dangerous(evidence: Evidence, listing: bool) -> bool {
    match evidence {
        Evidence::SqlTime | Evidence::SqlShell => true,
        Evidence::SqlFunction => !listing,
        _ => false,
    }
}

/// Reads the view as a fragment of SQL, if it is short enough to be one: a gate of its own, as signs are enough to open it.
pub(super) fn fragment(subject: &Subject<'_>, found: &mut dyn FnMut(Evidence)) {
    // ArcGIS has a client say `where=1=1` for everything.
    if subject.name.eq_ignore_ascii_case(b"where") && subject.view == b"1=1" {
        return;
    }
    if subject.view.len() <= fragment::LONGEST || !subject.view.iter().any(u8::is_ascii_alphanumeric) {
        let tokens = TokenStream::of(subject.view);
        subject.leave(tokens.unread);
        if subject.target.in_body() && is_complete(&tokens) {
            return;
        }
        if let Some(evidence) = fragment::fragment(&tokens) {
            found(evidence);
        }
    }
}
