//! How is a cell changed? Read, change, swap; again if another worker was faster.

use std::fmt;
use std::marker::PhantomData;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::state::cells::{Cells, Refusal, Unavailable, Version};

/// How often a change is tried before it is given up. Each conflict means that another worker got through; with fewer
/// workers than this, so many conflicts in a row don't happen.
const TRIES: usize = 128;

/// What a cell holds.
pub trait Stored: Serialize + DeserializeOwned + Default {
    /// The number of the format. Contents of another format count as absent: after an update a worker with the new
    /// code and one with the old may run side by side for a while.
    const FORMAT: u8;
}

/// Cells of one type under a common prefix.
#[derive(Clone, Debug)]
pub struct Table<T> {
    prefix: String,
    holds: PhantomData<fn() -> T>,
}

/// What a change made of a cell's contents, with its answer to the caller.
pub enum Change<A> {
    /// Something changed: write it.
    Made(A),
    /// Nothing changed: leave the cell alone.
    None(A),
}

impl<A> Change<A> {
    /// The same change, with another answer.
    pub fn map<B>(self, answer: impl FnOnce(A) -> B) -> Change<B> {
        match self {
            Self::Made(made) => Change::Made(answer(made)),
            Self::None(found) => Change::None(answer(found)),
        }
    }
}

/// A change that could not be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The host gives no access to its cells.
    Unavailable,
    /// Others were faster, again and again.
    Contended,
}

impl<T: Stored> Table<T> {
    /// The table of the cells `<prefix>/…`.
    pub fn new(prefix: impl Into<String>) -> Self {
        Self { prefix: prefix.into(), holds: PhantomData }
    }

    /// What the cell `name` holds now; the default if it was never written.
    ///
    /// # Errors
    /// The host gives no access.
    pub fn read(&self, cells: &impl Cells, name: impl fmt::Display) -> Result<T, Unavailable> {
        let cell = cells.read(&self.key(name))?;
        Ok(cell.and_then(|cell| decode(&cell.bytes)).unwrap_or_default())
    }

    /// What the cell holds, and which write it comes from; nothing if that is the one that was `seen`.
    ///
    /// # Errors
    /// The host gives no access.
    pub fn read_newer(
        &self,
        cells: &impl Cells,
        name: impl fmt::Display,
        seen: Option<Version>,
    ) -> Result<Option<(T, Version)>, Unavailable> {
        let cell = cells.read(&self.key(name))?.filter(|cell| Some(cell.version) != seen);
        Ok(cell.map(|cell| (decode(&cell.bytes).unwrap_or_default(), cell.version)))
    }

    /// Changes the cell `name` in one step that no other worker's change can come between. `change` runs again on the
    /// newer contents whenever somebody else was faster, so it must not act on anything but its argument.
    ///
    /// # Errors
    /// The host gives no access, or others were faster too often.
    pub fn update<A>(
        &self,
        cells: &impl Cells,
        name: impl fmt::Display,
        mut change: impl FnMut(&mut T) -> Change<A>,
    ) -> Result<A, Failure> {
        let mut answer = None;
        swap(cells, &self.key(name), &mut |seen| {
            let mut contents = seen.and_then(decode).unwrap_or_default();
            let (made, result) = match change(&mut contents) {
                Change::Made(result) => (true, result),
                Change::None(result) => (false, result),
            };
            answer = Some(result);
            made.then(|| encode(&contents))
        })?;
        answer.ok_or(Failure::Contended)
    }

    fn key(&self, name: impl fmt::Display) -> String {
        format!("{}/{name}", self.prefix)
    }
}

/// What a cell is to hold instead of what it holds; nothing, if it is to stay.
type Rewrite<'a> = dyn FnMut(Option<&[u8]>) -> Option<Vec<u8>> + 'a;

/// Reads, changes and swaps until nobody else was faster; once in the module for all types.
fn swap(cells: &impl Cells, key: &str, change: &mut Rewrite<'_>) -> Result<(), Failure> {
    for _ in 0..TRIES {
        let seen = cells.read(key).map_err(|Unavailable| Failure::Unavailable)?;
        let Some(bytes) = change(seen.as_ref().map(|cell| cell.bytes.as_slice())) else { return Ok(()) };
        match cells.swap(key, &bytes, seen.map(|cell| cell.version)) {
            Ok(()) => return Ok(()),
            Err(Refusal::Conflict) => {}
            Err(Refusal::Unavailable) => return Err(Failure::Unavailable),
        }
    }
    Err(Failure::Contended)
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unavailable => Unavailable.fmt(f),
            Self::Contended => f.write_str("other workers changed the same cell again and again"),
        }
    }
}

fn decode<T: Stored>(bytes: &[u8]) -> Option<T> {
    let (format, contents) = bytes.split_first()?;
    if *format != T::FORMAT {
        return None;
    }
    postcard::from_bytes(contents).ok()
}

fn encode<T: Stored>(contents: &T) -> Vec<u8> {
    // Growing a vector, postcard has no error to report for types that know their length, and ours do.
    postcard::to_extend(contents, vec![T::FORMAT]).unwrap_or_default()
}

#[cfg(test)]
mod tests;
