//! Which headers do the request and the answer have? Whole maps: the host shows only the first value of a name.

use crate::exchange::headers::Headers;
use crate::filter::host::abi;

const HTTP_REQUEST_HEADERS: u32 = 0;
const HTTP_REQUEST_TRAILERS: u32 = 1;
const HTTP_RESPONSE_HEADERS: u32 = 2;
const HTTP_CALL_RESPONSE_HEADERS: u32 = 6;

/// The request's headers; none if the proxy has none.
pub(in crate::filter) fn request() -> Headers {
    read(HTTP_REQUEST_HEADERS)
}

/// What follows the request's body; none before it has come.
pub(in crate::filter) fn request_trailers() -> Headers {
    read(HTTP_REQUEST_TRAILERS)
}

/// The answer's headers; none before it begins.
pub(in crate::filter) fn answer() -> Headers {
    read(HTTP_RESPONSE_HEADERS)
}

/// Removes a header from the request. Only if it is there: any change makes the host choose the route anew.
pub(in crate::filter) fn strip_request(name: &str) {
    let _ = abi::remove_header(HTTP_REQUEST_HEADERS, name);
}

/// Sets a header of the request, in place of any that it has.
pub(in crate::filter) fn set_request(name: &str, value: &str) {
    let _ = abi::replace_header(HTTP_REQUEST_HEADERS, name, value.as_bytes());
}

/// Removes a header from the answer, if it is there.
pub(in crate::filter) fn strip_answer(name: &str) {
    let _ = abi::remove_header(HTTP_RESPONSE_HEADERS, name);
}

/// The headers of a callout's answer, in its callback.
pub(super) fn callout_answer() -> Headers {
    read(HTTP_CALL_RESPONSE_HEADERS)
}

/// Headers as the host wants a map: a count, a pair of lengths for each header, then each name and value followed by a NUL.
pub(super) fn serialized(pairs: &[(&str, &str)]) -> Vec<u8> {
    let number = |number: usize| u32::try_from(number).unwrap_or_default().to_le_bytes();
    let mut bytes = number(pairs.len()).to_vec();
    for (name, value) in pairs {
        bytes.extend(number(name.len()));
        bytes.extend(number(value.len()));
    }
    for part in pairs.iter().flat_map(|(name, value)| [name, value]) {
        bytes.extend(part.as_bytes());
        bytes.push(0);
    }
    bytes
}

fn read(map: u32) -> Headers {
    abi::header_map(map).map(Headers::from_serialized).unwrap_or_default()
}
