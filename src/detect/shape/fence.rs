//! Which parts of a text are blocks of code by Markdown's or by HTML's own signs?
//!
//! CommonMark 0.31, section 4.5 (fenced code blocks); also one that opens within a line, as in chats.

use memchr::memmem::find;
use std::ops::Range;

/// What opens a block and what closes it.
type Signs = (&'static [u8], &'static [u8]);

const BLOCKS: &[Signs] = &[(b"```", b"```"), (b"~~~", b"~~~"), (b"<pre", b"</pre>"), (b"<code", b"</code>")];

/// The blocks. A fence has a line break inside, or it is none; one that is not closed goes to the end. Looks for each sign once.
pub(super) fn parts(view: &[u8]) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let mut at = 0;
    let mut opening: Vec<(usize, Signs)> =
        BLOCKS.iter().filter_map(|signs| Some((find_from(view, 0, signs.0)?, *signs))).collect();
    while let Some((start, signs @ (open, close))) = opening.iter().copied().min_by_key(|(start, _)| *start) {
        let inside = start + open.len();
        let end = if start < at { Some(start) } else { find_from(view, inside, close) };
        let is_fence = open.first() != Some(&b'<');
        let until = end.unwrap_or(view.len());
        let has_line = view.get(inside..until).is_some_and(|text| text.contains(&b'\n'));
        if start >= at && (is_fence && has_line || !is_fence && end.is_some()) {
            at = end.map_or(view.len(), |end| end + close.len());
            parts.push(start..at);
        }
        // What is not closed here is closed nowhere behind.
        let next = end.and_then(|_| find_from(view, inside.max(at), open));
        opening.retain(|(_, other)| *other != signs);
        opening.extend(next.map(|next| (next, signs)));
    }
    parts
}

fn find_from(view: &[u8], at: usize, sign: &[u8]) -> Option<usize> {
    find(view.get(at..)?, sign).map(|found| at + found)
}
