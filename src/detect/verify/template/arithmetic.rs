//! Is an expression a calculation by which somebody sees whether it is one: `7*7`, `'a'*9`, `7*7|raw`?

use crate::detect::verify::bytes::{is_word, word_after};

/// Numbers joined by operators and nothing else: `7*7`, `7*'7'`, `(6)*(8)`.
pub(super) fn arithmetic(expression: &[u8], strict: bool) -> bool {
    if repeats(expression) {
        return true;
    }
    let signs = expression.iter().filter(|byte| b"*/+-%".contains(byte)).count();
    let digits = expression.iter().filter(|byte| byte.is_ascii_digit()).count();
    let ends = expression.last().is_some_and(|byte| byte.is_ascii_digit() || b"'\")]}".contains(byte));
    (3..=40).contains(&expression.len())
        && ends
        && digits >= 2
        && (1..=8).contains(&signs)
        && (!strict || expression.contains(&b'*'))
        && !expression.first().is_some_and(|byte| b"*/+%".contains(byte))
        && expression.iter().all(|byte| byte.is_ascii_digit() || b"*/+-% ()'\"._}".contains(byte))
}

/// `7*7|raw`, `7|int*7|int`: a calculation whose numbers or result go through filters without arguments.
pub(super) fn is_filtered(expression: &[u8], strict: bool) -> bool {
    if expression.len() > 40 || !expression.contains(&b'|') {
        return false;
    }
    let mut plain = Vec::with_capacity(expression.len());
    for (at, part) in expression.split(|byte| *byte == b'|').enumerate() {
        let filter = if at == 0 { 0 } else { word_after(part).len() };
        if at > 0 && filter == 0 {
            return false;
        }
        plain.extend_from_slice(part.get(filter..).unwrap_or_default());
    }
    plain.contains(&b'*') && arithmetic(&plain, strict)
}

/// `'a'*9`, `9|add:7`: a letter repeated, a number through a filter.
fn repeats(expression: &[u8]) -> bool {
    let digits = |text: &[u8]| !text.is_empty() && text.len() <= 6 && text.iter().all(u8::is_ascii_digit);
    let text = |text: &[u8]| match text {
        [first @ (b'\'' | b'"'), inside @ .., last] => {
            first == last && inside.len() <= 12 && inside.iter().all(|byte| is_word(*byte))
        }
        _ => false,
    };
    let mut parts = expression.splitn(2, |byte| matches!(byte, b'*' | b'|'));
    let (left, right) = (parts.next().unwrap_or_default().trim_ascii(), parts.next().unwrap_or_default().trim_ascii());
    let argument = right.rsplit(|byte| matches!(byte, b':' | b'(')).next().unwrap_or_default();
    let filter = argument.len() < right.len() && right.first().is_some_and(u8::is_ascii_lowercase);
    text(left) && digits(right) && expression.contains(&b'*')
        || digits(left) && filter && digits(argument.strip_suffix(b")").unwrap_or(argument))
}
