//! What did an operator write? One value, whichever form it came in, from which each type reads itself.
//!
//! An error has the path of what is wrong.
//!
//! Own code instead of a derived deserialiser, which adds two to six kilobytes to the module for each type that has options.

use error::Error;
use from_value::FromValue;
use value::Value;

pub mod bounded;
pub mod error;
pub mod from_value;
pub mod options;
pub mod size;
#[cfg(test)]
mod tests;
pub mod value;

/// Reads JSON text: one type alone, as tests and benchmarks need it.
///
/// # Errors
/// It is no JSON, or something else.
pub fn from_json<T: FromValue>(text: &str) -> Result<T, Error> {
    T::read(&Value::from_json(text.as_bytes())?)
}
