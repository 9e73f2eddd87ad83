//! What do the backslash escapes of JavaScript, CSS and JSON stand for?

use crate::text::hex::hex;
use memchr::memchr;

/// Undoes `\u0027`, `\u{27}`, `\x27` and three octal digits (`\047`) where they stand for ASCII; says whether there were any.
///
/// Not `\n` and its like: in a Windows path they are directories.
pub fn decode(input: &[u8], output: &mut Vec<u8>) -> bool {
    let hexadecimal = has_number(input);
    if !hexadecimal && !input.contains(&b'\\') {
        return false;
    }
    output.clear();
    let mut changed = false;
    let mut rest = input;
    loop {
        let run = rest.iter().position(|byte| *byte == b'\\' || (hexadecimal && *byte == b'0')).unwrap_or(rest.len());
        let (plain, escape) = rest.split_at(run);
        output.extend_from_slice(plain);
        let Some((backslash, after)) = escape.split_first() else { return changed };
        let spelled = if *backslash == b'0' { sign(after) } else { ascii(after) };
        (rest, changed) = match spelled {
            Some((byte, rest)) => {
                output.push(byte);
                (rest, true)
            }
            None => {
                output.push(*backslash);
                (after, changed)
            }
        };
    }
}

/// May there be a sign of a path that is spelled as a number?
pub fn has_number(input: &[u8]) -> bool {
    let mut rest = input;
    while let Some(at) = memchr(b'x', rest) {
        let (before, after) = rest.split_at(at);
        if before.ends_with(b"0") && matches!(after.get(1), Some(b'2' | b'5')) {
            return true;
        }
        rest = after.get(1..).unwrap_or_default();
    }
    false
}

/// `0x2e`, `0x2f`, `0x5c`: signs of a path, spelled as numbers.
fn sign(after: &[u8]) -> Option<(u8, &[u8])> {
    let byte = match after {
        [b'x', b'2', b'e' | b'E', ..] => b'.',
        [b'x', b'2', b'f' | b'F', ..] => b'/',
        [b'x', b'5', b'c' | b'C', ..] => b'\\',
        _ => return None,
    };
    Some((byte, after.get(3..)?))
}

fn ascii(after: &[u8]) -> Option<(u8, &[u8])> {
    let (code, rest) = match after {
        [b'u' | b'U', b'{', rest @ ..] => {
            let count = rest.iter().take(6).take_while(|byte| byte.is_ascii_hexdigit()).count();
            let (digits, rest) = rest.split_at(count);
            (number(digits, 4)?, rest.strip_prefix(b"}")?)
        }
        // `\\u0027`: JSON in JSON.
        [b'\\', b'u' | b'U', digits @ ..] | [b'u' | b'U', digits @ ..] => {
            let (digits, rest) = digits.split_at_checked(4)?;
            (number(digits, 4)?, rest)
        }
        [b'x' | b'X', digits @ ..] => {
            let (digits, rest) = digits.split_at_checked(2)?;
            (number(digits, 4)?, rest)
        }
        [b'0' | b'1', ..] => {
            let (digits, rest) = after.split_at_checked(3)?;
            digits.iter().all(|digit| (b'0'..=b'7').contains(digit)).then_some(())?;
            (number(digits, 3)?, rest)
        }
        _ => return None,
    };
    Some((u8::try_from(code).ok().filter(u8::is_ascii)?, rest))
}

fn number(digits: &[u8], bits: u32) -> Option<u32> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0_u32, |value, digit| Some(value << bits | u32::from(hex(*digit)?)))
}
