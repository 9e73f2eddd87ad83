//! Is it one of these words? A sorted list in one text, which the compiler checks.
//!
//! One text, because a slice of slices adds eight bytes to the module for each of some thousand words.

use std::cmp::Ordering;

/// Words in the order of their bytes, one space between two. [`WordList::has`] takes logarithmic time in their number.
pub(super) struct WordList {
    text: &'static [u8],
    /// Where those start whose first byte is in this group or a later one; the last is where one more would.
    starts: [u16; GROUPS + 1],
    /// Which lengths there are, a bit for each; the highest stands for all from there on.
    lengths: u32,
}

/// What comes before the letters, each letter, what comes behind them.
const GROUPS: usize = 28;

const fn group(first: u8) -> usize {
    match first {
        b'a'..=b'z' => (first - b'a') as usize + 1,
        0..b'a' => 0,
        _ => GROUPS - 1,
    }
}

impl WordList {
    /// Does not compile unless the words are sorted, none twice.
    pub(super) const fn new(text: &'static str) -> Self {
        let text = text.as_bytes();
        assert!(is_sorted(text), "the words have to be sorted, with one space between two and none twice");
        assert!(text.len() < u16::MAX as usize, "a start has sixteen bits");
        Self { text, starts: starts(text), lengths: lengths(text) }
    }

    /// Is this one of them?
    #[inline(never)]
    pub(super) fn has(&self, word: &[u8]) -> bool {
        let Some(first) = word.first().filter(|_| self.lengths & length(word.len()) != 0) else { return false };
        let Some([start, next]) = self.starts.get(group(*first)..).and_then(<[u16]>::first_chunk) else { return false };
        // Up to the space before the next group.
        let mut rest = self.text.get(usize::from(*start)..usize::from(*next).saturating_sub(1)).unwrap_or_default();
        // Bisection: the word around the middle is compared, and one side of it goes. `rest` is always whole words.
        while !rest.is_empty() {
            let (left, right) = rest.split_at(rest.len() / 2);
            let start = left.iter().rposition(|byte| *byte == b' ').map_or(0, |at| at + 1);
            let end = right.iter().position(|byte| *byte == b' ').map_or(rest.len(), |at| left.len() + at);
            match rest.get(start..end).map(|middle| middle.cmp(word)) {
                Some(Ordering::Less) => rest = rest.get(end + 1..).unwrap_or_default(),
                Some(Ordering::Greater) => rest = rest.get(..start.saturating_sub(1)).unwrap_or_default(),
                Some(Ordering::Equal) => return true,
                None => return false,
            }
        }
        false
    }
}

const fn length(bytes: usize) -> u32 {
    1 << if bytes < 31 { bytes } else { 31 }
}

#[expect(clippy::indexing_slicing, reason = "it runs in the compiler, which checks")]
const fn lengths(text: &[u8]) -> u32 {
    let (mut lengths, mut start, mut at) = (0, 0, 0);
    while at <= text.len() {
        if at == text.len() || text[at] == b' ' {
            lengths |= length(at - start);
            start = at + 1;
        }
        at += 1;
    }
    lengths
}

#[expect(clippy::indexing_slicing, reason = "it runs in the compiler, which checks")]
const fn starts(text: &[u8]) -> [u16; GROUPS + 1] {
    let mut starts = [text.len() as u16 + 1; GROUPS + 1];
    let mut at = text.len();
    // From behind, so that the first word of a group has the last say.
    while at > 0 {
        at -= 1;
        if at == 0 || text[at - 1] == b' ' {
            let mut group = 0;
            while group <= self::group(text[at]) {
                starts[group] = at as u16;
                group += 1;
            }
        }
    }
    starts
}

#[expect(clippy::indexing_slicing, reason = "it runs in the compiler, which checks")]
const fn is_sorted(text: &[u8]) -> bool {
    // Where the word before starts, and where this one does.
    let (mut before, mut start) = (0, 0);
    let mut at = 0;
    while at <= text.len() {
        if at == text.len() || text[at] == b' ' {
            if start == at || (start > 0 && !is_before(text, before, start, at)) {
                return false;
            }
            (before, start) = (start, at + 1);
        }
        at += 1;
    }
    true
}

/// Does the word from `before` come before the one from `start` to `end`?
#[expect(clippy::indexing_slicing, reason = "it runs in the compiler, which checks")]
const fn is_before(text: &[u8], before: usize, start: usize, end: usize) -> bool {
    let mut at = 0;
    // The space behind the first word is less than any byte of a word, so a shorter one comes first.
    while start + at < end {
        let (one, other) = (text[before + at], text[start + at]);
        if one != other {
            return one < other;
        }
        at += 1;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::{WordList, is_sorted};

    #[test]
    fn has_its_words_and_no_others() {
        for text in [
            "a",
            "a b",
            "a b c",
            "aa ab b",
            "z",
            "7z 7za apt-get ls lsof zsh",
            ".a @b a zz {",
            "~",
            "a abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz",
            "\u{e9}",
        ] {
            let words = WordList::new(text);
            for word in text.split(' ') {
                assert!(words.has(word.as_bytes()), "{word} in {text}");
            }
            for word in ["", " ", "0", "@", "{", "|", "aaa", "l", "lso", "lsoff", "zz", "ls lsof", "a b"] {
                let is = text.split(' ').any(|known| known == word);
                assert_eq!(words.has(word.as_bytes()), is, "{word} in {text}");
            }
        }
    }

    #[test]
    fn only_sorted_words_compile() {
        for (text, is) in [
            ("a b", true),
            ("a ab", true),
            ("ab ac", true),
            ("ab a", false),
            ("b a", false),
            ("a a", false),
            ("a  b", false),
            (" a", false),
            ("a ", false),
            ("", false),
        ] {
            assert_eq!(is_sorted(text.as_bytes()), is, "{text:?}");
        }
    }
}
