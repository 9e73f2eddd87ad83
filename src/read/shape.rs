//! Is a body a form, JSON, XML, multipart or text? By its first bytes, whatever its `content-type` says.

/// How a body is taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Form,
    Json,
    Multipart,
    Xml,
    Text,
    /// Declared as something that is no text.
    Binary,
    /// Declared as data in a binary format.
    Data,
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
        () if has(content_type, b"openxmlformats") => Shape::Binary,
        () if has(content_type, b"xml") => Shape::Xml,
        () if is_data(content_type) => Shape::Data,
        () if claims_binary(content_type) => Shape::Binary,
        () => Shape::Text,
    }
}

/// Does a content type say that something is no text: an image, an archive, a message in a binary format?
pub(super) fn claims_binary(content_type: &[u8]) -> bool {
    let kind = content_type.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii();
    let is = |kinds: &[&[u8]]| kinds.iter().any(|start| has(kind.get(..start.len()).unwrap_or_default(), start));
    is(&[b"image/", b"audio/", b"video/", b"font/", b"model/", b"application/"]) && !is_text_type(content_type)
}

/// Does a content type name a binary format in which programs exchange data?
fn is_data(content_type: &[u8]) -> bool {
    const FORMATS: &[&[u8]] = &[
        b"protobuf",
        b"grpc",
        b"bson",
        b"msgpack",
        b"cbor",
        b"thrift",
        b"avro",
        b"x-amf",
        b"hessian",
        b"java-serialized",
    ];
    let kind = content_type.split(|byte| *byte == b';').next().unwrap_or_default();
    FORMATS.iter().any(|format| has(kind, format))
}

/// Does a content type say that something is text?
pub(super) fn is_text_type(content_type: &[u8]) -> bool {
    const TEXTS: &[&[u8]] = &[
        b"text",
        b"json",
        b"xml",
        b"form",
        b"multipart",
        b"message",
        b"script",
        b"html",
        b"yaml",
        b"csv",
        b"graphql",
        b"sql",
        b"toml",
        b"svg",
    ];
    let kind = content_type.split(|byte| *byte == b';').next().unwrap_or_default();
    // Office formats have XML in their names, and are archives.
    !has(kind, b"openxmlformats") && !has(kind, b"opendocument") && TEXTS.iter().any(|word| has(kind, word))
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
        None if enough && matches!(declared, Shape::Binary | Shape::Data) => Some(declared),
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
        Some(_) if matches!(declared, Shape::Binary | Shape::Data) => Some(declared),
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
