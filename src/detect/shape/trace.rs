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
        let is_quoted = quoted && line.first().is_some_and(u8::is_ascii_whitespace);
        frames += usize::from(is_frame);
        if is_frame || is_quoted {
            parts.push(start..start + line.len());
        }
        quoted = text.starts_with(b"file \"");
    }
    if frames < FRAMES { Vec::new() } else { parts }
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
