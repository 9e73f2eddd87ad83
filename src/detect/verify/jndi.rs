//! Is it Log4Shell? Evaluates Log4j's nested lookups as Log4j does, and looks for `${jndi:`.
//!
//! After the substitution rules of Apache Commons Text and Log4j 2 (StrSubstitutor): innermost first, `:-` starts a
//! default. One pass with a stack; each byte is pushed and popped at most once.

use super::subject::Subject;
use crate::detect::matcher::Evidence;

/// Lookups may nest so deep.
const DEPTH: usize = 32;
/// Lookups that leak values of the machine.
#[rustfmt::skip]
const LEAKS: &[&[u8]] = &[
    b"env:", b"sys:", b"java:", b"main:", b"bundle:", b"docker:", b"k8s:", b"spring:", b"hostname", b"ctx:", b"log4j:",
];

/// Reports JNDI lookups, also nested ones, and lookups that leak values of the machine. Evaluates up to [`DEPTH`] nested
/// lookups; what is nested deeper is noted as unread.
pub(super) fn verify(subject: &Subject<'_>, found: &mut dyn FnMut(Evidence)) {
    let mut text: Vec<u8> = Vec::new();
    // Where in `text` each open lookup starts, and whether another was inside it.
    let mut open: Vec<(usize, bool)> = Vec::new();
    let mut rest = subject.view;
    loop {
        match rest {
            [] => break,
            [b'$', b'{', after @ ..] => {
                if open.len() >= DEPTH {
                    subject.leave(rest.len());
                    break;
                }
                open.push((text.len(), false));
                rest = after;
                continue;
            }
            [b'}', ..] => {
                if let Some((start, nested)) = open.pop() {
                    let value = evaluate(text.get(start..).unwrap_or_default(), nested, found);
                    let value = value.and_then(|from| text.get(start + from..)).unwrap_or_default();
                    // Quotes keep letters of a date's pattern as they are: `${date:'j'}`.
                    let value: Vec<u8> = value.iter().copied().filter(|byte| *byte != b'\'').collect();
                    text.truncate(start);
                    text.extend_from_slice(&value);
                    if let Some((_, nested)) = open.last_mut() {
                        *nested = true;
                    }
                } else {
                    text.push(b'}');
                }
            }
            // The dotless i, whose upper case is an I.
            [0xc4, 0xb1, after @ ..] => {
                text.push(b'i');
                rest = after;
                continue;
            }
            [byte, ..] => text.push(*byte),
        }
        rest = rest.get(1..).unwrap_or_default();
    }
    // Open lookups: the closing brace may come later, or was cut off, or they nest too deep.
    for (start, nested) in open {
        judge(text.get(start..).unwrap_or_default(), nested, found);
    }
}

/// What a lookup comes to: from which of its bytes on its value stands, if it has one.
fn evaluate(lookup: &[u8], nested: bool, found: &mut dyn FnMut(Evidence)) -> Option<usize> {
    judge(lookup, nested, found);
    if let Some(at) = lookup.windows(2).position(|pair| pair == b":-") {
        return Some(at + 2);
    }
    let colon = lookup.iter().position(|byte| *byte == b':')?;
    match lookup.get(..colon)? {
        b"lower" | b"upper" | b"date" | b"const" | b"base64decoder" => Some(colon + 1),
        _ => None,
    }
}

fn judge(lookup: &[u8], nested: bool, found: &mut dyn FnMut(Evidence)) {
    let lookup = lookup.trim_ascii_start();
    if lookup.starts_with(b"jndi:") {
        found(Evidence::JndiLookup);
        if nested {
            found(Evidence::JndiNested);
        }
    } else if LEAKS.iter().any(|leak| lookup.starts_with(leak)) && !lookup.contains(&b' ') {
        found(Evidence::JndiLeak);
    } else if nested && lookup.contains(&b':') && lookup.starts_with(b"j") {
        // `${${lower:j}n${x}di:…`: pieced together by parts that are not known here.
        let consonants = lookup.iter().take_while(|byte| **byte != b':').count();
        if consonants <= 4 {
            found(Evidence::JndiNested);
        }
    }
}
