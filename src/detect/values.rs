//! Which values matched a rule in an exchange? What identifies an act, bounded, without the values themselves.

use sha2::{Digest as _, Sha256};

use crate::read::target::Target;
use crate::sort::sort;

/// So many different values of a rule are kept one by one; those beyond share one hash.
const KEPT: usize = 64;
/// So many values are compared with those kept, at most: a request may repeat one value ten thousand times.
const COMPARED: u32 = 512;

/// A value that matched, and where. Hashes without a key, which never leave the worker: records hold keyed ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Occurrence {
    /// The value.
    pub value: [u8; 16],
    /// The value and the target.
    pub placed: [u8; 16],
    /// Is it the same act only on the same route? Not in headers and cookies, which come with every request.
    pub has_route: bool,
}

impl Occurrence {
    /// The value with this hash at `target`, whose name is `place`.
    fn new(target: Target, place: &str, Hash(value): Hash) -> Self {
        let has_route = !matches!(
            target,
            Target::Method | Target::Header | Target::Agent | Target::Cookie | Target::Jwt | Target::Answer
        );
        Self { value, placed: Hash::of(&[place.as_bytes(), &value]).0, has_route }
    }
}

/// The values of one rule in one exchange. Two exchanges with the same different values have the same, whatever their
/// order; beyond [`KEPT`] only if the others came in the same order.
#[derive(Clone, Debug, Default)]
pub(super) struct Values {
    kept: Vec<Occurrence>,
    compared: u32,
    /// How many of those kept were taken.
    taken: usize,
    /// The values beyond those kept, since detections were last taken.
    rest: Option<Box<Sha256>>,
}

impl Values {
    /// Adds the value with this hash. Returns false if it is known to be there.
    pub(super) fn add(&mut self, target: Target, place: &str, value: Hash) -> bool {
        if self.kept.len() >= KEPT || self.compared >= COMPARED {
            let rest = self.rest.get_or_insert_with(Box::default);
            for part in [place.as_bytes(), &value.0] {
                rest.update((part.len() as u64).to_le_bytes());
                rest.update(part);
            }
            return true;
        }
        self.compared += 1;
        let occurrence = Occurrence::new(target, place, value);
        let is_new = !self.kept.contains(&occurrence);
        if is_new {
            self.kept.push(occurrence);
        }
        is_new
    }

    /// The values since the last call, in no order that depends on the request's.
    pub(super) fn take(&mut self) -> Vec<Occurrence> {
        let mut values = self.kept.get(self.taken..).unwrap_or_default().to_vec();
        self.taken = self.kept.len();
        sort(&mut values);
        if let Some(rest) = self.rest.take() {
            let hash = cut(rest.finalize().as_slice());
            values.push(Occurrence { value: hash, placed: hash, has_route: true });
        }
        values
    }
}

/// SHA-256 cut to 128 bits. Not a faster hash: whoever finds two values with one hash hides the second behind the first.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hash([u8; 16]);

impl Hash {
    /// Of the parts, each preceded by its length.
    pub(super) fn of(parts: &[&[u8]]) -> Self {
        let mut hasher = Sha256::new();
        for part in parts {
            hasher.update((part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
        Self(cut(hasher.finalize().as_slice()))
    }
}

fn cut(hash: &[u8]) -> [u8; 16] {
    hash.first_chunk().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: impl IntoIterator<Item = usize>) -> Vec<Occurrence> {
        let mut all = Values::default();
        for value in values {
            all.add(Target::Query, "query:q", Hash::of(&[value.to_string().as_bytes()]));
        }
        all.take()
    }

    #[test]
    fn values_are_the_same_whatever_their_order_and_how_often_they_come() {
        assert_eq!(of([1, 2, 3]), of([3, 1, 2, 3, 3]));
        assert_ne!(of([1, 2, 3]), of([1, 2, 4]));
        assert_eq!(of(0..1000).len(), KEPT + 1);
        assert_eq!(of(0..1000), of(0..1000));
        assert_ne!(of(0..1000), of((0..999).chain([1000])));
        assert_ne!(of((0..1000).map(|_| 1).chain([2])), of((0..1000).map(|_| 1).chain([3])));
    }

    #[test]
    fn only_values_since_the_last_take_are_taken() {
        let mut all = Values::default();
        assert!(all.add(Target::Query, "query:q", Hash::of(&[b"a"])));
        assert_eq!(all.take().len(), 1);
        assert!(!all.add(Target::Query, "query:q", Hash::of(&[b"a"])));
        assert_eq!(all.take(), []);
        assert!(all.add(Target::Query, "query:p", Hash::of(&[b"a"])));
        assert_eq!(all.take().len(), 1);
    }
}
