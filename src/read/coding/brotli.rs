//! What does a Brotli stream hold?
//!
//! RFC 7932. A window has up to 16 MiB, and a stream of a few bytes can ask for all of it; so memory has a bound for one stream
//! and one for all streams of a thread. A stream that needs more is not undone.

use super::step::{Step, Take};
use brotli_decompressor::{Allocator, BrotliDecompressStream, BrotliResult, BrotliState, HuffmanCode, SliceWrapper};
use std::cell::Cell;

/// The most bytes of one allocation: the window that encoders use unless they are asked for a larger one, and its slack.
const LARGEST: usize = (4 << 20) + 4096;
/// The most bytes of all streams of a thread.
const ALL: usize = 32 << 20;
/// Bytes are decoded in blocks of this size, counted from the start of the stream: what comes out before an error does not
/// depend on how the bytes arrive.
const BLOCK: usize = 256;

thread_local! {
    static HELD: Cell<usize> = const { Cell::new(0) };
}

/// A Brotli stream.
pub(super) struct Brotli {
    state: Box<BrotliState<Memory, Memory, Memory>>,
    block: Vec<u8>,
}

impl Brotli {
    pub(super) fn new() -> Self {
        Self { state: Box::new(BrotliState::new_strict(Memory, Memory, Memory)), block: Vec::new() }
    }

    pub(super) fn push(&mut self, bytes: &[u8], take: Take<'_>) -> Step {
        let mut rest = bytes;
        while self.block.len() + rest.len() >= BLOCK {
            let (now, after) = rest.split_at((BLOCK - self.block.len()).min(rest.len()));
            self.block.extend_from_slice(now);
            rest = after;
            match self.decode(take) {
                Step::Going => {}
                Step::Ended(left) => return Step::Ended(left + rest.len()),
                Step::Broken(left) => return Step::Broken(left + rest.len()),
                Step::Full(left) => return Step::Full(left + rest.len()),
            }
        }
        self.block.extend_from_slice(rest);
        Step::Going
    }

    /// The bytes have ended.
    pub(super) fn finish(&mut self, take: Take<'_>) -> Step {
        self.decode(take)
    }

    /// Decodes the block.
    fn decode(&mut self, take: Take<'_>) -> Step {
        let block = std::mem::take(&mut self.block);
        let (mut left, mut at) = (block.len(), 0);
        let mut output = [0; 4096];
        loop {
            let (mut room, mut end, mut total) = (output.len(), 0, 0);
            let state = &mut self.state;
            let result =
                BrotliDecompressStream(&mut left, &mut at, &block, &mut room, &mut end, &mut output, &mut total, state);
            let more = end == 0 || take(output.get(..end).unwrap_or_default());
            match result {
                _ if !more => return Step::Full(left),
                BrotliResult::ResultSuccess => return Step::Ended(left),
                BrotliResult::ResultFailure => return Step::Broken(left),
                BrotliResult::NeedsMoreInput => return Step::Going,
                BrotliResult::NeedsMoreOutput => {}
            }
        }
    }
}

/// Gives the decoder its memory, as long as there is some.
#[derive(Clone, Copy, Default)]
struct Memory;

/// A piece of it.
struct Piece<T>(Vec<T>);

impl<T> Default for Piece<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Piece<T> {
    fn bytes(&self) -> usize {
        self.0.len() * size_of::<T>()
    }
}

impl<T> Drop for Piece<T> {
    fn drop(&mut self) {
        HELD.with(|held| held.set(held.get().saturating_sub(self.bytes())));
    }
}

impl<T> SliceWrapper<T> for Piece<T> {
    fn slice(&self) -> &[T] {
        &self.0
    }
}

impl<T> brotli_decompressor::SliceWrapperMut<T> for Piece<T> {
    fn slice_mut(&mut self) -> &mut [T] {
        &mut self.0
    }
}

impl<T: Clone + Default> Allocator<T> for Memory {
    type AllocatedMemory = Piece<T>;

    /// An empty piece, which the decoder takes for a failure, if there is not enough left.
    fn alloc_cell(&mut self, count: usize) -> Piece<T> {
        let bytes = count.saturating_mul(size_of::<T>());
        let held = HELD.with(Cell::get);
        if bytes > LARGEST || held + bytes > ALL {
            return Piece::default();
        }
        HELD.with(|all| all.set(held + bytes));
        Piece(vec![T::default(); count])
    }

    fn free_cell(&mut self, _piece: Piece<T>) {}
}

// The decoder's tables are made of these.
const _: () = assert!(size_of::<HuffmanCode>() <= 8);
