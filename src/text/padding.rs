//! Which bytes of a text only push its words apart: long runs of blanks, and the insides of comments?
//!
//! A reader that looks so many bytes far can be padded; one that looks so far behind its padding can't.

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

/// The last `most` bytes of a text without its padding: what has to be seen again where the text goes on. An open comment stays
/// open. Blanks and the signs of comments may be percent-coded, and a plus is a blank.
pub(crate) fn carried(text: &[u8], most: usize) -> Vec<u8> {
    let tail = text.get(text.len().saturating_sub(most)..).unwrap_or_default();
    if !may_be_padded(text, tail) {
        return tail.to_vec();
    }
    let units = units(text);
    // Backwards, until enough is there.
    let mut kept: Vec<&[u8]> = Vec::new();
    let (mut length, mut blanks) = (0, 0);
    for unit in without_comments(&units).into_iter().rev() {
        blanks = if unit.is_blank() { blanks + 1 } else { 0 };
        if blanks < 2 {
            length += unit.coded.len();
            if length > most {
                break;
            }
            kept.push(unit.coded);
        } else if unit.byte == b'\n'
            && let Some(blank) = kept.last_mut()
        {
            // What stands on lines of its own still does.
            *blank = unit.coded;
        }
    }
    kept.into_iter().rev().flatten().copied().collect()
}

/// Is there anything that may be padding: a comment in the text, a run of blanks in its tail?
fn may_be_padded(text: &[u8], tail: &[u8]) -> bool {
    let is_blank = |byte: &u8| byte.is_ascii_whitespace() || *byte == b'+';
    memchr::memchr3(b'*', b'%', b'#', text).is_some()
        || memchr::memmem::find(text, b"--").is_some()
        || tail.windows(2).any(|pair| pair.iter().all(is_blank))
}

/// A byte, as it is written.
#[derive(Clone, Copy)]
struct Unit<'a> {
    byte: u8,
    coded: &'a [u8],
}

impl Unit<'_> {
    fn is_blank(&self) -> bool {
        self.byte.is_ascii_whitespace() || self.byte == b'+'
    }
}

fn units(text: &[u8]) -> Vec<Unit<'_>> {
    let mut units = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, after)) = rest.split_first() {
        let byte = if *first == b'%' { after.first_chunk().and_then(|digits| hex(*digits)) } else { None };
        let (coded, behind) = rest.split_at(if byte.is_some() { 3 } else { 1 });
        units.push(Unit { byte: byte.unwrap_or(*first), coded });
        rest = behind;
    }
    units
}

fn hex([high, low]: [u8; 2]) -> Option<u8> {
    let digit = |digit: u8| char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    Some(digit(high)? << 4 | digit(low)?)
}

/// The text with the insides of long comments left out but for their first bytes, and of comments to the end of a line that
/// follow each other all but the first.
fn without_comments<'a, 'b>(units: &'b [Unit<'a>]) -> Vec<&'b Unit<'a>> {
    let mut short = Vec::with_capacity(units.len());
    let is = |at: usize, byte: u8| units.get(at).is_some_and(|unit| unit.byte == byte);
    let (mut at, mut follows) = (0, false);
    while let Some(unit) = units.get(at) {
        let starts = at == 0 || units.get(at - 1).is_some_and(Unit::is_blank);
        if unit.byte == b'/' && is(at + 1, b'*') {
            let end = (at + 2..units.len()).find(|end| is(*end, b'*') && is(end + 1, b'/')).unwrap_or(units.len());
            short.extend(units.get(at..(at + 2 + COMMENT).min(end)).unwrap_or_default());
            at = end;
        } else if starts && (unit.byte == b'#' || unit.byte == b'-' && is(at + 1, b'-')) {
            let end = (at..units.len()).find(|end| is(*end, b'\n')).unwrap_or(units.len());
            // One that is open stays open.
            if !follows || end == units.len() {
                short.extend(units.get(at..(at + COMMENT).min(end)).unwrap_or_default());
            }
            (at, follows) = (end, true);
        } else {
            follows &= unit.is_blank();
            short.push(unit);
            at += 1;
        }
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
    fn what_is_carried_ends_as_the_text_does_without_padding() {
        let padding = "x".repeat(900);
        for (text, expected) in [
            (format!("1 union/*{padding}"), "union/*xxxxxxxxxxxxxxxx"),
            (format!("1 union/*{padding}*/sel"), "/*xxxxxxxxxxxxxxxx*/sel"),
            (format!("12345678;cat{}", " ".repeat(900)), "2345678;cat "),
            ("short".to_owned(), "short"),
            (format!("id=1%20union{}select", "%0A".repeat(300)), "%20union%0Aselect"),
            (format!("1+union{}all", "%0d%0A+%09".repeat(99)), "+union%0Aall"),
            (format!("1 union {}", "# and so on and so on\n".repeat(99)), "union # and so on and\n"),
            (format!("1 union # and so on and so on\n# {padding}"), "union # and so on and\n# xxxxxxxxxxxxxx"),
            (format!("1 union%2f%2A{padding}%2a%2Fsel"), "%2f%2Axxxxxxxxxxxxxxxx%2a%2Fsel"),
        ] {
            let most = if expected.len() < 6 { 99 } else { expected.len() };
            assert_eq!(String::from_utf8_lossy(&carried(text.as_bytes(), most)), expected, "{text}");
        }
    }
}
