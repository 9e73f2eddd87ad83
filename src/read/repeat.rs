//! Parameters of the same name: what do they become when a framework joins them with a comma?
//!
//! A payload can be split over several: `id=1' UNION/*&id=*/SELECT`.

use super::field::{Field, NAME};
use super::target::Target;
use memchr::memchr2_iter;

/// So many names are remembered, and so many bytes of the values of each.
const NAMES: usize = 16;
const JOINED: usize = 1024;

/// The parameters so far that may be part of a whole: those with a `*`, which opens or closes the comment around the comma.
#[derive(Debug, Default)]
pub(super) struct Repeats {
    seen: Vec<Joined>,
    /// How many bytes of values were not joined, as there is no room for their names.
    left: usize,
}

#[derive(Debug)]
struct Joined {
    name: Vec<u8>,
    values: Vec<u8>,
    /// How many are joined, and how many came.
    count: u32,
    came: u32,
    /// How many bytes had no room.
    left: usize,
}

impl Repeats {
    /// Notes a parameter.
    pub(super) fn add(&mut self, name: &[u8], value: &[u8]) {
        let at = match self.seen.iter().position(|one| one.name == name) {
            Some(at) => at,
            None if !has_star(value) => return,
            None if self.seen.len() >= NAMES || name.len() > NAME => {
                self.left += value.len();
                return;
            }
            None => {
                self.seen.push(Joined { name: name.to_vec(), values: Vec::new(), count: 0, came: 0, left: 0 });
                self.seen.len() - 1
            }
        };
        let Some(one) = self.seen.get_mut(at) else { return };
        one.came += 1;
        if one.values.len() + value.len() < JOINED {
            if one.count > 0 {
                one.values.push(b',');
            }
            one.values.extend_from_slice(value);
            one.count += 1;
        } else {
            one.left += value.len();
        }
    }

    /// Shows what came more than once, joined; says how many bytes the caps kept from that.
    pub(super) fn show(&mut self, target: Target, sink: &mut dyn FnMut(Field<'_>)) -> usize {
        let mut left = std::mem::take(&mut self.left);
        for one in self.seen.drain(..).filter(|one| one.came > 1) {
            left += one.left;
            if one.count > 1 {
                sink(Field { target, name: &one.name, value: &one.values, encoded: true });
            }
        }
        left
    }
}

fn has_star(value: &[u8]) -> bool {
    let is_coded = |at: usize| matches!(value.get(at + 1..), Some([b'2', b'a' | b'A', ..]));
    memchr2_iter(b'*', b'%', value).any(|at| value.get(at) == Some(&b'*') || is_coded(at))
}
