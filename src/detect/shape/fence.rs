//! Which parts of a text are blocks of code by the signs of Markdown, of HTML, of boards or of issue trackers?
//!
//! CommonMark 0.31, section 4.5 (fenced code blocks); also one that opens within a line, as in chats. BBCode; Jira's text formatting
//! notation, "Advanced Formatting".

use memchr::memmem::find;
use std::ops::Range;

/// What opens a block and what closes it.
type Signs = (&'static [u8], &'static [u8]);

const BLOCKS: &[Signs] = &[
    (b"```", b"```"),
    (b"~~~", b"~~~"),
    (b"<pre", b"</pre>"),
    (b"<code", b"</code>"),
    (b"[code]", b"[/code]"),
    (b"[code=", b"[/code]"),
    (b"{code}", b"{code}"),
    (b"{code:", b"{code}"),
    (b"{noformat}", b"{noformat}"),
];

/// The blocks. One that is not closed is none: CommonMark takes it to the end of the text, so a payload would need no more than
/// three signs before it. Looks for each sign once.
pub(super) fn parts(view: &[u8]) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let mut at = 0;
    let mut opening: Vec<(usize, Signs)> =
        BLOCKS.iter().filter_map(|signs| Some((find_from(view, 0, signs.0)?, *signs))).collect();
    while let Some((start, signs @ (open, close))) = opening.iter().copied().min_by_key(|(start, _)| *start) {
        let inside = start + open.len();
        let is_fence = matches!(open, [b'`' | b'~', ..]);
        let inside = if is_fence { start + run(view, start) } else { inside };
        let end = match is_fence {
            _ if start < at => Some(start),
            true => closing(view, inside, open, inside - start),
            false => find_from(view, inside, close),
        };
        let until = end.unwrap_or(view.len());
        let shown = view.get(inside..until).unwrap_or_default();
        // A fence has lines. What a board or a tracker would show is something; an empty block is there for a reader like this one.
        let is_block = match open.first() {
            Some(b'`' | b'~') => shown.contains(&b'\n'),
            Some(b'<') => true,
            _ => !shown.trim_ascii().is_empty(),
        };
        if let Some(end) = end.filter(|_| start >= at && is_block) {
            at = end + if is_fence { run(view, end) } else { close.len() };
            parts.push(start..at);
        }
        // What is not closed here is closed nowhere behind.
        let next = end.and_then(|_| find_from(view, inside.max(at), open));
        opening.retain(|(_, other)| *other != signs);
        opening.extend(next.map(|next| (next, signs)));
    }
    parts
}

/// So many times the sign at `at` stands in a row.
fn run(view: &[u8], at: usize) -> usize {
    let rest = view.get(at..).unwrap_or_default();
    rest.iter().take_while(|byte| Some(*byte) == rest.first()).count()
}

/// The fence that closes one of this length: a longer one holds shorter ones.
fn closing(view: &[u8], from: usize, sign: &[u8], length: usize) -> Option<usize> {
    let mut at = from;
    loop {
        let found = find_from(view, at, sign)?;
        let run = run(view, found);
        if run >= length {
            return Some(found);
        }
        at = found + run;
    }
}

fn find_from(view: &[u8], at: usize, sign: &[u8]) -> Option<usize> {
    find(view.get(at..)?, sign).map(|found| at + found)
}
