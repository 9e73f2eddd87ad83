//! What must other proxies act on at once? Entries of the feed: who was blocked, muted or closed, each with an absolute end.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::keyed_hash::Digest;

/// Something that happened to a user on one proxy. It says only whom to read anew: what holds stands in the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What happened.
    pub kind: Kind,
    /// To whom.
    pub user: Digest,
    /// Until when it matters to somebody who has not heard of it; what is over is no longer read at a start.
    pub until: Timestamp,
}

/// What happened to a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// An incident opened.
    Opened,
    /// An incident ended.
    Ended,
    /// The user was blocked, or a block was lifted.
    Blocked,
    /// The user was muted.
    Muted,
    /// The user's acts were forgiven.
    Forgiven,
}

/// Where in the feed an entry stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Position {
    /// When it was written, by the store's clock.
    pub millis: u64,
    /// Its number within that millisecond.
    pub number: u64,
}

const KINDS: [Kind; 5] = [Kind::Opened, Kind::Ended, Kind::Blocked, Kind::Muted, Kind::Forgiven];

impl Entry {
    /// The entry as the store keeps it: 25 bytes.
    pub fn to_bytes(self) -> Vec<u8> {
        let mut bytes = vec![self.kind as u8];
        bytes.extend(self.user.as_bytes());
        bytes.extend(self.until.as_millis().to_le_bytes());
        bytes
    }

    /// The entry of these bytes; none if another version wrote them.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (kind, rest) = bytes.split_first()?;
        let (user, until) = rest.split_first_chunk::<16>()?;
        let kind = *KINDS.get(usize::from(*kind))?;
        let until = Timestamp::from_millis(u64::from_le_bytes(until.try_into().ok()?));
        Some(Self { kind, user: Digest::from_bytes(*user), until })
    }
}

impl Position {
    /// The position `1700000000000-3`.
    pub fn parse(text: &[u8]) -> Option<Self> {
        let (millis, number) = std::str::from_utf8(text).ok()?.split_once('-')?;
        Some(Self { millis: millis.parse().ok()?, number: number.parse().ok()? })
    }

    /// The position this much before, for entries that may have been missed.
    #[must_use]
    pub fn back(self, millis: u64) -> Self {
        Self { millis: self.millis.saturating_sub(millis), number: 0 }
    }
}

impl std::fmt::Display for Position {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{}", self.millis, self.number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keyed_hash::Key;

    #[test]
    fn entries_and_positions_are_read_back() {
        let user = Key::from_passphrase("k").digest("user", &[b"a"]);
        for kind in KINDS {
            let entry = Entry { kind, user, until: Timestamp::from_millis(1_700_000_000_000) };
            assert_eq!(Entry::from_bytes(&entry.to_bytes()), Some(entry));
        }
        let bytes = Entry { kind: Kind::Opened, user, until: Timestamp::default() }.to_bytes();
        let rows = [&[][..], &bytes[..24], &[bytes.as_slice(), b"x"].concat(), &[&[9], &bytes[1..]].concat()];
        rows.iter().for_each(|wrong| assert_eq!(Entry::from_bytes(wrong), None, "{wrong:?}"));
        let position = Position { millis: 17, number: 3 };
        assert_eq!(Position::parse(position.to_string().as_bytes()), Some(position));
        ["", "1", "1-", "-1", "a-b", "1-2-3"]
            .iter()
            .for_each(|wrong| assert_eq!(Position::parse(wrong.as_bytes()), None));
    }
}
