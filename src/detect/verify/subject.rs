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
    /// What came of reading it, beside evidence.
    pub effort: &'a Effort,
}

/// What came of reading a view, beside evidence: verifiers note it.
#[derive(Debug, Default)]
pub struct Effort {
    /// The most bytes that a cap kept a verifier from reading.
    unread: Cell<usize>,
    /// Work beyond what a look at the view's signs could tell beforehand, in nanoseconds.
    work: Cell<u64>,
}

impl Effort {
    /// The most bytes that a cap kept a verifier from reading.
    pub fn unread(&self) -> usize {
        self.unread.get()
    }

    /// The work that was not charged yet.
    pub(crate) fn take_work(&self) -> u64 {
        self.work.take()
    }
}

impl<'a> Subject<'a> {
    /// A view of a value that needed no decoding.
    pub fn new(view: &'a [u8], target: Target, name: &'a [u8], effort: &'a Effort) -> Self {
        Self { view, marks: ByteSet::of(view), target, name, is_name: false, rounds: 0, odd: false, effort }
    }

    /// Notes that a cap ended the reading this many bytes before the end.
    pub(super) fn leave(&self, bytes: usize) {
        let Effort { unread, .. } = self.effort;
        unread.set(unread.get().max(bytes));
    }

    /// Notes work that costs so many nanoseconds and that nobody could tell beforehand.
    pub(super) fn work(&self, nanoseconds: u64) {
        let Effort { work, .. } = self.effort;
        work.set(work.get().saturating_add(nanoseconds));
    }
}
