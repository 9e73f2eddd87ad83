//! What does a deflate stream hold, bare or with zlib's header?
//!
//! RFC 1951 and RFC 1950. The state has the format's window of 32 KiB.

use super::step::{Step, Take};
use miniz_oxide::inflate::stream::{InflateState, inflate};
use miniz_oxide::{MZError, MZFlush, MZStatus};

/// Does a zlib stream start so?
pub(super) fn is_zlib(first: u8, second: u8) -> bool {
    first & 15 == 8 && (u16::from(first) << 8 | u16::from(second)).is_multiple_of(31)
}

/// Decodes the next bytes of a stream.
pub(super) fn push(state: &mut InflateState, bytes: &[u8], take: Take<'_>) -> Step {
    let mut output = [0; 4096];
    let mut rest = bytes;
    loop {
        let step = inflate(state, rest, &mut output, MZFlush::None);
        rest = rest.get(step.bytes_consumed..).unwrap_or_default();
        let more = step.bytes_written == 0 || take(output.get(..step.bytes_written).unwrap_or_default());
        match step.status {
            _ if !more => return Step::Full(rest.len()),
            Ok(MZStatus::StreamEnd) => return Step::Ended(rest.len()),
            Ok(_) | Err(MZError::Buf) if step.bytes_consumed == 0 && step.bytes_written == 0 => return Step::Going,
            Ok(_) | Err(MZError::Buf) => {}
            Err(_) => return Step::Broken(rest.len()),
        }
    }
}
