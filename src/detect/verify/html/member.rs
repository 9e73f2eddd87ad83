//! Does script reach an object of the page without naming its members: `top["al"+"ert"]`, `[].sort.call` with a template?

use super::plain;
use crate::detect::verify::bytes::find;

/// Objects that hold all others.
#[rustfmt::skip]
const ROOTS: &[&[u8]] = &[
    b"self", b"top", b"window", b"parent", b"frames", b"globalthis", b"this", b"document", b"content", b"opener", b"reflect",
];
/// Texts longer than this are looked at elsewhere, in bytes.
const LONGEST: usize = 1024;

/// A root object with a computed member, or a call by a template string.
pub(super) fn computed(view: &[u8]) -> bool {
    let text = view.get(..view.len().min(LONGEST)).unwrap_or_default();
    if !text.iter().any(|byte| matches!(byte, b'[' | b'`')) {
        return false;
    }
    // Blanks and comments are nothing to script.
    let plain = plain::script(text);
    let code = plain.as_deref().unwrap_or(text).iter().copied().filter(|byte| !byte.is_ascii_whitespace());
    let code: Vec<_> = code.collect();
    let mut at = 0;
    while let Some(open) = code.get(at..).and_then(|rest| rest.iter().position(|byte| matches!(byte, b'[' | b'`'))) {
        let open = at + open;
        at = open + 1;
        let before = code.get(..open).unwrap_or_default();
        let start = before.iter().rposition(|byte| !byte.is_ascii_alphanumeric()).map_or(0, |at| at + 1);
        let word = before.get(start..).unwrap_or_default();
        let apart =
            start.checked_sub(1).and_then(|at| before.get(at)).is_none_or(|byte| !matches!(byte, b'_' | b'$' | b'-'));
        let inside = code.get(open + 1..).unwrap_or_default();
        if code.get(open) == Some(&b'`') {
            let template = find(inside.get(..inside.len().min(32)).unwrap_or_default(), 0, b"${").is_some()
                || matches!(word, b"call" | b"apply") && inside.first() == Some(&b'`');
            let runs = matches!(word, b"call" | b"apply" | b"bind" | b"alert" | b"eval" | b"settimeout") && template;
            let built = matches!(word, b"constructor" | b"function")
                && before.get(..start).is_some_and(|all| all.ends_with(b"."));
            // ``a_call`` in reStructuredText, whose code stands between two.
            let is_code = || before.windows(2).filter(|pair| pair == b"``").count() % 2 == 1;
            if (runs || built) && !is_code() {
                return true;
            }
            continue;
        }
        let is_member = !word.is_empty() || before.last().is_some_and(|byte| matches!(byte, b']' | b')'));
        if is_member && makes_functions(inside) {
            return true;
        }
        let string = matches!(inside.first(), Some(b'"' | b'\'' | b'`' | b'/' | b'('))
            || inside.starts_with(b"atob")
            || inside.starts_with(b"string.");
        if string && apart && ROOTS.contains(&word) && used(inside) {
            return true;
        }
    }
    false
}

/// `["constructor"]["constructor"]`, behind its first bracket: the maker of functions, whatever object it is reached from.
fn makes_functions(inside: &[u8]) -> bool {
    const AGAIN: &[&[u8]] = &[b"[\"constructor\"]", b"['constructor']", b"[`constructor`]", b".constructor"];
    let Some((quote, name)) = inside.split_first().filter(|(quote, _)| b"'\"`".contains(quote)) else { return false };
    let behind = name.strip_prefix(b"constructor").and_then(|rest| rest.strip_prefix(&[*quote, b']']));
    behind.is_some_and(|behind| AGAIN.iter().any(|again| behind.starts_with(again)))
}

/// Is the member called, joined from parts, or the end of the value?
fn used(inside: &[u8]) -> bool {
    let Some(close) = inside.iter().take(96).position(|byte| *byte == b']') else { return true };
    let (member, after) = inside.split_at(close);
    let after = after.get(1..).unwrap_or_default();
    member.contains(&b'+')
        || member.contains(&b'\\')
        || after.is_empty()
        || matches!(after.first(), Some(b'(' | b'`' | b'['))
}
