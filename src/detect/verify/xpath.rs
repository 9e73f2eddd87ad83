//! Is it an injection into an XPath expression? A condition on a document's nodes, after a quote that closes a string.
//!
//! The functions are those of XPath 1.0, section 4, with the arguments that distinguish them from SQL's.

use super::bytes::{find, has_any};
use super::subject::Subject;
use crate::detect::matcher::Evidence;

/// Expressions on nodes.
#[rustfmt::skip]
const NODES: &[&[u8]] = &[
    b"count(/", b"count(//", b"name()", b"name(/", b"text()", b"node()", b"position()", b"last()", b"string-length(name", b"string-length(/",
    b"substring(name", b"substring(/", b"starts-with(", b"//*", b"/*[", b"child::", b"parent::", b"ancestor::", b"descendant::", b"| /", b"|/", b"not(/", b"doc(", b"doc-available(",
];

/// Reports a condition on a document's nodes behind a closed quote. Reads the view a fixed number of times.
pub(super) fn verify(subject: &Subject<'_>, found: &mut dyn FnMut(Evidence)) {
    let view = subject.view;
    let Some(quote) = view.iter().position(|byte| matches!(byte, b'\'' | b'"')) else { return };
    let (before, rest) = view.split_at(quote);
    let after = rest.get(1..).unwrap_or_default().trim_ascii_start();
    let after = after.strip_prefix(b")").unwrap_or(after).trim_ascii_start();
    let after = after.strip_prefix(b"]").or(after.strip_prefix(b")")).unwrap_or(after).trim_ascii_start();
    let joined = [&b"or "[..], b"and ", b"or(", b"and(", b"|", b"]|"].iter().any(|word| after.starts_with(word));
    // `']/parent::*`: the way goes on from the closed step.
    let onward = [&b"]/"[..], b")]/"].iter().any(|sign| rest.get(1..).is_some_and(|rest| rest.starts_with(sign)));
    let joined = joined || (onward && find(after, 0, b"::").is_some());
    // An expression that is whole has brackets before its strings.
    if joined && !before.iter().any(|byte| b"[/(=".contains(byte)) && has_any(after, NODES) {
        // `count(/*…*/` would be a comment of SQL's.
        let comment = find(after, 0, b"/*").is_some_and(|at| find(after, at, b"*/").is_some());
        if !comment {
            found(Evidence::XpathClosed);
        }
    }
}
