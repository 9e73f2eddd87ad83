//! What opens, grows and ends? Each user's record, the incident in it, and the snapshots from which notices are made.

pub mod audience;
pub mod common;
pub mod index;
pub mod ledger;
mod life;
pub mod open;
pub mod record;
pub mod snapshot;
pub mod user;
pub mod weighing;
