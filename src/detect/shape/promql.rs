//! Is a value a query of PromQL or LogQL: names with matchers of labels in braces, ranges in brackets?
//!
//! After the grammar in Prometheus' and Loki's documentation ("Querying basics", "Log queries"). Each string opens behind an operator or a
//! parenthesis and is closed, so nothing is broken out of.

use std::ops::Range;

/// The whole value, if it is one.
pub(super) fn parts(view: &[u8]) -> Vec<Range<usize>> {
    if is_query(view.trim_ascii()) { std::iter::once(0..view.len()).collect() } else { Vec::new() }
}

fn is_query(view: &[u8]) -> bool {
    let starts = view.first().is_some_and(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'(' | b'{' | b'_'));
    let (mut depth, mut matchers, mut ranges) = (0_i32, 0, 0);
    let mut in_braces = false;
    let mut rest = view;
    let mut before = b' ';
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        match byte {
            b'"' => {
                // `{job="x"}`, `label_replace(a, "b", …)`
                let is_matcher = in_braces && matches!(before, b'=' | b'~');
                let is_argument = depth > 0 && matches!(before, b'(' | b',');
                if !(is_matcher || is_argument) {
                    return false;
                }
                let Some(end) = after.iter().position(|byte| matches!(byte, b'"' | b'\n')) else { return false };
                if after.get(end) != Some(&b'"') {
                    return false;
                }
                matchers += usize::from(is_matcher);
                rest = after.get(end + 1..).unwrap_or_default();
            }
            // A tag.
            b'<' if after.first().is_some_and(u8::is_ascii_alphabetic) => return false,
            b'(' | b'{' | b'[' => {
                in_braces |= *byte == b'{';
                depth += 1;
            }
            b')' | b'}' | b']' => {
                in_braces &= *byte != b'}';
                depth -= 1;
            }
            b'0'..=b'9' if before == b'[' => {
                let unit = after.iter().find(|byte| !byte.is_ascii_digit());
                ranges += usize::from(matches!(unit, Some(b's' | b'm' | b'h' | b'd' | b'w' | b'y')));
            }
            b'_' | b':' | b'=' | b'!' | b'~' | b'<' | b'>' | b'+' | b'-' | b'*' | b'/' | b'%' | b'^' | b',' | b'.'
            | b' ' | b'\n' | b'\r' | b'\t' | b'@' | b'$' | b'|' => {}
            _ if byte.is_ascii_alphanumeric() => {}
            _ => return false,
        }
        if depth < 0 {
            return false;
        }
        before = if byte.is_ascii_whitespace() { before } else { *byte };
    }
    starts && depth == 0 && matchers + ranges > 0 && memchr::memmem::find(view, b"--").is_none()
}
