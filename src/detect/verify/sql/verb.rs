//! Which verbs give a payload away wherever they stand, by what follows or precedes them?

use super::lexer::Kind;
use super::pattern;
use super::statement::{Row, Statement, starts_statement};
use super::tokens::TokenStream;
use crate::detect::matcher::Evidence::{self, SqlShell, SqlStacked, SqlTime};

pub(super) const PATTERNS: &[Row] = &[
    Row {
        name: "WAITFOR a time",
        evidence: SqlTime,
        example: "1 waitfor delay '0:0:9'",
        counter_example: "1 waitfor delay of trains",
        when: |it| {
            let time = matches!(it.kind(2), Some(Kind::Quote(_) | Kind::Variable));
            it.verb == b"waitfor" && matches!(it.object, b"delay" | b"time") && time
        },
    },
    Row {
        name: "EXEC of an extended procedure, or of one in master",
        evidence: SqlShell,
        example: "1 exec master..xp_dirtree",
        counter_example: "1 exec master plan",
        when: |it| {
            let master = it.object == b"master" && it.kind(2) == Some(Kind::Dot);
            matches!(it.verb, b"exec" | b"execute") && (it.object.starts_with(b"xp_") || master)
        },
    },
    Row {
        name: "LOAD DATA INFILE",
        evidence: SqlShell,
        example: "1 load data local infile 'x'",
        counter_example: "1 load data locally",
        when: |it| it.verb == b"load" && it.object == b"data" && it.has(2..5, &[b"infile"]),
    },
    Row {
        name: "INTO a file",
        evidence: SqlShell,
        example: "1 into outfile 'x'",
        counter_example: "1 into outfile x",
        when: |it| {
            let file = matches!(it.kind(2), Some(Kind::Quote(_) | Kind::Number));
            it.verb == b"into" && matches!(it.object, b"outfile" | b"dumpfile") && file
        },
    },
    Row {
        name: "COPY of a table or a query from or to a program",
        evidence: SqlShell,
        example: "copy t from program 'id'",
        counter_example: "copy it into the program 'x'",
        when: |it| {
            let run = |at: usize| {
                let way = matches!(it.tokens.text(at - 1), b"from" | b"to");
                way && it.tokens.text(at) == b"program" && it.tokens.is_quote(at + 1)
            };
            it.verb == b"copy" && (it.at + 3..it.at + 24).any(run)
        },
    },
    Row {
        // `x' drop table users`, but not a string that a program runs: `execute("delete from …")`.
        name: "a statement behind a closed quote or parenthesis, without a semicolon",
        evidence: SqlStacked,
        example: "x' drop table cards",
        counter_example: "run('drop table cards')",
        when: |it| {
            let verb = matches!(it.verb, b"drop" | b"delete" | b"insert" | b"update" | b"truncate");
            let closed = matches!(it.tokens.before(it.at), Some(Kind::Quote(_) | Kind::Close));
            let before_quote = it.at.checked_sub(2).and_then(|at| it.tokens.kind(at));
            let argument = matches!(before_quote, Some(Kind::Open | Kind::Comma | Kind::Equals));
            let ends = it.tokens.ends_expression(it.at + 3) || it.kind(3) == Some(Kind::Where);
            // `select "delete from cart" -- it`: what somebody quotes ends with the quote that opened it.
            let quoted = it.tokens.before(it.at).is_some_and(|quote| it.kind(3) == Some(quote));
            verb && closed && !argument && ends && !quoted && starts_statement(it.tokens, it.at)
        },
    },
];

pub(super) fn verb(tokens: &TokenStream<'_>, at: usize) -> Option<Evidence> {
    let statement = Statement::at(tokens, at);
    pattern::evidence(PATTERNS, |when| when(&statement))
}
