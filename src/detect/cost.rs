//! What does it cost to look at a view? An estimate before it is done, for the budget: from its words, signs and length.
//!
//! The weights are nanoseconds in V8 of the dearest shapes that `cargo bench --bench cost -- --verifiers` knows, rounded up.

use super::literal::Verifiers;
use super::matcher::Verifier;

/// Undoing codings and running the views through the gate: once, and for each byte.
const VIEWS: u64 = 700;
const VIEWS_BYTE: u64 = 20;
/// Taking the code that a view shows out of it: once, and for each byte.
const SHAPES: u64 = 500;
const SHAPES_BYTE: u64 = 12;
/// A match: what it says is hashed, as a part of what identifies the act.
pub(super) const MATCH: u64 = 2_500;

/// What a verifier costs in nanoseconds: once, and for each word, sign, line break and byte of the view.
#[derive(Clone, Copy)]
struct Weight {
    once: u64,
    word: u64,
    sign: u64,
    line: u64,
    byte: u64,
}

impl Weight {
    /// Line breaks cost nothing by themselves.
    const fn of(once: u64, word: u64, sign: u64, byte: u64) -> Self {
        Self { once, word, sign, line: 0, byte }
    }
}

/// What it costs to make the views of a value of so many bytes and to run them through the gate.
pub(super) fn views(bytes: usize) -> u64 {
    VIEWS + VIEWS_BYTE * bytes as u64
}

/// What it costs to take the code that a view of so many bytes shows out of it, and to run the rest through the gate.
pub(super) fn shapes(bytes: usize) -> u64 {
    SHAPES + SHAPES_BYTE * bytes as u64
}

/// What costs something in a view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reading {
    words: u64,
    /// A row of blanks with a line break is one, too: a command may stand behind it.
    signs: u64,
    lines: u64,
    bytes: u64,
}

impl Reading {
    /// Counts what is in a view.
    pub(super) fn of(view: &[u8]) -> Self {
        let mut reading = Self { words: 0, signs: 0, lines: 0, bytes: view.len() as u64 };
        let mut before = BLANK;
        for byte in view {
            let kind = KINDS.get(usize::from(*byte)).copied().unwrap_or_default();
            reading.words += u64::from(kind == WORD && before != WORD);
            reading.signs += u64::from(kind == SIGN || kind == LINE && before != LINE);
            reading.lines += u64::from(kind == LINE);
            // Blanks and line breaks behind a line break belong to it.
            before = if kind == BLANK && before == LINE { LINE } else { kind };
        }
        reading
    }

    /// What it costs one verifier.
    pub(super) fn by(self, verifier: Verifier) -> u64 {
        let Weight { once, word, sign, line, byte } = weight(verifier);
        once + word * self.words + sign * self.signs + line * self.lines + byte * self.bytes
    }

    /// What it costs all of these.
    pub(super) fn by_all(self, verifiers: Verifiers) -> u64 {
        verifiers.iter().map(|verifier| self.by(verifier)).sum()
    }
}

fn weight(verifier: Verifier) -> Weight {
    match verifier {
        Verifier::Sql => Weight::of(500, 40, 270, 3),
        Verifier::Fragment => Weight::of(500, 15, 60, 3),
        Verifier::Html => Weight::of(300, 5, 100, 3),
        Verifier::Shell => Weight::of(500, 10, 330, 3),
        Verifier::Path => Weight::of(200, 10, 170, 3),
        Verifier::Url => Weight::of(300, 10, 200, 3),
        Verifier::Jndi => Weight::of(150, 5, 40, 3),
        Verifier::Xml => Weight::of(200, 10, 250, 10),
        Verifier::Lines => Weight { line: 60, ..Weight::of(300, 0, 0, 3) },
        Verifier::Upload => Weight::of(200, 5, 100, 3),
        Verifier::Php => Weight::of(300, 10, 150, 5),
        Verifier::Java => Weight::of(500, 20, 100, 6),
        Verifier::Template => Weight::of(300, 10, 200, 3),
        Verifier::Include | Verifier::Graphql | Verifier::Prototype => Weight::of(200, 0, 10, 8),
        Verifier::Ldap | Verifier::Xpath | Verifier::Protocol | Verifier::Redirect => Weight::of(100, 0, 0, 3),
        // Any other: what most of these cost.
        _ => Weight::of(400, 10, 60, 5),
    }
}

const BLANK: u8 = 0;
const WORD: u8 = 1;
const SIGN: u8 = 2;
const LINE: u8 = 3;

static KINDS: [u8; 256] = {
    let mut kinds = [BLANK; 256];
    let mut byte = 0;
    while byte < 256 {
        #[expect(clippy::indexing_slicing, reason = "checked by the compiler: this runs at compile time")]
        {
            kinds[byte] = match byte as u8 {
                b' ' | b'\t' => BLANK,
                b'\n' | b'\r' => LINE,
                b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'_' | 0x80..=0xff => WORD,
                _ => SIGN,
            };
        }
        byte += 1;
    }
    kinds
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_costs_something_is_counted() {
        for (view, words, signs, lines) in [
            ("", 0, 0, 0),
            ("abc", 1, 0, 0),
            ("union select 1", 3, 0, 0),
            ("';id", 1, 2, 0),
            ("\n\n \t\n", 0, 1, 3),
            ("a\r\n\r\n \tb", 2, 1, 4),
            ("a;b", 2, 1, 0),
            ("$${{", 0, 4, 0),
        ] {
            let expected = Reading { words, signs, lines, bytes: view.len() as u64 };
            assert_eq!(Reading::of(view.as_bytes()), expected, "{view:?}");
        }
    }

    #[test]
    fn what_is_longer_costs_more() {
        for verifier in Verifier::ALL {
            let [short, long] = ["a;b c", "a;b c;d"].map(|view| Reading::of(view.as_bytes()).by(*verifier));
            assert!(short < long, "{verifier:?}");
        }
    }
}
