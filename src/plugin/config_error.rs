//! How does the whole configuration say what is wrong? The path, the value, the mend; without a secret.

use std::fmt;

use crate::config::error::{Error, Step};

/// A mistake in the configuration: where, what, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    path: String,
    message: String,
}

/// A longer value under `notify` may be a key or an address in the wrong place: it is not repeated.
const LONGEST_SHOWN: usize = 20;

impl ConfigError {
    /// A mistake at `path`; an empty path is the whole configuration.
    pub fn new(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self { path: path.into(), message: message.into() }
    }

    /// Where it is, `notify[0].slack.url`; empty: the whole configuration. A key that may be a secret shows as `…`.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What is wrong there, and how to mend it.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// A mistake in an option of what stands at `path`; no option, no more than the path.
    pub(super) fn at(path: &str, option: &str, message: String) -> Self {
        let path = if option.is_empty() { path.to_owned() } else { format!("{path}.{option}") };
        Self { path, message }
    }

    /// The same, with what follows from it.
    pub(super) fn but(mut self, consequence: &str) -> Self {
        self.message = format!("{}; {consequence}", self.message);
        self
    }

    /// What is wrong with what was written.
    pub(super) fn of_option(error: Error) -> Self {
        let (message, steps) = error.into_parts();
        let path = path(&steps);
        let may_be_secret = path.is_empty() || path.starts_with("notify");
        Self { message: if may_be_secret { hidden(&message) } else { message }, path }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_empty() { f.write_str(&self.message) } else { write!(f, "{}: {}", self.path, self.message) }
    }
}

/// `notify[1].slack.url_env`; a key that is no name of an option or a rule may be anything.
fn path(steps: &[Step]) -> String {
    let mut text = String::new();
    for step in steps.iter().rev() {
        let key = match step {
            Step::Index(index) => {
                text.push_str(&format!("[{index}]"));
                continue;
            }
            Step::Key(key) => key.as_str(),
        };
        let is_name =
            key.len() <= LONGEST_SHOWN && key.bytes().all(|byte| byte.is_ascii_lowercase() || b"_.-".contains(&byte));
        text.push_str(if text.is_empty() { "" } else { "." });
        text.push_str(if is_name { key } else { "…" });
    }
    text
}

/// The message without what stands in quotes, where that is long enough for a secret.
fn hidden(message: &str) -> String {
    let mut shown = String::new();
    let mut rest = message;
    while let Some((before, quote, inside)) =
        rest.find(['"', '`']).and_then(|at| Some((rest.get(..at)?, rest.get(at..=at)?, rest.get(at + 1..)?)))
    {
        // The end of a text is its last quote: what stands in it may hold quotes itself.
        let end = if quote == "\"" { inside.rfind(quote) } else { inside.find(quote) };
        let (value, after) =
            end.and_then(|at| Some((inside.get(..at)?, inside.get(at + 1..)?))).unwrap_or((inside, ""));
        let value = if value.chars().count() > LONGEST_SHOWN { "<hidden>" } else { value };
        shown.push_str(&format!("{before}{quote}{value}{quote}"));
        rest = after;
    }
    shown + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_quoted_values_are_hidden() {
        let rows = [
            ("is the text \"https://hooks.example/\\\"x\"; write a number", "is the text \"<hidden>\"; write a number"),
            (
                "unknown variant `0123456789abcdef0123456789abcdef`, expected `a`",
                "unknown variant `<hidden>`, expected `a`",
            ),
            (
                "unknown field `clustr`, expected one of `cluster`, `url`",
                "unknown field `clustr`, expected one of `cluster`, `url`",
            ),
            ("a stray ` quote and a long tail behind it", "a stray `<hidden>`"),
            ("none", "none"),
        ];
        for (message, expected) in rows {
            assert_eq!(hidden(message), expected);
        }
    }
}
