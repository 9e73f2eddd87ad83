//! user-risk-filter: detects attacks per user, keeps a 24-hour risk score, and notifies people.
//!
//! How one exchange goes through the modules:
//!
//! 1. Envoy hands over a request in parts ([`exchange`]). What a client wrote is bytes until it is taken apart
//!    ([`read`]), decoded ([`decode`]) and looked at ([`detect`]): nearly always nothing is found, and the story ends here,
//!    before the request has left the proxy. What shows only over several requests, or in the answer, is noticed by
//!    watchers ([`watch`]) where the configuration asks for them.
//! 2. Otherwise it is attributed ([`identity`]): to the user whom the proxy vouches for, or to the client's address.
//! 3. What was found becomes events of that user. In one compare-and-swap ([`state`]) the user's record forgets what has
//!    left the window, takes the events in, and decides ([`risk`]); where the increase crosses the threshold, an incident
//!    opens ([`incident`]) and is recorded as pending in the same step.
//! 4. The incident goes into the outbox, for each channel a queue ([`notify`]). On a tick, whichever worker gets the lease
//!    sends it; the answer settles the attempt (`upkeep`).
//!
//! What an operator writes becomes the types that do the work, by tables of options ([`config`]), all of them together in
//! [`plugin`].
//!
//! [`engine`] is the way of an exchange through all of it, as a function from inputs to effects; `filter` puts the engine
//! into Envoy. The engine knows no clock, no host and no port but [`state::cells::Cells`], so all of it runs natively in tests.

pub mod clock;
pub mod config;
pub mod console;
pub mod decode;
pub mod detect;
pub mod engine;
pub mod exchange;
#[cfg(target_os = "wasi")]
mod filter;
pub mod fleet;
pub mod identity;
pub mod incident;
pub mod keyed_hash;
mod learn;
pub mod notify;
pub mod plugin;
pub mod points;
pub mod read;
pub mod respond;
pub mod risk;
pub mod secret;
mod sort;
pub mod state;
pub mod text;
mod upkeep;
pub mod watch;
pub mod worker;
