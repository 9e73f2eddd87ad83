//! Where is a value outside of its strings, if an application put it between quotes?
//!
//! Nobody knows which quotes those are, and whether a backslash escapes one there. So the value is read in four ways at once, a
//! token at a time: it begins inside a string, which its first quote of that kind closes. What closes a string has an operator, a
//! bracket or a comment behind it; what has a word behind it opened one, or is an apostrophe, and then the value was never inside.

use super::lexer::{Kind, Token};

/// The four readings.
pub(super) struct Readings([Reading; 4]);

#[derive(Clone, Copy)]
struct Reading {
    /// Inside a string between these quotes; none outside.
    open: Option<u8>,
    escapes: bool,
    /// Did the application's string end, and is what follows that still to be seen?
    closes: bool,
    has_closed: bool,
    /// Was it no such value?
    is_dropped: bool,
    /// A comment hides quotes up to here.
    comment_ends: usize,
}

/// Words that go on with an expression behind a string.
#[rustfmt::skip]
const OPERATORS: &[&[u8]] = &[b"collate", b"div", b"mod", b"rlike", b"regexp", b"similar", b"glob", b"match", b"sounds", b"escape", b"notnull", b"isnull", b"binary", b"at", b"limit"];

impl Readings {
    pub(super) fn new() -> Self {
        let reading = |quote, escapes| Reading {
            open: Some(quote),
            escapes,
            closes: false,
            has_closed: false,
            is_dropped: false,
            comment_ends: 0,
        };
        Self([reading(b'\'', false), reading(b'\'', true), reading(b'"', false), reading(b'"', true)])
    }

    /// Takes the next token in; says whether it stands outside of every string in one of the readings.
    pub(super) fn step(&mut self, view: &[u8], token: Token) -> bool {
        let mut is_outside = false;
        for reading in &mut self.0 {
            is_outside |= reading.step(view, token);
        }
        is_outside
    }
}

impl Reading {
    fn step(&mut self, view: &[u8], Token { kind, start, end }: Token) -> bool {
        if self.is_dropped || start < self.comment_ends {
            return false;
        }
        if std::mem::take(&mut self.closes) {
            let text = view.get(start..end).unwrap_or_default();
            let is_word = matches!(
                kind,
                Kind::Ident | Kind::Number | Kind::Variable | Kind::Other | Kind::Object | Kind::Verb | Kind::Select
            );
            self.is_dropped = is_word && !OPERATORS.contains(&text);
            if self.is_dropped {
                return false;
            }
        }
        match (kind, self.open) {
            (Kind::Quote(sign @ (b'\'' | b'"')), open) if end == start + 1 => {
                let slashes = view
                    .get(..start)
                    .unwrap_or_default()
                    .iter()
                    .rev()
                    .take(16)
                    .take_while(|byte| **byte == b'\\')
                    .count();
                if open == Some(sign) && !(self.escapes && slashes % 2 == 1) {
                    self.open = None;
                    self.closes = !std::mem::replace(&mut self.has_closed, true);
                } else if open.is_none() {
                    self.open = Some(sign);
                }
            }
            (Kind::Comment, None) => {
                // So far at a time, so that a row of comments is read once.
                let line = view.get(end..view.len().min(end + 256)).unwrap_or_default();
                self.comment_ends = end + line.iter().position(|byte| *byte == b'\n').unwrap_or(line.len());
            }
            _ => {}
        }
        self.open.is_none()
    }
}
