//! Is it an injection into a document database? Operators where a name or a value belongs, and code that the database runs.
//!
//! The operators are MongoDB's (manual, "Query and Projection Operators").

use super::bytes::find;
use super::subject::Subject;
use crate::detect::matcher::Evidence;
use crate::detect::verify::word_list::WordList;

/// Operators that widen a query; few programs let their clients say these.
static WIDENING: WordList = WordList::new(
    "comment elemmatch exists expr gt jsonschema lookup merge mod ne nin nor not out rand regex text type unionwith",
);
/// Operators with code.
const CODE: &[&[u8]] = &[b"where", b"function", b"accumulator"];
/// Operators that some interfaces let their clients say.
const FILTERS: &[&[u8]] = &[b"gte", b"lt", b"lte", b"eq", b"in", b"or", b"and", b"all", b"size"];
/// What injected code does first.
#[rustfmt::skip]
const STEPS: &[&[u8]] = &[
    b"return true", b"return(true", b"return 1", b"return(1", b"return this.", b"return ''==''", b"return 'a'=='a'", b"while(true)",
    b"while(1)", b"do{", b"do {", b"var d=new date", b"it=new date", b"true ||", b"this.password", b"this.username", b"sleep(", b"db.",
];
/// No injected code is longer, in bytes.
const LONGEST: usize = 256;

/// Reports operators used as keys, and code that the database runs. Reads the view once; code only in views of up to
/// [`LONGEST`] bytes.
pub(super) fn verify(subject: &Subject<'_>, found: &mut dyn FnMut(Evidence)) {
    let view = subject.view;
    let mut at = 0;
    while let Some(sign) = find(view, at, b"$") {
        at = sign + 1;
        let rest = view.get(at..).unwrap_or_default();
        let length = rest.iter().take_while(|byte| byte.is_ascii_lowercase()).count();
        let (name, after) = rest.split_at(length);
        let before = sign.checked_sub(1).and_then(|at| view.get(at)).copied();
        if !stands(before, after, subject.is_name) {
            continue;
        }
        match () {
            () if WIDENING.has(name) => found(Evidence::NosqlOperator),
            () if CODE.contains(&name) => found(Evidence::NosqlCode),
            () if FILTERS.contains(&name) => found(Evidence::NosqlFilter),
            () => {}
        }
    }
    if view.len() <= LONGEST && (code(view, b';') || code(view, b'|') || code(view, b'&')) {
        found(Evidence::NosqlCode);
    }
}

/// Does an operator stand here as a key: `[$ne]`, `"$ne":`, `{$ne:`, or as a name's last part?
fn stands(before: Option<u8>, after: &[u8], is_name: bool) -> bool {
    let next = after.first().copied();
    match before {
        Some(b'[') => next == Some(b']'),
        Some(b'"' | b'\'') => {
            next == before && after.get(1..).is_some_and(|after| after.trim_ascii_start().starts_with(b":"))
        }
        Some(b'{' | b',') => next == Some(b':'),
        None | Some(b'.') => is_name && next.is_none(),
        _ => false,
    }
}

/// Does code follow the separator, after no more than the end of a value: `0;return true`, `a' || this.password`?
fn code(view: &[u8], separator: u8) -> bool {
    let Some(at) = view.iter().position(|byte| *byte == separator) else { return false };
    let (before, after) = view.split_at(at);
    let after = after.get(1..).unwrap_or_default();
    let after = after.strip_prefix(&[separator]).unwrap_or(after).trim_ascii_start();
    let ends =
        before.iter().all(|byte| byte.is_ascii_alphanumeric() || b"'\"})_ ".contains(byte)) && before.len() <= 32;
    let closed =
        separator == b';' || before.trim_ascii_end().ends_with(b"'") || before.trim_ascii_end().ends_with(b"\"");
    ends && closed
        && STEPS.iter().any(|step| after.starts_with(step))
        && (!after.starts_with(b"db.")
            || super::bytes::has_any(after, &[b".drop(", b".find(", b".insert", b".update", b".remove(", b".delete"]))
}
