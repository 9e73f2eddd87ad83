//! How is a request answered in the application's place?

use crate::filter::host::abi;

/// What Envoy's access log shows as `%RESPONSE_CODE_DETAILS%`.
const DETAILS: &str = "user_risk_filter";

/// Answers the exchange under way. Returns whether the host does.
pub(in crate::filter) fn send(status: u16, headers: &[(&'static str, String)], body: &[u8]) -> bool {
    abi::respond(status.into(), DETAILS, &serialized(headers), body).is_ok()
}

/// Headers in the proxy's serialisation of a map: a count, a pair of lengths for each, then each name and value followed
/// by a NUL.
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
