//! Where does one text occur in another, and which words are next to it?

use memchr::memchr;

/// The first position of `part` from `at` on.
#[inline(never)]
pub(super) fn find(text: &[u8], at: usize, part: &[u8]) -> Option<usize> {
    let (first, rest) = part.split_first()?;
    let second = rest.first();
    let mut at = at;
    loop {
        at += memchr(*first, text.get(at..)?)?;
        // Nearly always the second byte decides.
        if (second.is_none() || text.get(at + 1) == second)
            && text.get(at + 1..).is_some_and(|after| after.starts_with(rest))
        {
            return Some(at);
        }
        at += 1;
    }
}

/// Does any of the parts stand in the text?
#[inline(never)]
pub(super) fn has_any(text: &[u8], parts: &[&[u8]]) -> bool {
    parts.iter().any(|part| find(text, 0, part).is_some())
}

/// `</p>`, `<br/>`: the name of the tag without attributes that stands at the start, and how long the tag is.
pub(super) fn tag(text: &[u8]) -> Option<(&[u8], usize)> {
    let inside = text.strip_prefix(b"</").or_else(|| text.strip_prefix(b"<"))?;
    let name = inside.get(..inside.iter().take(16).take_while(|byte| byte.is_ascii_alphanumeric()).count())?;
    let rest = inside.get(name.len()..)?;
    let end = [&b">"[..], b"/>", b" />", b" >"].into_iter().find(|end| rest.starts_with(end))?;
    (!name.is_empty()).then(|| (name, text.len() - rest.len() + end.len()))
}

/// Is it a letter, a digit or an underscore?
pub(super) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// The word that the text ends in; empty if it ends in something else.
pub(super) fn word_before(text: &[u8]) -> &[u8] {
    let start = text.iter().rposition(|byte| !is_word(*byte)).map_or(0, |at| at + 1);
    text.get(start..).unwrap_or_default()
}

/// The word that the text starts with; empty if it starts with something else.
pub(super) fn word_after(text: &[u8]) -> &[u8] {
    let end = text.iter().position(|byte| !is_word(*byte)).unwrap_or(text.len());
    text.get(..end).unwrap_or_default()
}
