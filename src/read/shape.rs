//! Which shape does a body have, whatever its declared type?

/// How a body is taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Form,
    Json,
    Text,
}

/// So many first bytes always suffice to tell.
pub(super) const ENOUGH: usize = 128;

/// The byte order mark of UTF-8, with which some begin.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// The shape that a content type promises.
pub(super) fn declared(content_type: &[u8]) -> Shape {
    let has = |word: &[u8]| content_type.windows(word.len()).any(|part| part.eq_ignore_ascii_case(word));
    if has(b"x-www-form-urlencoded") {
        Shape::Form
    } else if has(b"json") {
        Shape::Json
    } else {
        Shape::Text
    }
}

/// The shape that the first bytes show; `None` if more are needed and `last` is not set.
pub(super) fn of(first: &[u8], declared: Shape, last: bool) -> Option<Shape> {
    // No more than is enough, so that the answer does not depend on how the bytes come.
    let first = first.get(..ENOUGH).unwrap_or(first);
    let enough = last || first.len() >= ENOUGH;
    if !enough && MARK.starts_with(first) {
        return None;
    }
    let body = first.strip_prefix(MARK).unwrap_or(first).trim_ascii_start();
    match body.first() {
        None if enough => Some(Shape::Text),
        None => None,
        Some(b'{' | b'[') => Some(Shape::Json),
        Some(b'"') if declared == Shape::Json => Some(Shape::Json),
        Some(_) if declared == Shape::Form => Some(Shape::Form),
        Some(_) => {
            let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"_.-[]%$".contains(byte);
            match body.iter().find(|byte| !is_name(byte)) {
                Some(b'=') => Some(Shape::Form),
                Some(_) => Some(Shape::Text),
                None if enough => Some(Shape::Text),
                None => None,
            }
        }
    }
}
