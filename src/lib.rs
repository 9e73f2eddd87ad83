//! user-risk-filter: attacks per user, a 24-hour risk score, and the people who must know.

pub mod clock;
pub mod decode;
pub mod detect;
pub mod engine;
pub mod exchange;
#[cfg(target_os = "wasi")]
mod filter;
pub mod identity;
pub mod incident;
pub mod keyed;
pub mod not_yet;
pub mod notify;
mod order;
pub mod read;
pub mod risk;
pub mod route;
pub mod secret;
pub mod state;
pub mod untrusted;
pub mod whole;
