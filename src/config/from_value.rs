//! How does a type read itself from a configuration value?

use super::error::Error;
use super::value::Value;

/// What can be read from a configuration. A type with options lists them for `options!`, one that is a word its words for
/// `Value::word`, one that is one of several things their names for `Value::kind`.
pub trait FromValue: Sized {
    /// Reads what stands there.
    ///
    /// # Errors
    /// It is something else.
    fn read(value: &Value) -> Result<Self, Error>;

    /// What it is where nothing is written; nothing, where something has to be.
    fn absent() -> Option<Self> {
        None
    }
}

/// What may be left out; an option without a value is left out, too.
impl<T: FromValue> FromValue for Option<T> {
    fn read(value: &Value) -> Result<Self, Error> {
        if matches!(value, Value::Null) { Ok(None) } else { T::read(value).map(Some) }
    }

    fn absent() -> Option<Self> {
        Some(None)
    }
}

impl<T: FromValue> FromValue for Vec<T> {
    fn read(value: &Value) -> Result<Self, Error> {
        let mut list = Vec::new();
        for (index, item) in value.list()?.iter().enumerate() {
            list.push(T::read(item).map_err(|error| error.at(index))?);
        }
        Ok(list)
    }
}

impl FromValue for bool {
    fn read(value: &Value) -> Result<Self, Error> {
        value.switch().ok_or_else(|| value.is_not("true or false"))
    }
}

impl FromValue for String {
    fn read(value: &Value) -> Result<Self, Error> {
        value.text("a text").map(str::to_owned)
    }
}
