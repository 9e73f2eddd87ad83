//! Which stretches of a content are text, and which are not? For what claims to be no text and is of no known format.
//!
//! It is asked block by block: a block of text is shown in pieces, of any other the marks of a program are. Most are the other,
//! so those are neither copied nor read twice.

use super::mark::{Marks, Shown};
use super::piece::{OVERLAP, PIECE, Piece};

/// How many bytes are asked at a time.
const BLOCK: usize = PIECE;

/// A content of no known format as it streams.
#[derive(Debug, Default)]
pub(super) struct Sampled {
    /// The bytes of a block that has not come whole.
    block: Vec<u8>,
    /// The last bytes of the block before: what lies across a seam is seen whole by whoever reads on.
    before: Vec<u8>,
    reader: Reader,
    text: Piece,
    marks: Marks,
}

/// Who read the block before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Reader {
    #[default]
    Nobody,
    Text,
    Marks,
}

impl Reader {
    /// Who reads a block.
    fn of(block: &[u8]) -> Self {
        if is_binary(block) { Self::Marks } else { Self::Text }
    }
}

impl Sampled {
    /// Takes bytes of a content that starts with `first`.
    pub(super) fn push(&mut self, mut bytes: &[u8], first: &[u8], show: &mut dyn FnMut(Shown, &[u8])) {
        if !self.block.is_empty() {
            let (now, later) = bytes.split_at(bytes.len().min(BLOCK - self.block.len()));
            self.block.extend_from_slice(now);
            bytes = later;
            if self.block.len() == BLOCK {
                self.take_block(first, show);
            }
        }
        let (blocks, rest) = bytes.as_chunks::<BLOCK>();
        // Those of one kind are read at once.
        let mut from = 0;
        let mut kind = Reader::Nobody;
        for (at, block) in blocks.iter().enumerate() {
            let next = Reader::of(block);
            if kind != next {
                self.read(kind, blocks.get(from..at).unwrap_or_default().as_flattened(), first, show);
                (from, kind) = (at, next);
            }
        }
        self.read(kind, blocks.get(from..).unwrap_or_default().as_flattened(), first, show);
        self.block.extend_from_slice(rest);
    }

    /// Shows what is open; the content goes on.
    pub(super) fn show_open(&mut self, first: &[u8], show: &mut dyn FnMut(Shown, &[u8])) {
        self.take_block(first, show);
        self.text.show_open(&mut |text| show(Shown::Text, text));
        if self.reader == Reader::Marks {
            // Whoever reads on begins with the last bytes again.
            self.marks.end(first, show);
            self.reader = Reader::Nobody;
        }
    }

    /// The content has ended.
    pub(super) fn end(&mut self, first: &[u8], show: &mut dyn FnMut(Shown, &[u8])) {
        self.take_block(first, show);
        self.leave(first, show);
    }

    /// Reads the block as far as it has come.
    fn take_block(&mut self, first: &[u8], show: &mut dyn FnMut(Shown, &[u8])) {
        let mut block = std::mem::take(&mut self.block);
        if !block.is_empty() {
            self.read(Reader::of(&block), &block, first, show);
        }
        block.clear();
        self.block = block;
    }

    /// Has blocks of one kind read.
    fn read(&mut self, reader: Reader, blocks: &[u8], first: &[u8], show: &mut dyn FnMut(Shown, &[u8])) {
        if blocks.is_empty() {
            return;
        }
        if self.reader != reader {
            self.leave(first, show);
            self.reader = reader;
            if reader == Reader::Marks {
                show(Shown::Start, first);
            }
            let before = std::mem::take(&mut self.before);
            self.pass(&before, first, show);
        }
        self.pass(blocks, first, show);
        self.before.clear();
        self.before.extend_from_slice(blocks.get(blocks.len().saturating_sub(OVERLAP)..).unwrap_or_default());
    }

    fn pass(&mut self, bytes: &[u8], first: &[u8], show: &mut dyn FnMut(Shown, &[u8])) {
        match self.reader {
            Reader::Nobody => {}
            Reader::Text => self.text.extend(bytes, &mut |text| show(Shown::Text, text)),
            Reader::Marks => self.marks.push(bytes, first, show),
        }
    }

    /// Whoever reads now has read the last block.
    fn leave(&mut self, first: &[u8], show: &mut dyn FnMut(Shown, &[u8])) {
        match self.reader {
            Reader::Nobody => {}
            Reader::Text => self.text.end(&mut |text| show(Shown::Text, text)),
            Reader::Marks => self.marks.end(first, show),
        }
    }
}

/// Is a fiftieth of it control characters? Text has none, in any character set; random bytes have a tenth. Counted in blocks of
/// which compilers make vectors, until there are enough.
pub(super) fn is_binary(piece: &[u8]) -> bool {
    const BLOCK: usize = 128;
    let is_control = |byte: u8| (byte <= 8) | (byte.wrapping_sub(14) <= 12) | (byte.wrapping_sub(28) <= 3);
    let (blocks, rest) = piece.as_chunks::<BLOCK>();
    let mut count = rest.iter().filter(|byte| is_control(**byte)).count();
    for block in blocks {
        if count * 50 > piece.len() {
            return true;
        }
        // At most as many as there are in a block.
        count += usize::from(block.iter().map(|byte| u8::from(is_control(*byte))).sum::<u8>());
    }
    count * 50 > piece.len()
}
