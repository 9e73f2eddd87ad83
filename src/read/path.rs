//! What lies in a path? The whole, its odd segments, and the matrix parameters in them.

use super::{Field, PARAMETERS};
use crate::marks::Marks;
use crate::read::place::Place;

/// The path itself, then each segment that is more than a plain name, with its matrix parameters (`/a;x=1/b`) apart.
pub(super) fn fields(path: &[u8], sink: &mut dyn FnMut(Field<'_>)) {
    sink(Field { place: Place::Path, name: b"", value: path, encoded: true });
    let mut room = PARAMETERS;
    for segment in path.splitn(PARAMETERS, |byte| *byte == b'/') {
        if !Marks::of(segment).has(Marks::SIGN)
            || segment.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-._~@:,".contains(byte))
        {
            continue;
        }
        sink(Field { place: Place::Segment, name: b"", value: segment, encoded: true });
        for pair in segment.split(|byte| *byte == b';').skip(1) {
            if let Some(at) = pair.iter().position(|byte| *byte == b'=').filter(|_| room > 0) {
                room -= 1;
                let (name, value) = (pair.get(..at).unwrap_or_default(), pair.get(at + 1..).unwrap_or_default());
                sink(Field { place: Place::Segment, name, value, encoded: true });
            }
        }
    }
}
