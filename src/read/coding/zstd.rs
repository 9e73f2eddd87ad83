//! What does a Zstandard stream hold? All of its frames.
//!
//! RFC 8878. A frame is read block by block. Its header is written anew with a window no larger than what may come out, as the
//! decoder keeps a window of output back; checksums are skipped. Frames that need a dictionary are not undone.

use super::step::{Step, Take};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};
use ruzstd::io::Read;

/// How a frame starts.
pub(super) const MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
/// How a frame starts that decoders skip, but for the low half of its first byte.
pub(super) const SKIPPABLE: [u8; 4] = [0x50, 0x2a, 0x4d, 0x18];
/// The largest block, in bytes.
const BLOCK: usize = 128 << 10;
/// A block with tables of its own costs more than its few bytes, so at most this many blocks are decoded for each
/// [`BLOCK`] of the limit.
const BLOCKS: usize = 256;

/// A Zstandard stream.
///
/// ```text
/// Start ─→ Header ─→ Blocks ─→ (Checksum) ─→ Start …
///   └────→ Length ─→ Skipped ───────────────────┘
/// ```
pub(super) struct Zstd {
    decoder: FrameDecoder,
    part: Part,
    /// Bytes until they are a whole header or a whole block.
    pending: Vec<u8>,
    limit: usize,
    blocks: usize,
    has_frame: bool,
}

#[derive(Clone, Copy)]
enum Part {
    /// A frame's magic number.
    Start,
    /// The descriptor and what it calls for.
    Header,
    /// A block's header, with its body once its length is known. Does a checksum follow the last one?
    Block {
        checksum: bool,
    },
    Checksum,
    /// The length of a frame to be skipped.
    Length,
    /// So many bytes of it are still to come.
    Skipped(u64),
}

impl Zstd {
    /// A stream of which `limit` bytes are wanted.
    pub(super) fn new(limit: usize) -> Self {
        let limit = limit.max(BLOCK);
        let (pending, blocks) = (Vec::new(), limit / BLOCK * BLOCKS);
        Self { decoder: FrameDecoder::new(), part: Part::Start, pending, limit, blocks, has_frame: false }
    }

    pub(super) fn push(&mut self, bytes: &[u8], take: Take<'_>) -> Step {
        let mut rest = bytes;
        loop {
            if let Part::Skipped(left) = self.part {
                let now = usize::try_from(left).unwrap_or(usize::MAX).min(rest.len());
                rest = rest.get(now..).unwrap_or_default();
                let left = left - now as u64;
                if left > 0 {
                    self.part = Part::Skipped(left);
                    return Step::Going;
                }
                self.part = Part::Start;
            }
            let needed = match self.needed() {
                Ok(needed) => needed,
                Err(()) => return Step::Broken(self.pending.len() + rest.len()),
            };
            let (now, after) = rest.split_at(needed.saturating_sub(self.pending.len()).min(rest.len()));
            self.pending.extend_from_slice(now);
            rest = after;
            if self.pending.len() < needed {
                return Step::Going;
            }
            if self.needed() != Ok(needed) {
                // The bytes that came say how many more belong to them.
                continue;
            }
            match self.part(take) {
                Step::Going => {}
                Step::Ended(_) => return Step::Ended(self.pending.len() + rest.len()),
                Step::Broken(_) => return Step::Broken(self.pending.len() + rest.len()),
                Step::Full(_) => return Step::Full(self.pending.len() + rest.len()),
            }
        }
    }

    /// The bytes have ended: gives what the decoder kept back of a frame that has not.
    pub(super) fn finish(&mut self, take: Take<'_>) -> Step {
        match self.part {
            Part::Block { .. } => {
                // A last block with nothing in it.
                match self.decode(&[1, 0, 0], take) {
                    Step::Going => Step::Ended(self.pending.len()),
                    step => step,
                }
            }
            _ => Step::Ended(self.pending.len()),
        }
    }

    /// Is it at the end of a frame?
    pub(super) fn is_complete(&self) -> bool {
        self.has_frame && self.pending.is_empty() && matches!(self.part, Part::Start | Part::Checksum)
    }

    /// The length of the pending part, as far as it is known; an error if there is no such part.
    fn needed(&self) -> Result<usize, ()> {
        let pending = self.pending.as_slice();
        Ok(match self.part {
            Part::Start | Part::Checksum | Part::Length => 4,
            Part::Header => pending.first().map_or(1, |descriptor| header(*descriptor)),
            Part::Skipped(_) => 0,
            Part::Block { .. } => match pending {
                [a, b, c, ..] => {
                    let header = u32::from_le_bytes([*a, *b, *c, 0]);
                    let size = (header >> 3) as usize;
                    match header >> 1 & 3 {
                        1 if size <= BLOCK => 4,
                        0 | 2 if size <= BLOCK => 3 + size,
                        _ => return Err(()),
                    }
                }
                _ => 3,
            },
        })
    }

    /// Reads the pending part, which is whole.
    fn part(&mut self, take: Take<'_>) -> Step {
        match self.part {
            Part::Start => {
                let start: [u8; 4] = self.pending.as_slice().try_into().unwrap_or_default();
                let [first, after @ ..] = start;
                self.part = match start {
                    MAGIC => Part::Header,
                    _ if [first & 0xf0, after[0], after[1], after[2]] == SKIPPABLE => Part::Length,
                    _ if self.has_frame => return Step::Ended(0),
                    _ => return Step::Broken(0),
                };
            }
            Part::Length => {
                let length: [u8; 4] = self.pending.as_slice().try_into().unwrap_or_default();
                self.part = Part::Skipped(u64::from(u32::from_le_bytes(length)));
            }
            Part::Skipped(_) => {}
            Part::Checksum => self.part = Part::Start,
            Part::Header => {
                let Some((header, checksum)) = rewritten(&self.pending, self.limit) else { return Step::Broken(0) };
                if self.decoder.reset(header.as_slice()).is_err() {
                    return Step::Broken(0);
                }
                self.part = Part::Block { checksum };
            }
            Part::Block { checksum } => {
                let block = std::mem::take(&mut self.pending);
                if block.first().is_some_and(|first| first & 1 == 1) {
                    self.part = if checksum { Part::Checksum } else { Part::Start };
                    self.has_frame = true;
                }
                return self.decode(&block, take);
            }
        }
        self.pending.clear();
        Step::Going
    }

    /// Decodes a block, and gives what can be given.
    fn decode(&mut self, block: &[u8], take: Take<'_>) -> Step {
        if self.blocks == 0 {
            return Step::Full(0);
        }
        self.blocks -= 1;
        let mut source = block;
        let result = self.decoder.decode_blocks(&mut source, BlockDecodingStrategy::UptoBlocks(1));
        let mut output = [0; 4096];
        while let Ok(count @ 1..) = self.decoder.read(&mut output) {
            if !take(output.get(..count).unwrap_or_default()) {
                return Step::Full(0);
            }
        }
        if result.is_err() { Step::Broken(0) } else { Step::Going }
    }
}

/// The length of a frame's header behind the magic number, by its descriptor.
fn header(descriptor: u8) -> usize {
    let is_single = descriptor & 0x20 != 0;
    let content = match descriptor >> 6 {
        0 => usize::from(is_single),
        size => 1 << size,
    };
    let dictionary = [0, 1, 2, 4].get(usize::from(descriptor & 3)).copied().unwrap_or_default();
    1 + usize::from(!is_single) + dictionary + content
}

/// The header with a window of at most about `limit` bytes and without a checksum, and whether a checksum follows the frame.
/// Nothing, if a dictionary is needed.
fn rewritten(header: &[u8], limit: usize) -> Option<(Vec<u8>, bool)> {
    let (descriptor, rest) = header.split_first()?;
    let is_single = descriptor & 0x20 != 0;
    let dictionary = [0, 1, 2, 4].get(usize::from(descriptor & 3)).copied()?;
    let (window, rest) =
        if is_single { (None, rest) } else { rest.split_first().map(|(first, rest)| (Some(*first), rest))? };
    let (id, content) = rest.split_at_checked(dictionary)?;
    let window = match window {
        Some(byte) => {
            let base = 1_u64 << (10 + (byte >> 3));
            base + base / 8 * u64::from(byte & 7)
        }
        None => {
            let size = content.iter().rev().fold(0, |size, byte| size << 8 | u64::from(*byte));
            // Two bytes count from 256 on.
            if content.len() == 2 { size + 256 } else { size }
        }
    };
    if descriptor & 8 != 0 || id.iter().any(|byte| *byte != 0) {
        return None;
    }
    // The next power of two, at least a block: matches never reach further back than what has come out.
    let window = window.min(limit as u64).max(BLOCK as u64).next_power_of_two();
    let exponent = u8::try_from(window.trailing_zeros()).ok()?.saturating_sub(10);
    let [a, b, c, d] = MAGIC;
    Some((vec![a, b, c, d, 0, exponent << 3], descriptor & 4 != 0))
}
