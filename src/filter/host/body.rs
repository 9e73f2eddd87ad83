//! What is in the request's or the answer's body?

use crate::filter::host::abi;

const HTTP_REQUEST_BODY: u32 = 0;
const HTTP_RESPONSE_BODY: u32 = 1;

/// The bytes from `start` to `end` of what the current callback shows of the request's body; empty if the host refuses them.
pub(in crate::filter) fn request(start: usize, end: usize) -> Vec<u8> {
    abi::buffer(HTTP_REQUEST_BODY, start, end.saturating_sub(start)).unwrap_or_default()
}

/// The piece of the answer's body that the current callback is for; empty if the host refuses it.
pub(in crate::filter) fn answer(size: usize) -> Vec<u8> {
    abi::buffer(HTTP_RESPONSE_BODY, 0, size).unwrap_or_default()
}
