//! What does a gzip file hold? All of its members, one behind the other.
//!
//! RFC 1952. A header may be of any length: nothing of it is kept. The trailer's checksum is not compared.

use super::inflate;
use super::step::{Step, Take};
use miniz_oxide::DataFormat;
use miniz_oxide::inflate::stream::{InflateState, MinReset};

/// How every member starts: two magic bytes, and the one method that there is.
pub(super) const MAGIC: [u8; 3] = [0x1f, 0x8b, 8];
/// The length of the fixed part of a header, and of a trailer.
const FIXED: usize = 10;
const TRAILER: usize = 8;

// Flags of a header.
const CHECKSUM: u8 = 2;
const EXTRA: u8 = 4;
const NAME: u8 = 8;
const COMMENT: u8 = 16;

/// A gzip file as it streams.
///
/// ```text
/// Fixed ─→ ExtraLength ─→ Extra ─→ Name ─→ Comment ─→ Checksum ─→ Data ─→ Trailer ─┐
///   └─── each only if a flag says so ──────────────────────────────┘               │
///   ↑──────────────────────── another member, zeros before it skipped ─────────────┘
/// ```
pub(super) struct Gzip {
    part: Part,
    /// The start of a member's header.
    fixed: Vec<u8>,
    state: Box<InflateState>,
    /// Has a member ended? Then what is no further member is not part of the file.
    has_member: bool,
}

enum Part {
    Fixed,
    /// The first byte of the length, once it is there.
    ExtraLength(Option<u8>),
    /// So many bytes are still to come.
    Extra(usize),
    Name,
    Comment,
    Checksum(usize),
    Data,
    Trailer(usize),
}

impl Gzip {
    pub(super) fn new() -> Self {
        let state = InflateState::new_boxed(DataFormat::Raw);
        Self { part: Part::Fixed, fixed: Vec::new(), state, has_member: false }
    }

    pub(super) fn push(&mut self, bytes: &[u8], take: Take<'_>) -> Step {
        let mut rest = bytes;
        while !rest.is_empty() {
            match self.part {
                Part::Fixed => match self.fixed(&mut rest) {
                    Step::Going => {}
                    step => return step,
                },
                Part::ExtraLength(None) => self.part = Part::ExtraLength(next(&mut rest)),
                Part::ExtraLength(Some(low)) => {
                    let high = next(&mut rest).unwrap_or_default();
                    self.part = Part::Extra(usize::from(low) | usize::from(high) << 8);
                    self.skip(&mut rest, EXTRA);
                }
                Part::Extra(_) => self.skip(&mut rest, EXTRA),
                Part::Name => self.skip_text(&mut rest, NAME),
                Part::Comment => self.skip_text(&mut rest, COMMENT),
                Part::Checksum(_) => self.skip(&mut rest, CHECKSUM),
                Part::Data => match inflate::push(&mut self.state, rest, take) {
                    Step::Ended(left) => {
                        rest = rest.get(rest.len() - left..).unwrap_or_default();
                        self.part = Part::Trailer(TRAILER);
                        self.has_member = true;
                    }
                    step => return step,
                },
                Part::Trailer(left) => {
                    let now = left.min(rest.len());
                    rest = rest.get(now..).unwrap_or_default();
                    self.part = if now < left { Part::Trailer(left - now) } else { Part::Fixed };
                }
            }
        }
        Step::Going
    }

    /// Has the last member ended, and nothing begun behind it?
    pub(super) fn is_complete(&self) -> bool {
        self.has_member && matches!(self.part, Part::Fixed | Part::Trailer(_)) && self.fixed.is_empty()
    }

    /// Reads the fixed part of a header.
    fn fixed(&mut self, rest: &mut &[u8]) -> Step {
        while self.fixed.len() < FIXED {
            let Some(byte) = next(rest) else { return Step::Going };
            // Some writers pad the file to whole blocks.
            if self.has_member && self.fixed.is_empty() && byte == 0 {
                continue;
            }
            self.fixed.push(byte);
            if MAGIC.get(self.fixed.len() - 1).is_some_and(|magic| *magic != byte) {
                let left = self.fixed.len() + rest.len();
                return if self.has_member { Step::Ended(left) } else { Step::Broken(left) };
            }
        }
        self.state.reset_as(MinReset);
        self.after(0);
        Step::Going
    }

    /// Goes on to the part of the header behind the one with this flag.
    fn after(&mut self, flag: u8) {
        let flags = self.fixed.get(3).copied().unwrap_or_default();
        // In the order of the file, which is not that of the bits.
        let parts = [EXTRA, NAME, COMMENT, CHECKSUM];
        let behind = parts.iter().skip_while(|part| flag != 0 && **part != flag).skip(usize::from(flag != 0));
        self.part = match behind.copied().find(|part| flags & part != 0) {
            Some(EXTRA) => Part::ExtraLength(None),
            Some(NAME) => Part::Name,
            Some(COMMENT) => Part::Comment,
            Some(_) => Part::Checksum(2),
            None => {
                self.fixed.clear();
                Part::Data
            }
        };
    }

    /// Skips what is left of a part of known length.
    fn skip(&mut self, rest: &mut &[u8], flag: u8) {
        let (Part::Extra(left) | Part::Checksum(left)) = &mut self.part else { return };
        let now = (*left).min(rest.len());
        *left -= now;
        let is_over = *left == 0;
        *rest = rest.get(now..).unwrap_or_default();
        if is_over {
            self.after(flag);
        }
    }

    /// Skips a part that ends with a zero.
    fn skip_text(&mut self, rest: &mut &[u8], flag: u8) {
        let end = memchr::memchr(0, rest);
        *rest = end.and_then(|at| rest.get(at + 1..)).unwrap_or_default();
        if end.is_some() {
            self.after(flag);
        }
    }
}

/// The next byte.
fn next(rest: &mut &[u8]) -> Option<u8> {
    let (first, after) = rest.split_first()?;
    *rest = after;
    Some(*first)
}
