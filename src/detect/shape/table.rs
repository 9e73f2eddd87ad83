//! Which pipes of a text stand between the cells of a table?
//!
//! GitHub Flavored Markdown 0.29, section 4.10 (tables), and reStructuredText's rows of substitutions. Only the pipes are shown: what a
//! cell holds means what it means anywhere, or a row of two pipes would be a shield.

use super::lines::lines;
use memchr::memchr_iter;
use std::ops::Range;

/// A row has so many pipes.
const PIPES: usize = 3;

/// The pipes of rows.
pub(super) fn parts(view: &[u8]) -> Vec<Range<usize>> {
    let pipes = |(start, line): (usize, &[u8])| {
        let text = line.trim_ascii();
        let pipes = memchr_iter(b'|', line).map(move |at| start + at..start + at + 1).collect::<Vec<_>>();
        let is_row = text.starts_with(b"|") && text.ends_with(b"|") && pipes.len() >= PIPES;
        if is_row { pipes } else { Vec::new() }
    };
    lines(view).flat_map(pipes).collect()
}
