//! Does the value name or use what only a database has: functions, casts, operators on JSON, tables of the system?

use super::super::lexer::Kind;
use super::super::names::{FUNCTIONS, SYSTEM, TYPES};
use super::super::tokens::TokenStream;
use super::value::Row;
use crate::detect::matcher::Evidence::SqlFragment;
use crate::detect::verify::bytes::find;

/// Operators of PostgreSQL and SQLite on JSON.
const JSON: &[&[u8]] = &[b"<@", b"@>", b"->", b"#>", b"?|", b"?&", b"@?", b"? '", b"#-", b"@@ "];

pub(super) const PATTERNS: &[Row] = &[
    Row {
        name: "a function that only databases have, called on literals, and no more",
        evidence: SqlFragment,
        example: "lo_get(16)",
        counter_example: "lo_get(x)",
        when: |it| {
            let literal =
                |at| matches!(it.tokens.kind(at), Some(Kind::Number | Kind::Comma | Kind::Arith | Kind::Quote(_)));
            let name = it.tokens.text(0);
            (4..=16).contains(&it.count)
                && it.tokens.is_call(0)
                && it.nth_last(1) == Some(Kind::Close)
                && (2..it.count - 1).all(literal)
                && name.contains(&b'_')
                && FUNCTIONS.has(name)
        },
    },
    Row {
        name: "a cast of PostgreSQL",
        evidence: SqlFragment,
        example: "pin::int",
        counter_example: "math::int->new",
        when: |it| it.any_from(0, |at| is_cast(it.tokens, at)),
    },
    Row {
        name: "an operator on JSON beside a string",
        evidence: SqlFragment,
        example: "'{\"a\":1}' @> '{}'",
        counter_example: "'{\"a\":1}' > '{}'",
        when: |it| it.any_from(0, |at| is_on_json(it.tokens, at)),
    },
    Row {
        name: "a table or a procedure of the system, in a few words or behind FROM",
        evidence: SqlFragment,
        example: "information_schema.tables",
        counter_example: "formation_schema.tables",
        when: |it| {
            let few = it.count <= 8 || it.tokens.kind(0) == Some(Kind::From);
            few && it.any_from(0, |at| is_system(it.tokens, at))
        },
    },
];

/// `x::int`, `'[1]'::jsonb`.
fn is_cast(tokens: &TokenStream<'_>, at: usize) -> bool {
    if tokens.text(at) != b":" || tokens.text(at + 1) != b":" {
        return false;
    }
    let value = matches!(tokens.before(at), Some(Kind::Ident | Kind::Object | Kind::Close | Kind::Quote(_)));
    let attached = tokens.is_attached(at + 1) && tokens.is_attached(at + 2);
    // `Math::BigInt->new`, `A::B::Boolean`, `fastrand::bool()`: a name of a module goes on, or is one part of several.
    let named = tokens.before(at) == Some(Kind::Ident);
    let goes_on = (named
        && matches!(tokens.kind(at + 3), Some(Kind::Ident | Kind::Open | Kind::Object | Kind::Compare)))
        || tokens.text(at + 3) == b"["
        || (named && tokens.text(at + 3) == b"-" && tokens.text(at + 4) == b">");
    let nested = at.checked_sub(2).is_some_and(|at| tokens.text(at) == b":");
    // `use a::{b::date, C};`, `use std::time::Duration;`: an import of Rust.
    let imported = named && (tokens.text(0) == b"use" || find(tokens.view, 0, b"::{").is_some());
    value && attached && !goes_on && !nested && !imported && TYPES.has(tokens.text(at + 2))
}

/// `'…' @> '…'`, `'…' ->> 2`, `'…' ? 'a'`.
fn is_on_json(tokens: &TokenStream<'_>, at: usize) -> bool {
    let (Some(token), Some(Kind::Quote(_))) = (tokens.get(at), tokens.before(at)) else { return false };
    let rest = tokens.view.get(token.start..).unwrap_or_default();
    let Some(operator) = JSON.iter().find(|operator| rest.starts_with(operator)) else { return false };
    let after = rest.get(operator.len() - usize::from(operator.ends_with(b"'"))..).unwrap_or_default();
    let after = after.trim_ascii_start();
    let after = after.strip_prefix(b">").unwrap_or(after).trim_ascii_start();
    let object = tokens.view.iter().any(|byte| matches!(byte, b'{' | b'[' | b'$'));
    object && (matches!(after.first(), Some(b'\'' | b'0'..=b'9')) || after.starts_with(b"array["))
}

/// The name of a table or a procedure of the system.
fn is_system(tokens: &TokenStream<'_>, at: usize) -> bool {
    let name = tokens.text(at);
    let qualified = || tokens.kind(at + 1) == Some(Kind::Dot);
    SYSTEM.has(name) || (name == b"mysql" && qualified() && matches!(tokens.text(at + 2), b"db" | b"user" | b"proc"))
}
