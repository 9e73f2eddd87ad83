//! What does a deflate stream hold, bare or with zlib's header?
//!
//! RFC 1951 and RFC 1950. The state has the format's window of 32 KiB. Checksums are not compared: not all servers do.

use super::step::{Step, Take};
use super::text::is_text;
use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::inflate_flags::{
    TINFL_FLAG_HAS_MORE_INPUT, TINFL_FLAG_IGNORE_ADLER32, TINFL_FLAG_PARSE_ZLIB_HEADER,
    TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF,
};
use miniz_oxide::inflate::core::{DecompressorOxide, decompress};

/// The format's window, in bytes.
const WINDOW: usize = 32 << 10;
/// A stream is tried on a start of one of these lengths, in bytes, or on all of it if it is shorter.
const TRIALS: [usize; 3] = [64, 512, 4096];
/// It is one if so many bytes come out.
const ENOUGH: usize = 256;

/// A deflate stream.
pub(super) struct Inflate {
    state: Box<DecompressorOxide>,
    window: Vec<u8>,
    at: usize,
    flags: u32,
}

impl Inflate {
    /// A stream with zlib's header, or a bare one.
    pub(super) fn new(is_zlib: bool) -> Self {
        let flags = TINFL_FLAG_HAS_MORE_INPUT | if is_zlib { ZLIB } else { 0 };
        Self { state: Box::default(), window: vec![0; WINDOW], at: 0, flags }
    }

    /// Starts another stream.
    pub(super) fn restart(&mut self) {
        self.state.init();
        self.at = 0;
    }

    /// Decodes the next bytes.
    pub(super) fn push(&mut self, bytes: &[u8], take: Take<'_>) -> Step {
        let mut rest = bytes;
        loop {
            let (status, read, written) = decompress(&mut self.state, rest, &mut self.window, self.at, self.flags);
            rest = rest.get(read..).unwrap_or_default();
            let output = self.window.get(self.at..self.at + written).unwrap_or_default();
            let more = output.is_empty() || take(output);
            self.at = (self.at + written) % WINDOW;
            match status {
                _ if !more => return Step::Full(rest.len()),
                TINFLStatus::Done => return Step::Ended(rest.len()),
                TINFLStatus::NeedsMoreInput => return Step::Going,
                TINFLStatus::HasMoreOutput => {}
                _ => return Step::Broken(rest.len()),
            }
        }
    }
}

const ZLIB: u32 = TINFL_FLAG_PARSE_ZLIB_HEADER | TINFL_FLAG_IGNORE_ADLER32;

/// Can a stream start with these bytes? Nothing, if more are needed and `last` is not set. What comes out of other bytes soon
/// refers to what is before its start.
pub(super) fn fits(first: &[u8], is_zlib: bool, last: bool) -> Option<bool> {
    let trial = if last { None } else { TRIALS.iter().rev().find_map(|length| first.get(..*length)) };
    let start = trial.or_else(|| last.then_some(first))?;
    let mut output = [0; ENOUGH];
    let flags = TINFL_FLAG_HAS_MORE_INPUT | TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF | if is_zlib { ZLIB } else { 0 };
    let (status, _, written) = decompress(&mut Box::default(), start, &mut output, 0, flags);
    match status {
        TINFLStatus::Done | TINFLStatus::HasMoreOutput => Some(true),
        // It breaks off. Text seldom gets that far, but then it is text.
        TINFLStatus::NeedsMoreInput if last => Some(written > 0 && !is_text(first)),
        TINFLStatus::NeedsMoreInput if start.len() < TRIALS[2] => None,
        TINFLStatus::NeedsMoreInput => Some(true),
        _ => Some(false),
    }
}
