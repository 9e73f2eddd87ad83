//! Did somebody touch what nobody uses? Paths, parameters and cookies that exist only to be found.

use crate::config::error::Error;
use crate::config::from_value::FromValue;
use crate::config::value::Value;
use crate::detect::signal::Signal;
use crate::read::field::Field;
use crate::read::target::Target;

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
        match (self, field.target) {
            (Self::Path(path), Target::Path) => (field.value == path.as_bytes()).then_some(Signal::HoneypotPath),
            (Self::Parameter(name), Target::Query | Target::Form | Target::Json) => {
                (field.name == name.as_bytes()).then_some(Signal::HoneypotParameter)
            }
            (Self::Cookie(name), Target::Cookie) => (field.name == name.as_bytes()).then_some(Signal::HoneypotCookie),
            _ => None,
        }
    }
}

impl FromValue for Honeypots {
    fn read(value: &Value) -> Result<Self, Error> {
        let honeypots = Vec::<Honeypot>::read(value)?;
        if honeypots.len() > MOST {
            return Err(format!("{} are too many; at most {MOST} are looked for", honeypots.len()).into());
        }
        Ok(Self(honeypots))
    }
}

impl FromValue for Honeypot {
    fn read(value: &Value) -> Result<Self, Error> {
        value.kind(
            "a path, a parameter or a cookie, such as {path: /admin.bak}",
            &[
                ("path", |path| match String::read(path)? {
                    path if path.starts_with('/') => Ok(Self::Path(path)),
                    other => Err(format!("`{other}` is no path; it starts with /").into()),
                }),
                ("parameter", |parameter| name(parameter).map(Self::Parameter)),
                ("cookie", |cookie| name(cookie).map(Self::Cookie)),
            ],
        )
    }
}

fn name(value: &Value) -> Result<String, Error> {
    let name = String::read(value)?;
    if name.is_empty() { Err("is an empty name".into()) } else { Ok(name) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config;

    #[test]
    fn what_nobody_uses_is_noticed_and_nothing_else() {
        let options = r#"[{"path": "/admin.bak"}, {"parameter": "is_admin"}, {"cookie": "debug"}]"#;
        let honeypots: Honeypots = config::from_json(options).unwrap();
        for (target, name, value, expected) in [
            (Target::Path, "", "/admin.bak", Some(Signal::HoneypotPath)),
            (Target::Path, "", "/admin.bak/x", None),
            (Target::Query, "is_admin", "0", Some(Signal::HoneypotParameter)),
            (Target::Json, "is_admin", "true", Some(Signal::HoneypotParameter)),
            (Target::Form, "is_administrator", "1", None),
            (Target::Cookie, "is_admin", "1", None),
            (Target::Cookie, "debug", "1", Some(Signal::HoneypotCookie)),
        ] {
            let field = Field { target, name: name.as_bytes(), value: value.as_bytes(), encoded: false };
            assert_eq!(honeypots.look(field), expected, "{target:?} {name} {value}");
        }
    }
}
