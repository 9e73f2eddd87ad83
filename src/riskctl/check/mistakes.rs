//! What is wrong with a configuration? Every mistake at once, as the filter itself words each of them.
//!
//! The filter stops at the first mistake. So what it complains about is noted and taken out, and the rest is read again, until it has
//! nothing more to say.

use serde_json::Value;
use user_risk_filter::plugin::config::{Config, Loaded};
use user_risk_filter::plugin::config_error::ConfigError;
use user_risk_filter::secret::Variable;

use crate::manifest::resource::Form;

/// At most so many mistakes are looked for.
const MOST: usize = 100;

/// A mistake, and where in the configuration it is.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Mistake {
    pub(super) text: String,
    /// A JSON pointer to the nearest thing that is there.
    pub(super) pointer: String,
}

/// All mistakes; none: the configuration that was loaded.
pub(super) fn all(form: &Form, lookup: &dyn Fn(&str) -> Variable) -> Result<Loaded, Vec<Mistake>> {
    let first = match form {
        Form::Text(text) => Config::load(text.as_bytes(), lookup),
        Form::Tree(value) => Config::from_json(value, lookup),
    };
    let error = match first {
        Ok(loaded) => return Ok(loaded),
        Err(error) => error,
    };
    let value = match form {
        // Text that is no JSON has no parts to look at.
        Form::Text(text) => serde_json::from_str(text).unwrap_or_default(),
        Form::Tree(value) => value.clone(),
    };
    let mut rest = Rest { original: value.clone(), value, removed: Vec::new(), assumed: Vec::new() };
    let mut mistakes = Vec::new();
    let mut next = Some(error);
    while let Some(error) = next.filter(|_| mistakes.len() < MOST) {
        let pointer = rest.pointer(error.path());
        if !rest.follows(&pointer) {
            let pointer = rest.original_pointer(&pointer);
            mistakes.push(Mistake { text: worded(&error, &pointer), pointer });
        }
        if !rest.take_out(&pointer) {
            break;
        }
        let assumed = &rest.assumed;
        let lookup =
            |name: &str| if assumed.iter().any(|known| known == name) { Variable::Unread } else { lookup(name) };
        next = Config::from_json(&rest.value, &lookup).err();
    }
    mistakes.dedup();
    Err(mistakes)
}

/// The error as the filter words it, with the indexes of the whole lists.
fn worded(error: &ConfigError, pointer: &str) -> String {
    let mut indexes = pointer.split('/').filter(|step| step.parse::<usize>().is_ok());
    let mut path = String::new();
    for (at, part) in error.path().split('[').enumerate() {
        match part.split_once(']') {
            Some((index, rest)) if at > 0 => path.push_str(&format!("[{}]{rest}", indexes.next().unwrap_or(index))),
            _ => path.push_str(part),
        }
    }
    ConfigError::new(path, error.message()).to_string()
}

/// What is left of a configuration after mistakes were taken out.
struct Rest {
    original: Value,
    value: Value,
    /// What was taken out: pointers into the original.
    removed: Vec<String>,
    /// Variables whose lack was noted.
    assumed: Vec<String>,
}

impl Rest {
    /// Where the path of an error leads: `notify[1].slack.url` as a pointer, as far as there is something.
    fn pointer(&self, path: &str) -> String {
        let mut pointer = String::new();
        let steps = path.split('.').flat_map(|part| part.split('[')).filter(|step| !step.is_empty());
        for step in steps {
            let step = step.trim_end_matches(']');
            let here = self.value.pointer(&pointer);
            let step = match step {
                // A key that may be a secret has no name in the message; it is the one that looks like no option.
                "…" => here.and_then(Value::as_object).and_then(|map| map.keys().find(|key| !is_name(key)).cloned()),
                step => Some(step.to_owned()),
            };
            let Some(step) = step else { break };
            let longer = format!("{pointer}/{}", step.replace('~', "~0").replace('/', "~1"));
            if self.value.pointer(&longer).is_none() {
                break;
            }
            pointer = longer;
        }
        pointer
    }

    /// Does the error only follow from what was taken out? A mapping lacks an option that was in it, or a group names a channel.
    fn follows(&self, pointer: &str) -> bool {
        let original = self.original_pointer(pointer);
        let is_around = |removed: &String| removed.rsplit_once('/').is_some_and(|(parent, _)| parent == original);
        let is_named = |removed: &String| removed.starts_with("/notify/") && original.starts_with("/groups/");
        !original.is_empty() && self.removed.iter().any(|removed| is_around(removed) || is_named(removed))
    }

    /// Takes out what the pointer leads to, and what would be empty without it. Returns whether there is something left to look at.
    fn take_out(&mut self, pointer: &str) -> bool {
        let text = self.value.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
        if pointer.ends_with("_env") && !self.assumed.contains(&text) {
            self.assumed.push(text);
            return true;
        }
        let Some((parent, last)) = pointer.rsplit_once('/') else { return false };
        self.removed.push(self.original_pointer(pointer));
        let is_left = match self.value.pointer_mut(parent) {
            Some(Value::Object(map)) => {
                map.remove(&last.replace("~1", "/").replace("~0", "~"));
                !map.is_empty()
            }
            Some(Value::Array(list)) => {
                if let Some(index) = last.parse().ok().filter(|index| *index < list.len()) {
                    list.remove(index);
                }
                true
            }
            _ => return false,
        };
        // A mapping without anything in it would be a mistake of ours.
        is_left || parent.is_empty() || self.take_out(parent)
    }

    /// The pointer in the original of a pointer in what is left: entries of lists have moved up.
    fn original_pointer(&self, pointer: &str) -> String {
        let mut original = String::new();
        for step in pointer.split('/').skip(1) {
            let is_list = self.original.pointer(&original).is_some_and(Value::is_array);
            let step = match step.parse::<usize>() {
                Ok(index) if is_list => {
                    let gone = |index: &usize| self.removed.contains(&format!("{original}/{index}"));
                    (0..).filter(|index| !gone(index)).nth(index).unwrap_or(index).to_string()
                }
                _ => step.to_owned(),
            };
            original = format!("{original}/{step}");
        }
        original
    }
}

fn is_name(key: &str) -> bool {
    key.len() <= 20 && key.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
}
