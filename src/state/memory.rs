//! Cells without a proxy: in this process's memory, for tests and for the command line.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::state::cells::{Cell, Cells, Refusal, Unavailable, Version};

/// Cells in memory; several threads may share them as a proxy's workers share theirs.
#[derive(Debug, Default)]
pub struct Memory {
    cells: Mutex<HashMap<String, Cell>>,
}

impl Memory {
    /// How many cells were ever written.
    pub fn len(&self) -> usize {
        self.lock().len()
    }

    /// Was none ever written?
    pub fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Cell>> {
        self.cells.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Cells for Memory {
    fn read(&self, key: &str) -> Result<Option<Cell>, Unavailable> {
        Ok(self.lock().get(key).cloned())
    }

    fn swap(&self, key: &str, bytes: &[u8], seen: Option<Version>) -> Result<(), Refusal> {
        let mut cells = self.lock();
        let current = cells.get(key).map(|cell| cell.version);
        if current != seen {
            return Err(Refusal::Conflict);
        }
        let version = Version(current.map_or(1, |Version(number)| number.wrapping_add(1)));
        cells.insert(key.to_owned(), Cell { bytes: bytes.to_vec(), version });
        Ok(())
    }
}
