//! Where in bytes that are no text does text follow a mark that web servers, shells or Log4j act on?
//!
//! `<?php`, `<?=`, `<%`, `<script`, `<jsp:`, `${`: in a file of another type they are a web shell or a polyglot. `<!ENTITY`: XML
//! that a format carries along, for a parser that may load what it names.

/// A mark is followed by at least this many bytes of text; in random bytes it seldom is.
const TEXT: usize = 8;
/// The longest mark, in bytes.
const MARK: usize = 8;
/// The bytes that are searched at a time.
const BLOCK: usize = 32;
/// How much of the text behind a mark is shown, in bytes.
const WINDOW: usize = 1024;
/// The most marks of one content that are shown.
const MARKS: usize = 256;

/// What is shown of a content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    /// A piece of text.
    Text,
    /// The first bytes of a content that is not text.
    Start,
    /// The text behind a mark in a content that is not text, after the first four bytes of the content.
    Mark,
}

/// The search for marks.
#[derive(Debug, Default)]
pub(super) struct Marks {
    /// The last bytes, in which a mark may start.
    carry: Vec<u8>,
    /// The text since a mark, if it still goes on.
    open: Vec<u8>,
    count: usize,
}

impl Marks {
    /// Searches the next bytes of a content with this start; text behind a mark is shown.
    pub(super) fn push(&mut self, bytes: &[u8], first: &[u8], show: &mut dyn FnMut(Shown, &[u8])) {
        if self.carry.is_empty() {
            return self.search(bytes, first, show);
        }
        let mut joined = std::mem::take(&mut self.carry);
        joined.extend_from_slice(bytes);
        self.search(&joined, first, show);
    }

    fn search(&mut self, bytes: &[u8], first: &[u8], show: &mut dyn FnMut(Shown, &[u8])) {
        let mut rest = bytes;
        if !self.open.is_empty() {
            rest = self.go_on(rest, first, show);
        }
        while let Some((at, is_whole)) = mark(rest) {
            rest = rest.get(at..).unwrap_or_default();
            if !is_whole {
                self.carry = rest.to_vec();
                return;
            }
            let (now, after) = rest.split_at(1);
            self.open = now.to_vec();
            rest = self.go_on(after, first, show);
        }
    }

    /// The content has ended: a mark may be cut short.
    pub(super) fn end(&mut self, first: &[u8], show: &mut dyn FnMut(Shown, &[u8])) {
        let carry = std::mem::take(&mut self.carry);
        if starts_mark(&carry) {
            self.open = carry;
        }
        if !self.open.is_empty() {
            self.close(first, show);
        }
    }

    /// Adds to the text behind a mark; returns what is behind it.
    fn go_on<'a>(&mut self, bytes: &'a [u8], first: &[u8], show: &mut dyn FnMut(Shown, &[u8])) -> &'a [u8] {
        let room = WINDOW.saturating_sub(self.open.len()).min(bytes.len());
        let near = bytes.get(..room).unwrap_or_default();
        let end = near.iter().position(|byte| !is_text(*byte));
        self.open.extend_from_slice(near.get(..end.unwrap_or(room)).unwrap_or_default());
        if end.is_some() || self.open.len() >= WINDOW {
            self.close(first, show);
        }
        bytes.get(end.unwrap_or(room)..).unwrap_or_default()
    }

    fn close(&mut self, first: &[u8], show: &mut dyn FnMut(Shown, &[u8])) {
        let text = std::mem::take(&mut self.open);
        self.count += 1;
        if self.count <= MARKS {
            show(Shown::Mark, &[first.get(..4).unwrap_or(first), &text].concat());
        }
    }
}

/// The first mark with text behind it, and whether all of that is there; else where one may start at the end.
fn mark(bytes: &[u8]) -> Option<(usize, bool)> {
    let mut from = 0;
    while let Some(at) = pair(bytes, from) {
        from = at + 1;
        let rest = bytes.get(at..).unwrap_or_default();
        let near = rest.get(..rest.len().min(MARK + TEXT)).unwrap_or_default();
        if near.len() < MARK + TEXT {
            if may_start(near) {
                return Some((at, false));
            }
        } else if starts_mark(near) {
            return Some((at, true));
        }
    }
    None
}

/// The first position from `from` on of two bytes that a mark starts with, or of one at the end.
///
/// In random bytes any search for single bytes stops too often. So blocks are asked, in loops of which compilers make vectors:
/// first what is quickly asked of both bytes, and in one block of twelve what is exact.
fn pair(bytes: &[u8], from: usize) -> Option<usize> {
    let bytes = bytes.get(from..).unwrap_or_default();
    let (ones, _) = bytes.as_chunks::<BLOCK>();
    let (others, _) = bytes.get(1..).unwrap_or_default().as_chunks::<BLOCK>();
    let is_dull = |(ones, others): &(&_, &_)| !(any(ones, others, may_start_pair) && any(ones, others, starts_pair));
    let at = ones.iter().zip(others).take_while(is_dull).count() * BLOCK;
    let rest = bytes.get(at..).unwrap_or_default();
    let found = rest.windows(2).position(|two| matches!(two, [one, other] if starts_pair(*one, *other)));
    let last = || matches!(rest.last(), Some(b'<' | b'$')).then(|| rest.len() - 1);
    found.or_else(last).map(|behind| from + at + behind)
}

/// Is it so for any byte and the one behind it? Asks all of them: without branches.
#[inline(always)]
fn any(ones: &[u8; BLOCK], others: &[u8; BLOCK], is: impl Fn(u8, u8) -> bool) -> bool {
    let mut any = false;
    for (one, other) in ones.iter().zip(others) {
        any |= is(*one, *other);
    }
    any
}

/// May a mark start with these two bytes? No more than three comparisons.
#[inline(always)]
fn may_start_pair(one: u8, other: u8) -> bool {
    ((one == b'<') | (one == b'$')) & (other.cast_signed() >= b'!'.cast_signed())
}

/// Does a mark start with these two bytes?
#[inline(always)]
fn starts_pair(one: u8, other: u8) -> bool {
    let letter = other | 0x20;
    let tag =
        (one == b'<') & ((other == b'?') | (other == b'%') | (other == b'!') | (letter == b's') | (letter == b'j'));
    tag | (one == b'$') & (other == b'{')
}

/// The marks.
const ALL: &[&[u8]] = &[b"<?php", b"<?=", b"<%", b"<script", b"<jsp:", b"${", b"<!entity"];

/// Does it start with a mark and text behind it, as far as there are bytes?
fn starts_mark(bytes: &[u8]) -> bool {
    let has = |mark: &[u8]| bytes.get(..mark.len()).is_some_and(|start| start.eq_ignore_ascii_case(mark));
    ALL.iter().any(|mark| {
        has(mark)
            && bytes
                .get(mark.len()..)
                .unwrap_or_default()
                .iter()
                .take(TEXT)
                .all(|byte| is_text(*byte) && byte.is_ascii())
    })
}

/// May it become a mark with more bytes?
fn may_start(bytes: &[u8]) -> bool {
    starts_mark(bytes)
        || ALL.iter().any(|mark| mark.get(..bytes.len()).is_some_and(|start| start.eq_ignore_ascii_case(bytes)))
}

/// Is it a byte of text: no control character but blanks?
pub(super) fn is_text(byte: u8) -> bool {
    !byte.is_ascii_control() || byte.is_ascii_whitespace()
}
