//! What waits for a channel, what is sent next, and by which way does a message leave? One state machine in shared cells.
//!
//! ```text
//! bucket (by user)     the truth: messages with a delivery for each channel, and what each channel received of an incident
//!    │ summary of one channel
//! node (64 buckets)    a hint: when the first is ready, which one is worth least, how many wait
//!    │ summary
//! control (channel)    the root of these hints; the lease, the circuit, the rate; bundles, which stand for many messages
//! ```
//!
//! All messages of a user stand in one bucket, so that one compare-and-swap decides what becomes of a message: that it
//! waits, that it is sent, or its [`departure::Exit`], together with what the channel may still receive of the incident.
//! Nodes and roots are hints, written after the bucket; `outbox.rs` has the table of what a crash leaves.

pub mod backoff;
pub mod bucket;
pub mod bundle;
pub mod control;
pub mod delivery;
pub mod departure;
pub mod index;
pub mod join;
pub mod lease;
pub mod outcome;
pub mod overview;
pub mod receipt;
pub mod subject;
pub mod summary;
pub mod worth;
