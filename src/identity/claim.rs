//! What does the token say? Claims that Envoy's `jwt_authn` verified and put into the dynamic metadata.

use std::fmt;

use crate::config::FromValue;
use crate::config::error::Error;
use crate::config::value::{self, Value};
use crate::exchange::Headers;
use crate::exchange::proxy::{Attribute, Proxy};

/// The filter that verifies tokens and notes them in the request's metadata.
const FILTER: &str = "envoy.filters.http.jwt_authn";

/// The `payload_in_metadata` that Envoy's documentation uses.
pub(super) const PAYLOAD: &str = "jwt_payload";

/// The name or the names, from outside to inside, that lead to a claim. A name may hold dots and slashes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Path(Vec<String>);

/// The value of a claim.
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

impl Path {
    /// The claim `sub`.
    pub(super) fn subject() -> Self {
        Self(vec!["sub".to_owned()])
    }

    /// The claim of the verified token `payload`. Only the leaf is asked for: Envoy answers nothing at all for an object
    /// in which anything is null.
    pub(super) fn look(&self, proxy: &dyn Proxy, payload: &str) -> Option<Claim> {
        let path: Vec<&str> = std::iter::once(payload).chain(self.0.iter().map(String::as_str)).collect();
        proxy.attribute(Attribute::Metadata(FILTER, &path)).map(Claim::read)
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

    /// The claim as the name of a user; a truth value and a list name nobody, nor does an empty text.
    pub(super) fn name(self) -> Option<Vec<u8>> {
        match self {
            Self::Text(text) => Some(text).filter(|text| !text.is_empty()),
            Self::Number(number) => Some(value::spelled(number).into_bytes()),
            Self::Truth(_) | Self::Many(_) => None,
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
        gather(value, &mut Vec::new(), &mut claims)?;
        if claims.is_empty() {
            return Err("names no claim; write for example {role: admin}".into());
        }
        Ok(Self(claims))
    }
}

/// Adds what stands in the value to `claims`; `names` lead there.
fn gather(value: &Value, names: &mut Vec<String>, claims: &mut Vec<(Path, String)>) -> Result<(), Error> {
    let wanted = match value {
        Value::Map(inside) => {
            return inside.iter().try_for_each(|(name, inside)| {
                names.push(name.clone());
                gather(inside, names, claims).map_err(|error| error.under(name))?;
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
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::config;
    use crate::exchange::proxy::Known;

    /// A map as the proxy serialises it.
    fn map(pairs: &[(&str, &str)]) -> Vec<u8> {
        let mut bytes = (pairs.len() as u32).to_le_bytes().to_vec();
        for (name, value) in pairs {
            bytes.extend((name.len() as u32).to_le_bytes());
            bytes.extend((value.len() as u32).to_le_bytes());
        }
        for (name, value) in pairs {
            bytes.extend([name.as_bytes(), b"\0", value.as_bytes(), b"\0"].concat());
        }
        bytes
    }

    #[test]
    fn bytes_are_read_as_what_they_were() {
        let number = |number: f64| number.to_le_bytes().to_vec();
        let rows = [
            (b"alice@example".to_vec(), Some("alice@example")),
            (b"alice@ex".to_vec(), Some("alice@ex")),
            ("äöüß".as_bytes().to_vec(), Some("äöüß")),
            (b"1".to_vec(), Some("1")),
            (b"".to_vec(), None),
            (number(0.0), Some("0")),
            (number(42.0), Some("42")),
            (number(1.5), Some("1.5")),
            (number(-7.0), Some("-7")),
            (number(4_294_967_296.0), Some("4294967296")),
            (number((1_u64 << 45) as f64 - 1.0), Some("35184372088831")),
            (vec![0], None),
            (vec![1], None),
            (map(&[("admin", ""), ("ops", "")]), None),
            (map(&[]), None),
            (b"a\xff\xfe".to_vec(), Some("a\\xff\\xfe")),
        ];
        for (bytes, expected) in rows {
            let name = Claim::read(bytes.clone()).name().map(|name| crate::text::untrusted::clean_bytes(&name, 99));
            assert_eq!(name.as_deref(), expected, "{bytes:?}");
        }
    }

    #[test]
    fn every_whole_number_below_2_to_the_45_is_a_number() {
        for shift in 0..45 {
            for number in [1_u64 << shift, (1 << shift) + 1, (1 << shift) | 0x4142_4344 & ((1 << shift) - 1)] {
                let read = Claim::read((number as f64).to_le_bytes().to_vec());
                assert_eq!(read, Claim::Number(number as f64), "{number}");
            }
        }
    }

    proptest! {
        #[test]
        fn a_claim_of_any_bytes_is_something(bytes in any::<Vec<u8>>(), text in "[ -~]{8}") {
            let read = Claim::read(bytes.clone());
            prop_assert!(read.is("x") == (bytes == b"x") || matches!(read, Claim::Many(_)));
            prop_assert_eq!(Claim::read(text.clone().into_bytes()), Claim::Text(text.into_bytes()));
        }
    }

    #[test]
    fn claims_hold_if_each_does() {
        let proxy = Known::default()
            .with_metadata(FILTER, &["p", "role"], "admin")
            .with_metadata(FILTER, &["p", "level"], 3_f64.to_le_bytes())
            .with_metadata(FILTER, &["p", "staff"], [1])
            .with_metadata(FILTER, &["p", "https://x.example/tier"], "gold")
            .with_metadata(FILTER, &["p", "realm_access", "roles"], map(&[("ops", ""), ("dev", "")]));
        let rows = [
            (r#"{"role": "admin"}"#, true),
            (r#"{"role": "adm"}"#, false),
            (r#"{"role": "admin", "level": 4}"#, false),
            (r#"{"role": "admin", "level": 3}"#, true),
            (r#"{"level": 3.0}"#, true),
            (r#"{"staff": true}"#, true),
            (r#"{"staff": false}"#, false),
            (r#"{"https://x.example/tier": "gold"}"#, true),
            (r#"{"realm_access": {"roles": "dev"}}"#, true),
            (r#"{"realm_access": {"roles": "admin"}}"#, false),
            (r#"{"absent": "x"}"#, false),
        ];
        for (claims, expected) in rows {
            let claims: Claims = config::from_json(claims).unwrap();
            assert_eq!(claims.hold(&proxy, "p"), expected, "{claims:?}");
            assert!(!claims.hold(&proxy, "q"), "{claims:?}");
        }
        for wrong in ["{}", "\"admin\"", r#"{"": "x"}"#, r#"{"a": []}"#, r#"{"a": null}"#] {
            assert!(config::from_json::<Claims>(wrong).is_err(), "{wrong}");
        }
    }
}
