//! Which lines of a text are frames of a stack, as programs report errors?
//!
//! After what V8, Firefox, the JVM, .NET, Python, PHP, Ruby and Go print.

use super::lines::lines;
use memchr::memmem::find;
use std::ops::Range;

/// One line that looks like a frame is chance.
const FRAMES: usize = 2;

/// The frames, if there are several. Behind a frame of Python the line that it quotes belongs to it.
pub(super) fn parts(view: &[u8]) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let mut quoted = false;
    let mut frames = 0;
    for (start, line) in lines(view) {
        let text = line.trim_ascii();
        let is_frame = is_frame(text);
        let is_about = frames > 0 && is_cause(text);
        let is_statement = is_statement(text);
        let is_quoted = quoted && line.first().is_some_and(u8::is_ascii_whitespace);
        frames += usize::from(is_frame) + if is_statement { FRAMES } else { 0 };
        if is_frame || is_quoted || is_about || is_statement {
            parts.push(start..start + line.len());
        }
        quoted = text.starts_with(b"file \"");
    }
    if frames < FRAMES { Vec::new() } else { parts }
}

/// `caused by: a.b.CException: …`, between frames.
fn is_cause(line: &[u8]) -> bool {
    [&b"caused by: "[..], b"suppressed: ", b"exception in thread "].iter().any(|start| line.starts_with(start))
}

/// `LINE 1: SELECT …`: the statement that a database did not understand, as it quotes it.
fn is_statement(line: &[u8]) -> bool {
    let Some(rest) = line.strip_prefix(b"line ") else { return false };
    let digits = rest.iter().take(6).take_while(|byte| byte.is_ascii_digit()).count();
    let statement = rest.get(digits..).and_then(|rest| rest.strip_prefix(b": ")).unwrap_or_default();
    digits > 0
        && [&b"select "[..], b"insert ", b"update ", b"delete ", b"with "]
            .iter()
            .any(|verb| statement.starts_with(verb))
}

fn is_frame(line: &[u8]) -> bool {
    let numbered = || {
        // `…:12`, `…:12:5)`
        line.trim_ascii_end()
            .strip_suffix(b")")
            .unwrap_or(line)
            .rsplit(|byte| *byte == b':')
            .next()
            .is_some_and(|number| !number.is_empty() && number.len() < 8 && number.iter().all(u8::is_ascii_digit))
    };
    match line {
        [b'a', b't', b' ', place @ ..] => {
            let is_place = place.ends_with(b")") && place.contains(&b'(');
            (numbered() || is_place || find(place, b" in ").is_some())
                && !place.iter().any(|byte| b"'\"`;|".contains(byte))
        }
        [b'f', b'i', b'l', b'e', b' ', b'"', rest @ ..] => find(rest, b"\", line ").is_some(),
        [b'#', digit, ..] if digit.is_ascii_digit() => line.contains(&b'(') || line.contains(&b'/'),
        // Firefox: `name@https://…:12:5`
        _ => numbered() && find(line, b"@http").is_some_and(|at| at < 64),
    }
}
