//! Which parts of a text are blocks of code by Markdown's or by HTML's own signs?
//!
//! CommonMark 0.31, section 4.5 (fenced code blocks); also one that opens within a line, as in chats.

use memchr::memmem::find;
use std::ops::Range;

/// What opens a block and what closes it.
const BLOCKS: &[(&[u8], &[u8])] = &[(b"```", b"```"), (b"~~~", b"~~~"), (b"<pre", b"</pre>"), (b"<code", b"</code>")];

/// The blocks. A fence has a line break inside, or it is none; one that is not closed goes to the end.
pub(super) fn parts(view: &[u8]) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let mut at = 0;
    while let Some((start, (open, close))) = next(view, at) {
        let inside = start + open.len();
        let end = find_from(view, inside, close);
        let is_fence = open.first() != Some(&b'<');
        let until = end.unwrap_or(view.len());
        let has_line = view.get(inside..until).is_some_and(|text| text.contains(&b'\n'));
        // What closes an element only once may be the payload's own doing.
        if is_fence && has_line || !is_fence && end.is_some() {
            at = end.map_or(view.len(), |end| end + close.len());
            parts.push(start..at);
        } else {
            at = inside;
        }
    }
    parts
}

/// The next sign that opens a block.
fn next(view: &[u8], at: usize) -> Option<(usize, &'static (&'static [u8], &'static [u8]))> {
    BLOCKS.iter().filter_map(|block| Some((find_from(view, at, block.0)?, block))).min_by_key(|(start, _)| *start)
}

fn find_from(view: &[u8], at: usize, sign: &[u8]) -> Option<usize> {
    find(view.get(at..)?, sign).map(|found| at + found)
}
