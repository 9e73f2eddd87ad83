//! What does the proxy know of the exchange? Its attributes, by path.

use crate::filter::host::abi;

/// The attribute's bytes; none where there is no such attribute now.
pub(in crate::filter) fn bytes(path: &[&str]) -> Option<Vec<u8>> {
    abi::property(path.join("\0").as_bytes()).ok()
}
