//! Which lines of a text are rows of a table?
//!
//! GitHub Flavored Markdown 0.29, section 4.10 (tables), and reStructuredText's rows of substitutions: cells between pipes.

use super::lines::lines;
use memchr::memmem::find;
use std::ops::Range;

/// A row has so many pipes.
const PIPES: usize = 3;
/// What nobody shows without need.
const WANTED: &[&[u8]] = &[b"/etc/", b"/dev/tcp", b"/proc/self", b"whoami", b"||", b"passwd"];

/// Rows, without what wants something.
pub(super) fn parts(view: &[u8]) -> Vec<Range<usize>> {
    let row = |(start, line): (usize, &[u8])| {
        let text = line.trim_ascii();
        let pipes = text.iter().filter(|byte| **byte == b'|').count();
        let is_row = text.starts_with(b"|") && text.ends_with(b"|") && pipes >= PIPES;
        let is_wanted = WANTED.iter().any(|wanted| find(text, wanted).is_some());
        (is_row && !is_wanted).then_some(start..start + line.len())
    };
    lines(view).filter_map(row).collect()
}
