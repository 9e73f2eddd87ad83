//! Is a value a page of HTML by itself? Its scripts are its own: nothing is broken out of.
//!
//! HTML's living standard, 13.1 ("Writing documents"): a DOCTYPE, then the root element with a head.

use memchr::memmem::find;
use std::ops::Range;

/// The whole value, if it is one.
pub(super) fn parts(view: &[u8]) -> Vec<Range<usize>> {
    let text = view.trim_ascii_start();
    let has = |part: &[u8]| find(text, part).is_some();
    // Editors of whole pages leave the DOCTYPE out.
    let is_root = text.starts_with(b"<html") && has(b"<meta") && has(b"<body");
    let is_page = is_root || text.starts_with(b"<!doctype html") && has(b"<html") && has(b"<head") && has(b"<title");
    if is_page { std::iter::once(0..view.len()).collect() } else { Vec::new() }
}
