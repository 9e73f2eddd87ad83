//! Is the content of a file or a body text? Of what is not, only names and the marks of a program are scanned.
//!
//! Other rules find in random bytes whatever they look for.
//!
//! Only content that claims not to be text is asked: a form field stays text whatever it starts with. It counts as binary if its
//! first bytes are those of a known format, or, piece by piece, by the share of control characters. Marks are what web servers,
//! shells and Log4j act on inside a file of another type: `<?php`, `<%`, `<script`, `<jsp:`, `${`.

use super::magic::is_known;
use super::mark::{Marks, Shown, is_text};
use super::piece::Piece;
use super::sampled::{Sampled, is_binary};

/// How much of the start of a binary content is shown, in bytes.
const SHOWN: usize = 160;
/// A shorter run of text in data, in bytes, is no string: random bytes have some.
const STRING: usize = 12;

/// A content as it streams.
#[derive(Debug, Default)]
pub(super) struct Content {
    first: Vec<u8>,
    kind: Kind,
    /// Have the first bytes been shown, as something in it is no text?
    is_binary: bool,
}

#[derive(Debug)]
enum Kind {
    Text(Piece),
    /// The first bytes, until they show whether they are of a known format.
    Undecided,
    /// Of no known format: block by block.
    Sampled(Box<Sampled>),
    /// Data of a program, whose strings are shown: piece by piece.
    Data(Piece),
    /// Of a known format.
    Known(Marks),
}

impl Default for Kind {
    fn default() -> Self {
        Self::Text(Piece::default())
    }
}

impl Content {
    /// A content that may be binary, as what is declared says.
    pub(super) fn claimed_binary() -> Self {
        Self { kind: Kind::Undecided, ..Self::default() }
    }

    /// A content in a binary format that programs exchange data in: its strings are values like those of JSON.
    pub(super) fn data() -> Self {
        Self { kind: Kind::Data(Piece::default()), ..Self::default() }
    }

    /// The same kind of content, from somewhere in its middle on.
    pub(super) fn continued(&self) -> Self {
        let kind = match &self.kind {
            Kind::Text(_) => Kind::default(),
            Kind::Undecided | Kind::Sampled(_) => Kind::Sampled(Box::default()),
            Kind::Data(_) => Kind::Data(Piece::default()),
            Kind::Known(_) => Kind::Known(Marks::default()),
        };
        Self { kind, is_binary: self.is_binary, first: self.first.clone() }
    }

    /// Has nothing been pushed?
    pub(super) fn is_empty(&self) -> bool {
        match &self.kind {
            Kind::Text(piece) => piece.bytes().is_empty(),
            _ => self.first.is_empty(),
        }
    }

    pub(super) fn push(&mut self, bytes: &[u8], show: &mut dyn FnMut(Shown, &[u8])) {
        let Self { first, kind, is_binary } = self;
        match kind {
            Kind::Text(piece) => piece.extend(bytes, &mut |text| show(Shown::Text, text)),
            Kind::Known(marks) => marks.push(bytes, first, show),
            Kind::Sampled(sampled) => sampled.push(bytes, first, &mut starting(first, is_binary, show)),
            Kind::Data(piece) => {
                let now = bytes.len().min(SHOWN.saturating_sub(first.len()));
                first.extend_from_slice(bytes.get(..now).unwrap_or_default());
                piece.extend(bytes, &mut |piece| strings(piece, &mut starting(first, is_binary, show)));
            }
            Kind::Undecided => {
                let (now, later) = bytes.split_at(bytes.len().min(SHOWN.saturating_sub(first.len())));
                first.extend_from_slice(now);
                if first.len() == SHOWN {
                    self.decide(show);
                    self.push(later, show);
                }
            }
        }
    }

    /// Shows what is open of a text, or of data of no known format; the content goes on.
    pub(super) fn show_open(&mut self, show: &mut dyn FnMut(Shown, &[u8])) {
        let Self { first, kind, is_binary } = self;
        match kind {
            Kind::Text(piece) => piece.show_open(&mut |text| show(Shown::Text, text)),
            Kind::Sampled(sampled) => sampled.show_open(first, &mut starting(first, is_binary, show)),
            Kind::Data(piece) => piece.show_open(&mut |piece| strings(piece, &mut starting(first, is_binary, show))),
            Kind::Known(_) | Kind::Undecided => {}
        }
    }

    /// The content has ended.
    pub(super) fn end(&mut self, show: &mut dyn FnMut(Shown, &[u8])) {
        if matches!(self.kind, Kind::Undecided) {
            self.decide(show);
        }
        let Self { first, kind, is_binary } = self;
        match kind {
            Kind::Text(piece) => piece.end(&mut |text| show(Shown::Text, text)),
            Kind::Known(marks) => marks.end(first, show),
            Kind::Sampled(sampled) => sampled.end(first, &mut starting(first, is_binary, show)),
            Kind::Data(piece) => piece.end(&mut |piece| strings(piece, &mut starting(first, is_binary, show))),
            Kind::Undecided => {}
        }
    }

    fn decide(&mut self, show: &mut dyn FnMut(Shown, &[u8])) {
        let first = self.first.clone();
        if is_known(&first) {
            self.is_binary = true;
            show(Shown::Start, &first);
            self.kind = Kind::Known(Marks::default());
        } else {
            self.kind = Kind::Sampled(Box::default());
        }
        self.push(&first, show);
    }
}

/// Shows the first bytes before whatever is shown because a part of the content is no text.
fn starting<'a>(
    first: &'a [u8],
    is_binary: &'a mut bool,
    show: &'a mut dyn FnMut(Shown, &[u8]),
) -> impl FnMut(Shown, &[u8]) + 'a {
    move |shown, value| {
        if shown != Shown::Text && !std::mem::replace(is_binary, true) {
            show(Shown::Start, first);
        }
        if shown != Shown::Start {
            show(shown, value);
        }
    }
}

/// Shows a piece of data as it is if it is text, else its strings.
fn strings(piece: &[u8], show: &mut dyn FnMut(Shown, &[u8])) {
    if !is_binary(piece) {
        return show(Shown::Text, piece);
    }
    show(Shown::Start, b"");
    for string in piece.split(|byte| !is_text(*byte) || !byte.is_ascii()).filter(|string| string.len() >= STRING) {
        show(Shown::Text, string);
    }
}
