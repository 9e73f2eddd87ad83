//! What may not be printed? Keys, tokens and addresses that hold one.

use std::fmt;

use serde::Deserialize;

/// A value that never shows: `Debug` prints `<secret>`, and there is no `Display`.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
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

/// What an environment variable holds, for the one who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Variable {
    /// It is set to this.
    Set(Secret),
    /// It is not set, or set to nothing.
    Unset,
    /// It is promised to the proxy, but its value was not looked at (`riskctl check` without `--env`).
    Unread,
}

/// The name of an environment variable whose value is a secret; the value is filled in by [`FromEnv::resolve`].
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "String")]
pub struct FromEnv {
    /// The variable's name.
    pub variable: String,
    value: Option<Secret>,
}

impl FromEnv {
    /// Looks the variable up and keeps its value; trailing white space, as of a file's last line, is dropped.
    ///
    /// # Errors
    /// The variable is not set: the message says how to hand it to the filter.
    pub fn resolve(&mut self, lookup: &dyn Fn(&str) -> Variable) -> Result<(), String> {
        match lookup(&self.variable) {
            Variable::Set(secret) => self.value = Some(Secret::new(secret.expose().trim_end())),
            Variable::Unread => {}
            Variable::Unset => {
                return Err(format!(
                    "the variable {} is not set; add it to vm_config.environment_variables.host_env_keys",
                    self.variable
                ));
            }
        }
        Ok(())
    }

    /// The value, once resolved.
    pub fn value(&self) -> Option<&Secret> {
        self.value.as_ref()
    }
}

impl From<String> for FromEnv {
    fn from(variable: String) -> Self {
        Self { variable, value: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_never_prints() {
        let mut from_env = FromEnv::from("TOKEN".to_owned());
        from_env.resolve(&|_| Variable::Set(Secret::new("hunter2\n"))).unwrap();
        assert_eq!(from_env.value().unwrap().expose(), "hunter2");
        let printed = format!("{:?} {:?}", Secret::new("hunter2"), from_env);
        assert!(printed.contains("<secret>") && !printed.contains("hunter2"), "{printed}");
    }

    #[test]
    fn an_unset_variable_is_an_error_that_says_the_mend() {
        let error = FromEnv::from("TOKEN".to_owned()).resolve(&|_| Variable::Unset).unwrap_err();
        assert_eq!(error, "the variable TOKEN is not set; add it to vm_config.environment_variables.host_env_keys");
    }
}
