//! What does script say without its comments and without the question marks of its optional calls?

use crate::detect::verify::bytes::find;

/// Longer values are read as they are, in bytes.
const LONGEST: usize = 4096;

/// `alert/**/(1)`, `alert?.(1)`, `document?.cookie` as `alert(1)` and `document.cookie`. None if it has neither.
pub(super) fn script(view: &[u8]) -> Option<Vec<u8>> {
    if view.len() > LONGEST || find(view, 0, b"/*").is_none() && find(view, 0, b"?.").is_none() {
        return None;
    }
    let mut plain = Vec::with_capacity(view.len());
    let mut rest = view;
    while let Some((byte, after)) = rest.split_first() {
        rest = match rest {
            [b'/', b'*', inside @ ..] => match find(inside, 0, b"*/") {
                Some(end) => inside.get(end + 2..).unwrap_or_default(),
                // It stays open: what is behind it is text.
                None => {
                    plain.extend_from_slice(rest);
                    break;
                }
            },
            [b'?', b'.', b'(' | b'[' | b'`', ..] => after.get(1..).unwrap_or_default(),
            [b'?', b'.', ..] => after,
            _ => {
                plain.push(*byte);
                after
            }
        };
    }
    Some(plain)
}

#[cfg(test)]
mod tests {
    use super::script;

    #[test]
    fn only_what_pushes_words_apart_is_left_out() {
        for (view, expected) in [
            ("'-alert/**/(1)-'", Some("'-alert(1)-'")),
            ("alert?.(document?.cookie)", Some("alert(document.cookie)")),
            ("top?.[\"a\"]", Some("top[\"a\"]")),
            ("a/*b", Some("a/*b")),
            ("alert(1)", None),
        ] {
            assert_eq!(script(view.as_bytes()).as_deref(), expected.map(str::as_bytes), "{view}");
        }
    }
}
