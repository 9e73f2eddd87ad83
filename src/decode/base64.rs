//! Is the value text in Base64? Once, and only if all of it is printable.

/// Shorter values are words, in bytes.
const SHORTEST: usize = 16;
/// Of longer ones only so much is read, in bytes.
const LONGEST: usize = 4096;

/// The text, if the value is Base64 of either alphabet (RFC 4648, 4 and 5), padded or not, and spells signs of a payload.
///
/// Identifiers and hashes end at their first group or two: half of all bytes are not printable.
pub fn text(value: &[u8]) -> Option<Vec<u8>> {
    if value.len() < SHORTEST {
        return None;
    }
    let body = value.get(..value.len().min(LONGEST))?;
    let body = body.strip_suffix(b"==").or_else(|| body.strip_suffix(b"=")).unwrap_or(body);
    // Before anything is kept: nearly no value passes its first four groups.
    let first = body.get(..SHORTEST)?;
    first.chunks(4).try_for_each(|group| bytes(group).filter(|bytes| printable(bytes)).map(|_| ()))?;
    let mut text = Vec::with_capacity(body.len() / 4 * 3);
    for group in body.chunks(4) {
        let bytes = bytes(group)?;
        let count = group.len() * 6 / 8;
        let bytes = bytes.get(..count).filter(|bytes| printable(bytes))?;
        text.extend_from_slice(bytes);
    }
    text.iter().any(|byte| b"<'\"(;|$`/\\".contains(byte)).then_some(text)
}

fn printable(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| matches!(byte, b' '..=b'~' | b'\n' | b'\r' | b'\t'))
}

fn bytes(group: &[u8]) -> Option<[u8; 3]> {
    let mut bits = 0_u32;
    for at in 0..4 {
        bits = bits << 6 | group.get(at).map_or(Some(0), |digit| value(*digit))?;
    }
    let [_, a, b, c] = bits.to_be_bytes();
    Some([a, b, c])
}

fn value(digit: u8) -> Option<u32> {
    Some(u32::from(match digit {
        b'A'..=b'Z' => digit - b'A',
        b'a'..=b'z' => digit - b'a' + 26,
        b'0'..=b'9' => digit - b'0' + 52,
        b'+' | b'-' => 62,
        b'/' | b'_' => 63,
        _ => return None,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_text_and_nothing_else() {
        let check = |value: &str, expected: Option<&str>| {
            assert_eq!(text(value.as_bytes()).as_deref(), expected.map(str::as_bytes), "{value}");
        };
        check("PGI+b25lPC9iPiBpcw", Some("<b>one</b> is"));
        check("JyBvciAxPTEtLSBhIGI=", Some("' or 1=1-- a b"));
        check("JyBvciAxPTEtLSBhIGI", Some("' or 1=1-- a b"));
        check("aGVsbG8gd29ybGQgYWdhaW4=", None);
        check("8f14e45fceea167a5a36dedd4bea2543", None);
        check("application_settings", None);
        check("PGI+b25lPC9i", None);
    }
}
