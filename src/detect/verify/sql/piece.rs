//! Is the whole value one piece of a statement: a condition, a clause, what an operator joins?

use super::Reader;
use super::expression::{Operand, condition};
use super::fragment::FUNCTIONS;
use super::token::Key;

/// `1=1`, `42 like 42`, `'1' not regexp '2'`, `in (1,2)`: a condition of two literals, and no more.
pub(super) fn bare(reader: &Reader<'_>) -> bool {
    let grouped = |at: usize| reader.text(at) == b"group" && reader.key(at + 1) == Some(Key::By);
    if matches!(reader.key(0), Some(Key::From)) && grouped(2) {
        return true;
    }
    let Some(found) = condition(reader, 0) else { return false };
    let operator = reader.skip(1, &[Key::Quote(b'\''), Key::Ident, Key::Number, Key::Not]);
    let word = reader.text(operator).first().is_some_and(u8::is_ascii_alphabetic);
    let numbers = reader.key(0) == Some(Key::Number) && reader.key(found.next - 1) == Some(Key::Number);
    let same = reader.text(0) == reader.text(found.next - 1);
    // `11!=1`, `7<>8`, `42<=>42`: signs that only a condition has.
    let unequal = matches!(reader.text(1), b"!=" | b"<>" | b"<=>") && numbers;
    let literals = found.left == Operand::Literal && found.right == Some(Operand::Literal);
    literals
        && found.next >= reader.tokens.len()
        && (unequal
            || (numbers && found.equals && same)
            || (word && found.equals && reader.tokens.len() >= 3 && numbers))
}

/// `'^0#`, `'*1*'`, `'||true||'`: a quote, an operator, a number, and what the statement's own quote or a comment ends.
pub(super) fn joined_number(reader: &Reader<'_>) -> bool {
    let count = reader.tokens.len();
    let start = usize::from(matches!(reader.key(0), Some(Key::Ident | Key::Number)));
    let sign = |at: usize| {
        matches!(reader.key(at), Some(Key::Arith | Key::Star | Key::Equals | Key::Compare))
            || matches!(reader.text(at), b"||" | b"&&" | b"mod" | b"div")
    };
    let joins = |at: usize| reader.text(at) == b"||";
    // `'||user||'`, and `'||'` alone: what is joined stands in the statement.
    let quote = |at: usize| matches!(reader.key(at), Some(Key::Quote(_)));
    if quote(start)
        && joins(start + 1)
        && (count == start + 3 && start == 0 && quote(2) || count == start + 5 && joins(start + 3) && quote(start + 4))
    {
        return true;
    }
    let cut = match reader.key(start + 3) {
        Some(Key::Comment) => reader.key(start + 1) != Some(Key::Equals) || reader.text(start + 3) != b"#",
        _ => sign(start + 3) && reader.key(start + 4) == reader.key(start) && count == start + 5,
    };
    matches!(reader.key(start), Some(Key::Quote(b'\'' | b'"')))
        && sign(start + 1)
        && matches!(reader.key(start + 2), Some(Key::Number | Key::Null))
        && count <= start + 5
        && cut
}

/// `lo_get(16)`, `date_add(1,2)`: the whole value calls a function that only databases have, on literals.
pub(super) fn lone_call(reader: &Reader<'_>) -> bool {
    let count = reader.tokens.len();
    let name = reader.text(0);
    let literals = (2..count.saturating_sub(1))
        .all(|at| matches!(reader.key(at), Some(Key::Number | Key::Comma | Key::Arith | Key::Quote(_))));
    name.contains(&b'_')
        && FUNCTIONS.has(name)
        && reader.is_call(0)
        && (4..=16).contains(&count)
        && reader.key(count - 1) == Some(Key::Close)
        && literals
}

/// `' or city 7`, `3 and(`: a condition that a quote or a number opens, and little more.
pub(super) fn opens_condition(reader: &Reader<'_>) -> bool {
    let count = reader.tokens.len();
    let word =
        |at: usize| reader.key(at) == Some(Key::Logic) && reader.text(at).first().is_some_and(u8::is_ascii_lowercase);
    let quoted = matches!(reader.key(0), Some(Key::Quote(_))) && word(1) && (3..=5).contains(&count);
    let even = reader.tokens.iter().filter(|token| matches!(token.key, Key::Quote(_))).count() != 1;
    let end = count.saturating_sub(1);
    let last = end.saturating_sub(usize::from(reader.key(end) == Some(Key::Open)));
    let numbered =
        word(last) && last >= 1 && reader.key(last - 1) == Some(Key::Number) && last <= 2 && last + 1 < count;
    quoted && !even || numbered
}

/// `set @a`, `like null`, `, 1=1`, `execute x`, `1 as "x" from t`: clauses that stand alone.
pub(super) fn clause(reader: &Reader<'_>) -> bool {
    let count = reader.tokens.len();
    let from = reader.skip(0, &[Key::Compare, Key::Arith]).min(1);
    let sets = (0..=from).any(|at| reader.key(at) == Some(Key::Set) && reader.key(at + 1) == Some(Key::Variable))
        && count <= 8;
    let into = (1..count).any(|at| reader.key(at) == Some(Key::Into) && reader.key(at + 1) == Some(Key::Variable))
        && count <= 16;
    let null = count == 2 && reader.key(0) == Some(Key::Compare) && reader.key(1) == Some(Key::Null);
    let listed = count >= 5
        && reader.key(count - 4) == Some(Key::Comma)
        && reader.key(count - 3) == Some(Key::Number)
        && reader.key(count - 2) == Some(Key::Equals)
        && reader.text(count - 1) == reader.text(count - 3);
    let whole = matches!(reader.key(0), Some(Key::Select | Key::Verb));
    let renamed = !whole
        && (1..count).any(|at| {
            reader.text(at) == b"as"
                && matches!(reader.key(at + 1), Some(Key::Quote(_)))
                && reader.key(at + 3) == reader.key(at + 1)
                && reader.key(at + 4) == Some(Key::From)
        });
    sets || into || null && reader.text(0).first().is_some_and(u8::is_ascii_lowercase) || listed || renamed
}

/// Quotes of several kinds among signs, and not one letter: what a fuzzer sends.
pub(super) fn is_noise(view: &[u8]) -> bool {
    let text = view.get(..view.len().min(512)).unwrap_or_default();
    let count = |sign: u8| text.iter().filter(|byte| **byte == sign).count();
    text.len() >= 16
        && text.iter().all(|byte| byte.is_ascii_punctuation() || *byte == b' ')
        && count(b'\'') >= 4
        && (count(b'"') >= 2 || count(b'`') >= 2 || count(b'.') >= 4)
}

/// `-113 union`, `x' union all`: what comes next was to be a SELECT.
pub(super) fn ends_in_union(reader: &Reader<'_>) -> bool {
    let count = reader.tokens.len();
    let at = count.saturating_sub(1 + usize::from(reader.key(count.saturating_sub(1)) == Some(Key::All)));
    let before = reader.skip(0, &[Key::Arith]);
    reader.text(at) == b"union" && before + 1 == at && reader.key(before) == Some(Key::Number)
}

/// `in (1,2`.
pub(super) fn listed(reader: &Reader<'_>) -> bool {
    let number = reader.skip(2, &[Key::Arith]);
    reader.key(1) == Some(Key::Open)
        && reader.key(number) == Some(Key::Number)
        && reader.key(number + 1) == Some(Key::Comma)
}
