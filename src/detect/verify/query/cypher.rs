//! Is it an injection into Cypher, the language of graph databases?
//!
//! Clauses after openCypher 9: MATCH, RETURN, UNION, CALL … YIELD, LOAD CSV, DETACH DELETE. An injected query has to close the
//! string, map or pattern that it stands in and then say another clause.

use super::words::{Words, behind_breakout};
use crate::detect::verify::bytes::find;
use crate::detect::verify::word_list::WordList;

/// Words that start a clause.
static CLAUSES: WordList = WordList::new(
    "call create delete detach foreach load match merge optional or return set union unwind where with xor",
);
/// Procedures that show or change the database, or call out.
const PROCEDURES: &[&[u8]] = &[b"db.", b"dbms.", b"apoc.", b"gds.", b"show"];

/// Does the value break out into a clause that reads, changes or calls out?
pub(super) fn is_injected(view: &[u8]) -> bool {
    let rest = match behind_breakout(view) {
        Some(rest) => rest,
        // `1 match (n) detach delete n`: out of a number nothing has to be closed.
        None if view.first().is_some_and(u8::is_ascii_digit) => view.get(digits(view)..).unwrap_or_default(),
        None => return false,
    };
    let rest = closed(rest);
    let first = Words(rest).next().unwrap_or_default();
    if !CLAUSES.has(first) && !matches!(first, b"=" | b"<" | b">") {
        return false;
    }
    loads(rest) || calls(rest) || matches_pattern(rest) || deletes(rest) || returns(rest)
}

fn digits(view: &[u8]) -> usize {
    view.iter().take_while(|byte| byte.is_ascii_digit()).count()
}

/// Without further signs that close.
fn closed(rest: &[u8]) -> &[u8] {
    let start = rest.iter().position(|byte| !b")}]'\" ".contains(byte)).unwrap_or(rest.len());
    rest.get(start..).unwrap_or_default()
}

/// `load csv from 'http://…'`.
fn loads(rest: &[u8]) -> bool {
    find(rest, 0, b"load csv").is_some_and(|at| rest.get(at..).is_some_and(|rest| find(rest, 0, b"from").is_some()))
}

/// `call db.labels()`, `call { … }` is none.
fn calls(rest: &[u8]) -> bool {
    let mut words = Words(rest);
    while let Some(word) = words.next() {
        if word == b"call" {
            let name = words.next().unwrap_or_default();
            if PROCEDURES.iter().any(|part| name.starts_with(part)) && words.next() == Some(b"(") {
                return true;
            }
        }
    }
    false
}

/// `match (n:user)` with a RETURN, SET or DELETE behind it.
fn matches_pattern(rest: &[u8]) -> bool {
    let Some(at) = find(rest, 0, b"match") else { return false };
    let after = rest.get(at + 5..).unwrap_or_default().trim_ascii_start();
    let Some(node) = after.strip_prefix(b"(") else { return false };
    let Some(end) = node.iter().position(|byte| *byte == b')') else { return false };
    let inside = node.get(..end).unwrap_or_default();
    let plain = inside.iter().all(|byte| byte.is_ascii_alphanumeric() || b"_:{}'\" ,.$-".contains(byte));
    let behind = node.get(end..).unwrap_or_default();
    plain
        && [&b"return"[..], b" set ", b"delete", b"remove", b"with"].iter().any(|word| find(behind, 0, word).is_some())
}

fn deletes(rest: &[u8]) -> bool {
    find(rest, 0, b"detach delete ").is_some()
}

/// `return 1 union …`, and a RETURN with a comment that swallows the rest.
fn returns(rest: &[u8]) -> bool {
    let Some(at) = find(rest, 0, b"return ") else { return false };
    let after = rest.get(at..).unwrap_or_default();
    find(after, 0, b" union ").is_some()
        || find(after, 0, b"//").is_some_and(|at| !after.get(..at).unwrap_or_default().ends_with(b":"))
}
