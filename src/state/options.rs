//! The options under `memory`: how many users, messages and histories are kept?

use crate::config::bounded::Bounded;
use crate::config::options::options;

/// The options under `memory`.
#[derive(Clone, Copy, Debug)]
pub struct Memory {
    users: Bounded<8, 16_777_216>,
    messages: Bounded<8, 16_384>,
    watch: Bounded<8, 1_048_576>,
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
        Self { users: Bounded::new(65_536), messages: Bounded::new(4096), watch: Bounded::new(16_384) }
    }
}
