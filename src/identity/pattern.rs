//! Which users are meant? Names, with a star at the start or the end for anything.

use crate::config::error::Error;
use crate::config::from_value::FromValue;
use crate::config::value::Value;

/// A user's name, or what it begins or ends with: `alice`, `svc-*`, `*@example.com`. Upper and lower case differ, as they
/// do between users.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pattern {
    text: String,
    starts_open: bool,
    ends_open: bool,
}

impl Pattern {
    /// Is the user of this name meant?
    pub(super) fn is(&self, name: &str) -> bool {
        match (self.starts_open, self.ends_open) {
            (false, false) => name == self.text,
            (false, true) => name.starts_with(&self.text),
            (true, false) => name.ends_with(&self.text),
            (true, true) => name.contains(&self.text),
        }
    }
}

impl FromValue for Pattern {
    fn read(value: &Value) -> Result<Self, Error> {
        value.parse()
    }
}

impl TryFrom<String> for Pattern {
    type Error = String;

    fn try_from(pattern: String) -> Result<Self, String> {
        let rest = pattern.strip_prefix('*').unwrap_or(&pattern);
        let text = rest.strip_suffix('*').unwrap_or(rest);
        if text.is_empty() || text.contains('*') {
            return Err(format!(
                "`{pattern}` is no user; write a name, with * at its start or end at most, as in svc-*"
            ));
        }
        let (starts_open, ends_open) = (rest.len() < pattern.len(), text.len() < rest.len());
        Ok(Self { text: text.to_owned(), starts_open, ends_open })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_anything_at_an_end() {
        let rows = [
            ("alice", "alice", true),
            ("alice", "Alice", false),
            ("alice", "alice2", false),
            ("svc-*", "svc-billing", true),
            ("svc-*", "svc-", true),
            ("svc-*", "my-svc-billing", false),
            ("*@corp.example", "bob@corp.example", true),
            ("*@corp.example", "bob@corp.example.evil", false),
            ("*-bot-*", "a-bot-7", true),
        ];
        for (pattern, name, expected) in rows {
            assert_eq!(Pattern::try_from(pattern.to_owned()).unwrap().is(name), expected, "{pattern} {name}");
        }
        for wrong in ["", "*", "**", "a*b", "*a*b*"] {
            assert!(Pattern::try_from(wrong.to_owned()).is_err(), "{wrong}");
        }
    }
}
