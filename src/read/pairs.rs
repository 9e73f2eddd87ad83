//! Which parameters does a query have, and which cookies does a header hold?

use super::{Field, PARAMETERS, is_name};
use crate::read::place::Place;

/// The parameters of a query: `a=1&b=2`.
pub(super) fn query(query: &[u8], sink: &mut dyn FnMut(Field<'_>)) {
    split(query, b'&', &mut |pair| show(Place::Query, pair, sink));
}

/// The cookies of one header: `a=1; b=2`.
pub(super) fn cookies(header: &[u8], sink: &mut dyn FnMut(Field<'_>)) {
    split(header, b';', &mut |pair| show(Place::Cookie, pair.trim_ascii(), sink));
}

/// A pair as a field; what has no `=` is a value without a name.
fn show(place: Place, pair: &[u8], sink: &mut dyn FnMut(Field<'_>)) {
    let (name, value) = match pair.iter().position(|byte| *byte == b'=') {
        Some(at) => (pair.get(..at).unwrap_or_default(), pair.get(at + 1..).unwrap_or_default()),
        None => (&b""[..], pair),
    };
    if !is_name(name) {
        sink(Field { place, name, value: name, encoded: true });
    }
    sink(Field { place, name, value, encoded: true });
}

/// Each part between separators that is not empty; after [`PARAMETERS`] of them all the rest at once.
pub(super) fn split(bytes: &[u8], separator: u8, part: &mut dyn FnMut(&[u8])) {
    for one in bytes.splitn(PARAMETERS, |byte| *byte == separator).filter(|one| !one.is_empty()) {
        part(one);
    }
}
