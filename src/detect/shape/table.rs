//! Which pipes of a text stand between the cells of a table?
//!
//! GitHub Flavored Markdown 0.29, section 4.10 (tables), and reStructuredText's rows of substitutions. Only the pipes are shown: what a
//! cell holds means what it means anywhere, or a row of two pipes would be a shield. No row holds what nobody shows without need.

use super::lines::lines;
use super::span::WANTED;
use memchr::memchr_iter;
use memchr::memmem::find;
use std::ops::Range;

/// A row has so many pipes.
const PIPES: usize = 3;

/// The pipes of rows.
pub(super) fn parts(view: &[u8]) -> Vec<Range<usize>> {
    let pipes = |(start, line): (usize, &[u8])| {
        let text = line.trim_ascii();
        let pipes = memchr_iter(b'|', line).map(move |at| start + at..start + at + 1).collect::<Vec<_>>();
        let is_row = text.starts_with(b"|") && text.ends_with(b"|") && pipes.len() >= PIPES;
        let is_row = is_row && find(line, b"||").is_none() && !WANTED.iter().any(|wanted| find(line, wanted).is_some());
        if is_row { pipes } else { Vec::new() }
    };
    lines(view).flat_map(pipes).collect()
}

/// Has a text a table with a head, as Markdown needs it? Then a cell is no line of its own.
pub(super) fn has_head(view: &[u8]) -> bool {
    lines(view).any(|(_, line)| is_delimiter(line.trim_ascii()))
}

/// `|---|:--:|`: the row between a table's head and its cells.
fn is_delimiter(row: &[u8]) -> bool {
    row.starts_with(b"|")
        && row.len() > 4
        && row.iter().all(|byte| b"|-: ".contains(byte))
        && find(row, b"--").is_some()
}
