//! What does Base64 decode to? As it streams, and of a whole value if the result is text.
//!
//! RFC 4648, both alphabets at once; padding may be missing, line breaks are left out.

/// A decoder that keeps the bits of an unfinished group.
#[derive(Debug, Default)]
pub(super) struct Decoder {
    bits: u32,
    count: u32,
}

impl Decoder {
    /// Decodes what it can.
    pub(super) fn push(&mut self, bytes: &[u8], output: &mut Vec<u8>) {
        output.extend(bytes.iter().filter_map(|byte| self.next(sextet(*byte)?)));
    }

    /// Takes six bits; gives the byte that they complete.
    fn next(&mut self, value: u8) -> Option<u8> {
        self.bits = (self.bits << 6 | u32::from(value)) & 0xffff;
        self.count = (self.count + 6) % 8;
        (self.count < 6).then_some((self.bits >> self.count & 0xff) as u8)
    }
}

/// Six bits.
fn sextet(byte: u8) -> Option<u8> {
    Some(match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' | b'-' => 62,
        b'/' | b'_' => 63,
        _ => return None,
    })
}

/// All of it.
pub(super) fn decoded(bytes: &[u8]) -> Vec<u8> {
    let mut output = Vec::with_capacity(bytes.len() / 4 * 3 + 3);
    Decoder::default().push(bytes, &mut output);
    output
}

/// Can a value be Base64 of a text? The first six bytes decide for nearly every other value.
pub fn is_likely(value: &[u8]) -> bool {
    let Some(first) = value.get(..8).filter(|_| value.len() >= 12) else { return false };
    let mut decoder = Decoder::default();
    first.iter().all(|byte| match sextet(*byte) {
        Some(value) => decoder.next(value).is_none_or(|byte| is_printable(byte) && byte.is_ascii()),
        None => false,
    })
}

fn is_printable(byte: u8) -> bool {
    matches!(byte, b' '..=b'~' | b'\t' | b'\r' | b'\n' | 0x80..)
}

/// The text inside a value that is nothing but Base64, if all that comes out is printable.
pub fn text(value: &[u8]) -> Option<Vec<u8>> {
    let value = value.trim_ascii();
    let end = value.iter().rposition(|byte| *byte != b'=')? + 1;
    let body = value.get(..end)?;
    if value.len() - end > 2 || !body.iter().all(|byte| sextet(*byte).is_some()) {
        return None;
    }
    let text = decoded(body);
    // PHP puts zeros around the names of an object's own properties.
    let is_object = matches!(text.get(..3), Some([b'O' | b'a', b':', b'0'..=b'9']));
    let belongs = |byte: &u8| is_printable(*byte) || is_object && *byte == 0;
    (text.iter().all(belongs) && std::str::from_utf8(&text).is_ok()).then_some(text)
}
