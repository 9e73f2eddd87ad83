//! Which headers do the request and the answer have? Whole maps: the host shows only the first value of a name.

use crate::exchange::headers::Headers;
use crate::filter::host::abi;

const HTTP_REQUEST_HEADERS: u32 = 0;
const HTTP_RESPONSE_HEADERS: u32 = 2;
const HTTP_CALL_RESPONSE_HEADERS: u32 = 6;

/// The request's headers; none if the proxy has none.
pub(in crate::filter) fn request() -> Headers {
    read(HTTP_REQUEST_HEADERS)
}

/// The answer's headers; none before it begins.
pub(in crate::filter) fn answer() -> Headers {
    read(HTTP_RESPONSE_HEADERS)
}

/// The first value of a header of the answer.
pub(in crate::filter) fn of_answer(name: &str) -> Option<Vec<u8>> {
    abi::header(HTTP_RESPONSE_HEADERS, name).ok()
}

/// Removes a header from the request. Asks first whether it is there: any change makes the host choose the route anew.
pub(in crate::filter) fn strip_request(name: &str) {
    if abi::header(HTTP_REQUEST_HEADERS, name).is_ok() {
        let _ = abi::remove_header(HTTP_REQUEST_HEADERS, name);
    }
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

fn read(map: u32) -> Headers {
    abi::header_map(map).map(Headers::from_serialized).unwrap_or_default()
}
