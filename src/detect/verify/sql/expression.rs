//! Which condition stands here? Operands, calls and comparisons, each read with a bound.

use super::Reader;
use super::token::Key;

/// What an operand is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operand {
    /// A number, a string, NULL, TRUE, a variable.
    Literal,
    /// A column, or any word.
    Name,
    /// A call of a function.
    Call,
    /// A SELECT in parentheses.
    Select,
}

/// An operand, perhaps compared with a second one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Condition {
    pub(super) left: Operand,
    pub(super) right: Option<Operand>,
    /// Is it compared for equality, or by a word such as LIKE or IN?
    pub(super) equals: bool,
    /// The token after it.
    pub(super) next: usize,
}

/// A string, or the arguments of a call, is at most so many tokens long.
const SPAN: usize = 48;

/// Reads a condition.
pub(super) fn condition(reader: &Reader<'_>, at: usize) -> Option<Condition> {
    let (left, next) = operand(reader, at)?;
    let next = reader.skip(next, &[Key::Close]).min(next + 1);
    let negated = reader.skip(next, &[Key::Not]);
    let alone = Condition { left, right: None, equals: false, next };
    let (compare, equals) = match reader.key(negated) {
        Some(Key::Equals) => (negated + 1, true),
        Some(Key::Compare) => (negated + 1, reader.text(negated).first().is_some_and(u8::is_ascii_lowercase)),
        Some(Key::Is) => (reader.skip(negated + 1, &[Key::Not]), true),
        Some(Key::In) if reader.key(negated + 1) == Some(Key::Open) => (negated + 1, true),
        Some(Key::Between) => (negated + 1, true),
        _ => return Some(alone),
    };
    let compare = reader.skip(compare, &[Key::All, Key::Arith, Key::Equals]);
    let Some((right, end)) = operand(reader, compare) else {
        // The statement's own quote closes it: `' or 'a'='`.
        let open = compare >= reader.tokens.len() && equals && left == Operand::Literal;
        return Some(Condition { right: open.then_some(Operand::Literal), equals, next: compare, ..alone });
    };
    Some(Condition { left, right: Some(right), equals, next: end })
}

/// Reads an operand with what is joined to it by arithmetic; says what comes after it.
pub(super) fn operand(reader: &Reader<'_>, at: usize) -> Option<(Operand, usize)> {
    let (kind, mut next) = one(reader, at)?;
    for _ in 0..8 {
        let concatenated = reader.key(next) == Some(Key::Logic) && reader.text(next) == b"||";
        let joined =
            matches!(reader.key(next), Some(Key::Arith | Key::Star)) || (concatenated && kind == Operand::Call);
        let Some((_, end)) = joined.then(|| one(reader, next + 1)).flatten() else { break };
        next = end;
    }
    Some((kind, next))
}

fn one(reader: &Reader<'_>, at: usize) -> Option<(Operand, usize)> {
    let at = reader.skip(at, &[Key::Arith]);
    match reader.key(at)? {
        Key::Number | Key::Variable | Key::Null => Some((Operand::Literal, at + 1)),
        quote @ Key::Quote(sign) => {
            let kind = if sign == b'`' { Operand::Name } else { Operand::Literal };
            // An open string goes on to the end: the statement's own quote closes it.
            let open = reader.tokens.len().min(at + SPAN);
            let end = (at + 1..open).find(|at| reader.key(*at) == Some(quote)).map_or(open, |end| end + 1);
            Some((kind, end))
        }
        Key::Open => {
            let select = reader.key(at + 1) == Some(Key::Select);
            let (inner, _) = if select { (Operand::Select, at) } else { inside(reader, at + 1) };
            Some((inner, close(reader, at)))
        }
        Key::Select => super::select_list(reader, at + 1, false).then_some((Operand::Select, at + 1)),
        Key::Case => Some((Operand::Call, reader.tokens.len().min(at + SPAN))),
        Key::Ident | Key::Object | Key::Set | Key::Delay | Key::Verb => {
            let mut end = at + 1;
            while reader.key(end) == Some(Key::Dot) && end < at + 8 {
                end += 2;
            }
            if reader.key(end) == Some(Key::Open) {
                return Some((Operand::Call, close(reader, end)));
            }
            Some((Operand::Name, end))
        }
        _ => None,
    }
}

/// The kind of what a parenthesis holds, without going deeper.
fn inside(reader: &Reader<'_>, at: usize) -> (Operand, usize) {
    let at = reader.skip(at, &[Key::Open, Key::Arith]);
    match reader.key(at) {
        Some(Key::Number | Key::Variable | Key::Null | Key::Quote(_)) => (Operand::Literal, at + 1),
        Some(Key::Select) => (Operand::Select, at),
        _ => (Operand::Name, at),
    }
}

/// The token after the parenthesis that opens here.
fn close(reader: &Reader<'_>, at: usize) -> usize {
    let mut depth = 0_u32;
    let last = reader.tokens.len().min(at + SPAN);
    for at in at..last {
        match reader.key(at) {
            Some(Key::Open) => depth += 1,
            Some(Key::Close) if depth <= 1 => return at + 1,
            Some(Key::Close) => depth -= 1,
            _ => {}
        }
    }
    last
}
