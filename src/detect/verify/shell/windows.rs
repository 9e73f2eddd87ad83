//! Does a value hold a `for` or an `if` of cmd.exe?
//!
//! After the grammar that `for /?` and `if /?` print. Prose has the words, but not the per cent signs and comparisons.

use crate::detect::verify::bytes::{find, has_any, is_word};

/// Is a loop somewhere in the value? Its variable has a per cent sign.
pub(super) fn has_loop(view: &[u8]) -> bool {
    at_word(view, b"for", is_loop)
}

/// Is a condition somewhere in the value?
pub(super) fn has_condition(view: &[u8]) -> bool {
    at_word(view, b"if", is_condition)
}

/// `@echo off⏎setlocal⏎…`: is the value a file of cmd.exe, of several lines, that loads, asks and adds nothing?
pub(super) fn is_file(view: &[u8]) -> bool {
    const LINES: usize = 5;
    const HARMS: &[&[u8]] = &[
        b"certutil",
        b"bitsadmin",
        b"powershell",
        b"net user",
        b"whoami",
        b"http",
        b"\\\\",
        b"reg add",
        b"schtasks",
        b"curl",
        b"wget",
        b"ftp",
        b"in ('",
        b"mshta",
        b"rundll32",
        b"regsvr32",
        b"start ",
        b"cmd",
    ];
    let view = view.trim_ascii_start();
    let lines = || view.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty());
    view.starts_with(b"@echo off") && lines().take(LINES).count() == LINES && !has_any(view, HARMS)
}

/// `%comspec:~-7,3%`: letters cut out of a variable of cmd.exe, to spell what a filter would see.
pub(super) fn slices(view: &[u8]) -> bool {
    let mut at = 0;
    while let Some(cut) = find(view, at, b":~") {
        at = cut + 2;
        let before = view.get(cut.saturating_sub(24)..cut).unwrap_or_default();
        let name = before.iter().rev().take_while(|byte| is_word(**byte)).count();
        let opens = before.len().checked_sub(name + 1).and_then(|at| before.get(at)) == Some(&b'%');
        let rest = view.get(at..(at + 16).min(view.len())).unwrap_or_default();
        let numbers = rest.iter().take_while(|byte| byte.is_ascii_digit() || b"-, ".contains(byte)).count();
        if opens && name > 1 && numbers > 0 && rest.get(numbers) == Some(&b'%') {
            return true;
        }
    }
    false
}

/// Does the word start somewhere in the value, with this shape behind it?
fn at_word(view: &[u8], word: &[u8], shape: fn(&[u8]) -> bool) -> bool {
    let mut at = 0;
    while let Some(found) = find(view, at, word) {
        at = found + word.len();
        let before = found.checked_sub(1).and_then(|at| view.get(at)).copied().unwrap_or(b';');
        let starts = matches!(before, b';' | b'&' | b'|' | b'(' | b'\n' | b'@' | b'=' | b'"' | b' ');
        let rest = view.get(at..(at + 128).min(view.len())).unwrap_or_default();
        if starts && shape(rest) {
            return true;
        }
    }
    false
}

/// `for [/f "options"] %x in (…`.
fn is_loop(rest: &[u8]) -> bool {
    let Some(percent) = rest.iter().take(64).position(|byte| *byte == b'%') else { return false };
    let options = rest.get(..percent).unwrap_or_default().trim_ascii();
    let variable = rest.get(percent..).unwrap_or_default();
    let inside = find(variable, 0, b" in").filter(|at| *at <= 24);
    let list = inside.and_then(|at| variable.get(at + 3..)).unwrap_or_default().trim_ascii_start();
    (options.is_empty() || options.starts_with(b"/")) && list.starts_with(b"(")
}

/// `if [/i] [not] a==b command`, with a sign that only a batch file has.
fn is_condition(rest: &[u8]) -> bool {
    let text = rest.trim_ascii_start();
    if text.len() == rest.len() && !rest.starts_with(b"/i") {
        return false;
    }
    let flag = text.starts_with(b"/i ");
    let text = text.strip_prefix(b"/i").unwrap_or(text).trim_ascii_start();
    let negated = text.starts_with(b"not ");
    let text = text.strip_prefix(b"not").unwrap_or(text).trim_ascii_start();
    if text.starts_with(b"exist ") || text.starts_with(b"defined ") || text.starts_with(b"errorlevel ") {
        // `defined $x` is Perl's, and prose has the words.
        let mut words = text.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).skip(1);
        let (name, next) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let plain = name.iter().all(|byte| is_word(*byte) || b".:\\/%*-\"".contains(byte));
        let file = |pair: &[u8]| matches!(pair, [b'.' | b'\\', next] if is_word(*next) || *next == b'*');
        let exists = text.starts_with(b"exist ") && text.windows(2).any(file)
            || text.starts_with(b"errorlevel ") && name.iter().all(u8::is_ascii_digit);
        return plain && !name.is_empty() && (flag || negated || exists || next.starts_with(b"(") || runs(text, 2));
    }
    let operand = text.iter().position(u8::is_ascii_whitespace).unwrap_or(text.len());
    let operator = text.get(operand..).unwrap_or_default().trim_ascii_start();
    let words =
        [&b"equ "[..], b"neq ", b"lss ", b"leq ", b"gtr ", b"geq "].iter().any(|word| operator.starts_with(word));
    let equals = operator.starts_with(b"==") || find(text.get(..operand).unwrap_or_default(), 0, b"==").is_some();
    words
        || (equals
            && !text.iter().take(operand).any(|byte| b"$@*".contains(byte))
            && (runs(text, 1)
                || flag
                || negated
                || text.starts_with(b"(%")
                || matches!(text.first(), Some(b'%' | b'"' | b'[' | b'{' | b'!'))))
}

/// Is the word behind so many others a command?
fn runs(text: &[u8], words: usize) -> bool {
    let word = text.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).nth(words).unwrap_or_default();
    super::names::is_command(word)
}
