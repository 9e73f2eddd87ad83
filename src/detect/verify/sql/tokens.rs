//! What stands at a position of the value, read as SQL? Its tokens with their text, and bounded steps over them.

use super::lexer::{Kind, Token, lex};
use super::reading::Readings;

/// The tokens of a value, and the text they stand for. Positions count tokens; behind the last one there is nothing.
pub(super) struct TokenStream<'a> {
    pub(super) view: &'a [u8],
    tokens: Vec<Token>,
    /// Of each token: may it stand outside of every string, in a value that an application put between quotes?
    outside: Vec<bool>,
    /// How many bytes at the end the limit on tokens kept from being read.
    pub(super) unread: usize,
}

impl<'a> TokenStream<'a> {
    /// Reads a view in lower case.
    pub(super) fn of(view: &'a [u8]) -> Self {
        let (tokens, end) = lex(view);
        let mut readings = Readings::new();
        let outside = tokens.iter().map(|token| readings.step(view, *token)).collect();
        Self { view, tokens, outside, unread: view.len() - end }
    }

    pub(super) fn len(&self) -> usize {
        self.tokens.len()
    }

    pub(super) fn iter(&self) -> std::slice::Iter<'_, Token> {
        self.tokens.iter()
    }

    pub(super) fn get(&self, at: usize) -> Option<Token> {
        self.tokens.get(at).copied()
    }

    /// May the token stand outside of every string, in a value that an application put between quotes?
    pub(super) fn is_outside(&self, at: usize) -> bool {
        self.outside.get(at).copied().unwrap_or_default()
    }

    pub(super) fn kind(&self, at: usize) -> Option<Kind> {
        self.tokens.get(at).map(|token| token.kind)
    }

    /// The kind of the token before this one.
    pub(super) fn before(&self, at: usize) -> Option<Kind> {
        at.checked_sub(1).and_then(|at| self.kind(at))
    }

    pub(super) fn text(&self, at: usize) -> &'a [u8] {
        self.tokens.get(at).and_then(|token| self.view.get(token.start..token.end)).unwrap_or_default()
    }

    /// The text of the token before this one.
    pub(super) fn text_before(&self, at: usize) -> &'a [u8] {
        at.checked_sub(1).map(|at| self.text(at)).unwrap_or_default()
    }

    /// Does a quote of any kind stand here?
    pub(super) fn is_quote(&self, at: usize) -> bool {
        matches!(self.kind(at), Some(Kind::Quote(_)))
    }

    /// Does a parenthesis follow, as behind the name of a function?
    pub(super) fn is_call(&self, at: usize) -> bool {
        self.kind(at + 1) == Some(Kind::Open)
    }

    /// Does this token start where the one before it ends?
    pub(super) fn is_attached(&self, at: usize) -> bool {
        let before = at.checked_sub(1).and_then(|at| self.get(at));
        matches!((before, self.get(at)), (Some(before), Some(token)) if before.end == token.start)
    }

    /// Skips tokens of these kinds, sixteen at most.
    pub(super) fn skip(&self, at: usize, kinds: &[Kind]) -> usize {
        (at..at + 16).find(|at| !self.kind(*at).is_some_and(|kind| kinds.contains(&kind))).unwrap_or(at + 16)
    }

    /// The token behind a comment that ends with its line: `union#x\nselect`.
    pub(super) fn behind_comment(&self, at: usize) -> usize {
        let Some(token) = self.get(at).filter(|token| token.kind == Kind::Comment) else { return at };
        let line = self.view.get(token.end..self.view.len().min(token.end + 128)).unwrap_or_default();
        let Some(end) = line.iter().position(|byte| *byte == b'\n') else { return at };
        (at + 1..at + 48).find(|at| self.get(*at).is_some_and(|next| next.start > token.end + end)).unwrap_or(at)
    }

    /// Does an injected expression end here: at the end of the value, a comment, or what goes on with the statement?
    pub(super) fn ends_expression(&self, at: usize) -> bool {
        matches!(
            self.kind(at),
            None | Some(
                Kind::Comment | Kind::Semi | Kind::Close | Kind::Logic | Kind::Union | Kind::Tail | Kind::Quote(_)
            )
        )
    }

    /// Does a comment follow, perhaps after closing parentheses and a semicolon, and cut off the rest of the statement?
    pub(super) fn is_commented(&self, at: usize) -> bool {
        self.kind(self.skip(at, &[Kind::Close, Kind::Semi])) == Some(Kind::Comment)
    }

    /// How many tokens are of this kind?
    pub(super) fn count(&self, kind: Kind) -> usize {
        self.tokens.iter().filter(|token| token.kind == kind).count()
    }

    /// Do both kinds of string quotes stand in pairs?
    pub(super) fn has_paired_quotes(&self) -> bool {
        self.count(Kind::Quote(b'\'')).is_multiple_of(2) && self.count(Kind::Quote(b'"')).is_multiple_of(2)
    }
}
