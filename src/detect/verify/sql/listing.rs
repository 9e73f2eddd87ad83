//! Is it a listing of SQL that somebody pasted? Whole statements, each on lines of its own, with nothing cut apart.
//!
//! A payload continues the application's statement, so it starts in the middle of one and leaves quotes open. What
//! documentation prints starts with a statement (behind a comment or a shell's prompt), and its lines are formatted.

use super::lexer::Kind;
use super::names::SCHEMA;
use super::statement::starts_statement;
use super::tokens::TokenStream;
use memchr::memchr;
use memchr::memmem::find;

/// So many lines are looked at.
const LINES: usize = 64;
/// No prompt is longer, in bytes: `...>`, `sqlite>`, `mysql>`, `postgres=#`.
const PROMPT: usize = 12;
/// How statements start.
#[rustfmt::skip]
const STARTS: &[&[u8]] = &[
    b"select ", b"insert into ", b"insert or ", b"replace into ", b"create ", b"update ", b"delete from ", b"drop ", b"alter ",
    b"with ", b"explain ", b"pragma ", b"begin;", b"begin ", b"begin\r", b"values", b"attach ", b"commit",
];

/// Is the value a listing? In a body text or code may stand before its first statement.
pub(super) fn is_listing(tokens: &TokenStream<'_>, in_body: bool) -> bool {
    let view = tokens.view;
    if in_body && is_report(view) {
        return true;
    }
    if !view.contains(&b'\n') || !(tokens.has_paired_quotes() || in_body && is_paired(view)) {
        return false;
    }
    let mut before: &[u8] = b"";
    for line in view.split(|byte| *byte == b'\n').take(LINES) {
        let line = line.trim_ascii();
        if line.is_empty() || line.starts_with(b"--") && (in_body || before.is_empty() && line.contains(&b' ')) {
            continue;
        }
        // The head of a file.
        if in_body && before.is_empty() && [&b"/*"[..], b"*", b"\\"].iter().any(|start| line.starts_with(start)) {
            continue;
        }
        let plain = without_prompt(line);
        let starts = STARTS.iter().any(|start| plain.starts_with(start)) || plain == b"select" && in_body;
        if before.is_empty() && starts {
            return true;
        }
        // `union all` at the end of a line, or an operator: the next one goes on.
        if starts && in_body && before.len() >= 12 && !goes_on(before) {
            return true;
        }
        // One word, one number, or a closing quote is what a payload starts with.
        if !in_body {
            return false;
        }
        before = line;
    }
    false
}

/// Does each string end, without the apostrophes of comments?
fn is_paired(view: &[u8]) -> bool {
    let mut rest = view;
    let mut open = None;
    while let Some((byte, behind)) = rest.split_first() {
        rest = match (open, rest) {
            (Some(quote), _) => {
                open = open.filter(|_| *byte != quote);
                behind
            }
            (None, [b'-', b'-', ..]) => memchr(b'\n', rest).and_then(|end| rest.get(end..)).unwrap_or_default(),
            (None, [b'/', b'*', ..]) => find(rest, b"*/").and_then(|end| rest.get(end + 2..)).unwrap_or_default(),
            (None, _) => {
                open = Some(*byte).filter(|byte| matches!(byte, b'\'' | b'"'));
                behind
            }
        };
    }
    open.is_none()
}

/// Clauses of a query, as reports begin their lines with them.
#[rustfmt::skip]
const CLAUSES: &[&[u8]] = &[
    b"select", b"from", b"where", b"join", b"left join", b"inner join", b"on ", b"and ", b"group by", b"having", b"order by", b"union", b"case", b"when ", b"limit ", b"end ",
    b"create ", b"insert into", b"alter ", b"drop ", b"delete from", b"update ", b"values", b"grant ", b"comment on ",
];
/// A shorter text, in bytes, is no report, nor is one with fewer lines that begin with a clause.
const REPORT: usize = 1024;
const REPORT_LINES: usize = 12;

/// Is it a long query, a clause a line, or a part of one from wherever a long value was cut? Quotes may be cut apart.
fn is_report(view: &[u8]) -> bool {
    if view.len() < REPORT {
        return false;
    }
    let (mut last, mut count): (&[u8], _) = (b"", 0);
    for line in view.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii_start) {
        // The same line over and over is padding.
        if line != last && CLAUSES.iter().any(|clause| line.starts_with(clause)) {
            count += 1;
            last = line;
        }
    }
    count >= REPORT_LINES
}

fn goes_on(line: &[u8]) -> bool {
    line.last().is_some_and(|byte| b"'\"(,=;-+*|&<>".contains(byte))
        || [&b"union"[..], b"all", b"or", b"and", b"except", b"intersect"].iter().any(|word| line.ends_with(word))
}

/// `sqlite> select 1` → `select 1`.
fn without_prompt(line: &[u8]) -> &[u8] {
    let start = line.get(..line.len().min(PROMPT)).unwrap_or_default();
    let Some(end) = start.windows(2).position(|pair| matches!(pair, b"> " | b"# ")) else { return line };
    line.get(end + 2..).unwrap_or_default().trim_ascii_start()
}

/// Is the value a script of its own: it starts with a statement and its quotes stand in pairs? A payload starts in the
/// middle of a statement.
pub(super) fn is_script(tokens: &TokenStream<'_>) -> bool {
    let first = tokens.text(0);
    let starts = match tokens.kind(0) {
        // `select-one`, `update' or …`: a word, and what breaks out behind it.
        Some(Kind::Select) => !matches!(tokens.kind(1), Some(Kind::Arith | Kind::Union | Kind::Logic)),
        Some(Kind::Verb) => starts_statement(tokens, 0) || !SHAPED.contains(&first) && !tokens.is_quote(1),
        _ if first == b"with" => tokens.text(1) == b"recursive" || (2..8).any(|at| tokens.text(at) == b"as"),
        _ => begins(tokens, first),
    };
    starts && tokens.has_paired_quotes()
}

/// Is the value a script that is whole: each parenthesis closed, nothing commented out at its end, no clause left open? It needs no
/// statement around it, so nothing in it breaks out of one.
pub(super) fn is_complete(tokens: &TokenStream<'_>) -> bool {
    let last = tokens.len().checked_sub(1).and_then(|last| tokens.kind(last));
    let open = [Kind::Comment, Kind::Where, Kind::Logic, Kind::Equals, Kind::Compare, Kind::Comma, Kind::Open];
    is_script(tokens)
        && last.is_some_and(|last| !open.contains(&last))
        && tokens.unread == 0
        && tokens.count(Kind::Open) == tokens.count(Kind::Close)
}

/// Does a statement ask about the server, spell what it hides, or read a text letter by letter?
pub(super) fn pries(tokens: &TokenStream<'_>) -> bool {
    let asks = [&b"version"[..], b"user", b"database", b"schema", b"current_setting", b"ascii", b"ord"];
    let text = |at| tokens.text(at);
    let is_spelled = |at| text(at).starts_with(b"0x") || tokens.is_call(at) && asks.contains(&text(at));
    let joins = |at| text(at) == b"group_concat" && tokens.is_call(at);
    let describes = |at| tokens.kind(at) == Some(Kind::From) && SCHEMA.has(text(at + 1));
    let any = |is: &dyn Fn(usize) -> bool| (0..tokens.len()).any(is);
    any(&is_spelled) || any(&joins) && any(&describes)
}

/// Verbs whose statements have a shape that is known.
const SHAPED: &[&[u8]] =
    &[b"insert", b"replace", b"merge", b"update", b"delete", b"drop", b"create", b"alter", b"truncate", b"rename"];

/// `BEGIN;`, `IF EXISTS (`, `EXPLAIN SELECT`: how scripts and consoles begin besides.
fn begins(tokens: &TokenStream<'_>, first: &[u8]) -> bool {
    let second = tokens.text(1);
    match first {
        b"begin" | b"start" => {
            tokens.kind(1) == Some(Kind::Semi) || matches!(second, b"transaction" | b"tran" | b"work")
        }
        b"if" => matches!(second, b"exists" | b"not"),
        b"explain" | b"analyze" | b"vacuum" | b"show" | b"describe" => tokens.kind(1).is_some(),
        b"declare" => tokens.kind(1) == Some(Kind::Variable),
        b"use" => tokens.kind(2) == Some(Kind::Semi),
        _ => false,
    }
}
