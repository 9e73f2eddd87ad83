//! What opens, grows and ends? Each user's record, the incident in it, and what is told of one.

pub mod audience;
pub mod common;
pub mod index;
pub mod ledger;
pub mod open;
pub mod record;
pub mod snapshot;
