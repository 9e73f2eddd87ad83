//! Does a function's name stand in a value as a call that does something, or does a text only speak of it?

/// So far the arguments are read, in bytes.
const LONGEST: usize = 256;
/// Words before a call that code has, too.
#[rustfmt::skip]
const KEYWORDS: &[&[u8]] = &[
    b"and", b"assert", b"await", b"case", b"do", b"echo", b"elif", b"else", b"eval", b"exec", b"from", b"if", b"import", b"in", b"lambda", b"new", b"not", b"or", b"print", b"return", b"throw",
    b"var", b"while", b"yield",
];

/// Is the name that ends at `end`, with its parenthesis, called with a text, a list or another call, outside a sentence?
pub(super) fn is_called(view: &[u8], start: usize, end: usize) -> bool {
    let inside = view.get(end..(end + LONGEST).min(view.len())).unwrap_or_default();
    let argument = inside.trim_ascii_start();
    // `run(` at the end of its line: a program's.
    if inside.first() == Some(&b'\n') && is_program(view) {
        return false;
    }
    let acts = match argument.first() {
        Some(b'\'' | b'"' | b'`' | b'[' | b'(' | b'\\' | b'&' | b'{' | b'$' | b'@' | b'0'..=b'9') => true,
        Some(_) => {
            // `chr(105)`, `b'x'`, `request.args['x']`: what makes a text of something else.
            let name = argument.iter().take_while(|byte| byte.is_ascii_alphanumeric() || b"._".contains(byte)).count();
            matches!(argument.get(name), Some(b'(' | b'[' | b'\'' | b'"' | b'+' | b'%'))
        }
        None => start == 0,
    };
    acts && !is_spoken_of(view, start, inside)
}

/// `why does f('x') ignore it`: a word before it that no code has there, or it begins the sentence, and words behind it.
fn is_spoken_of(view: &[u8], start: usize, inside: &[u8]) -> bool {
    let before = view.get(..start).unwrap_or_default();
    let word = before.strip_suffix(b" ").map(|before| {
        let length = before.iter().rev().take_while(|byte| byte.is_ascii_alphabetic()).count();
        before.get(before.len() - length..).unwrap_or_default()
    });
    let goes_on = word.is_some_and(|word| word.len() >= 2 && !KEYWORDS.contains(&word));
    let behind = inside.iter().position(|byte| *byte == b')').and_then(|at| inside.get(at + 1..)).unwrap_or_default();
    let words = behind.strip_prefix(b" ").unwrap_or_default().split(|byte| *byte == b' ').take(2);
    let is_word = |word: &[u8]| word.len() >= 2 && word.iter().all(u8::is_ascii_alphabetic);
    let followed = words.filter(|word| is_word(word)).count() == 2;
    goes_on && (followed || behind.first().is_none_or(|byte| b"?,.".contains(byte)))
}

/// Does the view have the lines of a whole file, and does it not begin with a statement that somebody sends to have it run?
fn is_program(view: &[u8]) -> bool {
    const LINES: usize = 12;
    let begins = [&b"import "[..], b"from ", b"def ", b"class ", b"@", b"__import__", b"exec"];
    view.iter().filter(|byte| **byte == b'\n').nth(LINES).is_some()
        && !begins.iter().any(|start| view.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_acts_and_a_sentence_speaks_of_one() {
        for (view, expected) in [
            ("f('x')", true),
            ("f(['a','b'])", true),
            ("f(chr(1))", true),
            ("1;f('x')", true),
            ("return f('x')", true),
            ("was kind. f('x') we stayed there", true),
            ("f(a, b=c)", false),
            ("f( or g(", false),
            ("f()", false),
            ("why does f('x') ignore it", false),
            ("what is f('x')?", false),
        ] {
            let start = view.find("f(").unwrap();
            assert_eq!(is_called(view.as_bytes(), start, start + 2), expected, "{view}");
        }
    }
}
