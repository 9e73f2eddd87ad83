//! A value that is itself a URL: which parameters does it have, so that a payload in it is the same wherever the URL stands?

use crate::decode::percent;
use crate::read::field::{Field, PARAMETERS};

/// Is it an address or a path with a query?
pub(super) fn is_address(value: &[u8]) -> bool {
    let start = value.get(..value.len().min(64)).unwrap_or_default();
    value.contains(&b'?') && (value.starts_with(b"/") || start.windows(3).any(|part| part == b"://"))
}

/// The value as the application would see it: one layer of coding undone where the wire has one.
pub(super) fn once_decoded(field: Field<'_>) -> Vec<u8> {
    let mut once = field.value.to_vec();
    if field.encoded {
        if field.target.plus_is_blank() {
            once.iter_mut().filter(|byte| **byte == b'+').for_each(|byte| *byte = b' ');
        }
        let mut decoded = Vec::with_capacity(once.len());
        if percent::decode(&once, &mut decoded) {
            once = decoded;
        }
    }
    once
}

/// What stands before the query of an address.
pub(super) fn before_query(address: &[u8]) -> &[u8] {
    address.split(|byte| *byte == b'?').next().unwrap_or_default()
}

/// The values of the parameters in an address.
pub(super) fn parameters(address: &[u8]) -> impl Iterator<Item = &[u8]> {
    let query = address.splitn(2, |byte| *byte == b'?').nth(1).unwrap_or_default();
    let pairs = query.splitn(PARAMETERS, |byte| *byte == b'&');
    pairs.filter_map(|pair| pair.splitn(2, |byte| *byte == b'=').nth(1)).filter(|value| !value.is_empty())
}
