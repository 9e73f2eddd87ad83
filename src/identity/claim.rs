//! Which claims has the token? Those that Envoy's `jwt_authn` verified and put into the dynamic metadata.

use std::fmt;

use crate::config::error::Error;
use crate::config::from_value::FromValue;
use crate::config::value::{self, Value};
use crate::exchange::headers::Headers;
use crate::exchange::proxy::{Attribute, Proxy};

/// The filter that verifies tokens and notes them in the request's metadata.
const FILTER: &str = "envoy.filters.http.jwt_authn";

/// The `payload_in_metadata` that Envoy's documentation uses.
pub(super) const PAYLOAD: &str = "jwt_payload";

/// The name or the names, from outside to inside, that lead to a claim. A name may hold dots and slashes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Path(Vec<String>);

/// The value of a claim that groups look at.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Claim {
    /// A text.
    Text(Vec<u8>),
    /// A number.
    Number(f64),
    /// True or false.
    Truth(bool),
    /// The elements of a list, or the names of an object.
    Many(Vec<Vec<u8>>),
}

/// What kind of value a claim that names users has. The proxy's bytes don't say, so the operator does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A text, as `sub` is (RFC 7519, section 4.1.2). Whatever the bytes are, they are the name: a text that looks like a
    /// number, a truth value or a list to [`Claim::read`] names neither another user nor nobody.
    Text,
    /// A number. Bytes that are none are a name as a text is.
    Number,
}

impl FromValue for Kind {
    fn read(value: &Value) -> Result<Self, Error> {
        value.word(&[("text", Self::Text), ("number", Self::Number)])
    }
}

impl Path {
    /// The claim `sub`.
    pub(super) fn subject() -> Self {
        Self(vec!["sub".to_owned()])
    }

    /// The name of the user in this claim of the verified token `payload`; none if it is absent or empty.
    pub(super) fn name(&self, proxy: &dyn Proxy, payload: &str, kind: Kind) -> Option<Vec<u8>> {
        let bytes = self.bytes(proxy, payload).filter(|bytes| !bytes.is_empty())?;
        let number = <[u8; 8]>::try_from(bytes.as_slice()).map(f64::from_le_bytes);
        match (kind, number) {
            (Kind::Number, Ok(number)) if number.is_finite() => Some(value::spelled(number).into_bytes()),
            _ => Some(bytes),
        }
    }

    /// The claim of the verified token `payload`. Only the leaf is asked for: Envoy answers nothing at all for an object
    /// in which anything is null.
    pub(super) fn look(&self, proxy: &dyn Proxy, payload: &str) -> Option<Claim> {
        self.bytes(proxy, payload).map(Claim::read)
    }

    fn bytes(&self, proxy: &dyn Proxy, payload: &str) -> Option<Vec<u8>> {
        let path: Vec<&str> = std::iter::once(payload).chain(self.0.iter().map(String::as_str)).collect();
        proxy.attribute(Attribute::Metadata(FILTER, &path))
    }
}

impl Claim {
    /// The value from the proxy's bytes, which don't say what they are: a text as it is, a number as a little-endian
    /// double, a truth value as one byte, a list as a map whose names are the elements.
    ///
    /// Eight bytes without a control character, in UTF-8, are a text: every whole number below 2^45 has a zero byte.
    fn read(bytes: Vec<u8>) -> Self {
        if let Some(truth) = match bytes.as_slice() {
            [0] => Some(false),
            [1] => Some(true),
            _ => None,
        } {
            return Self::Truth(truth);
        }
        if let Some(names) = names(&bytes) {
            return Self::Many(names);
        }
        let is_text = std::str::from_utf8(&bytes).is_ok_and(|text| !text.chars().any(char::is_control));
        match <[u8; 8]>::try_from(bytes.as_slice()).map(f64::from_le_bytes) {
            Ok(number) if !is_text && number.is_finite() => Self::Number(number),
            _ => Self::Text(bytes),
        }
    }

    /// Is it `wanted`, or is that one of its elements?
    fn is(&self, wanted: &str) -> bool {
        match self {
            Self::Text(text) => text == wanted.as_bytes(),
            Self::Number(number) => value::spelled(*number) == wanted,
            Self::Truth(truth) => truth.to_string() == wanted,
            Self::Many(names) => names.iter().any(|name| name == wanted.as_bytes()),
        }
    }
}

/// The names of a serialised map, if the bytes are exactly one. No text is: it would begin with control characters.
fn names(bytes: &[u8]) -> Option<Vec<Vec<u8>>> {
    let count = u32::from_le_bytes(*bytes.first_chunk()?);
    let headers = Headers::from_serialized(bytes.to_vec());
    let contents: usize = headers.iter().map(|(name, value)| name.len() + value.len() + 10).sum();
    let is_whole = usize::try_from(count) == Ok(headers.len()) && contents + 4 == bytes.len();
    is_whole.then(|| headers.iter().map(|(name, _)| name.to_vec()).collect())
}

/// Claims and what they have to be: `{role: admin}`, `{realm_access: {roles: ops}}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Claims(Vec<(Path, String)>);

impl Claims {
    /// Do all of them hold?
    pub(super) fn hold(&self, proxy: &dyn Proxy, payload: &str) -> bool {
        self.0.iter().all(|(path, wanted)| path.look(proxy, payload).is_some_and(|claim| claim.is(wanted)))
    }
}

impl FromValue for Path {
    fn read(value: &Value) -> Result<Self, Error> {
        Ok(Self::try_from(Vec::read(value)?)?)
    }
}

impl TryFrom<Vec<String>> for Path {
    type Error = String;

    fn try_from(names: Vec<String>) -> Result<Self, String> {
        if names.is_empty() || names.iter().any(|name| name.is_empty() || name.contains('\0')) {
            return Err("is no way to a claim; write its names from outside to inside, for example [sub]".to_owned());
        }
        Ok(Self(names))
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("."))
    }
}

impl FromValue for Claims {
    fn read(value: &Value) -> Result<Self, Error> {
        if !matches!(value, Value::Map(_)) {
            return Err("is no mapping; write for example {role: admin}".into());
        }
        let mut claims = Vec::new();
        collect(value, &mut Vec::new(), &mut claims)?;
        if claims.is_empty() {
            return Err("names no claim; write for example {role: admin}".into());
        }
        Ok(Self(claims))
    }
}

/// Adds what stands in the value to `claims`; `names` lead there.
fn collect(value: &Value, names: &mut Vec<String>, claims: &mut Vec<(Path, String)>) -> Result<(), Error> {
    let wanted = match value {
        Value::Map(inside) => {
            return inside.iter().try_for_each(|(name, inside)| {
                names.push(name.clone());
                collect(inside, names, claims).map_err(|error| error.under(name))?;
                names.pop();
                Ok(())
            });
        }
        Value::Text(text) => text.clone(),
        Value::Number(number) => value::spelled(*number),
        Value::Bool(truth) => truth.to_string(),
        Value::Null | Value::List(_) => {
            return Err(value.is_not("a text, a number, true or false, or a mapping of such"));
        }
    };
    claims.push((Path::try_from(names.clone())?, wanted));
    Ok(())
}

#[cfg(test)]
mod tests;
