//! Does an address run script, and does what runs only call what the page itself defines?

use super::names::{CALLS, OBJECTS};

/// An address that runs script: `javascript:`, `vbscript:`, `data:` with a document. Browsers skip control characters
/// before and tabs and newlines inside (WHATWG URL, basic parser).
pub(super) fn runs_script(value: &[u8]) -> bool {
    let mut spelled = [0_u8; 24];
    let letters = value.iter().skip_while(|byte| **byte <= b' ' || **byte >= 0x7f || b"\"'`".contains(byte));
    let letters = letters.filter(|byte| **byte > b' ').take(spelled.len());
    let mut length = 0;
    for (slot, letter) in spelled.iter_mut().zip(letters) {
        *slot = *letter;
        length += 1;
    }
    let spelled = spelled.get(..length).unwrap_or_default();
    let Some(colon) = spelled.iter().position(|byte| *byte == b':') else { return false };
    let rest = spelled.get(colon + 1..).unwrap_or_default();
    match spelled.get(..colon).unwrap_or_default() {
        b"javascript" | b"vbscript" | b"livescript" | b"jscript" | b"mocha" => {
            // `javascript:,shop.example`: a list of what a link may begin with.
            !rest.is_empty() && rest != b"void(0)" && !matches!(rest, b";" | [b',', ..]) && !is_title(value)
        }
        b"data" => [
            &b"text/html"[..],
            b"image/svg",
            b"text/xml",
            b"application/x",
            b"text/javascript",
            b"application/javascript",
            b",<",
            b";base64,phn",
        ]
        .iter()
        .any(|kind| rest.starts_with(kind)),
        b"feed" | b"view-source" => rest.starts_with(b"javascript"),
        _ => false,
    }
}

/// `JavaScript: The Good Parts`: a title, as nothing behind the colon calls, reads or sets anything.
fn is_title(value: &[u8]) -> bool {
    let Some(colon) = value.iter().position(|byte| *byte == b':') else { return false };
    let rest = value.get(colon + 1..(colon + 256).min(value.len())).unwrap_or_default();
    let line = rest.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let (Some((b' ' | b'-', title)), false) = (line.split_first(), rest.iter().any(|byte| b"`=".contains(byte))) else {
        return false;
    };
    let calls = rest.windows(2).any(|pair| matches!(pair, [before, b'('] if *before > b' '));
    let is_sign = |byte: &u8| b"[{/\\%&;+".contains(byte);
    let last = title.trim_ascii().rsplit(|byte| !byte.is_ascii_alphanumeric()).next().unwrap_or_default();
    let reads = !title.trim_ascii().contains(&b' ') && OBJECTS.contains(&last);
    !reads
        && title.first().is_some_and(|byte| byte.is_ascii_alphanumeric() || !byte.is_ascii())
        && !calls
        && !title.iter().any(is_sign)
}

/// `javascript:openMenu('main')`: does an address call one function of the page's own, with plain arguments, as links of old pages
/// do and statistics of clicks report?
pub(super) fn calls_page(value: &[u8]) -> bool {
    value.trim_ascii().strip_prefix(b"javascript:").is_some_and(calls_own)
}

/// `openMenu('main');`: one call of a function that the page defines, with plain arguments.
pub(super) fn calls_own(code: &[u8]) -> bool {
    let code = code.strip_suffix(b";").unwrap_or(code);
    let length = code.iter().take_while(|byte| byte.is_ascii_alphanumeric() || b"_$.".contains(byte)).count();
    let (name, call) = code.split_at(length);
    let inside = call.strip_prefix(b"(").and_then(|call| call.strip_suffix(b")"));
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"_$-'\", ".contains(byte);
    let is_own = |word: &[u8]| !CALLS.contains(&word) && !OBJECTS.contains(&word);
    name.len() > 3
        && name.split(|byte| *byte == b'.').all(is_own)
        && inside.is_some_and(|inside| {
            // `window.name` and its like are the attacker's.
            let mut words = inside.split(|byte| !byte.is_ascii_alphanumeric());
            inside.iter().all(is_plain) && words.all(|word| word == b"this" || !OBJECTS.contains(&word))
        })
}
