//! What do parameters of the same name spell together? Some frameworks join them with a comma, so a payload can come in
//! parts: `id=1' UNION/*&id=*/SELECT`.

use super::place::Place;
use super::{Field, NAME};

/// So many names are remembered, and so many bytes of the values of each.
const NAMES: usize = 16;
const JOINED: usize = 1024;

/// The parameters so far that may be part of a whole: those with a `*`, which opens or closes the comment around the comma.
#[derive(Debug, Default)]
pub(super) struct Repeats {
    seen: Vec<Joined>,
}

#[derive(Debug)]
struct Joined {
    name: Vec<u8>,
    values: Vec<u8>,
    count: u32,
}

impl Repeats {
    /// Notes a parameter.
    pub(super) fn add(&mut self, name: &[u8], value: &[u8]) {
        let at = match self.seen.iter().position(|one| one.name == name) {
            Some(at) => at,
            None if self.seen.len() < NAMES && name.len() <= NAME && has_star(value) => {
                self.seen.push(Joined { name: name.to_vec(), values: Vec::new(), count: 0 });
                self.seen.len() - 1
            }
            None => return,
        };
        let Some(one) = self.seen.get_mut(at) else { return };
        if one.values.len() + value.len() < JOINED {
            if one.count > 0 {
                one.values.push(b',');
            }
            one.values.extend_from_slice(value);
            one.count += 1;
        }
    }

    /// Shows what came more than once, joined.
    pub(super) fn show(&mut self, place: Place, sink: &mut dyn FnMut(Field<'_>)) {
        for one in self.seen.drain(..).filter(|one| one.count > 1) {
            sink(Field { place, name: &one.name, value: &one.values, encoded: true });
        }
    }
}

fn has_star(value: &[u8]) -> bool {
    value.contains(&b'*') || value.contains(&b'%') && value.windows(3).any(|part| part.eq_ignore_ascii_case(b"%2a"))
}
