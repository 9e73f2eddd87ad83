//! Is it a script's loop without end, or Perl inside a string?

use super::hosted;
use crate::detect::matcher::Evidence;
use crate::detect::verify::bytes::{find, word_after, word_before};
use crate::detect::verify::subject::Subject;
use crate::detect::verify::word_list::WordList;

/// What is always true, behind any number of signs (ECMAScript, `ToBoolean`; `!false`, `!!{}`, `+1`).
static ALWAYS: WordList = WordList::new(
    "0 1 array boolean date false function global infinity json math nan null number object process promise regexp \
     string symbol this true undefined window",
);
/// A value longer than this, in bytes, is a program that somebody shows.
const SHORT: usize = 256;

/// Reports loops without end, calls that only wait, and Perl in a string. Reads the view once.
pub(in crate::detect::verify) fn verify(subject: &Subject<'_>, found: &mut dyn FnMut(Evidence)) {
    let view = subject.view;
    // With a body on more lines it is a program that somebody shows.
    let shown = view.iter().filter(|byte| **byte == b'\n').count() > 1;
    if view.len() <= SHORT && !shown && endless(view) {
        found(Evidence::ScriptEndless);
    }
    if view.len() <= SHORT && (quoted_command(view) || runs_system(view)) {
        found(Evidence::PerlBlock);
    }
    if view.len() <= SHORT && !shown && hosted::reaches(view) {
        found(Evidence::ScriptHosted);
    }
    if delays(view) {
        found(Evidence::ScriptDelay);
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

/// `qx{id}`, `qx/id/`: Perl's command in quotes of any sign.
fn quoted_command(view: &[u8]) -> bool {
    let mut at = 0;
    while let Some(start) = find(view, at, b"qx") {
        at = start + 2;
        let before = start.checked_sub(1).and_then(|at| view.get(at)).copied();
        let rest = view.get(at..).unwrap_or_default();
        let close = match rest.first() {
            Some(b'{') => b'}',
            Some(b'(') => b')',
            Some(b'[') => b']',
            Some(b'<') => b'>',
            Some(sign @ (b'/' | b'|' | b'!' | b'\'' | b'#')) => *sign,
            _ => continue,
        };
        let inside = rest.get(1..).unwrap_or_default();
        let apart = before.is_none_or(|byte| b" ;={(\"'.,&|\n".contains(&byte));
        if apart
            && inside.first().is_some_and(|byte| byte.is_ascii_alphabetic() || b"/$".contains(byte))
            && inside.contains(&close)
        {
            return true;
        }
    }
    false
}

/// `;system "id"`: a statement of Perl's, Awk's or gnuplot's behind another one.
fn runs_system(view: &[u8]) -> bool {
    let Some(at) = find(view, 0, b"system").filter(|at| *at > 0) else { return false };
    let before = view.get(..at).unwrap_or_default().trim_ascii_end();
    let after = view.get(at + 6..).unwrap_or_default();
    let argument = after.trim_ascii_start();
    let word = argument.get(1..).unwrap_or_default();
    before.last() == Some(&b';')
        && after.len() > argument.len()
        && matches!(argument.first(), Some(b'"' | b'\''))
        && word.first().is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'/')
        && word.len() > 2
}

/// `time.sleep(9)`: a call that only waits, as the whole value or its last statement.
fn delays(view: &[u8]) -> bool {
    let Some(at) = find(view, 0, b".sleep(").filter(|_| view.len() <= 96) else { return false };
    let name = word_before(view.get(..at).unwrap_or_default());
    let before = view.get(..at - name.len()).unwrap_or_default();
    let inside = view.get(at + 7..).unwrap_or_default();
    let digits = inside.iter().take_while(|byte| byte.is_ascii_digit() || **byte == b'.').count();
    let end = inside.get(digits..).unwrap_or_default();
    let starts = before.trim_ascii().is_empty()
        || before.iter().any(|byte| b";'\"()=&|+{".contains(byte))
        || before.ends_with(b".");
    matches!(name, b"time" | b"thread" | b"timeunit" | b"seconds" | b"asyncio" | b"kernel")
        && digits > 0
        && starts
        && end.starts_with(b")")
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
                if literal || name == bare.trim_ascii() && ALWAYS.has(name) {
                    return true;
                }
            }
            b"for" if condition.iter().filter(|byte| !byte.is_ascii_whitespace()).eq(b";;") => return true,
            _ => {}
        }
    }
    false
}
