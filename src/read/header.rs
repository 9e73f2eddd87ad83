//! Which headers can carry a payload? Nearly all; cookies are taken apart.

use super::{Field, jwt, pairs};
use crate::exchange::Headers;
use crate::read::place::Place;

/// Headers that proxies and browsers write, not applications read: never shown.
const NEVER: &[&str] = &[
    "connection",
    "content-length",
    "date",
    "dnt",
    "expect",
    "if-modified-since",
    "if-none-match",
    "keep-alive",
    "priority",
    "te",
    "traceparent",
    "tracestate",
    "upgrade",
    "upgrade-insecure-requests",
    "x-request-id",
];

/// Headers whose grammar is full of signs that mean something elsewhere: shown only with one that their grammar lacks.
const RARELY: &[&str] =
    &["accept", "cache-control", "content-encoding", "content-type", "pragma", "range", "sec-", "x-envoy-"];

/// Every header that can carry a payload; the authority as `host`.
pub(super) fn fields(headers: &Headers, sink: &mut dyn FnMut(Field<'_>)) {
    for (name, value) in headers.iter() {
        match name {
            b"cookie" => pairs::cookies(value, sink),
            b":authority" => sink(Field { place: Place::Header, name: b"host", value, encoded: false }),
            _ if name.starts_with(b":") || NEVER.iter().any(|never| never.as_bytes() == name) => {}
            _ if RARELY.iter().any(|rarely| name.starts_with(rarely.as_bytes()))
                && !value.iter().any(|byte| b"${<`%\\".contains(byte)) => {}
            // Chunks are as usual as a length; both at once, or any other coding, is not.
            b"transfer-encoding" if value == b"chunked" && headers.last("content-length").is_none() => {}
            _ => {
                sink(Field { place: Place::Header, name, value, encoded: false });
                jwt::fields(value, sink);
            }
        }
    }
}
