//! Is it SQL injection? Looks for what a payload must do to a statement, at any token of the value.
//!
//! Each pattern reads a bounded number of tokens from where it starts, so the whole is linear.

mod expression;
mod fragment;
mod listing;
mod names;
mod piece;
mod quote;
mod statement;
mod token;
mod union;

use super::Subject;
use crate::detect::matcher::Evidence;
use expression::{Operand, condition, operand};
use listing::is_listing;
use quote::{closed, swallows};
use statement::{into_file, is_ordinary, is_script, statement, verb, whole_statement};
use token::{Key, Token, tokens};
use union::{select_list, union};

/// The value as tokens, with the text they stand for.
pub(super) struct Reader<'a> {
    view: &'a [u8],
    tokens: Vec<Token>,
}

impl<'a> Reader<'a> {
    fn of(subject: &Subject<'a>) -> Self {
        let (tokens, end) = tokens(subject.view);
        subject.leave(subject.view.len() - end);
        Self { view: subject.view, tokens }
    }

    fn key(&self, at: usize) -> Option<Key> {
        self.tokens.get(at).map(|token| token.key)
    }

    fn before(&self, at: usize) -> Option<Key> {
        at.checked_sub(1).and_then(|at| self.key(at))
    }

    fn text(&self, at: usize) -> &'a [u8] {
        self.tokens.get(at).and_then(|token| self.view.get(token.start..token.end)).unwrap_or_default()
    }

    /// Is it a name with a parenthesis: a call?
    fn is_call(&self, at: usize) -> bool {
        self.key(at + 1) == Some(Key::Open)
    }

    /// Skips tokens of these kinds, a bounded number.
    fn skip(&self, at: usize, keys: &[Key]) -> usize {
        (at..at + 16).find(|at| !self.key(*at).is_some_and(|key| keys.contains(&key))).unwrap_or(at + 16)
    }

    /// What ends an expression in an injection: the end, a comment, or what goes on with the statement.
    fn ends(&self, at: usize) -> bool {
        matches!(
            self.key(at),
            None | Some(Key::Comment | Key::Semi | Key::Close | Key::Logic | Key::Union | Key::Tail | Key::Quote(_))
        )
    }
}

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
}

fn read(subject: &Subject<'_>, found: &mut dyn FnMut(Evidence)) {
    let reader = Reader::of(subject);
    let in_body = subject.target.in_body();
    let listing = is_listing(&reader, in_body);
    let script = listing || is_script(&reader);
    for (at, token) in reader.tokens.iter().enumerate() {
        let evidence = match token.key {
            Key::Union => union(&reader, at),
            Key::Logic => joined(&reader, at),
            Key::Semi => statement(&reader, at + 1).then_some(Evidence::SqlStacked),
            Key::Open => subquery(&reader, at),
            Key::Quote(_) => closed(&reader, at),
            Key::Into => into_file(&reader, at),
            Key::Verb => verb(&reader, at),
            Key::Tail => tail(&reader, at),
            Key::Ident | Key::Object | Key::Case => names::called(&reader, at),
            _ => None,
        };
        let dangerous = matches!(evidence, Some(Evidence::SqlTime | Evidence::SqlShell))
            || (evidence == Some(Evidence::SqlFunction) && !listing);
        if let Some(evidence) = evidence.filter(|_| !script || dangerous) {
            found(evidence);
        }
    }
    if listing {
        found(Evidence::SqlPasted);
        return;
    }
    if names::schema(&reader) {
        found(Evidence::SqlSchema);
    }
    if whole_statement(&reader) {
        // In a body a text belongs, and programmers write about SQL; a field of an address holds a value.
        let pasted = in_body && is_ordinary(&reader);
        found(if pasted { Evidence::SqlPasted } else { Evidence::SqlStatement });
    }
    if swallows(&reader) {
        found(Evidence::SqlCondition);
    }
}

/// Reads the view as a piece of SQL, if it is short enough to be one: a gate of its own, as signs are enough to open it.
pub(super) fn fragment(subject: &Subject<'_>, found: &mut dyn FnMut(Evidence)) {
    if subject.view.len() <= fragment::LONGEST || !subject.view.iter().any(u8::is_ascii_alphanumeric) {
        let reader = Reader::of(subject);
        if fragment::fragment(&reader) {
            found(Evidence::SqlFragment);
        }
    }
}

/// `OR`, `AND`, `||` and a condition.
fn joined(reader: &Reader<'_>, at: usize) -> Option<Evidence> {
    let before = reader.before(at);
    let closed = matches!(before, Some(Key::Quote(_)))
        || (before == Some(Key::Close)
            && matches!(at.checked_sub(2).and_then(|at| reader.key(at)), Some(Key::Quote(_))));
    let open_start = matches!(before, None | Some(Key::Number | Key::Close | Key::Null));
    let first = reader.skip(at + 1, &[Key::Not, Key::Open, Key::Arith]);
    let found = condition(reader, first)?;
    let ends = reader.ends(found.next);
    let commented = commented(reader, found.next);
    let last = found.next >= reader.tokens.len();
    let short = found.next <= first + 3;
    match (found.left, found.right) {
        // A variable of a script is compared too: `@_ == 2 or die`.
        (Operand::Literal, Some(Operand::Literal))
            if found.equals && (closed || (ends && reader.text(first) != b"@_")) =>
        {
            Some(Evidence::SqlTautology)
        }
        (Operand::Literal, Some(Operand::Literal)) if closed || (open_start && commented) => {
            Some(Evidence::SqlTautology)
        }
        (Operand::Select, _) | (_, Some(Operand::Select)) => Some(Evidence::SqlSubquery),
        (Operand::Literal, None) if closed && commented && short => Some(Evidence::SqlTautology),
        (Operand::Literal, None)
            if (last || reader.key(found.next) == Some(Key::Semi))
                && closed
                && matches!(reader.key(first), Some(Key::Number | Key::Null)) =>
        {
            Some(Evidence::SqlTautology)
        }
        (Operand::Literal, None)
            if last
                && at == 1
                && (before == Some(Key::Null) && matches!(reader.key(first), Some(Key::Null | Key::Number))
                    || before == Some(Key::Number) && reader.key(first) == Some(Key::Null)) =>
        {
            Some(Evidence::SqlTautology)
        }
        (_, Some(_)) if closed && ends => Some(Evidence::SqlCondition),
        (_, Some(_)) if before.is_none() && commented => Some(Evidence::SqlCondition),
        (Operand::Call, Some(Operand::Literal)) if open_start && ends => Some(Evidence::SqlCondition),
        // `5 and isnull(null)`, and no more.
        (Operand::Call, None)
            if last && at == 1 && before == Some(Key::Number) && names::is_blind(reader.text(first)) =>
        {
            Some(Evidence::SqlCondition)
        }
        (Operand::Call, None) if closed && reader.key(found.next) == Some(Key::Logic) => Some(Evidence::SqlCondition),
        // `' || f(1) || '`: what is joined to the statement's string on both sides.
        (Operand::Call, None)
            if closed
                && last
                && reader.text(at) == b"||"
                && matches!(reader.before(found.next), Some(Key::Quote(_)))
                && reader.text(found.next.saturating_sub(2)) == b"||" =>
        {
            Some(Evidence::SqlCondition)
        }
        (Operand::Call | Operand::Name, _) if closed && commented => Some(Evidence::SqlCondition),
        _ => None,
    }
}

/// A comment right here, perhaps after closing parentheses and a semicolon.
fn commented(reader: &Reader<'_>, at: usize) -> bool {
    reader.key(reader.skip(at, &[Key::Close, Key::Semi])) == Some(Key::Comment)
}

/// `(SELECT …` inside an expression.
fn subquery(reader: &Reader<'_>, at: usize) -> Option<Evidence> {
    let select = reader.key(at + 1) == Some(Key::Select) && select_list(reader, at + 2, false);
    let inside = matches!(
        reader.before(at),
        Some(
            Key::Equals
                | Key::Compare
                | Key::Logic
                | Key::Arith
                | Key::Comma
                | Key::In
                | Key::Select
                | Key::Quote(_)
                | Key::Open
        )
    ) || matches!(reader.before(at), Some(Key::From | Key::All | Key::Not))
        || at.checked_sub(1).is_some_and(|before| names::is_blind(reader.text(before)));
    let nested = reader.before(at).is_none() && reader.key(at + 2) == Some(Key::Open);
    (select && (inside || nested)).then_some(Evidence::SqlSubquery)
}

/// `' ORDER BY 5--`, `' HAVING 1=1`, `1 LIMIT 1,1 …`.
fn tail(reader: &Reader<'_>, at: usize) -> Option<Evidence> {
    let closed = match reader.before(at) {
        Some(Key::Quote(_)) => true,
        Some(Key::Close | Key::Number) => false,
        None if reader.text(at) == b"having" || reader.text(at + 3) == b"--" || reader.text(at + 3) == b"#" => false,
        _ => return None,
    };
    let (first, by) = match reader.text(at) {
        b"order" | b"group" => (at + 2, reader.key(at + 1) == Some(Key::By)),
        b"procedure" => return (reader.text(at + 1) == b"analyse").then_some(Evidence::SqlTail),
        _ => (at + 1, true),
    };
    let (kind, next) = operand(reader, first)?;
    let number = kind == Operand::Literal && reader.key(first) == Some(Key::Number);
    let found = match (closed, reader.text(at)) {
        (_, b"having") => condition(reader, first).is_some_and(|found| found.right.is_some()),
        (true, _) if !number => {
            // `group by a,b having …`
            let end = (next..next + 24).find(|at| !matches!(reader.key(*at), Some(Key::Comma | Key::Ident | Key::Dot)));
            end.is_some_and(|end| commented(reader, end) || reader.text(end) == b"having")
        }
        (true, _) => reader.ends(next) || reader.key(next) == Some(Key::Comma),
        (false, b"order" | b"group") => number && (commented(reader, next) || reader.key(next).is_none()),
        (false, _) => number && commented(reader, next),
    };
    (by && found).then_some(Evidence::SqlTail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stays_linear_on_hostile_values() {
        let unread = std::cell::Cell::new(0);
        for part in ["'", "(", "/*", "or ", "--", "union ", "';", "select(", "1 or ", "/*!", "a/**/", "' or '"] {
            let view = part.repeat(60_000 / part.len());
            let subject = Subject::new(view.as_bytes(), crate::read::target::Target::Query, b"", &unread);
            // Would take minutes if any pattern read on to the end of the value.
            verify(&subject, &mut |_| {});
        }
    }

    #[test]
    fn reads_every_short_value() {
        let unread = std::cell::Cell::new(0);
        let parts = [
            "'", "(", ")", "1", "a", " or ", " union ", "||", "=", "--", ";", ",", "*", " as ", " into ", "@a", " set ",
        ];
        for first in parts {
            for second in parts {
                for third in parts {
                    for view in [first.to_owned(), [first, second].concat(), [first, second, third].concat()] {
                        let subject = Subject::new(view.as_bytes(), crate::read::target::Target::Query, b"", &unread);
                        // Would panic if any pattern counted back beyond the first token.
                        verify(&subject, &mut |_| {});
                        fragment(&subject, &mut |_| {});
                    }
                }
            }
        }
    }
}
