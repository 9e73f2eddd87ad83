//! What is a configuration made of? Texts, numbers, lists and mappings, as they were written.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use crate::config::error::{self, Error};

/// A value as it is written. A mapping keeps its order, and a key that stands twice: reading the type finds that.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Nothing.
    Null,
    /// `true`, `false`; also a bare `on` or `off`, where Envoy reads it.
    Bool(bool),
    /// A number. In native YAML every number reaches the plugin as a double.
    Number(f64),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Self>),
    /// A mapping.
    Map(Vec<(String, Self)>),
}

impl Value {
    /// Reads JSON text.
    ///
    /// # Errors
    /// It is none, or goes on behind it.
    pub fn from_json(text: &[u8]) -> Result<Self, Error> {
        let mut json = serde_json::Deserializer::from_slice(text);
        let value = Self::deserialize(&mut json).map_err(|error| no_json(&error))?;
        json.end().map_err(|error| format!("the text goes on after the JSON: {error}"))?;
        Ok(value)
    }

    /// The text that stands here; `expected` says in words what should.
    pub(crate) fn text(&self, expected: &str) -> Result<&str, Error> {
        if let Self::Text(text) = self { Ok(text) } else { Err(self.is_not(expected)) }
    }

    /// The text that stands here, as a type that knows which texts are good.
    pub(crate) fn parse<T: TryFrom<String, Error = String>>(&self) -> Result<T, Error> {
        Ok(T::try_from(self.text("a text")?.to_owned())?)
    }

    /// The number that stands here. Envoy hands one with a decimal point (`10.0`) on as a text.
    pub(crate) fn number(&self) -> Result<f64, Error> {
        let number = match self {
            Self::Number(number) => Some(*number),
            Self::Text(text) => parsed(text),
            _ => None,
        };
        number.ok_or_else(|| self.is_not("a number"))
    }

    /// `on` or `off`, where that stands here: Envoy reads YAML 1.1, in which they are truth values if they are bare.
    pub(crate) fn switch(&self) -> Option<bool> {
        match self {
            Self::Bool(on) => Some(*on),
            Self::Text(word) if word == "on" => Some(true),
            Self::Text(word) if word == "off" => Some(false),
            _ => None,
        }
    }

    /// The list that stands here.
    pub(crate) fn list(&self) -> Result<&[Self], Error> {
        if let Self::List(list) = self { Ok(list) } else { Err(self.is_not("a list, each entry after a dash")) }
    }

    /// The mapping that stands here; `expected` says in words what should.
    pub(crate) fn map(&self, expected: &str) -> Result<&[(String, Self)], Error> {
        if let Self::Map(map) = self { Ok(map) } else { Err(self.is_not(expected)) }
    }

    /// The value of the word that stands here, of those that there are.
    pub(crate) fn word<T: Copy>(&self, words: &[(&str, T)]) -> Result<T, Error> {
        let known = words.iter().find(|(known, _)| matches!(self, Self::Text(word) if word == known));
        known
            .map(|(_, value)| *value)
            .ok_or_else(|| self.is_no_word(&words.iter().map(|(word, _)| *word).collect::<Vec<_>>()))
    }

    /// The value whose name stands here, of all that there are.
    pub(crate) fn name_of<T: Copy>(&self, all: &[T], name: fn(T) -> &'static str) -> Result<T, Error> {
        let known = all.iter().find(|known| matches!(self, Self::Text(word) if word == name(**known)));
        known.copied().ok_or_else(|| self.is_no_word(&all.iter().map(|known| name(*known)).collect::<Vec<_>>()))
    }

    /// The error of a text that is none of these words.
    #[cold]
    #[inline(never)]
    fn is_no_word(&self, known: &[&str]) -> Error {
        match self {
            Self::Text(word) => Error::unknown("variant", word, known),
            _ => self.is_not(&error::one_of(known)),
        }
    }

    /// The error of a value of the wrong kind; `expected` says in words what should be there.
    #[cold]
    #[inline(never)]
    pub(crate) fn is_not(&self, expected: &str) -> Error {
        let found = match self {
            Self::Null => "empty".to_owned(),
            Self::Bool(truth) => truth.to_string(),
            Self::Number(number) => format!("the number {}", spelled(*number)),
            Self::Text(text) => format!("the text {text:?}"),
            Self::List(_) => "a list".to_owned(),
            Self::Map(_) => "a mapping".to_owned(),
        };
        Error::new(format!("is {found}; write {expected}"))
    }
}

/// What is wrong with a text that should be JSON.
#[cold]
#[inline(never)]
fn no_json(error: &serde_json::Error) -> String {
    // The library has no code for it.
    if error.to_string().starts_with("recursion limit") {
        return "is nested deeper than 128 levels; no option is".to_owned();
    }
    format!("the text is not JSON: {error}; for YAML write it as google.protobuf.Struct")
}

/// The number that a text spells: finite, as YAML knows them (`.5`, `5.` and `+5` too).
fn parsed(text: &str) -> Option<f64> {
    text.parse().ok().filter(|number: &f64| number.is_finite())
}

/// A number as people write it: `24` and not `24.0`.
pub(crate) fn spelled(number: f64) -> String {
    number.to_string()
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Any)
    }
}

/// Takes whatever stands there.
struct Any;

impl<'de> Visitor<'de> for Any {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, truth: bool) -> Result<Value, E> {
        Ok(Value::Bool(truth))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(Value::Number(number as f64))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(Value::Number(number as f64))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        Ok(Value::Number(number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Value::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut map = Vec::new();
        while let Some(entry) = entries.next_entry()? {
            map.push(entry);
        }
        Ok(Value::Map(map))
    }
}
