//! user-risk-filter.
pub mod clock;
pub mod detect;
pub mod exchange;
pub mod keyed;
pub mod secret;
