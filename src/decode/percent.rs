//! What does percent-coding stand for, also in its broken forms and Microsoft's `%uXXXX`?

use crate::text::hex::hex;
use memchr::memchr;

/// Undoes one layer; says whether there was any. What is no code stays as it is (WHATWG URL, percent-decode).
pub fn decode(input: &[u8], output: &mut Vec<u8>) -> bool {
    let Some(first) = memchr(b'%', input) else { return false };
    output.clear();
    let mut changed = false;
    let (plain, mut rest) = input.split_at(first);
    output.extend_from_slice(plain);
    loop {
        // The next one is near, if it is not the next byte.
        let run = rest.iter().position(|byte| *byte == b'%').unwrap_or(rest.len());
        let (plain, code) = rest.split_at(run);
        output.extend_from_slice(plain);
        rest = match code {
            [] => return changed,
            [b'%', b'u' | b'U', a, b, c, d, rest @ ..] if four(*a, *b, *c, *d).is_some() => {
                let text = four(*a, *b, *c, *d).and_then(char::from_u32).unwrap_or(char::REPLACEMENT_CHARACTER);
                output.extend_from_slice(text.encode_utf8(&mut [0; 4]).as_bytes());
                changed = true;
                rest
            }
            [b'%', a, b, rest @ ..] if hex(*a).is_some() && hex(*b).is_some() => {
                output.push(hex(*a).unwrap_or(0) << 4 | hex(*b).unwrap_or(0));
                changed = true;
                rest
            }
            // What is left of `%%32%%65` after a round, and of a decoder that counts on after `f`: only signs of a path.
            [b'%', a, b'%', b, rest @ ..] if split(*a, *b).is_some() => {
                output.push(split(*a, *b).unwrap_or(b'.'));
                changed = true;
                rest
            }
            [b'%', b'b' | b'B', b'g' | b'G', b'%', rest @ ..] => {
                output.extend_from_slice(b"\xc0%");
                changed = true;
                rest
            }
            [percent, rest @ ..] => {
                output.push(*percent);
                rest
            }
        };
    }
}

fn split(a: u8, b: u8) -> Option<u8> {
    hex(a).zip(hex(b)).map(|(high, low)| high << 4 | low).filter(|byte| matches!(byte, b'.' | b'/' | b'\\'))
}

fn four(a: u8, b: u8, c: u8, d: u8) -> Option<u32> {
    [a, b, c, d].into_iter().try_fold(0, |value, digit| Some(value << 4 | u32::from(hex(digit)?)))
}
