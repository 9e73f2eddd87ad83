//! Who vouches for a user's name: a verified token or the proxy, only the client itself, or nobody?

use serde::{Deserialize, Serialize};

/// Who vouches for a user's name, the weakest first. Where not everything has room, the weakest gives way: clients can invent
/// as many as they like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Strength {
    /// Nobody: it is an address.
    Address,
    /// The client: a cookie, which it can invent.
    Session,
    /// A verified token, or a header that the proxy sets.
    Vouched,
}

impl Strength {
    /// By the source of the name, as snapshots have it: `address`, `cookie:sid`, `header:x-tenant+cookie:sid`. The weakest
    /// part of a composite name counts.
    pub fn of(source: &str) -> Self {
        if source == "address" {
            Self::Address
        } else if source.split('+').any(|part| part.starts_with("cookie:")) {
            Self::Session
        } else {
            Self::Vouched
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_weakest_part_of_a_name_counts() {
        let rows = [
            ("address", Strength::Address),
            ("cookie:sid", Strength::Session),
            ("header:x-tenant+cookie:sid", Strength::Session),
            ("header:x-user-id", Strength::Vouched),
            ("jwt:sub", Strength::Vouched),
        ];
        for (source, expected) in rows {
            assert_eq!(Strength::of(source), expected, "{source}");
        }
    }
}
