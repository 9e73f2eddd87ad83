//! What keeps a whole statement in a body from being taken for one that a programmer pasted?
//!
//! What documentation prints reads or writes plain columns of plain tables, ends where it ends, and asks for nothing about
//! the server. A body is where texts belong; a field of an address holds a value, and none is pasted there.

use super::lexer::Kind;
use super::listing::is_script;
use super::names::{NILADIC, SERVER};
use super::pattern::{self, Pattern};
use super::tokens::TokenStream;
use crate::detect::matcher::Evidence::{self, SqlPasted, SqlStatement};

/// A whole statement.
pub(super) struct Pasted<'a> {
    tokens: &'a TokenStream<'a>,
    /// Where its verb stands, behind opening parentheses.
    start: usize,
    last: usize,
}

impl Pasted<'_> {
    fn any(&self, is: impl Fn(usize) -> bool) -> bool {
        (self.start..=self.last).any(is)
    }
}

type Row = Pattern<fn(&Pasted<'_>) -> bool>;

/// Each row is a sign of a payload. The examples stand in a body.
pub(super) const PATTERNS: &[Row] = &[
    Row {
        name: "a verb that documentation seldom shows",
        evidence: SqlStatement,
        example: "drop table cards",
        counter_example: "create table cards(pin int)",
        when: |it| {
            !matches!(
                it.tokens.text(it.start),
                b"select" | b"insert" | b"create" | b"alter" | b"update" | b"replace" | b"merge"
            )
        },
    },
    Row {
        name: "a parenthesis before its verb, or a quote without a second one",
        evidence: SqlStatement,
        example: "select * from cards where name='x",
        counter_example: "select * from cards where name='x'",
        when: |it| !is_script(it.tokens),
    },
    Row {
        name: "a parenthesis without a second one",
        evidence: SqlStatement,
        example: "select max(pin from cards",
        counter_example: "select max(pin) from cards",
        when: |it| it.tokens.count(Kind::Open) != it.tokens.count(Kind::Close),
    },
    Row {
        name: "an end in the middle of a clause",
        evidence: SqlStatement,
        example: "select pin,code from cards where",
        counter_example: "select pin,code from cards where pin=2",
        when: |it| {
            matches!(
                it.tokens.kind(it.last),
                Some(Kind::Where | Kind::Logic | Kind::Equals | Kind::Compare | Kind::Comma)
            )
        },
    },
    Row {
        name: "a comment at its end",
        evidence: SqlStatement,
        example: "select pin from cards--",
        counter_example: "select pin from cards -- of today",
        when: |it| it.tokens.kind(it.last) == Some(Kind::Comment),
    },
    Row {
        name: "a question about who is connected",
        evidence: SqlStatement,
        example: "select current_user",
        counter_example: "select name,current_user from cards",
        when: |it| NILADIC.contains(&it.tokens.text(it.start + 1)),
    },
    Row {
        name: "a function about the server, or one of blind injection",
        evidence: SqlStatement,
        example: "select version()",
        counter_example: "select revision(pin) from cards",
        when: |it| {
            // `chr(10)`: a line break.
            let breaks = |at: usize| {
                matches!(it.tokens.text(at), b"char" | b"chr")
                    && matches!(it.tokens.text(at + 2), b"9" | b"10" | b"13")
                    && it.tokens.kind(at + 3) == Some(Kind::Close)
            };
            it.any(|at| it.tokens.is_call(at) && SERVER.contains(&it.tokens.text(at)) && !breaks(at))
        },
    },
    Row {
        // What a scanner knows again in the answer.
        name: "a digest of a number",
        evidence: SqlStatement,
        example: "select md5(4711) from cards",
        counter_example: "select md5(pin) from cards",
        when: |it| {
            it.any(|at| {
                matches!(it.tokens.text(at), b"md5" | b"sha1" | b"crc32")
                    && it.tokens.is_call(at)
                    && it.tokens.kind(at + 2) == Some(Kind::Number)
            })
        },
    },
    Row {
        name: "the table of the server's accounts",
        evidence: SqlStatement,
        example: "select * from pg_shadow;",
        counter_example: "select * from information_schema.tables;",
        when: |it| {
            let accounts = |at: usize| match it.tokens.text(at) {
                b"pg_shadow" | b"pg_authid" | b"pg_user" | b"dba_users" | b"syslogins" | b"user$" => true,
                b"mysql" => it.tokens.kind(at + 1) == Some(Kind::Dot) && it.tokens.text(at + 2) == b"user",
                _ => false,
            };
            it.any(|at| it.tokens.kind(at) == Some(Kind::From) && accounts(at + 1))
        },
    },
    Row {
        name: "a variable of the server",
        evidence: SqlStatement,
        example: "select @@version",
        counter_example: "select @version",
        when: |it| it.any(|at| it.tokens.kind(at) == Some(Kind::Variable) && it.tokens.text(at).starts_with(b"@@")),
    },
    Row {
        name: "a number in hexadecimal",
        evidence: SqlStatement,
        example: "select * from cards where pin=0x31",
        counter_example: "select * from cards where pin=31",
        when: |it| it.any(|at| it.tokens.text(at).starts_with(b"0x")),
    },
    Row {
        name: "a tautology",
        evidence: SqlStatement,
        example: "select * from cards where 1=1",
        counter_example: "select * from cards where pin=1",
        when: |it| {
            let number = |at| it.tokens.kind(at) == Some(Kind::Number);
            let compares = |at| matches!(it.tokens.kind(at), Some(Kind::Equals | Kind::Compare));
            it.any(|at| number(at) && compares(at + 1) && number(at + 2))
        },
    },
    Row {
        name: "a stacked query",
        evidence: SqlStatement,
        example: "select pin from cards;select 2",
        counter_example: "select pin from cards;",
        when: |it| it.any(|at| it.tokens.kind(at) == Some(Kind::Semi) && at < it.last),
    },
    Row {
        name: "a change of accounts and of what proves them, or a question about both",
        evidence: SqlStatement,
        example: "insert into shop_users (login,password) values ('x','y')",
        counter_example: "insert into shop_users (name,city) values ('x','y')",
        when: |it| {
            let from = || (it.start..=it.last).find(|at| it.tokens.kind(*at) == Some(Kind::From));
            let table = it.tokens.text(match it.tokens.text(it.start) {
                b"update" => it.start + 1,
                b"insert" | b"replace" | b"delete" => it.start + 2,
                b"select" => from().map_or(usize::MAX, |from| from.saturating_add(1)),
                _ => return false,
            });
            let accounts = [&b"_users"[..], b"_usermeta", b"_admin", b"_admins", b"_accounts"];
            let proofs = [&b"password"[..], b"passwd", b"user_pass", b"pass", b"pwd", b"meta_value", b"is_admin"];
            let proves = || it.any(|at| proofs.contains(&it.tokens.text(at)));
            accounts.iter().any(|end| table.ends_with(end)) && proves()
        },
    },
    Row {
        name: "a short query on accounts that no semicolon ends",
        evidence: SqlStatement,
        example: "select * from users",
        counter_example: "select * from users;",
        when: |it| {
            let table = |name: &[u8]| matches!(name, b"password" | b"passwd" | b"users" | b"members" | b"accounts");
            let column = |name: &[u8]| matches!(name, b"password" | b"passwd" | b"pass" | b"pwd");
            let short = it.tokens.kind(it.last) != Some(Kind::Semi) && it.tokens.len() <= 10;
            short
                && it.any(|at| {
                    it.tokens.kind(at) == Some(Kind::From) && table(it.tokens.text(at + 1))
                        || column(it.tokens.text(at))
                })
        },
    },
];

/// Judges a whole statement in a body: a payload, or what a programmer pasted?
pub(super) fn in_body(tokens: &TokenStream<'_>) -> Evidence {
    let start = tokens.skip(0, &[Kind::Open]);
    let pasted = Pasted { tokens, start, last: tokens.len().saturating_sub(1) };
    pattern::evidence(PATTERNS, |when| when(&pasted)).unwrap_or(SqlPasted)
}
