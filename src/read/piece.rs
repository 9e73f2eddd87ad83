//! How is a value buffered that arrives in parts? In pieces of a few KiB that overlap.
//!
//! So memory stays bounded, and a payload across a seam is still seen whole.

use crate::text::padding;

/// The longest piece, in bytes.
pub(super) const PIECE: usize = 4096;
/// How much of a piece the next one repeats, in bytes that are no padding: a payload up to this length lies wholly in one of the
/// two, however far comments or blanks push its words apart.
pub(super) const OVERLAP: usize = 512;

/// The value that is arriving now.
#[derive(Debug, Default)]
pub(super) struct Piece {
    bytes: Vec<u8>,
    /// How many of the bytes an earlier piece already showed.
    shown: usize,
}

impl Piece {
    /// Adds bytes; `emit` gets each piece that is full.
    pub(super) fn extend(&mut self, mut bytes: &[u8], emit: &mut dyn FnMut(&[u8])) {
        while self.bytes.len() + bytes.len() > PIECE {
            let (now, later) = bytes.split_at(PIECE.saturating_sub(self.bytes.len()).min(bytes.len()));
            self.bytes.extend_from_slice(now);
            self.emit(emit);
            bytes = later;
        }
        self.bytes.extend_from_slice(bytes);
    }

    /// Shows what no piece has shown yet, as a piece; the value goes on.
    pub(super) fn show_open(&mut self, emit: &mut dyn FnMut(&[u8])) {
        if self.bytes.len() > self.shown {
            self.emit(emit);
        }
    }

    fn emit(&mut self, emit: &mut dyn FnMut(&[u8])) {
        emit(&self.bytes);
        let carried = padding::carried(&self.bytes, OVERLAP);
        self.bytes.clear();
        self.bytes.extend_from_slice(&carried);
        self.shown = self.bytes.len();
    }

    /// The value ends: `emit` gets what no piece has shown yet, also if the value is empty.
    pub(super) fn end(&mut self, emit: &mut dyn FnMut(&[u8])) {
        if self.bytes.len() > self.shown || self.shown == 0 {
            emit(&self.bytes);
        }
        self.bytes.clear();
        self.shown = 0;
    }

    /// Takes what is there, for a name rather than a value.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(super) fn clear(&mut self) {
        self.bytes.clear();
        self.shown = 0;
    }
}
