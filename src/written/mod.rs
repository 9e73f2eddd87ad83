//! What did an operator write? A tree, whichever form it came in, from which each type reads itself and each mistake gets
//! a path.
//!
//! Own code, where a derived deserialiser would do: it writes two to six kilobytes for each type that has options, and
//! this one loop for all of them.

use crate::written::error::Error;
use crate::written::tree::Tree;

pub mod error;
pub mod options;
#[cfg(test)]
mod tests;
pub mod tree;

/// What can be read from a configuration. Types with options list them in `options!`; those that are
/// a word, in `Tree::word`; those that are one of several things with a name, in `Tree::kind`.
pub trait Written: Sized {
    /// Reads what stands there.
    ///
    /// # Errors
    /// It is something else.
    fn read(tree: &Tree) -> Result<Self, Error>;

    /// What it is where nothing is written; nothing, where something has to be.
    fn absent() -> Option<Self> {
        None
    }
}

/// Reads JSON text: one type alone, as tests and benchmarks need it.
///
/// # Errors
/// It is no JSON, or something else.
pub fn from_json<T: Written>(text: &str) -> Result<T, Error> {
    T::read(&Tree::from_json(text.as_bytes())?)
}

/// What may be left out; an option without a value is left out, too.
impl<T: Written> Written for Option<T> {
    fn read(tree: &Tree) -> Result<Self, Error> {
        if matches!(tree, Tree::Null) { Ok(None) } else { T::read(tree).map(Some) }
    }

    fn absent() -> Option<Self> {
        Some(None)
    }
}

impl<T: Written> Written for Vec<T> {
    fn read(tree: &Tree) -> Result<Self, Error> {
        let read = |(index, item)| T::read(item).map_err(|error| error.at(index));
        tree.list()?.iter().enumerate().map(read).collect()
    }
}

impl Written for String {
    fn read(tree: &Tree) -> Result<Self, Error> {
        tree.text("a text").map(str::to_owned)
    }
}
