//! Where are PHP's comments? What stands before a call is read without them.

/// What stands before, less blanks and comments at its end.
pub(super) fn without_comments(mut text: &[u8]) -> &[u8] {
    loop {
        let trimmed = text.trim_ascii_end();
        let broken = text.get(trimmed.len()..).is_some_and(|blank| blank.contains(&b'\n'));
        text = trimmed;
        if let Some(inside) = text.strip_suffix(b"*/") {
            match find_back(inside, b"/*") {
                Some(open) => text = inside.get(..open).unwrap_or_default(),
                None => return text,
            }
        } else {
            // A comment to the end of the line, if a line ended here.
            if !broken {
                return text;
            }
            let line = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
            let last = text.get(line..).unwrap_or_default();
            match find_back(last, b"//").or_else(|| last.iter().position(|byte| *byte == b'#')) {
                Some(open) if !last.get(..open).unwrap_or_default().ends_with(b":") => {
                    text = text.get(..line + open).unwrap_or_default();
                }
                _ => return text,
            }
        }
    }
}

/// The last place of two bytes.
pub(super) fn find_back(text: &[u8], pair: &[u8; 2]) -> Option<usize> {
    text.windows(2).rposition(|part| part == pair)
}
