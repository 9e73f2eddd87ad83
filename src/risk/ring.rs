//! Numbers for each of the last few periods, such as hours: what is older than the last is forgotten.

use serde::{Deserialize, Serialize};

/// A number for each of `N` periods, which are counted from any fixed beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound(serialize = "[T; N]: Serialize", deserialize = "[T; N]: Deserialize<'de>"))]
pub(super) struct Ring<T, const N: usize> {
    newest: u64,
    /// The newest first.
    numbers: [T; N],
}

impl<T: Copy + Default + Ord, const N: usize> Ring<T, N> {
    /// Zero for all periods up to `period`.
    pub(super) fn new(period: u64) -> Self {
        Self { newest: period, numbers: [T::default(); N] }
    }

    /// The newest period.
    pub(super) fn newest(&self) -> u64 {
        self.newest
    }

    /// The number of `period`; none if that is not among the last ones.
    pub(super) fn at(&self, period: u64) -> Option<T> {
        self.numbers.get(usize::try_from(self.newest.checked_sub(period)?).ok()?).copied()
    }

    /// The number of `period`, to be changed. A later period than the newest becomes the newest. None if it is forgotten.
    pub(super) fn at_mut(&mut self, period: u64) -> Option<&mut T> {
        self.advance(period);
        self.numbers.get_mut(usize::try_from(self.newest - period).ok()?)
    }

    /// Merges another copy: of each period the larger number.
    pub(super) fn merge(&mut self, other: &Self) {
        self.advance(other.newest);
        for (age, number) in (0..).zip(&mut self.numbers) {
            let theirs = self.newest.checked_sub(age).and_then(|period| other.at(period));
            *number = (*number).max(theirs.unwrap_or_default());
        }
    }

    fn advance(&mut self, period: u64) {
        let by = usize::try_from(period.saturating_sub(self.newest)).unwrap_or(N).min(N);
        if by > 0 {
            self.numbers.rotate_right(by);
            self.numbers.iter_mut().take(by).for_each(|number| *number = T::default());
            self.newest = period;
        }
    }
}
