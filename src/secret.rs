//! What may not be printed? Keys, tokens and addresses that hold one.

use std::fmt;

use crate::config::error::Error;
use crate::config::from_value::FromValue;
use crate::config::value::Value;

/// A value that never shows: `Debug` prints `<secret>`, and there is no `Display`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a value.
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    /// The value itself: for the wire, never for a log, an error or a message.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<secret>")
    }
}

impl FromValue for Secret {
    fn read(value: &Value) -> Result<Self, Error> {
        // The usual error would repeat the value.
        match value {
            Value::Text(text) => Ok(Self(text.clone())),
            _ => Err(Error::new("is not a text; put it in quotes".to_owned())),
        }
    }
}

/// What an environment variable holds, for the one who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Variable {
    /// It is set to this.
    Set(Secret),
    /// It does not reach the filter.
    Unset,
    /// It is promised to the filter, but not set, or set to nothing, where this was asked.
    Missing,
    /// It is promised to the proxy, but its value was not looked at (`riskctl check` without `--env`).
    Unread,
}

/// The name of an environment variable with a secret in it; the value is filled in by [`FromEnv::resolve`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FromEnv {
    /// The variable's name.
    pub variable: String,
    value: Option<Secret>,
}

impl FromEnv {
    /// Looks the variable up and keeps its value; trailing white space, as of a file's last line, is dropped.
    ///
    /// # Errors
    /// The variable is not set: the message says how to pass it to the filter.
    pub fn resolve(&mut self, lookup: &dyn Fn(&str) -> Variable) -> Result<(), String> {
        match lookup(&self.variable) {
            Variable::Set(secret) => self.value = Some(Secret::new(secret.expose().trim_end())),
            Variable::Unread => {}
            Variable::Unset => {
                return Err(format!(
                    "the variable {} is not set; add it to vm_config.environment_variables.host_env_keys, or, if it is there, \
                     set it where Envoy starts",
                    self.variable
                ));
            }
            Variable::Missing => {
                return Err(format!("the variable {} is not set here; set it where Envoy starts", self.variable));
            }
        }
        Ok(())
    }

    /// The value, once resolved.
    pub fn value(&self) -> Option<&Secret> {
        self.value.as_ref()
    }
}

impl FromValue for FromEnv {
    fn read(value: &Value) -> Result<Self, Error> {
        Self::try_from(Secret::read(value)?).map_err(|why| Error::new(why.to_owned()))
    }
}

impl TryFrom<Secret> for FromEnv {
    type Error = &'static str;

    /// Takes the name of a variable. What looks like no name may be the secret itself, so the error does not repeat it.
    fn try_from(name: Secret) -> Result<Self, Self::Error> {
        let Secret(variable) = name;
        let is_name = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
        if variable.is_empty() || !variable.bytes().all(is_name) || variable.starts_with(|c: char| c.is_ascii_digit()) {
            return Err(
                "is not the name of an environment variable; write capital letters, digits and _, such as RISK_KEY",
            );
        }
        Ok(Self { variable, value: None })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config;

    #[test]
    fn a_secret_never_prints() {
        let mut from_env = FromEnv::try_from(Secret::new("TOKEN")).unwrap();
        from_env.resolve(&|_| Variable::Set(Secret::new("hunter2\n"))).unwrap();
        assert_eq!(from_env.value().unwrap().expose(), "hunter2");
        let printed = format!("{:?} {:?}", Secret::new("hunter2"), from_env);
        assert!(printed.contains("<secret>") && !printed.contains("hunter2"), "{printed}");
    }

    #[test]
    fn errors_do_not_repeat_what_may_be_a_secret() {
        for wrong in ["12345", "\"whsec_aGVsbG8=\"", "\"https://hooks.example.com/x\"", "\"\"", "\"7UP\""] {
            let error = config::from_json::<FromEnv>(wrong).unwrap_err().to_string();
            assert!(error.starts_with("is not "), "{error}");
        }
        assert!(config::from_json::<Secret>("12345").unwrap_err().to_string().starts_with("is not a text"));
    }

    #[test]
    fn an_unset_variable_is_an_error_that_says_the_mend() {
        let error = FromEnv::try_from(Secret::new("TOKEN")).unwrap().resolve(&|_| Variable::Unset).unwrap_err();
        assert_eq!(
            error,
            "the variable TOKEN is not set; add it to vm_config.environment_variables.host_env_keys, or, if it is there, \
             set it where Envoy starts"
        );
    }
}
