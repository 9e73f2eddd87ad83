//! What did the operator get wrong? The place, the value, the mend, in the operator's words and without a secret.

use std::fmt;

use super::tree::{Error, Segment};

/// A mistake in the configuration: where, what, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    path: String,
    message: String,
}

/// Options that are named only to be refused: they are not offered where somebody mistyped another.
const NOT_BUILT: &[&str] = &[
    "groups",
    "login",
    "honeypots",
    "application",
    "admin",
    "privacy",
    "links",
    "ignore",
    "session",
    "repeat_interval",
    "distinct_categories",
];

/// A longer value under `notify` may be a key or an address in the wrong place: it is not repeated.
const LONGEST_SHOWN: usize = 20;

impl Mistake {
    /// A mistake at `path`; an empty path is the whole configuration.
    pub fn new(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self { path: path.into(), message: message.into() }
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

    /// What the reader of the JSON stumbled over.
    pub(super) fn of_text(error: &serde_json::Error) -> Self {
        Self::new("", format!("the text is not JSON: {error}; for YAML write it as google.protobuf.Struct"))
    }

    /// What an option can't be.
    pub(super) fn of_option(Error { message, path: segments }: Error) -> Self {
        let path = path(&segments);
        let may_be_secret = path.is_empty() || path.starts_with("notify");
        let message = if may_be_secret { hidden(&message) } else { message };
        Self { path, message: plain(&message) }
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_empty() { f.write_str(&self.message) } else { write!(f, "{}: {}", self.path, self.message) }
    }
}

/// `notify[1].slack.url_env`; a key that is no option's name may be anything.
fn path(segments: &[Segment]) -> String {
    let mut text = String::new();
    for segment in segments.iter().rev() {
        let key = match segment {
            Segment::At(index) => {
                text.push_str(&format!("[{index}]"));
                continue;
            }
            Segment::Key(key) => key.as_str(),
        };
        let is_name = key.len() <= LONGEST_SHOWN && key.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
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

/// The message in the operator's words, not in Rust's.
fn plain(message: &str) -> String {
    if let Some((found, expected)) =
        message.strip_prefix("invalid type: ").and_then(|rest| rest.split_once(", expected "))
    {
        return format!("is {}; write {}", found_in_words(found), expected_in_words(expected));
    }
    if let Some(name) = message.strip_prefix("missing field ") {
        return format!("{name} is missing");
    }
    match message.split_once(", expected one of ") {
        Some((what, names)) => {
            let offered = |name: &&str| !NOT_BUILT.contains(&name.trim_matches('`'));
            let names: Vec<_> = names.split(", ").filter(offered).collect();
            format!("{what}, expected one of {}", names.join(", "))
        }
        None => message.to_owned(),
    }
}

fn found_in_words(found: &str) -> String {
    match found.split_once(' ') {
        None if found == "map" => "a mapping".to_owned(),
        None if found == "sequence" => "a list".to_owned(),
        None if found == "null" => "empty".to_owned(),
        Some(("string", text)) => format!("the text {text}"),
        Some(("integer", number)) => format!("the number {}", number.trim_matches('`')),
        Some(("floating", point)) => format!("the number {}", point.trim_start_matches("point ").trim_matches('`')),
        Some(("boolean", truth)) => truth.trim_matches('`').to_owned(),
        _ => found.to_owned(),
    }
}

fn expected_in_words(expected: &str) -> &str {
    match expected {
        "a sequence" => "a list, each entry after a dash",
        "a string" => "a text",
        "a map" => "a mapping",
        structure if structure.starts_with("struct ") => "a mapping of options, {option: value, …}",
        words => words,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_quoted_values_are_hidden() {
        let rows = [
            (
                "invalid type: string \"https://hooks.example/\\\"x\", expected a",
                "invalid type: string \"<hidden>\", expected a",
            ),
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
