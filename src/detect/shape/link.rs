//! Which parts of a text are targets of links, given as a path beside the text?
//!
//! CommonMark 0.31, sections 6.3 (links) and 4.7 (link reference definitions). Documents of a project name their neighbours so.

use memchr::memmem::find;
use std::ops::Range;

/// A longer target, in bytes, is none.
const LONGEST: usize = 200;
/// What no document links to.
const WANTED: &[&[u8]] = &[b"etc/", b"passwd", b"shadow", b"win.ini", b"proc/", b".env", b".ssh", b"web-inf"];

/// `](../a/b.md)`, `]: ../a/b.md`, with the brackets.
pub(super) fn parts(view: &[u8]) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let mut at = 0;
    while let Some(next) = view.get(at..).and_then(|rest| memchr::memchr(b']', rest)) {
        let open = at + next;
        at = open + 1;
        let behind = view.get(at..(at + LONGEST).min(view.len())).unwrap_or_default();
        let (skipped, close) = match behind {
            [b'(', ..] => (1, b')'),
            [b':', b' ', ..] => (2, b'\n'),
            _ => continue,
        };
        let target = behind.get(skipped..).unwrap_or_default();
        let end = target.iter().position(|byte| *byte == close);
        let target = target.get(..end.unwrap_or(target.len())).unwrap_or_default();
        let is_closed = end.is_some() || close == b'\n' && behind.len() < LONGEST;
        if is_closed && is_path(target.strip_suffix(b"\r").unwrap_or(target)) {
            parts.push(open..at + skipped + target.len() + usize::from(end.is_some() && close == b')'));
        }
    }
    parts
}

/// A path upwards and then down, of plain names.
fn is_path(target: &[u8]) -> bool {
    let mut rest = target;
    while let Some(after) = rest.strip_prefix(b"../").or_else(|| rest.strip_prefix(b"./")) {
        rest = after;
    }
    rest.len() < target.len()
        && rest.iter().all(|byte| byte.is_ascii_alphanumeric() || b"/._-@#+".contains(byte))
        && find(rest, b"..").is_none()
        && !WANTED.iter().any(|wanted| find(rest, wanted).is_some())
}
