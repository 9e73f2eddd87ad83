//! How does the filter answer a request itself?

use crate::filter::host::{abi, headers};

/// What Envoy's access log shows as `%RESPONSE_CODE_DETAILS%`.
const DETAILS: &str = "user_risk_filter";

/// Answers the request under way. Returns false if the host refuses.
pub(in crate::filter) fn send(status: u16, headers: &[(&'static str, String)], body: &[u8]) -> bool {
    let pairs: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    abi::respond(status.into(), DETAILS, &headers::serialized(&pairs), body).is_ok()
}
