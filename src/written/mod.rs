//! What did an operator write? A tree, whichever form it came in, from which each type reads itself and each mistake gets
//! a path.
//!
//! Own code, where a derived deserialiser would do: that is two to six kilobytes of the module for each type that has
//! options, and this is one loop for all of them.

use crate::written::error::Error;
use crate::written::tree::Tree;

pub mod error;
pub mod options;
#[cfg(test)]
mod tests;
pub mod tree;

/// What can be read from a configuration. A type with options lists them for `options!`, one that is a word its words for
/// `Tree::word`, one that is one of several things their names for `Tree::kind`.
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
        let mut list = Vec::new();
        for (index, item) in tree.list()?.iter().enumerate() {
            list.push(T::read(item).map_err(|error| error.at(index))?);
        }
        Ok(list)
    }
}

impl Written for String {
    fn read(tree: &Tree) -> Result<Self, Error> {
        tree.text("a text").map(str::to_owned)
    }
}
