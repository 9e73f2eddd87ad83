//! When is an act the same as one before? Keyed hashes of the values that matched, so that records hold no value.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::detect::values::Occurrence;
use crate::keyed_hash::{Digest, Key};
use crate::sort::sort;

/// So many values of an act are compared one by one; the others share one hash.
const VALUES: usize = 16;

/// What identifies an act, whenever and on whichever proxy it happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fingerprint {
    id: u64,
    values: Vec<ValueId>,
}

/// A value, and the value at its place: in path, query and body the target on the route, else the target.
///
/// 32 bits each: the hashes are keyed, so nobody can look for two values with the same, and a record holds a few hundred.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ValueId {
    #[serde(with = "postcard::fixint::le")]
    pub(super) value: u32,
    #[serde(with = "postcard::fixint::le")]
    pub(super) placed: u32,
}

/// What identifies one act among all: a hash of the proxy, the time and the fingerprint. Two records of the same user that
/// are merged have an act in common if it has the same id in both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActId {
    /// The hash.
    pub hash: u64,
    /// The proxy on which it happened.
    pub proxy: u32,
    /// When.
    pub time: Timestamp,
}

impl Fingerprint {
    /// Of an act of `rule` on `route`, in which these values matched. The order of the values makes no difference.
    pub fn of(key: &Key, rule: &str, values: &[Occurrence], route: &str) -> Self {
        let mut values = values.to_vec();
        sort(&mut values);
        let place = |one: &Occurrence| if one.has_route { route.as_bytes() } else { b"" };
        let (single, shared) = values.split_at(values.len().min(VALUES));
        let mut ids: Vec<_> = single
            .iter()
            .map(|one| ValueId {
                value: cut(key.digest("value", &[rule.as_bytes(), &one.value])),
                placed: cut(key.digest("placed", &[rule.as_bytes(), &one.placed, place(one)])),
            })
            .collect();
        if !shared.is_empty() {
            let all: Vec<_> = shared.iter().map(|one| one.value).collect();
            let placed: Vec<_> = shared.iter().map(|one| one.placed).collect();
            ids.push(ValueId {
                value: cut(key.digest("values", &[rule.as_bytes(), all.as_flattened()])),
                placed: cut(key.digest("placed-values", &[rule.as_bytes(), placed.as_flattened(), route.as_bytes()])),
            });
        }
        let bytes: Vec<_> = ids.iter().flat_map(|one| one.placed.to_le_bytes()).collect();
        Self { id: key.digest("act", &[rule.as_bytes(), &bytes]).short(), values: ids }
    }

    /// Of an act that is a new one each time, as behaviour is. `parts` say which.
    pub fn unique(key: &Key, parts: &[&[u8]]) -> Self {
        Self { id: key.digest("act", parts).short(), values: Vec::new() }
    }

    /// The values, compared one by one; none where each act is new.
    pub fn values(&self) -> &[ValueId] {
        &self.values
    }

    /// Is it the fingerprint of the same values of the same rule, at the same places?
    pub fn is_same(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl ValueId {
    /// All of these values in the form of one.
    pub(super) fn together(values: &[Self]) -> Self {
        // FNV-1a: the values are keyed hashes, so nobody can choose them.
        let hash = values
            .iter()
            .flat_map(|one| one.placed.to_le_bytes())
            .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        // Cut on purpose into its halves.
        Self { value: (hash >> 32) as u32, placed: hash as u32 }
    }
}

impl ActId {
    /// The id of an act that happens now.
    pub fn new(key: &Key, proxy: u32, time: Timestamp, fingerprint: &Fingerprint) -> Self {
        let parts = [&proxy.to_le_bytes()[..], &time.as_millis().to_le_bytes(), &fingerprint.id.to_le_bytes()];
        Self { hash: key.digest("act-id", &parts).short(), proxy, time }
    }
}

fn cut(hash: Digest) -> u32 {
    hash.brief()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn occurrence(number: u8) -> Occurrence {
        Occurrence { value: [number; 16], placed: [number + 100; 16], has_route: true }
    }

    #[test]
    fn an_act_is_known_by_its_rule_its_values_and_their_places() {
        let key = Key::from_passphrase("k");
        let of = |rule, values: &[u8], route| {
            Fingerprint::of(&key, rule, &values.iter().copied().map(occurrence).collect::<Vec<_>>(), route)
        };
        let one = of("a", &[1, 2], "/x");
        assert!(one.is_same(&of("a", &[2, 1], "/x")));
        for other in [of("b", &[1, 2], "/x"), of("a", &[1, 3], "/x"), of("a", &[1], "/x"), of("a", &[1, 2], "/y")] {
            assert!(!one.is_same(&other));
        }
    }

    /// Kept in records, which outlive a module: FNV-1a of 64 bits, with a vector of its authors (test_fnv.c).
    #[test]
    fn values_that_share_a_hash_share_a_published_one() {
        let foob = ValueId { value: 1, placed: u32::from_le_bytes(*b"foob") };
        assert_eq!(ValueId::together(&[foob]), ValueId { value: 0xdd12_0e79, placed: 0x0c25_12af });
    }
}
