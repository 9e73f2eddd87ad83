//! Which ASCII do overlong, full-width and look-alike sequences stand for?

/// Writes overlong UTF-8 (`c0 ae` for a full stop), full-width forms and look-alikes of `/`, `\` and `.` as ASCII; says
/// whether there were any.
///
/// Overlong forms as lax decoders read them: the lead bytes c0 and c1 can only spell ASCII, e0 80…9f and f0 80…8f only
/// what is shorter. Full-width forms: Unicode's block FF01–FF5E. Look-alikes: Microsoft's best-fit tables.
pub fn fold(input: &[u8], output: &mut Vec<u8>) -> bool {
    output.clear();
    let mut changed = false;
    let mut rest = input;
    loop {
        let run = rest.iter().position(|byte| *byte >= 0xc0).unwrap_or(rest.len());
        let (plain, odd) = rest.split_at(run);
        output.extend_from_slice(plain);
        let Some(lead) = odd.first() else { return changed };
        let (ascii, length) = match odd {
            // Microsoft's decoders drop bits of the second byte: what scanners send for `.`, `/` and `\`.
            [0xc0, 0x2e | 0x4e | 0x5e | 0x6e | 0xce | 0xde | 0xee | 0xfe, ..] => (Some(b'.'), 2),
            [0xc1, 0xaf | 0x2f, ..] => (Some(b'/'), 2),
            [0xc1, 0x1c | 0x9c | 0x5c | 0xdc | b's', ..] => (Some(b'\\'), 2),
            [0xef, 0x80, 0xa5, ..] => (Some(b'/'), 3),
            [0xee, 0xbf, 0x88, ..] => (Some(b'\\'), 3),
            [0xc0 | 0xc1, next @ 0x80..=0xff, ..] => (Some((lead & 1) << 6 | next & 0x3f), 2),
            [0xc0 | 0xc1, sign @ (b'/' | b'\\' | b'.'), ..] => (Some(*sign), 2),
            [0xc0 | 0xc1, b'%', high, low, ..] if lax(*high, *low).is_some() => {
                (lax(*high, *low).map(|next| (lead & 1) << 6 | next & 0x3f), 4)
            }
            [0xe0, 0x80 | 0x81, last @ 0x80..=0xbf, ..] => (Some((odd.get(1).unwrap_or(&0) & 1) << 6 | last & 0x3f), 3),
            [0xf0, 0x80, 0x80 | 0x81, last @ 0x80..=0xbf, ..] => {
                (Some((odd.get(2).unwrap_or(&0) & 1) << 6 | last & 0x3f), 4)
            }
            [0xf8, 0x80, 0x80, 0x80 | 0x81, last @ 0x80..=0xbf, ..] => {
                (Some((odd.get(3).unwrap_or(&0) & 1) << 6 | last & 0x3f), 5)
            }
            [0xfc, 0x80, 0x80, 0x80, 0x80 | 0x81, last @ 0x80..=0xbf, ..] => {
                (Some((odd.get(4).unwrap_or(&0) & 1) << 6 | last & 0x3f), 6)
            }
            [0xef, 0xbc, last @ 0x81..=0xbf, ..] => (Some(last - 0x60), 3),
            [0xef, 0xbd, last @ 0x80..=0x9e, ..] => (Some(last - 0x20), 3),
            [0xe2, 0x81, 0x84, ..] | [0xe2, 0x88, 0x95, ..] => (Some(b'/'), 3),
            [0xe2, 0x88, 0x96, ..] => (Some(b'\\'), 3),
            [0xe2, 0x80, 0xa4, ..] => (Some(b'.'), 3),
            // Enclosed digits and letters: U+2460–2473 and U+24D0–24E9, and those of mathematics: U+1D400–1D6A3 and U+1D7CE–1D7FF (IDNA
            // maps them to the plain ones).
            // Full stops that IDNA reads as one, and the enclosed nought.
            [0xe3, 0x80, 0x82, ..] | [0xef, 0xbd, 0xa1, ..] => (Some(b'.'), 3),
            [0xe2, 0x93, 0xaa, ..] => (Some(b'0'), 3),
            [0xe2, 0x91, last @ 0xa0..=0xa8, ..] => (Some(last - 0xa0 + b'1'), 3),
            [0xe2, 0x91, last @ 0xa9..=0xb3, ..] => {
                output.push(b'1' + (last - 0xa9) / 10);
                (Some(b'0' + (last - 0xa9) % 10), 3)
            }
            [0xe2, 0x93, last @ 0x90..=0xa9, ..] => (Some(last - 0x90 + b'a'), 3),
            [0xf0, 0x9d, 0x9f, last @ 0x8e..=0xbf, ..] => (Some(b'0' + (last - 0x8e) % 10), 4),
            [0xf0, 0x9d, third @ 0x90..=0x9a, last @ 0x80..=0xbf, ..] => (of_mathematics(*third, *last), 4),
            _ => (None, 1),
        };
        let length = if ascii.is_some() { length } else { 1 };
        output.push(ascii.unwrap_or(*lead));
        changed |= ascii.is_some();
        rest = odd.get(length..).unwrap_or_default();
    }
}

/// The letter that one of the thirteen alphabets of mathematics has there.
fn of_mathematics(third: u8, last: u8) -> Option<u8> {
    let number = u16::from(third - 0x90) * 64 + u16::from(last & 0x3f);
    let letter = u8::try_from(number % 52).ok().filter(|_| number < 13 * 52)?;
    Some(if letter < 26 { b'A' + letter } else { b'a' + letter - 26 })
}

/// What a decoder makes of `%qf` that counts on after `f` instead of refusing: 26 × 16 + 15, cut to a byte.
fn lax(high: u8, low: u8) -> Option<u8> {
    let value = |digit: u8| char::from(digit).to_digit(36);
    Some(((value(high)? * 16 + value(low)?) & 0xff) as u8)
}
