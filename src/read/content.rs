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

/// How much of the start of a binary content is shown, in bytes.
const SHOWN: usize = 64;
/// A shorter run of text in data, in bytes, is no string: random bytes have some.
const STRING: usize = 12;

/// A content as it streams.
#[derive(Debug, Default)]
pub(super) struct Content {
    first: Vec<u8>,
    kind: Kind,
    marks: Marks,
    is_binary: bool,
    /// Is it data of a program, whose strings are shown?
    has_strings: bool,
}

#[derive(Debug)]
enum Kind {
    Text(Piece),
    /// The first bytes, until they show whether they are of a known format.
    Undecided,
    /// Of no known format: piece by piece.
    Sampled(Piece),
    /// Of a known format.
    Known,
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
        Self { kind: Kind::Sampled(Piece::default()), has_strings: true, ..Self::default() }
    }

    /// The same kind of content, from somewhere in its middle on.
    pub(super) fn continued(&self) -> Self {
        let kind = match &self.kind {
            Kind::Text(_) => Kind::default(),
            Kind::Undecided | Kind::Sampled(_) => Kind::Sampled(Piece::default()),
            Kind::Known => Kind::Known,
        };
        let (is_binary, has_strings, first) = (self.is_binary, self.has_strings, self.first.clone());
        Self { kind, is_binary, has_strings, first, marks: Marks::default() }
    }

    /// Has nothing been pushed?
    pub(super) fn is_empty(&self) -> bool {
        match &self.kind {
            Kind::Text(piece) => piece.bytes().is_empty(),
            _ => self.first.is_empty(),
        }
    }

    pub(super) fn push(&mut self, bytes: &[u8], show: &mut dyn FnMut(Shown, &[u8])) {
        match &mut self.kind {
            Kind::Text(piece) => piece.extend(bytes, &mut |text| show(Shown::Text, text)),
            Kind::Known => self.marks.push(bytes, &self.first, show),
            Kind::Sampled(piece) => {
                if self.has_strings {
                    let now = bytes.len().min(SHOWN.saturating_sub(self.first.len()));
                    self.first.extend_from_slice(bytes.get(..now).unwrap_or_default());
                }
                let mut sample = Sample { first: &self.first, marks: &mut self.marks, is_binary: &mut self.is_binary };
                piece.extend(bytes, &mut |piece| sample.show(piece, self.has_strings, show));
            }
            Kind::Undecided => {
                let (now, later) = bytes.split_at(bytes.len().min(SHOWN.saturating_sub(self.first.len())));
                self.first.extend_from_slice(now);
                if self.first.len() == SHOWN {
                    self.decide(show);
                    self.push(later, show);
                }
            }
        }
    }

    /// Shows what is open of a text, or of data of no known format; the content goes on.
    pub(super) fn show_open(&mut self, show: &mut dyn FnMut(Shown, &[u8])) {
        match &mut self.kind {
            Kind::Text(piece) => piece.show_open(&mut |text| show(Shown::Text, text)),
            Kind::Sampled(piece) => {
                let mut sample = Sample { first: &self.first, marks: &mut self.marks, is_binary: &mut self.is_binary };
                piece.show_open(&mut |piece| sample.show(piece, self.has_strings, show));
            }
            Kind::Known | Kind::Undecided => {}
        }
    }

    /// The content has ended.
    pub(super) fn end(&mut self, show: &mut dyn FnMut(Shown, &[u8])) {
        if matches!(self.kind, Kind::Undecided) {
            self.decide(show);
        }
        match &mut self.kind {
            Kind::Text(piece) => piece.end(&mut |text| show(Shown::Text, text)),
            Kind::Known => self.marks.end(&self.first, show),
            Kind::Sampled(piece) => {
                let mut sample = Sample { first: &self.first, marks: &mut self.marks, is_binary: &mut self.is_binary };
                piece.end(&mut |piece| sample.show(piece, self.has_strings, show));
            }
            Kind::Undecided => {}
        }
    }

    fn decide(&mut self, show: &mut dyn FnMut(Shown, &[u8])) {
        let first = self.first.clone();
        if is_known(&first) {
            self.is_binary = true;
            show(Shown::Start, &first);
            self.kind = Kind::Known;
        } else {
            self.kind = Kind::Sampled(Piece::default());
        }
        self.push(&first, show);
    }
}

/// What looking at a piece needs of the content.
struct Sample<'a> {
    first: &'a [u8],
    marks: &'a mut Marks,
    is_binary: &'a mut bool,
}

impl Sample<'_> {
    /// Shows a piece if it is text, else the marks in it, and its strings if they are wanted.
    fn show(&mut self, piece: &[u8], has_strings: bool, show: &mut dyn FnMut(Shown, &[u8])) {
        if !is_binary(piece) {
            return show(Shown::Text, piece);
        }
        if !std::mem::replace(self.is_binary, true) {
            show(Shown::Start, self.first);
        }
        if has_strings {
            for string in
                piece.split(|byte| !is_text(*byte) || !byte.is_ascii()).filter(|string| string.len() >= STRING)
            {
                show(Shown::Text, string);
            }
            return;
        }
        // Pieces overlap, so each is searched by itself.
        self.marks.push(piece, self.first, show);
        self.marks.end(self.first, show);
    }
}

/// Is a fiftieth of it control characters? Text has none, in any character set; random bytes have a tenth. Counted in blocks of
/// which compilers make vectors.
fn is_binary(piece: &[u8]) -> bool {
    const BLOCK: usize = 128;
    let is_control = |byte: u8| (byte <= 8) | (byte.wrapping_sub(14) <= 12) | (byte.wrapping_sub(28) <= 3);
    let count = |block: &[u8]| usize::from(block.iter().map(|byte| u8::from(is_control(*byte))).sum::<u8>());
    piece.chunks(BLOCK).map(count).sum::<usize>() * 50 > piece.len()
}
