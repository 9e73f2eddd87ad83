//! A secret of a channel: written out or in the environment, one of two options.

use crate::config::error::OptionError;
use crate::secret::{FromEnv, Secret};

/// A secret that is either written out or in the environment: two options, of which a channel has exactly one.
#[derive(Clone, Copy)]
pub(super) struct SecretOption<'a> {
    pub(super) inline: (&'static str, &'a Option<Secret>),
    pub(super) from_env: (&'static str, &'a Option<FromEnv>),
}

impl<'a> SecretOption<'a> {
    /// Checks that there is one, and what it says.
    pub(super) fn check(self, check: &dyn Fn(&'a str) -> Result<(), String>) -> Result<(), OptionError> {
        let (name, value) = match (self.inline, self.from_env) {
            ((name, Some(value)), (_, None)) => (name, Some(value)),
            ((_, None), (name, Some(variable))) => (name, variable.value()),
            ((name, Some(_)), (other, Some(_))) => {
                return Err((other, format!("stands beside {name}; keep one of them")));
            }
            ((name, None), (or, None)) => return Err(("", format!("needs {name} or {or}"))),
        };
        value.map_or(Ok(()), |value| check(value.expose())).map_err(|message| (name, message))
    }

    /// As [`SecretOption::check`], where a channel can do without.
    pub(super) fn check_if_any(self, check: &dyn Fn(&'a str) -> Result<(), String>) -> Result<(), OptionError> {
        if self.inline.1.is_none() && self.from_env.1.is_none() { Ok(()) } else { self.check(check) }
    }

    /// The value; empty where it is not known.
    pub(super) fn expose(self) -> &'a str {
        let value = self.inline.1.as_ref().or_else(|| self.from_env.1.as_ref()?.value());
        value.map_or("", Secret::expose)
    }
}

/// Is `key` one that a header can carry? Of the mistakes with keys, a space or a line break is the common one.
pub(super) fn check_key(key: &str) -> Result<(), String> {
    if key.is_empty() || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err("is not a key: it is empty or has a space or a character beyond ASCII".to_owned());
    }
    Ok(())
}
