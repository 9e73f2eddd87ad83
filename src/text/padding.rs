//! Which bytes of a text only push its words apart: long runs of blanks, and the insides of comments?
//!
//! A reader that looks so many bytes far can be padded; one that looks so far behind its padding can't.

use crate::text::hex::hex;

/// A run of blanks that is at least so long is padding.
const RUN: usize = 64;
/// So much of a comment's inside is kept where a text is cut.
const COMMENT: usize = 16;

/// The text with each long run of blanks as one blank, or as one line break if it holds one. None if there is no such run.
/// Reads one byte in [`RUN`] where there is none.
pub(crate) fn squeezed(text: &[u8]) -> Option<Vec<u8>> {
    if !has_run(text) {
        return None;
    }
    let mut short = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.first() {
        let blanks = rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        let (run, after) = rest.split_at(blanks.max(1));
        if blanks >= RUN {
            short.push(if run.contains(&b'\n') { b'\n' } else { *first });
        } else {
            short.extend_from_slice(run);
        }
        rest = after;
    }
    Some(short)
}

/// Every run of that length has a byte whose position is a multiple of it.
fn has_run(text: &[u8]) -> bool {
    let blank = |at: usize| text.get(at).is_some_and(u8::is_ascii_whitespace);
    (0..text.len()).step_by(RUN).filter(|at| blank(*at)).any(|at| {
        let before = (1..RUN).take_while(|back| at.checked_sub(*back).is_some_and(blank)).count();
        let after = (0..RUN).take_while(|ahead| blank(at + ahead)).count();
        before + after >= RUN
    })
}

/// What has to be seen again where the text goes on: its last `most` bytes as they are, and before them what belongs to the last
/// `most` bytes without padding. An open comment stays open. Blanks and the signs of comments may be percent-coded, and a plus is a
/// blank.
pub(crate) fn carried(text: &[u8], most: usize) -> Vec<u8> {
    let split = text.len().saturating_sub(most);
    // Not within what codes one byte.
    let split = (split.saturating_sub(2)..split).find(|at| text.get(*at) == Some(&b'%')).unwrap_or(split);
    let tail = text.get(split..).unwrap_or_default();
    if !may_be_padded(text, tail) {
        return tail.to_vec();
    }
    let units = units(text);
    let split = open_comment(&units, split).unwrap_or(split);
    let tail = text.get(split..).unwrap_or_default();
    // Backwards, until enough is there.
    let mut kept: Vec<&[u8]> = Vec::new();
    let (mut length, mut blanks) = (0, 0);
    for unit in without_comments(&units).into_iter().rev() {
        blanks = if unit.is_blank() { blanks + 1 } else { 0 };
        let is_before = unit.at + unit.coded.len() <= split;
        if blanks < 2 {
            length += unit.coded.len();
            if length > most {
                break;
            }
            kept.extend(is_before.then_some(unit.coded));
        } else if unit.byte == b'\n'
            && let Some(blank) = kept.last_mut()
        {
            // What stands on lines of its own still does.
            *blank = unit.coded;
        }
    }
    kept.into_iter().rev().flatten().chain(tail).copied().collect()
}

/// Where the short comment starts that is open at `split`: it is kept whole.
fn open_comment(units: &[Unit<'_>], split: usize) -> Option<usize> {
    const SHORT: usize = 96;
    let near = units.iter().filter(|unit| (split.saturating_sub(SHORT)..=split).contains(&unit.at));
    let (mut before, mut open): (Option<&Unit<'_>>, Option<usize>) = (None, None);
    for unit in near {
        // What closes a comment opens none: `/*/`, `*/*`.
        let mut last = Some(unit);
        match before.map(|before| (before.byte, unit.byte)) {
            Some((b'/', b'*')) if open.is_none() => (open, last) = (before.map(|before| before.at), None),
            Some((b'*', b'/')) if open.is_some() && unit.at < split => (open, last) = (None, None),
            _ => {}
        }
        before = last;
    }
    open
}

/// Is there anything that may be padding: a comment or a long run of blanks in the text, a short one in its tail?
fn may_be_padded(text: &[u8], tail: &[u8]) -> bool {
    memchr::memchr3(b'*', b'%', b'#', text).is_some()
        || memchr::memmem::find(text, b"--").is_some()
        || has_run(text)
        || tail.windows(2).any(|pair| pair.iter().all(|byte| is_blank(*byte)))
}

/// Blanks of any language, of a form, and what a charset or a database takes for one.
fn is_blank(byte: u8) -> bool {
    byte.is_ascii_whitespace() || matches!(byte, b'+' | 0 | 0x0b | 0xa0)
}

/// A byte, as it is written, and where.
#[derive(Clone, Copy)]
struct Unit<'a> {
    byte: u8,
    coded: &'a [u8],
    at: usize,
}

impl Unit<'_> {
    fn is_blank(&self) -> bool {
        is_blank(self.byte)
    }
}

fn units(text: &[u8]) -> Vec<Unit<'_>> {
    let mut units = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, after)) = rest.split_first() {
        let byte =
            after.first_chunk().filter(|_| *first == b'%').and_then(|[high, low]| Some(hex(*high)? << 4 | hex(*low)?));
        let (coded, behind) = rest.split_at(if byte.is_some() { 3 } else { 1 });
        units.push(Unit { byte: byte.unwrap_or(*first), coded, at: text.len() - rest.len() });
        rest = behind;
    }
    units
}

/// The text with the insides of long comments left out but for their first bytes, and of comments that follow each other all but
/// the first.
fn without_comments<'a, 'b>(units: &'b [Unit<'a>]) -> Vec<&'b Unit<'a>> {
    let mut short = Vec::with_capacity(units.len());
    let is = |at: usize, byte: u8| units.get(at).is_some_and(|unit| unit.byte == byte);
    let (mut at, mut follows) = (0, false);
    while let Some(unit) = units.get(at) {
        let is_block = unit.byte == b'/' && is(at + 1, b'*');
        let is_line = unit.byte == b'#' || unit.byte == b'-' && is(at + 1, b'-');
        if !is_block && !is_line {
            follows &= unit.is_blank();
            short.push(unit);
            at += 1;
            continue;
        }
        let ends = |end: &usize| if is_block { is(*end, b'*') && is(end + 1, b'/') } else { is(*end, b'\n') };
        let sign = if is_block { 2 } else { 0 };
        let end = (at + sign..units.len()).find(ends);
        // One that is open stays open.
        if !follows || end.is_none() {
            let inside = end.unwrap_or(units.len());
            short.extend(units.get(at..(at + sign + COMMENT).min(inside)).unwrap_or_default());
            short.extend(units.get(inside..inside + sign).unwrap_or_default());
        }
        (at, follows) = (end.map_or(units.len(), |end| end + sign), true);
    }
    short
}

#[cfg(test)]
mod tests {
    use super::{carried, squeezed};

    #[test]
    fn long_runs_of_blanks_are_one() {
        let long = " ".repeat(64);
        for (text, expected) in [
            (format!("cat{long}/etc"), Some("cat /etc")),
            (format!("{long}{long}x"), Some(" x")),
            (format!("a{}\n{long}b", "\t".repeat(9)), Some("a\nb")),
            ("a b  c".to_owned(), None),
            (format!("a{}b", " ".repeat(63)), None),
        ] {
            assert_eq!(squeezed(text.as_bytes()).as_deref(), expected.map(str::as_bytes), "{text}");
        }
    }

    #[test]
    fn what_is_carried_is_the_tail_and_before_it_what_padding_keeps_away() {
        const MOST: usize = 60;
        let padding = "y".repeat(900);
        for (text, expected) in [
            (format!("1 union/*{padding}"), "1 union/*yyyyyyyyyyyyyyyy"),
            (format!("1 union/*{padding}*/sel"), "1 union/*yyyyyyyyyyyyyyyy"),
            (format!("1 union%2f%2A{padding}%2a%2Fs"), "1 union%2f%2Ayyyyyyyyyyyyyyyy"),
            (format!("1 union{}sele", "/**/".repeat(300)), "1 union/**/"),
            (format!("1 union{}sel", "--a\n".repeat(99)), "1 union--a"),
            (format!("1 union {}", "# and so on and so on\n".repeat(99)), "1 union # and so on and"),
            (format!("1 union # and so on and so on\n# {padding}"), "1 union # and so on and\n# yyyyyyyyyyyyyy"),
            (format!("12345678;cat{}", " ".repeat(900)), "12345678;cat"),
            (format!("id=1%20union{}select", "%0A".repeat(300)), "id=1%20union"),
            (format!("1+union{}all", "%0d%0A+%09%0b%a0".repeat(99)), "1+union"),
        ] {
            let carried = carried(text.as_bytes(), MOST);
            let carried = String::from_utf8_lossy(&carried);
            let tail =
                [MOST, MOST + 1].into_iter().find_map(|length| carried.strip_suffix(&text[text.len() - length..]));
            assert_eq!(tail, Some(expected), "{text}");
        }
        assert_eq!(carried(b"short", 9), b"short");
        assert_eq!(carried(b"nothing but words", 9), b"but words");
    }
}
