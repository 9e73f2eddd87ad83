//! user-risk-filter: detects attacks per user, keeps a 24-hour risk score, and notifies people.
//!
//! How one exchange goes through the modules:
//!
//! 1. Envoy passes a request in parts ([`exchange`]). Its bytes are taken apart into fields ([`read`]), decoded ([`decode`])
//!    and scanned ([`detect`]). Nearly always nothing is found, and that is all. What shows only over several requests, or
//!    in the answer, is detected by watchers ([`watch`]) if the configuration asks for it.
//! 2. A detection is attributed ([`identity`]): to the user that the proxy vouches for, or to the client's address.
//! 3. Detections become events of that user. One compare-and-swap ([`state`]) on the user's record expires old events, adds
//!    the new ones, and decides ([`risk`]): if the increase goes over the threshold an incident opens ([`incident`]), marked
//!    as pending in the same step.
//! 4. The incident goes into the outbox, and its id into the queue of each channel ([`notify`]). On a tick, whichever worker
//!    gets the channel's lease sends the message; the answer settles the attempt.
//!
//! Each module reads its own options from the configuration, by tables ([`config`]).
//!
//! [`engine`] runs all of this as a function from inputs to effects, and `filter` runs the engine inside Envoy. The engine has
//! no clock, no host, and no port except [`state::Cells`], so everything runs natively in tests.

pub mod clock;
pub mod config;
pub mod console;
pub mod decode;
pub mod detect;
pub mod engine;
pub mod exchange;
#[cfg(target_os = "wasi")]
mod filter;
pub mod identity;
pub mod incident;
pub mod keyed_hash;
pub mod notify;
pub mod points;
pub mod read;
pub mod risk;
pub mod secret;
pub mod state;
pub mod text;
pub mod watch;
