//! Which fields does a path have? The whole path, its odd segments, and their matrix parameters.

use super::field::{Field, PARAMETERS};
use super::target::Target;
use crate::text::byte_set::ByteSet;

/// The path itself, then each segment that is more than a plain name, with its matrix parameters (`/a;x=1/b`) apart.
pub(super) fn fields(path: &[u8], sink: &mut dyn FnMut(Field<'_>)) {
    sink(Field { target: Target::Path, name: b"", value: path, encoded: true });
    let mut room = PARAMETERS;
    for segment in path.splitn(PARAMETERS, |byte| *byte == b'/') {
        if !ByteSet::of(segment).has(ByteSet::SIGN)
            || segment.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-._~@:,".contains(byte))
        {
            continue;
        }
        sink(Field { target: Target::Segment, name: b"", value: segment, encoded: true });
        for pair in segment.split(|byte| *byte == b';').skip(1) {
            if let Some(at) = pair.iter().position(|byte| *byte == b'=').filter(|_| room > 0) {
                room -= 1;
                let (name, value) = (pair.get(..at).unwrap_or_default(), pair.get(at + 1..).unwrap_or_default());
                sink(Field { target: Target::Segment, name, value, encoded: true });
            }
        }
    }
}
