//! Did somebody touch what nobody uses? Paths, parameters and cookies that exist only to be found.

use std::fmt;

use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, Visitor};

use crate::detect::signal::Signal;
use crate::read::Field;
use crate::read::place::Place;

/// The option `honeypots`.
#[derive(Clone, Debug, Default)]
pub struct Honeypots(Vec<Honeypot>);

/// Something that no page links to and no form sends.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Honeypot {
    /// A path, whole: `/admin.bak`.
    Path(String),
    /// A parameter of the query, a form or a JSON body.
    Parameter(String),
    /// A cookie.
    Cookie(String),
}

/// The most honeypots: each is compared with each field of a request.
const MOST: usize = 64;

impl Honeypots {
    /// What touching this field means.
    pub fn look(&self, field: Field<'_>) -> Option<Signal> {
        self.0.iter().find_map(|honeypot| honeypot.look(field))
    }
}

impl Honeypot {
    fn look(&self, field: Field<'_>) -> Option<Signal> {
        match (self, field.place) {
            (Self::Path(path), Place::Path) => (field.value == path.as_bytes()).then_some(Signal::HoneypotPath),
            (Self::Parameter(name), Place::Query | Place::Form | Place::Json) => {
                (field.name == name.as_bytes()).then_some(Signal::HoneypotParameter)
            }
            (Self::Cookie(name), Place::Cookie) => (field.name == name.as_bytes()).then_some(Signal::HoneypotCookie),
            _ => None,
        }
    }
}

impl<'de> Deserialize<'de> for Honeypots {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let honeypots = Vec::<Honeypot>::deserialize(deserializer)?;
        if honeypots.len() > MOST {
            return Err(de::Error::custom(format!("{} are too many; at most {MOST} are looked for", honeypots.len())));
        }
        Ok(Self(honeypots))
    }
}

impl<'de> Deserialize<'de> for Honeypot {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(field_identifier, rename_all = "lowercase")]
        enum Kind {
            Path,
            Parameter,
            Cookie,
        }
        struct Entry;
        impl<'de> Visitor<'de> for Entry {
            type Value = Honeypot;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a path, a parameter or a cookie, such as {path: /admin.bak}")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Honeypot, M::Error> {
                let kind = map
                    .next_key()?
                    .ok_or_else(|| de::Error::custom("is empty; write for example {path: /admin.bak}"))?;
                let name: String = map.next_value()?;
                match kind {
                    Kind::Path if !name.starts_with('/') => {
                        Err(de::Error::custom(format!("`{name}` is no path; it starts with /")))
                    }
                    _ if name.is_empty() => Err(de::Error::custom("has an empty name")),
                    Kind::Path => Ok(Honeypot::Path(name)),
                    Kind::Parameter => Ok(Honeypot::Parameter(name)),
                    Kind::Cookie => Ok(Honeypot::Cookie(name)),
                }
            }
        }
        deserializer.deserialize_map(Entry)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_uses_is_noticed_and_nothing_else() {
        let options = r#"[{"path": "/admin.bak"}, {"parameter": "is_admin"}, {"cookie": "debug"}]"#;
        let honeypots: Honeypots = serde_json::from_str(options).unwrap();
        for (place, name, value, expected) in [
            (Place::Path, "", "/admin.bak", Some(Signal::HoneypotPath)),
            (Place::Path, "", "/admin.bak/x", None),
            (Place::Query, "is_admin", "0", Some(Signal::HoneypotParameter)),
            (Place::Json, "is_admin", "true", Some(Signal::HoneypotParameter)),
            (Place::Form, "is_administrator", "1", None),
            (Place::Cookie, "is_admin", "1", None),
            (Place::Cookie, "debug", "1", Some(Signal::HoneypotCookie)),
        ] {
            let field = Field { place, name: name.as_bytes(), value: value.as_bytes(), encoded: false };
            assert_eq!(honeypots.look(field), expected, "{place:?} {name} {value}");
        }
    }
}
