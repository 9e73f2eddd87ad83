//! Whose is it? The user of an exchange, from what the proxy or its operator vouches for.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use serde::Deserialize;

use crate::detect::scan::Whose;
use crate::exchange::Head;
use crate::exchange::proxy::Proxy;
use crate::incident::record::User;
use crate::keyed::{Digest, Key};
use crate::not_yet::NotYet;
use crate::untrusted;

/// How much of a user's name is kept for people, in UTF-16 units; names are told apart whole.
const NAME_KEPT: usize = 256;

/// The options under `user`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Identity {
    sources: Vec<Source>,
    anonymous: Anonymous,
    #[serde(rename = "ignore")]
    _ignore: NotYet,
    #[serde(rename = "session")]
    _session: Option<NotYet>,
}

/// Where a user's name may come from.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Source {
    /// A request header that only the proxy or the identity provider behind it can set.
    Header(HeaderName),
    #[serde(rename = "jwt")]
    _Jwt(NotYet),
    #[serde(rename = "cookie")]
    _Cookie(NotYet),
    #[serde(rename = "all")]
    _All(NotYet),
}

/// Who answers for an exchange that has no user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Anonymous {
    /// The client's address, under a threshold of its own.
    Address,
    /// Nobody: it is logged and counted.
    Ignore,
}

/// The name of a header, in lower case.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
struct HeaderName(String);

/// The user of an exchange.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attribution {
    /// Somebody with a name.
    User(User),
    /// Whoever is behind an address.
    Address(User),
    /// Nobody to hold it against.
    Nobody,
}

impl Identity {
    /// Whose it is: of an exchange, the first source that has a name wins. `address` is the client's, with or without
    /// port, and looked at only when there is no name.
    pub fn attribute(&self, head: &Head, _proxy: &dyn Proxy, address: &[u8], whose: &Whose, key: &Key) -> Attribution {
        if let Whose::Named(name) = whose {
            // As the first source would name them, so that it is one record.
            let header = self.sources.iter().find_map(|source| match source {
                Source::Header(HeaderName(header)) => Some(header),
                _ => None,
            });
            return match header {
                Some(header) => Attribution::User(user(key, format!("header:{header}"), name.as_bytes())),
                None => Attribution::Nobody,
            };
        }
        let sources = if *whose == Whose::Exchange { self.sources.as_slice() } else { &[] };
        for source in sources {
            let Source::Header(HeaderName(header)) = source else { continue };
            // The last one counts: a proxy appends what it vouches for behind what the client sent.
            if let Some(name) = head.headers().last(header).filter(|name| !name.is_empty()) {
                return Attribution::User(user(key, format!("header:{header}"), name));
            }
        }
        match (self.anonymous, network(address)) {
            (Anonymous::Address, Some(network)) => {
                Attribution::Address(pseudonymous(user(key, "address".to_owned(), network.as_bytes())))
            }
            _ => Attribution::Nobody,
        }
    }

    /// Whose record an operator may mean by this name: each source's user of that name, and the address.
    pub fn candidates(&self, name: &[u8], key: &Key) -> Vec<Digest> {
        let named = self.sources.iter().filter_map(|source| match source {
            Source::Header(HeaderName(header)) => Some(user(key, format!("header:{header}"), name).id),
            _ => None,
        });
        let address = network(name).map(|network| user(key, "address".to_owned(), network.as_bytes()).id);
        named.chain(address).collect()
    }

    /// What tells this way of naming users from another: records made under one are useless under the other.
    pub fn namespace(&self) -> String {
        format!("{:?}", self.sources)
    }
}

impl Default for Identity {
    fn default() -> Self {
        let header = Source::Header(HeaderName("x-user-id".to_owned()));
        Self { sources: vec![header], anonymous: Anonymous::Address, _ignore: NotYet, _session: None }
    }
}

impl TryFrom<String> for HeaderName {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        if name.is_empty() || !name.bytes().all(token) {
            return Err(format!("`{name}` is not the name of a header; write for example x-user-id"));
        }
        Ok(Self(name.to_ascii_lowercase()))
    }
}

fn user(key: &Key, source: String, name: &[u8]) -> User {
    let id = key.digest("user", &[source.as_bytes(), name]);
    let name = untrusted::clean_bytes(name, NAME_KEPT);
    User { id, told_as: name.clone(), name, source, strength: 2 }
}

/// A user whose name stays in the log: messages tell the first digits of its hash, which the log has beside the name.
fn pseudonymous(user: User) -> User {
    User { told_as: format!("{:.8}", user.id.to_string()), strength: 0, ..user }
}

/// The address without its port; of IPv6 the first 64 bits, which are one customer's.
fn network(address: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(address).ok()?;
    let address = text.parse::<SocketAddr>().map(|socket| socket.ip()).or_else(|_| text.parse::<IpAddr>()).ok()?;
    match address.to_canonical() {
        IpAddr::V4(address) => Some(address.to_string()),
        IpAddr::V6(address) => {
            let network = u128::from(address) >> 64 << 64;
            Some(format!("{}/64", Ipv6Addr::from(network)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::proxy::Known;

    fn attribute(options: &str, headers: &[(&str, &str)], address: &str) -> Option<(String, String)> {
        let identity: Identity = serde_json::from_str(options).unwrap();
        let head = Head::new(headers.iter().copied().collect());
        let (proxy, key) = (Known::default(), Key::from_passphrase("k"));
        match identity.attribute(&head, &proxy, address.as_bytes(), &Whose::Exchange, &key) {
            Attribution::User(user) | Attribution::Address(user) => Some((user.source, user.name)),
            Attribution::Nobody => None,
        }
    }

    #[test]
    fn the_first_source_with_a_name_wins_and_an_address_stands_in() {
        let two = r#"{"sources": [{"header": "X-A"}, {"header": "x-b"}]}"#;
        let nobody = r#"{"anonymous": "ignore"}"#;
        type Row<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a str, Option<(&'a str, &'a str)>);
        let rows: [Row<'_>; 9] = [
            ("{}", &[("x-user-id", "42")], "", Some(("header:x-user-id", "42"))),
            ("{}", &[("x-user-id", "forged"), ("x-user-id", "42")], "", Some(("header:x-user-id", "42"))),
            (two, &[("x-b", "b"), ("x-a", "a")], "", Some(("header:x-a", "a"))),
            (two, &[("x-b", "b"), ("x-a", "")], "", Some(("header:x-b", "b"))),
            ("{}", &[], "127.0.0.1:5000", Some(("address", "127.0.0.1"))),
            ("{}", &[], "[2001:db8:1:2:3::4]:5000", Some(("address", "2001:db8:1:2::/64"))),
            ("{}", &[], "[::ffff:10.0.0.1]:1", Some(("address", "10.0.0.1"))),
            ("{}", &[], "/tmp/socket", None),
            (nobody, &[], "127.0.0.1:5000", None),
        ];
        for (options, headers, address, expected) in rows {
            let expected = expected.map(|(source, name)| (source.to_owned(), name.to_owned()));
            assert_eq!(attribute(options, headers, address), expected, "{options} {headers:?} {address}");
        }
    }

    #[test]
    fn an_address_is_told_by_a_stand_in() {
        let (identity, key) = (Identity::default(), Key::from_passphrase("k"));
        let Attribution::Address(user) =
            identity.attribute(&Head::default(), &Known::default(), b"192.0.2.7:80", &Whose::Exchange, &key)
        else {
            panic!("an address")
        };
        assert_eq!((user.name.as_str(), user.told_as.len()), ("192.0.2.7", 8));
        assert!(user.id.to_string().starts_with(&user.told_as));
    }

    #[test]
    fn names_are_told_apart_whole_and_shown_cut() {
        let key = Key::from_passphrase("k");
        let long = |end: char| user(&key, "header:x".into(), format!("{}{end}", "n".repeat(9000)).as_bytes());
        assert_ne!(long('a').id, long('b').id);
        assert!(long('a').name.encode_utf16().count() <= NAME_KEPT);
    }
}
