//! Which messages wait for one channel, and who may send the next one?

mod backoff;
pub mod channel_queue;
pub mod lease;
pub mod outcome;
mod rollup;
pub mod subject;
mod suppressed;
mod waiting;
