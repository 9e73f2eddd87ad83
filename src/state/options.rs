//! How much may be kept? The bounds that operators set under `memory`.

use crate::whole::Whole;
use crate::written::options::options;

/// The options under `memory`.
#[derive(Clone, Copy, Debug)]
pub struct Memory {
    users: Whole<8, 16_777_216>,
    messages: Whole<8, 16_384>,
    watch: Whole<8, 1_048_576>,
}

options! { Memory { users, messages, watch, ..Self::default() } }

impl Memory {
    /// How many users have a record.
    pub fn users(&self) -> u32 {
        self.users.value()
    }

    /// How many messages wait at most.
    pub fn messages(&self) -> u32 {
        self.messages.value()
    }

    /// How many clients and users, and how many sessions, are remembered for what they did lately.
    pub fn watch(&self) -> u32 {
        self.watch.value()
    }
}

impl Default for Memory {
    fn default() -> Self {
        Self { users: Whole::new(65_536), messages: Whole::new(4096), watch: Whole::new(16_384) }
    }
}
