//! Is a body plain text, although it is declared packed?

/// The bytes of a stream that show whether it is text.
const START: usize = 4096;

/// Are the first bytes of a stream text, possibly cut inside a character?
pub(super) fn is_text(first: &[u8]) -> bool {
    let first = first.get(..START).unwrap_or(first);
    let is_utf8 = match std::str::from_utf8(first) {
        Ok(_) => true,
        Err(error) => error.error_len().is_none(),
    };
    is_utf8 && !first.iter().any(|byte| byte.is_ascii_control() && !byte.is_ascii_whitespace())
}
