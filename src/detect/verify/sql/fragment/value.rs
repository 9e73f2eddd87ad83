//! What do all patterns of fragments look at? The short value as a whole, with what several of them need.

use super::super::expression::{Condition, Operand, condition};
use super::super::lexer::Kind;
use super::super::pattern::Pattern;
use super::super::tokens::TokenStream;

/// A row about a whole value.
pub(in super::super) type Row = Pattern<fn(&Value<'_>) -> bool>;

/// A value of at least one token.
pub(in super::super) struct Value<'a> {
    pub(super) tokens: &'a TokenStream<'a>,
    /// How many tokens it has.
    pub(super) count: usize,
    /// How many of them are quotes, of whatever kind.
    pub(super) quotes: usize,
    /// Where it starts behind `name =`, which a parser of addresses may have left.
    pub(super) assigned: usize,
    /// `1=1`, `42 like 42`: the condition, if the value is two numbers that are compared, and no more.
    pub(super) numbers: Option<Condition>,
}

impl<'a> Value<'a> {
    /// `None` if there is no token.
    pub(super) fn of(tokens: &'a TokenStream<'a>) -> Option<Self> {
        let count = tokens.len();
        let named = tokens.kind(0)? == Kind::Ident && tokens.kind(1) == Some(Kind::Equals);
        let quotes = tokens.iter().filter(|token| matches!(token.kind, Kind::Quote(_))).count();
        Some(Self { tokens, count, quotes, assigned: if named { 2 } else { 0 }, numbers: numbers(tokens) })
    }

    /// The kind of the nth token from the end; 1 is the last one.
    pub(super) fn nth_last(&self, n: usize) -> Option<Kind> {
        self.count.checked_sub(n).and_then(|at| self.tokens.kind(at))
    }

    /// Does any token from this one on satisfy this?
    pub(super) fn any_from(&self, start: usize, is: impl Fn(usize) -> bool) -> bool {
        (start..self.count).any(is)
    }
}

fn numbers(tokens: &TokenStream<'_>) -> Option<Condition> {
    let number = |at| tokens.kind(at) == Some(Kind::Number);
    let whole = number(0).then(|| condition(tokens, 0)).flatten()?;
    let literals = whole.left == Operand::Literal && whole.right == Some(Operand::Literal);
    (literals && whole.next >= tokens.len() && number(whole.next - 1)).then_some(whole)
}
