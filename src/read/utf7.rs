//! What does a body spell that is declared to be in UTF-7, as some servers of Microsoft still read it?
//!
//! RFC 2152: between a plus and the first sign that is not of Base64 stand units of UTF-16.

/// A body in UTF-7 as it streams.
#[derive(Debug, Default)]
pub(super) struct Utf7 {
    shifted: Option<Shifted>,
}

/// Behind a plus.
#[derive(Debug, Default)]
struct Shifted {
    bits: u32,
    count: u32,
    /// The signs that have made no unit yet: a plus that shifts nothing stays.
    raw: String,
    /// The first unit of a surrogate pair.
    high: Option<u16>,
}

impl Utf7 {
    /// Takes bytes; `take` gets them in UTF-8.
    pub(super) fn read(&mut self, bytes: &[u8], take: &mut dyn FnMut(&[u8])) {
        let mut text = Vec::with_capacity(bytes.len());
        for byte in bytes {
            let Some(shifted) = &mut self.shifted else {
                match byte {
                    b'+' => self.shifted = Some(Shifted { raw: "+".to_owned(), ..Shifted::default() }),
                    byte => text.push(*byte),
                }
                continue;
            };
            match digit(*byte) {
                Some(digit) => shifted.take(digit, *byte, &mut text),
                None => {
                    shifted.end(&mut text);
                    self.shifted = None;
                    // A hyphen only ends the units; `+-` is a plus.
                    if *byte != b'-' {
                        text.push(*byte);
                    }
                }
            }
        }
        if !text.is_empty() {
            take(&text);
        }
    }

    /// The body ends.
    pub(super) fn end(&mut self, take: &mut dyn FnMut(&[u8])) {
        let mut text = Vec::new();
        if let Some(shifted) = self.shifted.take() {
            shifted.end(&mut text);
        }
        if !text.is_empty() {
            take(&text);
        }
    }
}

impl Shifted {
    fn take(&mut self, digit: u8, byte: u8, text: &mut Vec<u8>) {
        self.bits = self.bits << 6 | u32::from(digit);
        self.count += 6;
        if !self.raw.is_empty() {
            self.raw.push(char::from(byte));
        }
        if self.count < 16 {
            return;
        }
        self.count -= 16;
        self.raw.clear();
        // The bits above the unit were read before.
        let unit = (self.bits >> self.count & 0xffff) as u16;
        if (0xd800..0xdc00).contains(&unit) {
            self.high = Some(unit);
            return;
        }
        let units = self.high.take().into_iter().chain([unit]);
        let spelled = char::decode_utf16(units).map(|one| one.unwrap_or(char::REPLACEMENT_CHARACTER));
        text.extend(spelled.collect::<String>().bytes());
    }

    fn end(&self, text: &mut Vec<u8>) {
        text.extend(self.raw.bytes());
    }
}

fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_stand_between_a_plus_and_the_first_other_sign() {
        for (body, expected) in [
            ("{\"e\":\"+ACcAbwByACcAMQAnAC0ALQ\"}", "{\"e\":\"'or'1'--\"}"),
            ("+ADw-script+AD4-x", "<script>x"),
            ("1 +- 1", "1 + 1"),
            ("a+b c", "a+b c"),
            ("+2D3eAA-", "\u{1f600}"),
            ("a+", "a+"),
            ("a=1&b=2", "a=1&b=2"),
        ] {
            let (mut text, mut reader) = (Vec::new(), Utf7::default());
            let mut take = |part: &[u8]| text.extend_from_slice(part);
            body.bytes().for_each(|byte| reader.read(&[byte], &mut take));
            reader.end(&mut take);
            assert_eq!(String::from_utf8_lossy(&text), expected);
        }
    }
}
