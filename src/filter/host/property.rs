//! What does the proxy know of the exchange? Its attributes, by path.

use crate::filter::host::abi;

/// The attribute's bytes; none where there is no such attribute now.
pub(in crate::filter) fn bytes(path: &[&str]) -> Vec<u8> {
    abi::property(path.join("\0").as_bytes()).unwrap_or_default()
}

/// The attribute as a number, which the host hands over as 64 bits, little-endian.
pub(in crate::filter) fn number(path: &[&str]) -> Option<i64> {
    Some(i64::from_le_bytes(bytes(path).as_slice().try_into().ok()?))
}
