//! Which shape does a body have, whatever its declared type?

/// How a body is taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Form,
    Json,
    Multipart,
    Xml,
    Text,
}

/// This many first bytes always suffice to decide.
pub(super) const ENOUGH: usize = 128;

/// The byte order mark of UTF-8, with which some begin.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// The shape that a content type promises.
pub(super) fn declared(content_type: &[u8]) -> Shape {
    match () {
        () if has(content_type, b"x-www-form-urlencoded") => Shape::Form,
        () if has(content_type, b"json") => Shape::Json,
        () if has(content_type, b"multipart/") => Shape::Multipart,
        () if has(content_type, b"xml") => Shape::Xml,
        () => Shape::Text,
    }
}

/// Does a header's value hold this word?
#[inline(never)]
pub(super) fn has(value: &[u8], word: &[u8]) -> bool {
    value.windows(word.len()).any(|part| part.eq_ignore_ascii_case(word))
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
        // What is declared a form may start with anything, but not with these.
        Some(b'-')
            if body.starts_with(b"--") && (declared == Shape::Multipart || has(body, b"content-disposition")) =>
        {
            Some(Shape::Multipart)
        }
        Some(b'-') if !last && (body.len() < 2 || body.starts_with(b"--") && !enough) => None,
        Some(b'<') if declared == Shape::Xml || has_xml(body) => Some(Shape::Xml),
        Some(b'<') if body.len() < 9 && !last => None,
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

fn has_xml(body: &[u8]) -> bool {
    [&b"<?xml"[..], b"<!doctype", b"<!entity"]
        .iter()
        .any(|start| body.get(..start.len()).is_some_and(|first| first.eq_ignore_ascii_case(start)))
}
