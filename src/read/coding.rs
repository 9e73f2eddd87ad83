//! In which coding does a body travel? Undoes gzip and deflate as the bytes stream.
//!
//! RFC 1952 (gzip), RFC 1950 (zlib), RFC 1951 (deflate). A stream that is packed holds the 32 KiB window of the format;
//! no other stream holds anything. How much comes out is bounded by whoever takes it: when it wants no more, nothing
//! more is unpacked, so a bomb costs what its first bytes cost.

use miniz_oxide::inflate::stream::{InflateState, inflate};
use miniz_oxide::{DataFormat, MZFlush};

/// So much of a gzip header is read, in bytes; a longer one is no gzip.
const HEADER: usize = 1024;

/// The outermost layer of a body.
#[derive(Debug)]
pub(crate) struct Coding {
    declared: bool,
    stage: Stage,
}

enum Stage {
    /// The first bytes, until they tell what they are.
    Undecided(Vec<u8>),
    Plain,
    Packed(Box<InflateState>),
    /// The packed stream has ended, or was broken: what follows is nobody's.
    Ended,
}

impl std::fmt::Debug for Stage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Undecided(_) => "Undecided",
            Self::Plain => "Plain",
            Self::Packed(_) => "Packed",
            Self::Ended => "Ended",
        })
    }
}

impl Coding {
    /// A body with this `content-encoding`.
    pub(crate) fn new(content_encoding: &[u8]) -> Self {
        let declared = super::shape::has(content_encoding, b"deflate");
        Self { declared, stage: Stage::Undecided(Vec::new()) }
    }

    /// Takes bytes; `take` gets what they hold and says whether it wants more. Returns how many bytes were not unpacked.
    pub(crate) fn push(&mut self, chunk: &[u8], last: bool, take: &mut dyn FnMut(&[u8]) -> bool) -> usize {
        match &mut self.stage {
            Stage::Undecided(first) => {
                let known = first.len();
                first.extend_from_slice(chunk.get(..chunk.len().min(HEADER)).unwrap_or_default());
                let Some((format, start)) = format(first, self.declared, last) else { return 0 };
                let mut first = std::mem::take(first);
                self.stage = match format {
                    Some(format) => Stage::Packed(InflateState::new_boxed(format)),
                    None => Stage::Plain,
                };
                // What was known before comes first, then the chunk; the header is left out of both.
                first.truncate(known);
                let (kept, skip) = (start.min(known), start.saturating_sub(known));
                let left = self.push(first.get(kept..).unwrap_or_default(), false, take);
                left + self.push(chunk.get(skip..).unwrap_or_default(), false, take)
            }
            Stage::Plain => {
                if !chunk.is_empty() {
                    take(chunk);
                }
                0
            }
            Stage::Packed(state) => {
                let (left, ended) = unpack(state, chunk, take);
                if ended {
                    self.stage = Stage::Ended;
                }
                left
            }
            Stage::Ended => chunk.len(),
        }
    }
}

/// Unpacks a chunk; says how many of its bytes are left, and whether this is the end.
fn unpack(state: &mut InflateState, chunk: &[u8], take: &mut dyn FnMut(&[u8]) -> bool) -> (usize, bool) {
    let mut output = [0; 4096];
    let mut rest = chunk;
    loop {
        let step = inflate(state, rest, &mut output, MZFlush::None);
        rest = rest.get(step.bytes_consumed..).unwrap_or_default();
        let more = step.bytes_written == 0 || take(output.get(..step.bytes_written).unwrap_or_default());
        let ended = !matches!(step.status, Ok(miniz_oxide::MZStatus::Ok) | Err(miniz_oxide::MZError::Buf));
        if ended || !more {
            return (rest.len(), true);
        }
        if step.bytes_consumed == 0 && step.bytes_written == 0 {
            return (0, false);
        }
    }
}

/// What the first bytes are, and where the packed data start; nothing if more bytes are needed.
fn format(first: &[u8], declared: bool, last: bool) -> Option<(Option<DataFormat>, usize)> {
    let plain = Some((None, 0));
    match first {
        [0x1f, 0x8b, 8, ..] => match header(first) {
            Some(start) => Some((Some(DataFormat::Raw), start)),
            None if last || first.len() >= HEADER => plain,
            None => None,
        },
        [] | [0x1f] | [0x1f, 0x8b] if !last => None,
        [a, b, ..] if declared && a & 15 == 8 && (u16::from(*a) << 8 | u16::from(*b)) % 31 == 0 => {
            Some((Some(DataFormat::Zlib), 0))
        }
        [_] | [_, _] | [_, _, _] if declared && !last => None,
        // Text that is declared packed is text.
        [a, b, c, d, ..] if declared && ![a, b, c, d].iter().all(|byte| byte.is_ascii()) => {
            Some((Some(DataFormat::Raw), 0))
        }
        _ => plain,
    }
}

/// The length of gzip's header, if it is whole.
fn header(bytes: &[u8]) -> Option<usize> {
    let flags = *bytes.get(3)?;
    let mut at = 10;
    if flags & 4 != 0 {
        at += 2 + usize::from(*bytes.get(at)?) + (usize::from(*bytes.get(at + 1)?) << 8);
    }
    for flag in [8, 16] {
        if flags & flag != 0 {
            at += bytes.get(at..)?.iter().position(|byte| *byte == 0)? + 1;
        }
    }
    at += if flags & 2 != 0 { 2 } else { 0 };
    (bytes.len() >= at).then_some(at)
}
