//! What does a record look like in the store? Its version, a hash of the rest; the number of its format; its bytes.

use sha2::{Digest as _, Sha256};

use crate::fleet::port::Version;
use crate::incident::record::Record;
use crate::state::buckets::Kept;

/// The number of the layout: records of another format are kept under other keys, so that two releases of the filter can run side
/// by side without hiding each other's records.
pub const LAYOUT: u8 = Record::FORMAT;

/// The most bytes of a copy. A larger one can't be, unless dozens of long messages wait: it is not shared then.
pub const LARGEST: usize = 32 * 1024;

/// The copy's bytes and its version; none if it is too large.
pub fn to_bytes(record: &Record) -> Option<(Vec<u8>, Version)> {
    let contents = postcard::to_allocvec(record).ok().filter(|contents| contents.len() <= LARGEST)?;
    let version = version(&contents);
    Some(([&version[..], &contents].concat(), version))
}

/// The record of a copy; none if it is damaged, or somebody else's.
pub fn from_bytes(bytes: &[u8]) -> Option<(Record, Version)> {
    let (version_held, contents) = bytes.split_first_chunk::<16>()?;
    let record = (*version_held == version(contents)).then(|| postcard::from_bytes(contents).ok())??;
    Some((record, *version_held))
}

/// The version that a copy says it has, whatever else is in it: what a swap that overwrites it has to expect.
pub fn version_held(bytes: &[u8]) -> Version {
    let mut version = [0; 16];
    version.iter_mut().zip(bytes).for_each(|(own, byte)| *own = *byte);
    version
}

fn version(contents: &[u8]) -> Version {
    Sha256::digest(contents).first_chunk().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incident::strength::Strength;
    use crate::incident::user::User;
    use crate::keyed_hash::Key;

    #[test]
    fn what_is_too_large_is_not_shared() {
        let id = Key::from_passphrase("k").digest("user", &[b"a"]);
        let named =
            |length| User { id, name: "a".repeat(length), source: "address".to_owned(), strength: Strength::Address };
        assert!(to_bytes(&Record::new(named(LARGEST - 200))).is_some());
        assert_eq!(to_bytes(&Record::new(named(LARGEST + 1))), None);
    }

    #[test]
    fn a_copy_is_read_back_and_a_damaged_one_is_not() {
        let id = Key::from_passphrase("k").digest("user", &[b"a"]);
        let user = User { id, name: "a".to_owned(), source: "address".to_owned(), strength: Strength::Address };
        let record = Record::new(user);
        let (bytes, version) = to_bytes(&record).unwrap();
        assert_eq!(from_bytes(&bytes), Some((record, version)));
        assert_eq!(version_held(&bytes), version);
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1;
            assert_eq!(from_bytes(&damaged), None, "{at}");
            assert_eq!(from_bytes(&bytes[..at]), None, "{at}");
        }
    }
}
