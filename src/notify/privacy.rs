//! How is a user called where others read it? By name or by a keyed hash; an address by a stand-in, a part of it, or itself.

use std::borrow::Cow;
use std::net::IpAddr;

use crate::config::error::Error;
use crate::config::from_value::FromValue;
use crate::config::options::options;
use crate::config::value::Value;
use crate::incident::snapshot::Snapshot;
use crate::keyed_hash::Digest;

/// The options under `privacy`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Privacy {
    /// How messages call users, where a channel says nothing else, and how the log does.
    pub users: Users,
    /// What messages show of the address to which requests without a user are attributed.
    pub addresses: Addresses,
}

options! { Privacy { users, addresses, ..Self::default() } }

/// How users are called.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Users {
    /// By their names.
    #[default]
    Plain,
    /// By the first digits of their keyed hash, which `riskctl hash` makes of a name.
    Hashed,
}

/// What is displayed of an address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Addresses {
    /// A stand-in: the first digits of its keyed hash.
    #[default]
    None,
    /// The first 24 bits of IPv4, 48 of IPv6.
    Prefix,
    /// All of it; of IPv6 the 64 bits that answer.
    Full,
}

impl FromValue for Users {
    fn read(value: &Value) -> Result<Self, Error> {
        value.word(&[("plain", Self::Plain), ("hashed", Self::Hashed)])
    }
}

impl FromValue for Addresses {
    fn read(value: &Value) -> Result<Self, Error> {
        value.word(&[("none", Self::None), ("prefix", Self::Prefix), ("full", Self::Full)])
    }
}

/// How the log calls a user: the name, and how messages call the user where that is not the name.
#[derive(Debug)]
pub struct Logged<'a> {
    /// The user.
    pub user: Cow<'a, str>,
    /// What to look for in messages.
    pub notified_as: Option<String>,
}

/// How many digits of the hash stand for a user: enough that no two users among billions share them.
const USER_DIGITS: usize = 16;

/// How many digits stand for an address.
const ADDRESS_DIGITS: usize = 8;

/// What `source` says of an address.
const ADDRESS: &str = "address";

impl Privacy {
    /// How a message calls the user, on a channel that calls users like this.
    pub fn display_name(self, users: Users, source: &str, name: &str, id: &Digest) -> String {
        match (source == ADDRESS, self.addresses, users) {
            (true, Addresses::None, _) => digits(id, ADDRESS_DIGITS),
            (true, Addresses::Prefix, _) => prefix(name).unwrap_or_else(|| digits(id, ADDRESS_DIGITS)),
            (false, _, Users::Hashed) => digits(id, USER_DIGITS),
            (true, Addresses::Full, _) | (false, _, Users::Plain) => name.to_owned(),
        }
    }

    /// What messages show of the address from which a user's request came.
    pub fn shown_address(self, address: &str) -> String {
        match self.addresses {
            Addresses::None => String::new(),
            Addresses::Prefix => prefix(address).unwrap_or_default(),
            Addresses::Full => address.to_owned(),
        }
    }

    /// The snapshot as a channel may see it that calls users like this: its user renamed.
    pub fn veiled(self, users: Users, mut snapshot: Snapshot) -> Snapshot {
        snapshot.user = self.display_name(users, &snapshot.source, &snapshot.user, &snapshot.user_digest);
        snapshot
    }

    /// How the log calls a user. It has names and addresses, as an access log has, and what messages say in their place
    /// on channels that call users like this; but where `users` is hashed for all, the log shows no more than messages do.
    pub fn logged<'a>(self, users: Users, source: &str, name: &'a str, id: &Digest) -> Logged<'a> {
        let displayed = self.display_name(users, source, name, id);
        match self.users {
            Users::Hashed => Logged { user: Cow::Owned(displayed), notified_as: None },
            Users::Plain => {
                Logged { user: Cow::Borrowed(name), notified_as: Some(displayed).filter(|displayed| displayed != name) }
            }
        }
    }
}

fn digits(id: &Digest, number: usize) -> String {
    format!("{:.*}", number, id.to_string())
}

/// The start of the address that a name of this source is: `203.0.113.0/24`, `2001:db8:1::/48`.
fn prefix(name: &str) -> Option<String> {
    let address: IpAddr = name.split('/').next()?.parse().ok()?;
    Some(match address {
        IpAddr::V4(address) => {
            let [a, b, c, _] = address.octets();
            format!("{a}.{b}.{c}.0/24")
        }
        IpAddr::V6(address) => {
            let [a, b, c, ..] = address.segments();
            format!("{}/48", std::net::Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keyed_hash::Key;

    #[test]
    fn nobody_is_told_more_than_may_be() {
        use Addresses::{Full, None, Prefix};
        use Users::{Hashed, Plain};
        let id = Key::from_passphrase("k").digest("user", &[b"x"]);
        let (eight, sixteen) = (digits(&id, 8), digits(&id, 16));
        let (four, six) = ("203.0.113.77", "2001:db8:1:2::/64");
        let rows = [
            ("header:x-user-id", "4711", Plain, None, "4711"),
            ("header:x-user-id", "4711", Hashed, Full, &sixteen),
            ("header:x-user-id", four, Plain, None, four),
            ("cookie:sid", "1f0c9a7e", Hashed, None, &sixteen),
            ("address", four, Plain, None, &eight),
            ("address", four, Plain, Prefix, "203.0.113.0/24"),
            ("address", four, Hashed, Full, four),
            ("address", six, Plain, None, &eight),
            ("address", six, Plain, Prefix, "2001:db8:1::/48"),
            ("address", six, Plain, Full, six),
            ("address", "nonsense", Plain, Prefix, &eight),
        ];
        for (source, name, users, addresses, expected) in rows {
            let privacy = Privacy { users: Plain, addresses };
            assert_eq!(privacy.display_name(users, source, name, &id), expected, "{name} {users:?} {addresses:?}");
        }
    }

    #[test]
    fn the_log_has_both_names_but_where_all_are_hashed() {
        let id = Key::from_passphrase("k").digest("user", &[b"x"]);
        let (eight, sixteen) = (digits(&id, 8), digits(&id, 16));
        let rows = [
            (Users::Plain, Users::Plain, "u", "4711", ("4711", None)),
            (Users::Plain, Users::Hashed, "u", "4711", ("4711", Some(sixteen.as_str()))),
            (Users::Hashed, Users::Hashed, "u", "4711", (sixteen.as_str(), None)),
            (Users::Plain, Users::Plain, "address", "192.0.2.7", ("192.0.2.7", Some(eight.as_str()))),
            (Users::Hashed, Users::Hashed, "address", "192.0.2.7", (eight.as_str(), None)),
        ];
        for (users, on_a_channel, source, name, expected) in rows {
            let privacy = Privacy { users, ..Privacy::default() };
            let logged = privacy.logged(on_a_channel, source, name, &id);
            assert_eq!((&*logged.user, logged.notified_as.as_deref()), expected, "{users:?} {name}");
        }
    }
}
