//! Which calls give a payload away: functions that wait, leak by errors, spell by numbers, or reach files and networks?

use super::expression::{Operand, condition};
use super::lexer::Kind;
use super::names::{BLIND, FAILING, PACKAGES, PROCEDURES, REACHING, REPORTING, WAITING};
use super::pattern::{self, Pattern};
use super::tokens::TokenStream;
use crate::detect::matcher::Evidence::{self, SqlFunction, SqlShell, SqlTime};

/// A name that is called, or qualifies another one; CASE; or `xp_cmdshell`.
pub(super) struct Call<'a> {
    tokens: &'a TokenStream<'a>,
    at: usize,
    name: &'a [u8],
    /// Does a parenthesis follow?
    called: bool,
    /// The first token of the arguments.
    argument: Option<Kind>,
    /// Is it part of a larger expression, or at the start of the value? Not a method: `time.sleep(5)`.
    in_expression: bool,
}

type Row = Pattern<fn(&Call<'_>) -> bool>;

pub(super) const PATTERNS: &[Row] = &[
    Row {
        name: "IF and the like on a condition of two literals",
        evidence: SqlFunction,
        example: "if(1=1,2,3)",
        counter_example: "if(a=1,2,3)",
        when: |it| {
            let chooses = it.called && matches!(it.name, b"if" | b"iif" | b"decode" | b"nullif");
            chooses && it.in_expression && equates_literals(it.tokens, it.at + 2)
        },
    },
    Row {
        name: "CASE WHEN on a condition of two literals",
        evidence: SqlFunction,
        example: "case when 1=1 then 2 end",
        counter_example: "case when a=1 then 2 end",
        when: |it| it.name == b"case" && it.tokens.text(it.at + 1) == b"when" && equates_literals(it.tokens, it.at + 2),
    },
    Row {
        name: "package that reaches files, the network or other sessions",
        evidence: SqlShell,
        example: "1||utl_http.request(x)",
        counter_example: "1||http.request(x)",
        when: |it| it.tokens.kind(it.at + 1) == Some(Kind::Dot) && PACKAGES.contains(&it.name),
    },
    Row {
        name: "procedure that starts programs, loads code or writes files, with arguments",
        evidence: SqlShell,
        example: "dbms_job.submit(x,'y')",
        counter_example: "dbms_job.submit each night",
        when: |it| {
            let given = it.tokens.kind(it.at + 3) == Some(Kind::Open)
                && !matches!(it.tokens.kind(it.at + 4), None | Some(Kind::Close));
            let is = |known: &(&[u8], &[u8])| *known == (it.name, it.tokens.text(it.at + 2));
            it.tokens.kind(it.at + 1) == Some(Kind::Dot) && given && PROCEDURES.iter().any(is)
        },
    },
    Row {
        name: "xp_cmdshell without parentheses",
        evidence: SqlShell,
        example: "master..xp_cmdshell 'dir'",
        counter_example: "xp_cmdshell()",
        when: |it| !it.called && it.name == b"xp_cmdshell",
    },
    Row {
        name: "function that reaches files, programs or the network",
        evidence: SqlShell,
        example: "1,load_file('/etc/motd')",
        counter_example: "assets.load_file('/etc/motd')",
        when: |it| {
            let known = matches!(it.argument, Some(Kind::Quote(_) | Kind::Number | Kind::Ident));
            it.called && known && it.in_expression && REACHING.has(it.name)
        },
    },
    Row {
        // MySQL reads the number `1.e`, and then a call.
        name: "call attached to the exponent of a number",
        evidence: SqlFunction,
        example: "1.e(ascii)",
        counter_example: "math.e(ascii)",
        when: |it| {
            let number = it.tokens.before(it.at) == Some(Kind::Number);
            it.called && it.name == b"e" && number && it.tokens.text_before(it.at).ends_with(b".")
        },
    },
    Row {
        name: "function that waits",
        evidence: SqlTime,
        example: "1 and sleep(5)",
        counter_example: "time.sleep(5)",
        when: |it| waits(it) && it.name != b"benchmark",
    },
    Row {
        name: "BENCHMARK with a count",
        evidence: SqlTime,
        example: "benchmark(9,md5(1))",
        counter_example: "benchmark(9)",
        when: |it| waits(it) && it.name == b"benchmark" && it.tokens.kind(it.at + 3) == Some(Kind::Comma),
    },
    Row {
        name: "function of error-based injection",
        evidence: SqlFunction,
        example: "1 or extractvalue(1,2)",
        counter_example: "1 or elt()",
        when: |it| {
            let given = !matches!(it.argument, None | Some(Kind::Close));
            it.called && given && it.in_expression && FAILING.contains(&it.name)
        },
    },
    Row {
        name: "function of blind injection inside another one",
        evidence: SqlFunction,
        example: "ascii(substring(pin,1,1))",
        counter_example: "ascii(price(pin,1,1))",
        when: |it| {
            let nested = it.called && it.in_expression && it.tokens.is_call(it.at + 2);
            let inner = it.tokens.text(it.at + 2);
            nested && BLIND.has(it.name) && BLIND.has(inner) && !WAITING.contains(&it.name)
        },
    },
    Row {
        name: "characters spelled by their numbers",
        evidence: SqlFunction,
        example: "char(65,66)",
        counter_example: "char(65)",
        when: |it| {
            let several = match it.tokens.kind(it.at + 3) {
                Some(Kind::Comma) => true,
                Some(Kind::Close) => matches!(it.tokens.text(it.at + 4), b"||" | b"+" | b"%"),
                _ => false,
            };
            let spells = it.called && matches!(it.name, b"chr" | b"char" | b"nchar");
            spells && it.in_expression && it.argument == Some(Kind::Number) && several
        },
    },
];

pub(super) fn call(tokens: &TokenStream<'_>, at: usize) -> Option<Evidence> {
    let (name, next) = (tokens.text(at), tokens.kind(at + 1));
    let called = next == Some(Kind::Open);
    if !called && next != Some(Kind::Dot) && name != b"case" && name != b"xp_cmdshell" {
        return None;
    }
    let before = tokens.before(at);
    let in_expression = !matches!(before, Some(Kind::Ident | Kind::Dot | Kind::Other | Kind::Object | Kind::Verb));
    let call = Call { tokens, at, name, called, argument: tokens.kind(at + 2), in_expression };
    pattern::evidence(PATTERNS, |when| when(&call))
}

/// Is it a function whose error says what it was given, and that reports have no use for?
pub(super) fn fails(name: &[u8]) -> bool {
    FAILING.contains(&name) && !REPORTING.contains(&name)
}

/// Does it wait for a number, or for what an expression says? What a package of PostgreSQL qualifies is no method.
fn waits(it: &Call<'_>) -> bool {
    let behind = |behind: usize| it.tokens.kind(it.at + behind);
    let argument = match it.argument {
        Some(Kind::Open) => true,
        // `sleep (min)`: a unit, or a pun.
        Some(Kind::Ident) => matches!(behind(3), Some(Kind::Open | Kind::Dot)),
        // `sleep(8) hours`
        Some(Kind::Number) => {
            let word = it.tokens.text(it.at + 4);
            it.at > 0
                || behind(3) != Some(Kind::Close)
                || behind(4) != Some(Kind::Ident)
                || matches!(word, b"as" | b"asc" | b"desc")
        }
        _ => false,
    };
    it.called && argument && (it.in_expression || it.name.starts_with(b"pg_")) && WAITING.contains(&it.name)
}

/// `1=1` and the like: what a blind payload tests first.
fn equates_literals(tokens: &TokenStream<'_>, at: usize) -> bool {
    let at = tokens.skip(at, &[Kind::Open]);
    condition(tokens, at)
        .is_some_and(|it| it.equals && it.left == Operand::Literal && it.right == Some(Operand::Literal))
}
