//! Which kinds of byte occur in a text? One pass over it, after which most searches for a single byte are not needed.
//!
//! Upper and lower case are one kind, so that a text and the same in lower case have the same.

/// Kinds of sign: those that stand in a text, or those that are looked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct ByteSet(u32);

macro_rules! marks {
    ($($name:ident $bit:literal $bytes:pat, $doc:literal;)*) => {
        impl ByteSet {
            $(#[doc = $doc] pub(crate) const $name: Self = Self(1 << $bit);)*

            const fn of_byte(byte: u8) -> Self {
                let mut marks = 0;
                $(if matches!(byte, $bytes) { marks |= 1 << $bit; })*
                Self(marks)
            }
        }
    };
}

marks! {
    SIGN 0 0..=b'+' | b'/' | b';'..=b'?' | b'['..=b'^' | b'`' | b'{'..=0xff, "All but letters, digits and what joins them in names and numbers.";
    CODED 1 b'%' | b'&' | b'\\' | 0..=0x1f | 0x7f | 0xc0..=0xff, "Something may be encoded.";
    RARE 2 b'$' | b'{' | b'<' | b'`' | b'%' | b'\\', "What the grammar of no usual header has.";
    PLUS 3 b'+', "A blank, in some places.";
    QUESTION 4 b'?', "Where a query starts.";
    QUOTE 5 b'"', "Quotation marks.";
    X 6 b'x' | b'X', "`0x…`.";
    SLASH 7 b'/', "Slashes.";
    SEMICOLON 8 b';', "Semicolons.";
    PERCENT 9 b'%', "Percent-coding.";
    BACKSLASH 10 b'\\', "Backslashes.";
    ESCAPE 11 b'%' | b'&' | b'\\' | 0..=0x08 | 0x0b | 0x0e..=0x1f | 0x7f, "Percent-coding, entities, escapes and control characters other than blanks.";
    ODD 12 0xc0 | 0xc1 | 0xe0 | 0xe2 | 0xe3 | 0xee | 0xef | 0xf0 | 0xf8..=0xff, "Where an odd spelling of ASCII may start.";
    DOLLAR 13 b'$', "Variables.";
    BACK_QUOTE 14 b'`', "Back-quotes.";
    PIPE 15 b'|', "Pipes.";
    OPEN 16 b'(', "Parentheses.";
    LINE 18 b'\r' | b'\n', "Line breaks.";
    MARKUP 19 b'<' | b'=' | b'"' | b'\'' | b'`' | b'[' | b'(' | b':', "One of these is in whatever runs in a page: a tag, an attribute, a string's end, a member, a call, a scheme.";
    LESS 20 b'<', "Where a tag may start.";
    SEPARATOR 17 b';' | b'|' | b'&' | b'\n' | b'`' | b'(', "What may stand before a command.";
}

static TABLE: [ByteSet; 256] = {
    let mut table = [ByteSet(0); 256];
    let mut byte = 0;
    while byte < 256 {
        #[expect(clippy::indexing_slicing, reason = "checked by the compiler: this runs at compile time")]
        {
            table[byte] = ByteSet::of_byte(byte as u8);
        }
        byte += 1;
    }
    table
};

/// Those of one byte.
#[inline(always)]
fn of_byte(byte: u8) -> u32 {
    TABLE.get(usize::from(byte)).copied().unwrap_or_default().0
}

impl ByteSet {
    /// Those in a text.
    pub(crate) fn of(text: &[u8]) -> Self {
        let (fours, rest) = text.as_chunks::<4>();
        let mut marks = 0;
        for [a, b, c, d] in fours {
            marks |= of_byte(*a) | of_byte(*b) | of_byte(*c) | of_byte(*d);
        }
        for byte in rest {
            marks |= of_byte(*byte);
        }
        Self(marks)
    }

    /// Is one of these among them?
    pub(crate) const fn has(self, these: Self) -> bool {
        self.0 & these.0 != 0
    }

    /// All but these.
    pub(crate) const fn without(self, these: Self) -> Self {
        Self(self.0 & !these.0)
    }

    /// These too.
    pub(crate) const fn and(self, these: Self) -> Self {
        Self(self.0 | these.0)
    }

    /// The first place of one of these.
    pub(crate) fn position(self, text: &[u8]) -> Option<usize> {
        for (at, byte) in text.iter().enumerate() {
            if of_byte(*byte) & self.0 != 0 {
                return Some(at);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_of_a_text_counts() {
        for length in 1..12 {
            for at in 0..length {
                let mut text = vec![b'a'; length];
                assert_eq!(ByteSet::of(&text), ByteSet(0));
                text[at] = b'"';
                assert!(ByteSet::of(&text).has(ByteSet::QUOTE) && !ByteSet::of(&text).has(ByteSet::CODED));
                assert_eq!(ByteSet::QUOTE.position(&text), Some(at));
            }
        }
        for plain in b"09AZaz_-.,:@" {
            assert!(!ByteSet::of(&[*plain]).has(ByteSet::SIGN), "{plain}");
        }
    }
}
