//! Does a statement of its own stand here?

use super::token::Key;
use super::{Reader, select_list};
use crate::detect::matcher::Evidence;

/// A statement that is longer than this, in bytes, is taken for a text about databases.
const STATEMENT: usize = 256;

/// Does a statement start here, with what has to follow its verb?
pub(super) fn statement(reader: &Reader<'_>, at: usize) -> bool {
    let next = reader.key(at + 1);
    match reader.text(at) {
        b"select" => select_list(reader, at + 1, false),
        b"drop" | b"alter" | b"create" | b"truncate" | b"rename" => {
            next == Some(Key::Object) || matches!(reader.text(at + 1), b"procedure" | b"or")
        }
        b"delete" => next == Some(Key::From) && reader.key(at + 2) == Some(Key::Ident),
        b"insert" | b"replace" | b"merge" => {
            let list = next == Some(Key::Ident) && reader.key(at + 2) == Some(Key::Open);
            next == Some(Key::Into) || (list && (at + 3..at + 24).any(|at| reader.text(at) == b"values"))
        }
        b"update" => {
            (at + 2..at + 6).any(|at| reader.key(at) == Some(Key::Set) && reader.key(at + 2) == Some(Key::Equals))
        }
        b"exec" | b"execute" => {
            matches!(next, Some(Key::Open | Key::Variable | Key::Quote(_)))
                || [&b"xp_"[..], b"sp_", b"master", b"immediate"]
                    .iter()
                    .any(|name| reader.text(at + 1).starts_with(name))
        }
        b"explain" | b"analyze" => matches!(next, Some(Key::Select | Key::Verb)) && statement(reader, at + 1),
        b"prepare" => reader.key(at + 2) == Some(Key::From),
        b"lock" => matches!(reader.text(at + 1), b"table" | b"tables") && next.is_some(),
        b"vacuum" => next == Some(Key::Into),
        b"shutdown" => matches!(next, None | Some(Key::Comment | Key::Semi)) || reader.text(at + 1) == b"with",
        b"declare" => next == Some(Key::Variable),
        b"set" => {
            next == Some(Key::Variable)
                || matches!(reader.text(at + 1), b"global" | b"session") && reader.key(at + 3) == Some(Key::Equals)
        }
        b"waitfor" => next == Some(Key::Delay),
        b"grant" | b"revoke" => (at + 2..at + 6).any(|at| matches!(reader.text(at), b"on" | b"to")),
        b"begin" => (at + 1..at + 5).any(|at| reader.is_call(at) && reader.before(at) == Some(Key::Dot)),
        b"if" => {
            let inner = reader.skip(at + 2, &[Key::Open]);
            let query = reader.key(inner) == Some(Key::Select);
            next == Some(Key::Open) && (query || matches!(reader.key(at + 2), Some(Key::Number)))
        }
        b"call" | b"copy" | b"attach" | b"backup" => {
            let inner = next == Some(Key::Open) && reader.key(at + 2) == Some(Key::Select);
            inner || matches!(next, Some(Key::Object)) || (reader.is_call(at + 1) && next == Some(Key::Ident))
        }
        _ => false,
    }
}

/// Verbs that tell by themselves.
pub(super) fn verb(reader: &Reader<'_>, at: usize) -> Option<Evidence> {
    let next = reader.text(at + 1);
    match reader.text(at) {
        b"waitfor" if matches!(next, b"delay" | b"time") => {
            matches!(reader.key(at + 2), Some(Key::Quote(_) | Key::Variable)).then_some(Evidence::SqlTime)
        }
        b"exec" | b"execute"
            if next.starts_with(b"xp_") || (next == b"master" && reader.key(at + 2) == Some(Key::Dot)) =>
        {
            Some(Evidence::SqlShell)
        }
        b"load" if next == b"data" && (at + 2..at + 5).any(|at| reader.text(at) == b"infile") => {
            Some(Evidence::SqlShell)
        }
        // A closed quote instead of a semicolon: `x' drop table users`.
        b"drop" | b"delete" | b"insert" | b"update" | b"truncate"
            if matches!(reader.before(at), Some(Key::Quote(_) | Key::Close)) && statement(reader, at) =>
        {
            // A string that a program runs: `execute("delete from …")`.
            let quoted = at.checked_sub(2).and_then(|at| reader.key(at));
            if matches!(quoted, Some(Key::Open | Key::Comma | Key::Equals)) {
                return None;
            }
            let ends = reader.ends(at + 3) || reader.key(at + 3) == Some(Key::Where);
            ends.then_some(Evidence::SqlStacked)
        }
        _ => None,
    }
}

pub(super) fn into_file(reader: &Reader<'_>, at: usize) -> Option<Evidence> {
    let file = matches!(reader.text(at + 1), b"outfile" | b"dumpfile");
    (file && matches!(reader.key(at + 2), Some(Key::Quote(_) | Key::Number))).then_some(Evidence::SqlShell)
}

/// A value that is one statement from its first word on, and no longer than what fits a field.
pub(super) fn whole_statement(reader: &Reader<'_>) -> bool {
    let start = reader.skip(0, &[Key::Open]);
    if reader.view.len() > STATEMENT {
        return false;
    }
    if reader.key(start) != Some(Key::Select) {
        let ends = |at: usize| matches!(reader.key(at), None | Some(Key::Semi | Key::Comment | Key::Where | Key::Open));
        let complete = match reader.text(start) {
            b"drop" | b"truncate" | b"create" | b"alter" => {
                ends(start + 3) || reader.key(start + 2) == Some(Key::Quote(b'`'))
            }
            b"delete" => reader.key(start + 3) == Some(Key::Where) || reader.key(start + 3) == Some(Key::Semi),
            _ => true,
        };
        return reader.key(start) == Some(Key::Verb) && complete && statement(reader, start);
    }
    // `select … from t` with a sign that prose lacks: a star, a list, a call, a literal.
    let from = (start + 2..start + 64).find(|at| matches!(reader.key(*at), Some(Key::From) | None));
    let Some(from) = from.filter(|at| reader.key(*at) == Some(Key::From)) else {
        let niladic = matches!(reader.text(start + 1), b"current_user" | b"session_user" | b"system_user" | b"user")
            && matches!(reader.key(start + 2), None | Some(Key::Semi | Key::Comment));
        let literal = matches!(reader.key(start + 1), Some(Key::Number | Key::Variable | Key::Null));
        let joined = matches!(reader.key(start + 1), Some(Key::Quote(_)))
            && (start + 3..start + 8).any(|at| reader.text(at) == b"||");
        let condition = reader.key(start + 2) == Some(Key::Where) && reader.key(start + 3) == Some(Key::Number);
        return niladic || literal || joined || condition || reader.is_call(start + 1);
    };
    let table = matches!(reader.key(from + 1), Some(Key::Ident | Key::Object | Key::Open | Key::Quote(b'`')));
    let after = reader.key(from + 2);
    let sql_after = matches!(
        after,
        None | Some(
            Key::Close
                | Key::Where
                | Key::Tail
                | Key::Semi
                | Key::Comment
                | Key::Dot
                | Key::Comma
                | Key::Union
                | Key::Select
        )
    );
    table && select_list(reader, start + 1, false) && sql_after
}

/// Is a whole statement what documentation has: it reads or writes plain columns of plain tables, ends where it ends, and
/// asks for nothing about the server?
pub(super) fn is_ordinary(reader: &Reader<'_>) -> bool {
    let start = reader.skip(0, &[Key::Open]);
    let plain = matches!(reader.text(start), b"select" | b"insert" | b"create" | b"alter" | b"update" | b"replace");
    let last = reader.tokens.len().saturating_sub(1);
    let comment = reader.key(last) == Some(Key::Comment);
    let alone = matches!(reader.text(start + 1), b"current_user" | b"session_user" | b"system_user" | b"user");
    let odd = (start..=last).any(|at| {
        let asks = reader.is_call(at)
            && matches!(
                reader.text(at),
                b"version"
                    | b"user"
                    | b"database"
                    | b"schema"
                    | b"current_setting"
                    | b"sleep"
                    | b"benchmark"
                    | b"char"
                    | b"chr"
            );
        let server = reader.key(at) == Some(Key::Variable) && reader.text(at).starts_with(b"@@");
        let hex = reader.text(at).starts_with(b"0x");
        let always = reader.key(at) == Some(Key::Number)
            && matches!(reader.key(at + 1), Some(Key::Equals | Key::Compare))
            && reader.key(at + 2) == Some(Key::Number);
        // A second statement on the same line.
        let stacked = reader.key(at) == Some(Key::Semi) && at < last;
        asks || server || hex || always || stacked
    });
    let count = |key: Key| reader.tokens.iter().filter(|token| token.key == key).count();
    let complete = count(Key::Open) == count(Key::Close)
        && !matches!(reader.key(last), Some(Key::Where | Key::Logic | Key::Equals | Key::Compare | Key::Comma));
    let accounts = (start..=last).any(|at| {
        let named = [&b"password"[..], b"passwd", b"users", b"members", b"accounts"];
        reader.key(at) == Some(Key::From) && named.iter().any(|name| reader.text(at + 1) == *name)
            || matches!(reader.text(at), b"password" | b"passwd" | b"pass" | b"pwd")
    });
    let starred = accounts && !matches!(reader.key(last), Some(Key::Semi)) && reader.tokens.len() <= 10;
    plain && complete && !comment && !alone && !odd && !starred && is_script(reader)
}

/// Is the value a script of its own: it starts with a statement, its quotes are even, and no comment swallows anything?
/// A payload starts in the middle of a statement.
pub(super) fn is_script(reader: &Reader<'_>) -> bool {
    let starts = matches!(reader.key(0), Some(Key::Select | Key::Verb)) || reader.text(0) == b"with";
    let count = |quote: u8| reader.tokens.iter().filter(|token| token.key == Key::Quote(quote)).count();
    starts && count(b'\'').is_multiple_of(2) && count(b'"').is_multiple_of(2)
}
