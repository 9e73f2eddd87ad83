//! Which headers are scanned, and which are not? Nearly all are; cookies and tokens are taken apart.

use super::field::Field;
use super::target::Target;
use super::{jwt, pairs};
use crate::exchange::headers::Headers;
use crate::text::byte_set::ByteSet;

/// Is it a header that proxies and browsers write and applications do not read? It is never shown.
fn is_never_shown(name: &[u8]) -> bool {
    matches!(
        name,
        b"connection"
            | b"content-length"
            | b"date"
            | b"dnt"
            | b"expect"
            | b"if-modified-since"
            | b"if-none-match"
            | b"keep-alive"
            | b"priority"
            | b"te"
            | b"traceparent"
            | b"tracestate"
            | b"upgrade"
            | b"upgrade-insecure-requests"
            | b"x-request-id"
    )
}

/// Is it a header whose grammar is full of signs that are evidence elsewhere? It is shown only if it has a sign that its
/// grammar lacks.
fn is_rarely_shown(name: &[u8]) -> bool {
    let starts = |start: &[u8]| name.starts_with(start);
    match name.first() {
        Some(b'a') => starts(b"accept"),
        Some(b'c') => starts(b"cache-control") || starts(b"content-encoding") || starts(b"content-type"),
        Some(b'p') => starts(b"pragma"),
        Some(b'r') => starts(b"range"),
        Some(b's') => starts(b"sec-"),
        Some(b'x') => starts(b"x-envoy-"),
        _ => false,
    }
}

/// Every header that can carry a payload; the authority as `host`.
pub(super) fn fields(headers: &Headers, sink: &mut dyn FnMut(Field<'_>)) {
    for (name, value) in headers.iter() {
        match name {
            b"cookie" => pairs::cookies(value, sink),
            b":authority" => sink(Field { target: Target::Header, name: b"host", value, encoded: false }),
            _ if name.first() == Some(&b':') || is_never_shown(name) => {}
            _ if is_rarely_shown(name) && !ByteSet::of(value).has(ByteSet::RARE) => {}
            // Chunks are as usual as a length; both at once, or any other coding, is not.
            b"transfer-encoding" if value == b"chunked" && headers.last("content-length").is_none() => {}
            _ => {
                sink(Field { target: Target::Header, name, value, encoded: false });
                jwt::fields(value, sink);
            }
        }
    }
}
