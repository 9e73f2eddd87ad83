//! Does a UNION read what another query asks, and what does its select list hold?

use super::Reader;
use super::token::Key;
use crate::detect::matcher::Evidence;

/// `UNION [ALL] SELECT` and a select list.
pub(super) fn union(reader: &Reader<'_>, at: usize) -> Option<Evidence> {
    let next = reader.skip(
        behind_versioned(reader, behind_comment(reader, at + 1)),
        &[Key::All, Key::Open, Key::Quote(b'\''), Key::Quote(b'"')],
    );
    if reader.key(next) != Some(Key::Select) {
        let row = reader.text(next + 1) == b"row" && reader.is_call(next + 1);
        let values = reader.text(next) == b"values" && (row || reader.is_call(next));
        // `1' union/*`: the next parameter of the same name goes on.
        let goes_on = reader.text(next) == b"/*"
            && next + 1 >= reader.tokens.len()
            && matches!(reader.before(at), Some(Key::Quote(_) | Key::Number | Key::Close));
        return (values || goes_on).then_some(Evidence::SqlUnion);
    }
    let in_prose = matches!(reader.before(at), Some(Key::Ident | Key::Object | Key::Verb | Key::Dot | Key::Comma));
    select_list(reader, next + 1, in_prose).then_some(Evidence::SqlUnion)
}

/// The token behind what MySQL may skip: `union/*!99999x*/select`, where only a later version would read the `x`.
fn behind_versioned(reader: &Reader<'_>, at: usize) -> usize {
    let Some(token) = reader.tokens.get(at).filter(|token| token.key != Key::Select) else { return at };
    let opens = reader.view.get(token.start.saturating_sub(9)..token.start).unwrap_or_default();
    let closes = reader.view.get(token.end..token.end + 2) == Some(b"*/");
    if closes && opens.windows(3).any(|sign| sign == b"/*!") { at + 1 } else { at }
}

/// The token behind a comment that ends with its line: `union#x\nselect`.
fn behind_comment(reader: &Reader<'_>, at: usize) -> usize {
    let Some(token) = reader.tokens.get(at).filter(|token| token.key == Key::Comment) else { return at };
    let line = reader.view.get(token.end..reader.view.len().min(token.end + 128)).unwrap_or_default();
    let Some(end) = line.iter().position(|byte| *byte == b'\n') else { return at };
    (at + 1..at + 48).find(|at| reader.tokens.get(*at).is_some_and(|next| next.start > token.end + end)).unwrap_or(at)
}

/// What follows SELECT if it is SQL: literals, calls, a star, a list, or a name with FROM. In prose a name alone is not enough.
pub(super) fn select_list(reader: &Reader<'_>, at: usize, in_prose: bool) -> bool {
    let start = at;
    let at = reader.skip(at, &[Key::All, Key::Open, Key::Arith]);
    match reader.key(at) {
        Some(Key::Number | Key::Variable | Key::Star | Key::Null | Key::Case | Key::Select) => true,
        Some(Key::Quote(_)) => true,
        Some(Key::Ident | Key::Object | Key::Verb | Key::Set) if reader.is_call(at) => true,
        Some(Key::Ident | Key::Object) => {
            let mut end = at + 1;
            while reader.key(end) == Some(Key::Dot) && end < at + 8 {
                end += 2;
            }
            match reader.key(end) {
                Some(Key::Close) if at > start => true,
                Some(Key::Comma) => !in_prose || reader.key(end + 1) == Some(Key::Null) || reader.is_call(end + 1),
                Some(Key::From) => {
                    !in_prose
                        || matches!(reader.key(end + 2), None | Some(Key::Comment | Key::Where | Key::Tail | Key::Semi))
                }
                Some(Key::Comment | Key::Logic | Key::Equals | Key::Into) => !in_prose,
                _ => false,
            }
        }
        None | Some(Key::Comment) => !in_prose && reader.before(start - 1).is_some(),
        _ => false,
    }
}
