//! What does a verifier look at? One view of a value, with what the scan knows of its place.

use crate::read::target::Target;
use crate::text::byte_set::ByteSet;
use std::cell::Cell;

/// What a verifier looks at.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The view, in lower case.
    pub view: &'a [u8],
    /// Which signs stand in it.
    pub(crate) marks: ByteSet,
    /// Where it was found.
    pub target: Target,
    /// Its name there, as on the wire.
    pub name: &'a [u8],
    /// Is it a name rather than a value?
    pub is_name: bool,
    /// How often percent-coding was undone.
    pub rounds: u8,
    /// Was ASCII spelled in an odd way?
    pub odd: bool,
    /// The most bytes that a cap kept a verifier from reading; verifiers raise it.
    pub unread: &'a Cell<usize>,
}

impl<'a> Subject<'a> {
    /// A view of a value that needed no decoding.
    pub fn new(view: &'a [u8], target: Target, name: &'a [u8], unread: &'a Cell<usize>) -> Self {
        Self { view, marks: ByteSet::of(view), target, name, is_name: false, rounds: 0, odd: false, unread }
    }

    /// Notes that a cap ended the reading this many bytes before the end.
    pub(super) fn leave(&self, bytes: usize) {
        self.unread.set(self.unread.get().max(bytes));
    }
}
