//! Is it a script's loop without end, or Perl inside a string?

use crate::detect::matcher::Evidence;
use crate::detect::verify::Subject;
use crate::detect::verify::bytes::{find, word_after, word_before};

/// What is always true, behind any number of signs (ECMAScript, `ToBoolean`; `!false`, `!!{}`, `+1`).
#[rustfmt::skip]
const ALWAYS: &[&[u8]] = &[
    b"true", b"1", b"infinity", b"this", b"string", b"number", b"object", b"array", b"function", b"false", b"null", b"nan", b"undefined", b"0",
    b"date", b"math", b"json", b"regexp", b"symbol", b"boolean", b"promise", b"global", b"process", b"window",
];
/// A value longer than this, in bytes, is a program that somebody shows.
const SHORT: usize = 256;

/// Reads the view as a script.
pub(in crate::detect::verify) fn verify(subject: &Subject<'_>, found: &mut dyn FnMut(Evidence)) {
    let view = subject.view;
    if view.len() <= SHORT && endless(view) {
        found(Evidence::ScriptEndless);
    }
    let mut at = 0;
    while let Some(open) = find(view, at, b"@{") {
        at = open + 2;
        if view.get(at..).unwrap_or_default().iter().find(|byte| !byte.is_ascii_whitespace() && **byte != 0x0b)
            == Some(&b'[')
        {
            found(Evidence::PerlBlock);
        }
    }
}

/// `while(true)`, `while(!"")`, `for(;;)`.
fn endless(view: &[u8]) -> bool {
    let mut at = 0;
    while let Some(paren) = find(view, at, b"(") {
        at = paren + 1;
        let word = word_before(view.get(paren.saturating_sub(16)..paren).unwrap_or_default().trim_ascii_end());
        let inside = view.get(at..).unwrap_or_default();
        let end = inside.iter().take(32).position(|byte| *byte == b')').unwrap_or(0);
        let condition = inside.get(..end).unwrap_or_default();
        let is_sign = |byte: &u8| b"!+-~ \t".contains(byte);
        let bare =
            condition.iter().position(|byte| !is_sign(byte)).and_then(|from| condition.get(from..)).unwrap_or_default();
        match word {
            b"while" => {
                let name = word_after(bare);
                let literal = matches!(bare.trim_ascii(), b"\"\"" | b"''" | b"``" | b"{}" | b"[]");
                if literal || name == bare.trim_ascii() && ALWAYS.contains(&name) {
                    return true;
                }
            }
            b"for" if condition.iter().filter(|byte| !byte.is_ascii_whitespace()).eq(b";;") => return true,
            _ => {}
        }
    }
    false
}
