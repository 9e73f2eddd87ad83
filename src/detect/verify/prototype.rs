//! Is it prototype pollution? The names that lead to the prototype of all objects, as a name or as a key of JSON.

use super::bytes::find;
use super::subject::Subject;
use crate::detect::matcher::Evidence;

/// Reports names that lead to the prototype, as a name or as a key in a text. Reads the view once.
pub(super) fn verify(subject: &Subject<'_>, found: &mut dyn FnMut(Evidence)) {
    let view = subject.view;
    if is_way(view) {
        found(Evidence::PrototypePath);
    }
    if subject.is_name {
        let inherited = find(view, 0, b"prototype").is_some_and(|at| {
            let before = view.get(..at).unwrap_or_default();
            before.ends_with(b"constructor[") || before.ends_with(b"constructor.") || before.ends_with(b"constructor][")
        });
        if inherited
            || [&b"__proto__"[..], b"__definegetter__", b"__definesetter__"]
                .iter()
                .any(|name| find(view, 0, name).is_some())
        {
            found(Evidence::PrototypeName);
        }
        return;
    }
    // Quoted keys: `"__proto__":`, `"constructor":{"prototype":`; parameters in an address: `?__proto__[a]=b`.
    let is_key = |name: &[u8], outer: &[u8]| {
        let Some(at) = find(view, 0, name) else { return false };
        let after = view.get(at + name.len()..).unwrap_or_default();
        let before = view.get(..at).unwrap_or_default();
        let quoted =
            after.starts_with(b"\"") && after.get(1..).is_some_and(|after| after.trim_ascii_start().starts_with(b":"));
        quoted && before.ends_with(b"\"") && (outer.is_empty() || find(before, 0, outer).is_some())
    };
    let parameter = find(view, 0, b"__proto__").is_some_and(|at| {
        let before = at.checked_sub(1).and_then(|at| view.get(at));
        matches!(before, Some(b'?' | b'&' | b'#')) && matches!(view.get(at + 9), Some(b'[' | b'.' | b'='))
    });
    if parameter || is_key(b"__proto__", b"") || is_key(b"prototype", b"\"constructor\"") {
        found(Evidence::PrototypeName);
    }
}

/// Is the whole value a way along names, and one of them leads to the prototype: `a.__proto__.b`, `/constructor/prototype/b`?
/// Patches of JSON (RFC 6902) and setters by path take such values.
fn is_way(view: &[u8]) -> bool {
    let plain =
        view.len() <= 128 && view.iter().all(|byte| byte.is_ascii_alphanumeric() || b"_.-/[]\"'$".contains(byte));
    let mut before: &[u8] = b"";
    plain
        && view.split(|byte| b"./[]\"'".contains(byte)).filter(|name| !name.is_empty()).any(|name| {
            let inherited = name == b"__proto__" || (name == b"prototype" && before == b"constructor");
            before = name;
            inherited
        })
}
