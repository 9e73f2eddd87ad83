//! In which codings does a body travel? Undoes gzip, deflate, Brotli and Zstandard as the bytes stream, also several in turn.
//!
//! RFC 9110 section 8.4. Every reader of a body uses it, for requests and for answers. Memory is bounded by the windows of the
//! decoders, and no layer puts out more than the limit: a bomb costs what its first bytes cost. What is not undone is counted.

mod attempt;
mod brotli;
mod gzip;
mod inflate;
mod layer;
mod step;
mod text;
mod zstd;

use attempt::{Attempt, attempts};
use layer::Layer;

/// The number of layers that are undone. Servers undo one, some proxies two.
const LAYERS: usize = 4;

/// The codings of one body.
#[derive(Debug)]
pub(crate) struct Coding {
    /// From the outermost, which was applied last, to the innermost.
    layers: Vec<Layer>,
    /// Is there a further coding, which is not undone? Then what comes out is not what the application reads.
    is_partial: bool,
}

impl Coding {
    /// The codings of a body with these `content-encoding` headers, in their order. No layer puts out more than `limit` bytes.
    /// If no coding is declared, `sniffs` says whether gzip and Zstandard are recognised by their first bytes.
    pub(crate) fn new<'a>(headers: impl DoubleEndedIterator<Item = &'a [u8]>, limit: usize, sniffs: bool) -> Self {
        let mut layers = Vec::new();
        let mut is_partial = false;
        // The last one was applied last.
        for token in headers.rev().flat_map(|value| value.rsplit(|byte| *byte == b',')) {
            match attempts(token.trim_ascii()) {
                Some([]) => {}
                Some(attempts) if layers.len() < LAYERS && !is_partial => {
                    layers.push(Layer::new(attempts, true, limit))
                }
                _ => is_partial = true,
            }
        }
        if layers.is_empty() && !is_partial && sniffs {
            layers.push(Layer::new(&[Attempt::Gzip, Attempt::Zstd], false, limit));
        }
        Self { layers, is_partial }
    }

    /// Does the head declare any?
    pub(crate) fn is_declared(&self) -> bool {
        self.is_partial || self.layers.iter().any(Layer::is_declared)
    }

    /// Takes the next bytes; `last` ends the body. `take` gets what they hold and says whether it wants more. Returns the number
    /// of bytes that were not undone, or that are still coded as they come out.
    pub(crate) fn push(&mut self, chunk: &[u8], last: bool, take: &mut dyn FnMut(&[u8]) -> bool) -> u64 {
        let is_partial = self.is_partial;
        let mut coded = 0;
        let (left, _) = undo(&mut self.layers, chunk, last, &mut |bytes| {
            coded += if is_partial { bytes.len() as u64 } else { 0 };
            take(bytes)
        });
        left + coded
    }
}

/// Does a body that begins so look packed, whatever its head says?
pub(super) fn is_marked(first: &[u8]) -> bool {
    first.starts_with(&gzip::MAGIC) || first.starts_with(&zstd::MAGIC)
}

/// Pushes bytes through all layers. Returns the number of bytes that layers left, and whether more bytes are wanted.
fn undo(layers: &mut [Layer], bytes: &[u8], last: bool, take: &mut dyn FnMut(&[u8]) -> bool) -> (u64, bool) {
    let Some((outer, inner)) = layers.split_first_mut() else {
        return (0, bytes.is_empty() || take(bytes));
    };
    let mut left = 0;
    let (own, mut more) = outer.push(bytes, last, &mut |bytes| {
        let (inside, more) = undo(inner, bytes, false, take);
        left += inside;
        more
    });
    if last {
        let (inside, wanted) = undo(inner, b"", true, take);
        left += inside;
        more &= wanted;
    }
    (left + own, more)
}
