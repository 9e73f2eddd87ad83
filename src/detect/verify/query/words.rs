//! Where does an injected query begin, and which words and signs does it have?

use crate::detect::verify::bytes::is_word;

/// How far the value that is closed may reach, in bytes.
const PREFIX: usize = 96;

/// What follows the first sign that closes something the value did not open: a string, a map, a pattern, an address. None if
/// the value closes nothing, or if what stands before is itself a query of several words.
pub(super) fn behind_breakout(view: &[u8]) -> Option<&[u8]> {
    let (mut open, mut quotes) = (0_u32, 0_u32);
    for (at, byte) in view.iter().enumerate().take(PREFIX) {
        match byte {
            b'(' | b'{' | b'[' => open += 1,
            b')' | b'}' | b']' if open > 0 => open -= 1,
            // An apostrophe inside a word closes nothing.
            b'\'' if is_inside_word(view, at) => {}
            b')' | b'}' | b']' | b'\'' | b'"' | b'`' | b'>' => {
                quotes += 1;
                let before = view.get(..at).unwrap_or_default();
                let words = before.split(|byte| *byte == b' ').filter(|word| !word.is_empty()).count();
                return (words <= 3 && quotes == 1).then(|| view.get(at + 1..).unwrap_or_default());
            }
            _ => {}
        }
    }
    None
}

fn is_inside_word(view: &[u8], at: usize) -> bool {
    let letter = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphabetic);
    letter(at.checked_sub(1).and_then(|at| view.get(at)))
        && letter(view.get(at + 1))
        && view.get(at + 2).is_none_or(|byte| !byte.is_ascii_alphabetic())
}

/// The words and signs of a text, without blanks. A word is letters, digits, underscores and dots inside; a string between
/// quotes is one piece.
pub(super) struct Words<'a>(pub(super) &'a [u8]);

impl<'a> Iterator for Words<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let text = self.0.trim_ascii_start();
        let first = *text.first()?;
        let length = if is_word(first) {
            let dotted = |byte: u8| is_word(byte) || byte == b'.';
            text.iter().position(|byte| !dotted(*byte)).unwrap_or(text.len())
        } else if matches!(first, b'\'' | b'"') {
            text.iter().skip(1).position(|byte| *byte == first).map_or(text.len(), |end| end + 2)
        } else {
            1
        };
        let (word, rest) = text.split_at(length);
        self.0 = rest;
        Some(word)
    }
}
