//! Is it something that only tests and tricks write: sums, letters cut out of variables, a function that runs itself?

use super::names;
use crate::detect::verify::bytes::{find, is_word};

/// `$((6*7))`: arithmetic on numbers, as tests for injection have it.
pub(super) fn computes(view: &[u8], open: &[u8]) -> bool {
    let Some(at) = find(view, 0, open) else { return false };
    let inside = view.get(at + open.len()..).unwrap_or_default();
    let end = inside.iter().take(32).position(|byte| matches!(byte, b')' | b']'));
    let digits = |byte: &u8| byte.is_ascii_digit() || b"+-*/% ".contains(byte);
    end.and_then(|end| inside.get(..end)).is_some_and(|sum| sum.len() >= 3 && sum.iter().all(digits))
}

/// `${PATH:0:1}`: a letter cut out of a variable, to spell what a filter would see.
pub(super) fn slices(view: &[u8]) -> bool {
    let mut at = 0;
    while let Some(open) = find(view, at, b"${") {
        at = open + 2;
        let inside = view.get(at..(at + 32).min(view.len())).unwrap_or_default();
        let name = inside.iter().take_while(|byte| is_word(**byte)).count();
        let slice = inside.get(name..).unwrap_or_default();
        let numbers = slice.iter().take_while(|byte| byte.is_ascii_digit() || b": -".contains(byte)).count();
        let colons = slice.iter().take(numbers).filter(|byte| **byte == b':').count();
        if name > 1 && colons == 2 && slice.first() == Some(&b':') && slice.get(numbers) == Some(&b'}') {
            return true;
        }
    }
    false
}

/// `i\`e\`x`: a word with PowerShell's escape inside, which is a tool's name without it.
pub(super) fn escapes(view: &[u8]) -> bool {
    let mut at = 0;
    while let Some(sign) = find(view, at, b"`") {
        let before = view.get(sign.saturating_sub(24)..sign).unwrap_or_default();
        let start = before.iter().rposition(|byte| !is_word(*byte) && *byte != b'-').map_or(0, |at| at + 1);
        let part = |byte: &&u8| is_word(**byte) || matches!(byte, b'`' | b'-');
        let word = view.get(sign - (before.len() - start)..).unwrap_or_default().iter().take(32).take_while(part);
        let length = word.clone().count();
        let plain: Vec<u8> = word.filter(|byte| **byte != b'`').copied().collect();
        let inside = view.get(sign + 1).is_some_and(|byte| is_word(*byte)) && start < before.len();
        if inside && plain.len() + 2 <= length && names::has(&names::TOOLS, &plain) {
            return true;
        }
        at = sign + 1;
    }
    false
}

/// `~+`, `~-2`, `!-1!3` (but `~12` is about a dozen): nothing but directories of the stack or commands of the history (Bash's manual, 3.5.2 and 9.3).
pub(super) fn recalls(view: &[u8]) -> bool {
    let digits = |text: &[u8]| text.len() <= 4 && text.iter().all(u8::is_ascii_digit);
    let number =
        |text: &[u8]| digits(text.strip_prefix(b"-").unwrap_or(text)) && text.last().is_some_and(u8::is_ascii_digit);
    match view.trim_ascii() {
        [b'~', b'+' | b'-', rest @ ..] => digits(rest),
        [b'!', rest @ ..] => rest.len() <= 16 && rest.split(|byte| *byte == b'!').all(number),
        _ => false,
    }
}

/// `f(){ f|f& };f`: a function that runs itself, and its call.
pub(super) fn forks(view: &[u8]) -> bool {
    let Some(at) = find(view, 0, b"()").filter(|at| *at > 0) else { return false };
    let before = view.get(at.saturating_sub(16)..at).unwrap_or_default();
    let start =
        before.iter().rposition(|byte| byte.is_ascii_whitespace() || b";&|=".contains(byte)).map_or(0, |at| at + 1);
    let name = before.get(start..).unwrap_or_default();
    let body = view.get(at + 2..(at + 96).min(view.len())).unwrap_or_default().trim_ascii_start();
    let Some(close) = body.iter().position(|byte| *byte == b'}') else { return false };
    let (inside, after) = body.split_at(close);
    let calls =
        after.get(1..).unwrap_or_default().trim_ascii_start().strip_prefix(b";").unwrap_or_default().trim_ascii();
    !name.is_empty() && inside.starts_with(b"{") && inside.contains(&b'&') && calls.starts_with(name)
}

/// `c=cat;…;$c $a`: is the command a variable that the value itself sets?
pub(super) fn assembled(view: &[u8], start: usize) -> bool {
    let rest = view.get(start..).unwrap_or_default().trim_ascii_start();
    let Some(name) = rest.strip_prefix(b"$") else { return false };
    let length = name.iter().take(16).take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
    let Some(name) = name.get(..length).filter(|name| name.first().is_some_and(u8::is_ascii_lowercase)) else {
        return false;
    };
    let set = [name, &b"="[..]].concat();
    let before = view.get(start.saturating_sub(512)..start).unwrap_or_default();
    find(before, 0, &set)
        .is_some_and(|at| at.checked_sub(1).and_then(|at| before.get(at)).is_none_or(|byte| b";&| \n".contains(byte)))
}

/// `curl … | sh`, `wget … ; sh x`, `bash <(curl …)`.
pub(super) fn downloads_and_runs(view: &[u8]) -> bool {
    const LOADERS: &[&[u8]] =
        &[b"curl ", b"wget ", b"curl$ifs", b"wget$ifs", b"curl${ifs}", b"wget${ifs}", b"fetch http"];
    const RUNNERS: &[&[u8]] =
        &[b"sh", b"bash", b"zsh", b"/bin/sh", b"/bin/bash", b"perl", b"python", b"python3", b"php", b"ruby"];
    let Some(start) = LOADERS.iter().find_map(|loader| find(view, 0, loader)) else { return false };
    let rest = view.get(start..(start + 512).min(view.len())).unwrap_or_default();
    rest.split(|byte| *byte == b'|').skip(1).any(|command| {
        let word = command.trim_ascii_start();
        let end = word.iter().position(|byte| !byte.is_ascii_alphanumeric() && *byte != b'/').unwrap_or(word.len());
        RUNNERS.contains(&word.get(..end).unwrap_or_default())
    })
}

/// `;i${ifs}d`: does a short value have the shell's variable of blanks in a word behind a separator?
pub(super) fn hides_blank(view: &[u8]) -> bool {
    let Some(at) = find(view.get(..view.len().min(65)).unwrap_or_default(), 0, b"${ifs") else { return false };
    let before = view.get(..at).unwrap_or_default();
    let word = before.iter().rev().take_while(|byte| byte.is_ascii_alphanumeric()).count();
    let lead = before.get(..before.len() - word).unwrap_or_default().trim_ascii_end();
    view.len() <= 64 && word > 0 && matches!(lead.last(), Some(b';' | b'|' | b'&' | b'\n' | b'`' | b'('))
}
