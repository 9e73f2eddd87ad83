//! Does a query read a table that describes the database?

use super::lexer::Kind;
use super::names::SCHEMA;
use super::pattern::{self, Pattern};
use super::tokens::TokenStream;
use crate::detect::matcher::Evidence::{self, SqlSchema};

/// The table behind FROM in a query.
pub(super) struct Table<'a> {
    name: &'a [u8],
    /// Does a name of something inside it follow: `mysql.user`?
    qualifies: bool,
}

type Row = Pattern<fn(&Table<'_>) -> bool>;

pub(super) const PATTERNS: &[Row] = &[
    Row {
        name: "table or schema that describes the database",
        evidence: SqlSchema,
        example: "select table_name from information_schema.tables",
        counter_example: "select table_name from furniture.tables",
        when: |it| SCHEMA.has(it.name),
    },
    Row {
        name: "table in the system's own database",
        evidence: SqlSchema,
        example: "select pin from mysql.cards",
        counter_example: "select pin from mysql",
        when: |it| it.qualifies && matches!(it.name, b"mysql" | b"sys" | b"msdb"),
    },
];

pub(super) fn schema(tokens: &TokenStream<'_>) -> Option<Evidence> {
    let select = tokens.iter().position(|token| token.kind == Kind::Select)?;
    (select + 1..tokens.len()).filter(|at| tokens.kind(*at) == Some(Kind::From)).find_map(|from| {
        let at = tokens.skip(from + 1, &[Kind::Quote(b'`'), Kind::Open]);
        let table = Table { name: tokens.text(at), qualifies: tokens.kind(at + 1) == Some(Kind::Dot) };
        pattern::evidence(PATTERNS, |when| when(&table))
    })
}
