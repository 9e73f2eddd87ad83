//! Which condition stands here? Operands, calls and comparisons, each read with a bound.

use super::lexer::Kind;
use super::select_list::is_select_list;
use super::tokens::TokenStream;

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
pub(super) fn condition(tokens: &TokenStream<'_>, at: usize) -> Option<Condition> {
    let (left, next) = operand(tokens, at)?;
    let next = tokens.skip(next, &[Kind::Close]).min(next + 1);
    let negated = tokens.skip(next, &[Kind::Not]);
    let alone = Condition { left, right: None, equals: false, next };
    let (compare, equals) = match tokens.kind(negated) {
        Some(Kind::Equals) => (negated + 1, true),
        Some(Kind::Compare) => (negated + 1, tokens.text(negated).first().is_some_and(u8::is_ascii_lowercase)),
        Some(Kind::Is) => (tokens.skip(negated + 1, &[Kind::Not]), true),
        Some(Kind::In) if tokens.kind(negated + 1) == Some(Kind::Open) => (negated + 1, true),
        Some(Kind::Between) => (negated + 1, true),
        _ => return Some(alone),
    };
    let compare = tokens.skip(compare, &[Kind::All, Kind::Arith, Kind::Equals]);
    let Some((right, end)) = operand(tokens, compare) else {
        // The statement's own quote closes it: `' or 'a'='`.
        let open = compare >= tokens.len() && equals && left == Operand::Literal;
        return Some(Condition { right: open.then_some(Operand::Literal), equals, next: compare, ..alone });
    };
    Some(Condition { left, right: Some(right), equals, next: end })
}

/// Reads an operand with what is joined to it by arithmetic; says what comes after it.
pub(super) fn operand(tokens: &TokenStream<'_>, at: usize) -> Option<(Operand, usize)> {
    let (kind, mut next) = one(tokens, at)?;
    for _ in 0..8 {
        let concatenated = tokens.kind(next) == Some(Kind::Logic) && tokens.text(next) == b"||";
        let joined =
            matches!(tokens.kind(next), Some(Kind::Arith | Kind::Star)) || (concatenated && kind == Operand::Call);
        let Some((_, end)) = joined.then(|| one(tokens, next + 1)).flatten() else { break };
        next = end;
    }
    Some((kind, next))
}

fn one(tokens: &TokenStream<'_>, at: usize) -> Option<(Operand, usize)> {
    let at = behind_prefix(tokens, tokens.skip(at, &[Kind::Arith]));
    match tokens.kind(at)? {
        Kind::Other => bracketed(tokens, at),
        Kind::Number | Kind::Variable | Kind::Null => Some((Operand::Literal, at + 1)),
        quote @ Kind::Quote(sign) => {
            let kind = if sign == b'`' { Operand::Name } else { Operand::Literal };
            // An open string goes on to the end: the statement's own quote closes it.
            let open = tokens.len().min(at + SPAN);
            let end = (at + 1..open).find(|at| tokens.kind(*at) == Some(quote)).map_or(open, |end| end + 1);
            Some((kind, end))
        }
        Kind::Open => {
            let select = tokens.kind(at + 1) == Some(Kind::Select);
            let (inner, _) = if select { (Operand::Select, at) } else { inside(tokens, at + 1) };
            Some((inner, close(tokens, at)))
        }
        Kind::Select => is_select_list(tokens, at + 1, false).then_some((Operand::Select, at + 1)),
        Kind::Case => Some((Operand::Call, tokens.len().min(at + SPAN))),
        Kind::Ident | Kind::Object | Kind::Set | Kind::Delay | Kind::Verb => {
            let mut end = at + 1;
            while tokens.kind(end) == Some(Kind::Dot) && end < at + 8 {
                end += 2;
            }
            if tokens.kind(end) == Some(Kind::Open) {
                return Some((Operand::Call, close(tokens, end)));
            }
            Some((Operand::Name, end))
        }
        _ => None,
    }
}

/// What announces how a string is spelled, or how it is compared: `x'61'`, `u&'a'`, `q'[a]'`, `_utf8'a'`, `binary 'a'`.
const PREFIXES: &[&[u8]] =
    &[b"x", b"b", b"n", b"e", b"q", b"nq", b"u", b"binary", b"_utf8", b"_utf8mb4", b"_latin1", b"_binary"];

/// The position behind such a prefix, if one stands here before a string; BINARY stands before any operand.
fn behind_prefix(tokens: &TokenStream<'_>, at: usize) -> usize {
    let word = tokens.text(at);
    if !PREFIXES.contains(&word) {
        return at;
    }
    let string = |at: usize| tokens.is_attached(at) && tokens.is_quote(at);
    let compared = word == b"binary" && (tokens.is_quote(at + 1) || tokens.kind(at + 1) == Some(Kind::Number));
    match () {
        () if string(at + 1) || compared => at + 1,
        () if word == b"u" && tokens.text(at + 1) == b"&" && string(at + 2) => at + 2,
        () => at,
    }
}

/// `[x]`, a name of SQL Server's, and `{x 1}`, an escape of ODBC.
fn bracketed(tokens: &TokenStream<'_>, at: usize) -> Option<(Operand, usize)> {
    let named = tokens.kind(at + 1) == Some(Kind::Ident);
    match tokens.text(at) {
        b"[" if named && tokens.text(at + 2) == b"]" => Some((Operand::Name, at + 3)),
        b"{" if named && tokens.text(at + 3) == b"}" => Some((Operand::Literal, at + 4)),
        _ => None,
    }
}

/// The kind of what a parenthesis holds, without going deeper.
fn inside(tokens: &TokenStream<'_>, at: usize) -> (Operand, usize) {
    let at = tokens.skip(at, &[Kind::Open, Kind::Arith]);
    match tokens.kind(at) {
        Some(Kind::Number | Kind::Variable | Kind::Null | Kind::Quote(_)) => (Operand::Literal, at + 1),
        Some(Kind::Select) => (Operand::Select, at),
        _ => (Operand::Name, at),
    }
}

/// The token after the parenthesis that opens here.
fn close(tokens: &TokenStream<'_>, at: usize) -> usize {
    let mut depth = 0_u32;
    let last = tokens.len().min(at + SPAN);
    for at in at..last {
        match tokens.kind(at) {
            Some(Kind::Open) => depth += 1,
            Some(Kind::Close) if depth <= 1 => return at + 1,
            Some(Kind::Close) => depth -= 1,
            _ => {}
        }
    }
    last
}
