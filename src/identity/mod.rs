//! To which user does an exchange belong? Asks the sources of `user.sources` in order, then the client's address.

use crate::config::error::Error;
use crate::config::from_value::FromValue;
use crate::config::options::options;
use crate::config::value::Value;
use crate::detect::detection::Whose;
use crate::exchange::head::Head;
use crate::exchange::proxy::Proxy;
use crate::identity::ignore::Ignore;
use crate::identity::source::{HeaderName, Named, OddName, Source};
use crate::incident::strength::Strength;
use crate::incident::user::User;
use crate::keyed_hash::{Digest, Key};
use crate::watch::session::Session;

mod address;
mod claim;
pub mod group;
mod ignore;
mod pattern;
pub mod shared_address;
pub mod source;
#[cfg(test)]
mod tests;

/// The options under `user`.
#[derive(Clone, Debug)]
pub struct Identity {
    sources: Vec<Source>,
    anonymous: Anonymous,
    ignore: Ignore,
    /// How sessions are bound to users; none: they are not.
    pub session: Option<Session>,
}

options! { Identity { sources, anonymous, ignore, session, ..Self::default() } }

/// Who is scored for an exchange that has no user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Anonymous {
    /// The client's address, under a threshold of its own.
    Address,
    /// Nobody: it is logged and counted only.
    Ignore,
}

impl FromValue for Anonymous {
    fn read(value: &Value) -> Result<Self, Error> {
        value.word(&[("address", Self::Address), ("ignore", Self::Ignore)])
    }
}

/// The user of an exchange.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attribution {
    /// Somebody with a name.
    User(Named),
    /// No name: the client's address.
    Address(User),
    /// A user or an address that the operator ignores.
    Ignored(Option<User>),
    /// Neither a name nor an address.
    Nobody,
}

impl Identity {
    /// Attributes an exchange: the first source that has a name wins. `address` is the client's, with or without port; it
    /// is read only if there is no name, or if addresses may be ignored.
    pub fn attribute(&self, head: &Head, proxy: &dyn Proxy, address: &[u8], whose: &Whose, key: &Key) -> Attribution {
        let named = match whose {
            Whose::Exchange => self.sources.iter().find_map(|source| source.look(head, proxy, key)),
            Whose::Client => None,
            Whose::Named(name) => match self.named(name, key) {
                Some(named) => Some(named),
                None => return Attribution::Nobody,
            },
        };
        let is_ignored = self.ignore.holds(head, proxy, address);
        match named {
            Some(named) if is_ignored || self.ignore.holds_user(named.whole.as_deref()) => {
                Attribution::Ignored(Some(named.user))
            }
            Some(named) => Attribution::User(named),
            None => match (self.anonymous, address::parse(address)) {
                (Anonymous::Address, Some(address)) => {
                    let user = behind(address::network(address), key);
                    if is_ignored { Attribution::Ignored(Some(user)) } else { Attribution::Address(user) }
                }
                _ if is_ignored => Attribution::Ignored(None),
                _ => Attribution::Nobody,
            },
        }
    }

    /// Is there any source that could name a user?
    pub fn has_sources(&self) -> bool {
        !self.sources.is_empty()
    }

    /// Does any source name the request's user?
    pub fn names_somebody(&self, head: &Head, proxy: &dyn Proxy) -> bool {
        self.sources.iter().any(|source| source.is_present(head, proxy))
    }

    /// The user whom the application names in an event: by the first source that is a plain name.
    fn named(&self, name: &str, key: &Key) -> Option<Named> {
        let source = self.sources.iter().find(|source| source.is_plain())?;
        (!name.is_empty()).then(|| source.named(name.as_bytes(), key))
    }

    /// The id of the record of an address.
    pub fn address_id(&self, address: &[u8], key: &Key) -> Option<Digest> {
        Some(behind(address::network(address::parse(address)?), key).id)
    }

    /// What is odd about how the request names its user: a header or cookie with two different names, or an empty header.
    pub fn odd_name<'a>(&'a self, head: &'a Head) -> Option<OddName<'a>> {
        self.sources.iter().find_map(|source| source.odd(head))
    }

    /// The verified token whose claims groups look at: that of the first source of this kind.
    pub fn payload(&self) -> &str {
        self.sources.iter().find_map(Source::payload).unwrap_or(claim::PAYLOAD)
    }

    /// The users whom an operator may mean by this name: each source's user of that name (of a composite with slashes
    /// between its parts, as it is shown), and the address.
    pub fn candidates(&self, name: &[u8], key: &Key) -> Vec<User> {
        let mut found: Vec<User> = self.sources.iter().filter_map(|source| source.meant(name, key)).collect();
        found.extend(address::parse(name).map(|address| behind(address::network(address), key)));
        found
    }

    /// Differs between configurations that name users differently: their records must not mix.
    pub fn namespace(&self) -> String {
        self.sources.iter().map(Source::namespace).collect::<Vec<_>>().join(", ")
    }
}

impl Default for Identity {
    fn default() -> Self {
        let header = Source::Header(HeaderName("x-user-id".to_owned()));
        Self { sources: vec![header], anonymous: Anonymous::Address, ignore: Ignore::default(), session: None }
    }
}

/// The user who stands for an address.
fn behind(network: String, key: &Key) -> User {
    let id = key.digest("user", &[b"address", network.as_bytes()]);
    User { id, name: network, source: "address".to_owned(), strength: Strength::Address }
}
