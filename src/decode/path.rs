//! Which file does a path name, however its slashes and segments are spelled?

/// Writes a path with one kind of slash, without empty segments and `.`, and if it may have
/// them without matrix parameters; `..` stays, it is evidence.
/// Says whether that changed anything.
pub fn fold(input: &[u8], parameters: bool, output: &mut Vec<u8>) -> bool {
    let odd = |byte: &u8| *byte == b'\\' || (parameters && *byte == b';');
    if !input.iter().any(odd) && !input.windows(2).any(|pair| pair == b"//" || pair == b"/.") {
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
