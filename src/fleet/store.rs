//! Which engine is the fleet's store? The one choice between them; all are asked in the terms of the port.

use crate::fleet::options::StoreOptions;
use crate::fleet::port::{Answer, Operation};
use crate::fleet::redis;

/// A store that can be asked.
#[derive(Clone, Copy, Debug)]
pub struct Store<'a>(pub &'a StoreOptions);

impl Store<'_> {
    /// The bytes of a call.
    pub fn encode(self, operations: &[Operation]) -> Vec<u8> {
        redis::encode(self.0, operations)
    }

    /// What came of the call of these operations, by the bytes of its answer: as many of them as came.
    pub fn decode(self, operations: &[Operation], answer: &[u8]) -> Answer {
        redis::decode(self.0, operations, answer)
    }
}
