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
/// open.
pub(crate) fn carried(text: &[u8], most: usize) -> Vec<u8> {
    // Backwards, until enough is there; each byte is read once.
    let mut kept: Vec<u8> = Vec::with_capacity(most);
    let forward = without_comments(text);
    let mut blanks = 0;
    for byte in forward.iter().rev() {
        blanks = if byte.is_ascii_whitespace() { blanks + 1 } else { 0 };
        if blanks < 2 {
            kept.push(*byte);
        }
        if kept.len() == most {
            break;
        }
    }
    kept.reverse();
    kept
}

/// The text with the insides of long comments left out but for their first bytes.
fn without_comments(text: &[u8]) -> Vec<u8> {
    let mut short = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = memchr::memmem::find(rest, b"/*") {
        let inside = open + 2;
        let length = rest.get(inside..).and_then(|inside| memchr::memmem::find(inside, b"*/"));
        let end = length.map_or(rest.len(), |length| inside + length);
        short.extend_from_slice(rest.get(..(inside + COMMENT).min(end)).unwrap_or_default());
        rest = rest.get(end..).unwrap_or_default();
    }
    short.extend_from_slice(rest);
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
        ] {
            let most = if expected.len() < 6 { 99 } else { expected.len() };
            assert_eq!(String::from_utf8_lossy(&carried(text.as_bytes(), most)), expected, "{text}");
        }
    }
}
