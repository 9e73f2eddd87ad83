//! Where does a user's name come from? A header, a verified token, a cookie, or several of them together.

use std::fmt;

use crate::config::error::Error;
use crate::config::from_value::FromValue;
use crate::config::options::options;
use crate::config::value::Value;
use crate::decode::percent;
use crate::detect::signal::Signal;
use crate::exchange::cookie;
use crate::exchange::head::Head;
use crate::exchange::headers::is_token;
use crate::exchange::proxy::Proxy;
use crate::identity::claim::{Kind, PAYLOAD, Path};
use crate::incident::strength::Strength;
use crate::incident::user::User;
use crate::keyed_hash::Key;
use crate::read::target::Target;
use crate::text::untrusted;

/// How much of a user's name is kept for people, in UTF-16 units; names are compared whole.
const NAME_KEPT: usize = 256;

/// How many digits of a hash stand in for what is never shown.
const STAND_IN: usize = 8;

/// Where a user's name may come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// A request header that only the proxy or the identity provider behind it can set.
    Header(HeaderName),
    /// A claim of the token that Envoy's `jwt_authn` verified.
    Jwt(Jwt),
    /// A cookie, of which only a hash is kept.
    Cookie(CookieName),
    /// Several sources, of which each has to say something.
    All(Several),
}

/// The name of a header, in lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct HeaderName(pub(super) String);

/// The name of a cookie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CookieName(String);

/// The options under `jwt`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Jwt {
    /// What `payload_in_metadata` of the provider says.
    pub(super) payload: String,
    claim: Path,
    kind: Kind,
}

options! { Jwt { payload = PAYLOAD.to_owned(), claim = Path::subject(), kind as "type" = Kind::Text } }

/// Two to four sources, none of them composite.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Several(Vec<Source>);

/// A user's name, whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// The user.
    pub user: User,
    /// The whole name, to compare with what operators write; of a composite the parts with a slash between them. None
    /// where the name is not to be shown.
    pub(super) whole: Option<String>,
}

/// How a request names its user in an odd way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OddName<'a> {
    /// What is odd.
    pub signal: Signal,
    /// A header or a cookie.
    pub target: Target,
    /// Its name.
    pub name: &'a str,
    /// The value that counts.
    pub value: &'a [u8],
}

impl Source {
    /// The user whom the exchange names; none if it names none, or only an empty name.
    pub(super) fn look(&self, head: &Head, proxy: &dyn Proxy, key: &Key) -> Option<Named> {
        let Self::All(Several(parts)) = self else {
            let name = self.value(head, proxy)?;
            return Some(self.named(&name, key));
        };
        let values = parts.iter().map(|part| part.value(head, proxy)).collect::<Option<Vec<_>>>()?;
        Some(self.composed(parts, &values, key))
    }

    /// The user of several names together.
    fn composed(&self, parts: &[Self], values: &[Vec<u8>], key: &Key) -> Named {
        let source = self.to_string();
        // Each part goes into the hash with its length before it, and what stands between the shown parts can't stand
        // in one: no two users read alike.
        let whole: Vec<&[u8]> = [source.as_bytes()].into_iter().chain(values.iter().map(Vec::as_slice)).collect();
        let id = key.digest("user", &whole);
        let named: Vec<_> = parts.iter().zip(values).map(|(part, value)| part.named(value, key)).collect();
        let shown = |named: &Named| {
            let name = named.whole.as_ref().unwrap_or(&named.user.name);
            name.replace('%', "%25").replace('/', "%2F")
        };
        let shown = named.iter().map(shown).collect::<Vec<_>>().join("/");
        let name = untrusted::clean(&shown, NAME_KEPT);
        let strength = named.iter().map(|named| named.user.strength).min().unwrap_or(Strength::Address);
        let is_open = named.iter().all(|named| named.whole.is_some());
        let user = User { id, name, source, strength };
        Named { user, whole: is_open.then_some(shown) }
    }

    /// The user whom an operator means by this name. Of a cookie it would be the value, which nobody should have.
    pub(super) fn meant(&self, name: &[u8], key: &Key) -> Option<User> {
        match self {
            Self::Cookie(_) => None,
            Self::All(Several(parts)) => {
                let mut values = Vec::new();
                for part in name.split(|byte| *byte == b'/') {
                    let mut plain = Vec::new();
                    values.push(if percent::decode(part, &mut plain) { plain } else { part.to_vec() });
                }
                (values.len() == parts.len()).then(|| self.composed(parts, &values, key).user)
            }
            Self::Header(_) | Self::Jwt(_) => Some(self.named(name, key).user),
        }
    }

    /// The user of this name.
    pub(super) fn named(&self, name: &[u8], key: &Key) -> Named {
        let source = self.to_string();
        let id = key.digest("user", &[source.as_bytes(), name]);
        if let Self::Cookie(_) = self {
            let name = stand_in(&id);
            return Named { user: User { id, name, source, strength: Strength::Session }, whole: None };
        }
        let whole = untrusted::clean_bytes(name, usize::MAX);
        let name = untrusted::clean(&whole, NAME_KEPT);
        let user = User { id, name, source, strength: Strength::Vouched };
        Named { user, whole: Some(whole) }
    }

    /// Does it name anybody?
    pub(super) fn is_present(&self, head: &Head, proxy: &dyn Proxy) -> bool {
        match self {
            Self::All(Several(parts)) => parts.iter().all(|part| part.is_present(head, proxy)),
            one => one.value(head, proxy).is_some(),
        }
    }

    /// What a source that is not composite says; empty is nothing.
    fn value(&self, head: &Head, proxy: &dyn Proxy) -> Option<Vec<u8>> {
        match self {
            // The last one counts: a proxy appends what it vouches for behind what the client sent.
            Self::Header(HeaderName(name)) => head.headers().last(name).map(<[u8]>::to_vec),
            Self::Jwt(jwt) => jwt.claim.name(proxy, &jwt.payload, jwt.kind),
            Self::Cookie(CookieName(name)) => cookie::of_request(head.headers(), name).map(<[u8]>::to_vec),
            Self::All(_) => None,
        }
        .filter(|value| !value.is_empty())
    }

    /// What is odd about how the request names the user by this source: two names, or an empty one.
    pub(super) fn odd<'a>(&'a self, head: &'a Head) -> Option<OddName<'a>> {
        let parts = match self {
            Self::All(Several(parts)) => parts.as_slice(),
            one => std::slice::from_ref(one),
        };
        parts.iter().find_map(|part| match part {
            Self::Header(HeaderName(name)) => {
                let mut values = head.headers().all(name);
                let value = values.next_back()?;
                let signal = if values.any(|other| other != value) {
                    Signal::SessionTwoNames
                } else if value.is_empty() {
                    Signal::SessionEmptyName
                } else {
                    return None;
                };
                Some(OddName { signal, target: Target::Header, name, value })
            }
            Self::Cookie(CookieName(name)) => {
                let mut values = cookie::all(head.headers(), name);
                let value = values.next()?;
                let signal = Signal::SessionTwoNames;
                values.any(|other| other != value).then_some(OddName { signal, target: Target::Cookie, name, value })
            }
            Self::Jwt(_) | Self::All(_) => None,
        })
    }

    /// The payload in which a token's claims stand.
    pub(super) fn payload(&self) -> Option<&str> {
        match self {
            Self::Jwt(jwt) => Some(&jwt.payload),
            Self::All(Several(parts)) => parts.iter().find_map(Self::payload),
            Self::Header(_) | Self::Cookie(_) => None,
        }
    }

    /// What two sources share that name the same users. It stands in the keys of shared data, which outlive a module.
    pub(super) fn namespace(&self) -> String {
        match self {
            Self::Jwt(Jwt { kind: Kind::Number, .. }) => format!("{self} as a number"),
            Self::All(Several(parts)) => parts.iter().map(Self::namespace).collect::<Vec<_>>().join("+"),
            Self::Header(_) | Self::Jwt(_) | Self::Cookie(_) => self.to_string(),
        }
    }

    /// Does it say a name that people know, and say it alone?
    pub(super) fn is_plain(&self) -> bool {
        matches!(self, Self::Header(_) | Self::Jwt(_))
    }
}

/// `header:x-user-id`, `jwt:jwt_payload.sub`, `cookie:sid`, `header:x-tenant+header:x-user-id`.
impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Header(HeaderName(name)) => write!(f, "header:{name}"),
            Self::Jwt(Jwt { payload, claim, .. }) => write!(f, "jwt:{payload}.{claim}"),
            Self::Cookie(CookieName(name)) => write!(f, "cookie:{name}"),
            Self::All(Several(parts)) => {
                let parts: Vec<_> = parts.iter().map(ToString::to_string).collect();
                f.write_str(&parts.join("+"))
            }
        }
    }
}

/// What is shown in place of what is not: the first digits of its hash.
fn stand_in(id: &impl fmt::Display) -> String {
    format!("{:.*}", STAND_IN, id.to_string())
}

impl FromValue for Source {
    fn read(value: &Value) -> Result<Self, Error> {
        value.kind(
            "header, jwt, cookie or all, such as {header: x-user-id}",
            &[
                ("header", |name| HeaderName::read(name).map(Self::Header)),
                ("jwt", |options| Jwt::read(options).map(Self::Jwt)),
                ("cookie", |name| CookieName::read(name).map(Self::Cookie)),
                ("all", |sources| Several::read(sources).map(Self::All)),
            ],
        )
    }
}

impl FromValue for HeaderName {
    fn read(value: &Value) -> Result<Self, Error> {
        value.parse()
    }
}

impl TryFrom<String> for HeaderName {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        if !is_token(&name) {
            return Err(format!("`{name}` is not the name of a header; write for example x-user-id"));
        }
        Ok(Self(name.to_ascii_lowercase()))
    }
}

impl FromValue for CookieName {
    fn read(value: &Value) -> Result<Self, Error> {
        value.parse()
    }
}

impl TryFrom<String> for CookieName {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        if is_token(&name) {
            Ok(Self(name))
        } else {
            Err(format!("`{name}` is not the name of a cookie; write for example sid"))
        }
    }
}

impl FromValue for Several {
    fn read(value: &Value) -> Result<Self, Error> {
        Ok(Self::try_from(Vec::read(value)?)?)
    }
}

impl TryFrom<Vec<Source>> for Several {
    type Error = String;

    fn try_from(parts: Vec<Source>) -> Result<Self, String> {
        if !(2..=4).contains(&parts.len()) {
            return Err(format!("has {} sources; write two to four, each of which has to be there", parts.len()));
        }
        if parts.iter().any(|part| matches!(part, Source::All(_))) {
            return Err("has another all in it; write its sources here".to_owned());
        }
        Ok(Self(parts))
    }
}
