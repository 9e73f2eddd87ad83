//! What opens, grows and ends? Each user's record, the incident in it, and the snapshots from which notices are made.

pub mod adopt;
pub mod audience;
pub mod common;
mod deliveries;
pub mod events;
pub mod fleet_ledger;
pub mod index;
pub mod ledger;
mod life;
mod merge;
pub mod open;
pub mod record;
pub mod request;
mod responding;
pub mod restriction;
pub mod sharing;
pub mod snapshot;
pub mod stance;
pub mod strength;
pub mod user;
mod weigh;
pub mod weighing;
