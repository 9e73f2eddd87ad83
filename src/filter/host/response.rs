//! How does the filter answer a request itself?

use crate::filter::host::abi;

/// What Envoy's access log shows as `%RESPONSE_CODE_DETAILS%`.
const DETAILS: &str = "user_risk_filter";

/// Answers the request under way. Returns false if the host refuses.
pub(in crate::filter) fn send(status: u16, headers: &[(&'static str, String)], body: &[u8]) -> bool {
    abi::respond(status.into(), DETAILS, &serialized(headers), body).is_ok()
}

/// Headers as the host serialises a map: a count, a pair of lengths for each header, then each name and value followed by
/// a NUL.
fn serialized(headers: &[(&'static str, String)]) -> Vec<u8> {
    let number = |number: usize| u32::try_from(number).unwrap_or_default().to_le_bytes();
    let mut bytes = number(headers.len()).to_vec();
    for (name, value) in headers {
        bytes.extend(number(name.len()));
        bytes.extend(number(value.len()));
    }
    for (name, value) in headers {
        for part in [name.as_bytes(), value.as_bytes()] {
            bytes.extend(part);
            bytes.push(0);
        }
    }
    bytes
}
