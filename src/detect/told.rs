//! Where was it? The place of a detection, as people may read it.

use crate::read::place::Place;

/// The longest name in a detection's place, in bytes: a longer one is no name that people gave.
const NAME: usize = 32;

/// What stands for a name that is not told.
pub(super) const UNTOLD: &[u8] = b"{}";

/// The place of a field, for people and records. The log tells it, so that operators can exclude it: only a short name
/// of letters, digits, `_`, `-` and `.` is told. What is no name may be the payload itself.
pub fn place(place: Place, name: &[u8]) -> String {
    if name.is_empty() {
        return place.slug().to_owned();
    }
    let is_told = name.len() <= NAME && name.iter().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(byte));
    let name = if is_told { name } else { UNTOLD };
    format!("{}:{}", place.slug(), name.escape_ascii())
}
