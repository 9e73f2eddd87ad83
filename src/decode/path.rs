//! Which file does a path name, however its slashes and segments are spelled?

use memchr::memchr;

/// Writes a path with one kind of slash, without empty segments and `.`, and if it may have
/// them without matrix parameters; `..` stays, it is evidence.
/// Says whether that changed anything.
pub fn fold(input: &[u8], parameters: bool, output: &mut Vec<u8>) -> bool {
    let odd = input.contains(&b'\\') || parameters && input.contains(&b';') || has_empty(input);
    if !odd {
        return false;
    }
    output.clear();
    for segment in input.split(|byte| matches!(byte, b'/' | b'\\')) {
        let end = segment.iter().position(|byte| parameters && *byte == b';').unwrap_or(segment.len());
        let name = segment.get(..end).unwrap_or_default();
        // A scheme's `//` stays, or hosts would turn into directories.
        let after_scheme = output.ends_with(b":/");
        if output.is_empty() || after_scheme || !(name.is_empty() || name == b".") {
            output.extend_from_slice(name);
            output.push(b'/');
        }
    }
    if !matches!(input.last(), Some(b'/' | b'\\')) {
        output.pop();
    }
    *output != input
}

/// Does an empty segment, or one that starts with a full stop, follow a slash?
pub fn has_empty(path: &[u8]) -> bool {
    let mut rest = path;
    while let Some(at) = memchr(b'/', rest) {
        rest = rest.get(at + 1..).unwrap_or_default();
        if matches!(rest.first(), Some(b'/' | b'.')) {
            return true;
        }
    }
    false
}
