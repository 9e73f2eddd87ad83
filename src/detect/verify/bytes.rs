//! Where does one text stand in another?

/// The first position of `part` from `at` on.
#[inline(never)]
pub(super) fn find(text: &[u8], at: usize, part: &[u8]) -> Option<usize> {
    let (first, rest) = part.split_first()?;
    let mut at = at;
    loop {
        at += text.get(at..)?.iter().position(|byte| byte == first)?;
        if text.get(at + 1..).is_some_and(|after| after.starts_with(rest)) {
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
