//! How much may be logged? The options under `log`.

use crate::config::bounded::Bounded;
use crate::config::options::options;

/// The options under `log`.
#[derive(Clone, Copy, Debug)]
pub struct LogOptions {
    lines_per_second: Bounded<10, 10_000>,
}

options! { LogOptions { lines_per_second, ..Self::default() } }

impl Default for LogOptions {
    fn default() -> Self {
        Self { lines_per_second: Bounded::new(50) }
    }
}

impl LogOptions {
    /// How many lines a worker may write in a second, those apart that are always written.
    pub fn lines_per_second(self) -> u32 {
        self.lines_per_second.value()
    }
}
