//! user-risk-filter: attacks per user, a 24-hour risk score, and the people who must know.
//!
//! The story of one exchange, and the rooms in which it happens:
//!
//! 1. Envoy hands over a request in parts ([`exchange`]). What a client wrote is bytes until it is taken apart
//!    ([`read`]), spelled out ([`decode`]), and looked at ([`detect`]): nearly always nothing is found, and the story
//!    ends here, before the request has left the proxy. What only shows over several requests, or in the answer, is
//!    noticed by watchers ([`watch`]) where the configuration asks for it.
//! 2. Otherwise it is somebody's ([`identity`]): whoever the proxy vouches for, or the client's address.
//! 3. What was found becomes events of that user. In one compare-and-swap ([`state`]) the user's record forgets what has
//!    left the window, takes the events in, and decides ([`risk`]); where the increase goes over the threshold, an
//!    incident opens ([`incident`]) and is kept as pending in the same step.
//! 4. The incident goes into the outbox, for each channel a queue ([`notify`]). A tick of any worker that gets the lease
//!    sends it; the answer settles the try.
//!
//! What an operator writes becomes the types that do the work, by tables of options ([`written`]).
//!
//! [`engine`] is the way through all of it, as a function from inputs to effects; `filter` puts the engine into Envoy.
//! It knows no clock, no host and no other port than [`state::cells::Cells`], so all of it runs natively in tests.

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
