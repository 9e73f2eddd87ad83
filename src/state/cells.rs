//! The one port of the core: cells that every worker reads and changes by compare-and-swap.

use std::fmt;

/// The one port of the core: cells by key, shared by all workers of the process. The proxy's shared data are such
/// cells; so is [`super::memory::Memory`].
///
/// Keys are made by us, never by a client, and their number is fixed by the configuration: the proxy never frees one.
pub trait Cells {
    /// What the cell holds, or nothing if it was never written.
    ///
    /// # Errors
    /// The host refuses to say.
    fn read(&self, key: &str) -> Result<Option<Cell>, Unavailable>;

    /// Writes the cell if nobody wrote it since it was `seen`; `None` means that it was seen absent.
    ///
    /// # Errors
    /// Somebody wrote it in the meantime, or the host refuses.
    fn swap(&self, key: &str, bytes: &[u8], seen: Option<Version>) -> Result<(), Refusal>;
}

impl<C: Cells + ?Sized> Cells for &C {
    fn read(&self, key: &str) -> Result<Option<Cell>, Unavailable> {
        (**self).read(key)
    }

    fn swap(&self, key: &str, bytes: &[u8], seen: Option<Version>) -> Result<(), Refusal> {
        (**self).swap(key, bytes, seen)
    }
}

/// The contents of a cell as one look saw them.
#[derive(Clone, Debug)]
pub struct Cell {
    /// The contents.
    pub bytes: Vec<u8>,
    /// Which write they come from.
    pub version: Version,
}

/// Which write a cell's contents come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version(pub u32);

/// The host gives no access to its cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unavailable;

impl fmt::Display for Unavailable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the proxy refuses access to its shared data")
    }
}

/// Why a swap did not happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Somebody else wrote the cell first: look again.
    Conflict,
    /// The host gives no access.
    Unavailable,
}
