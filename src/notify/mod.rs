//! Who is told? Channels, the outbox that delivers to them, and what the answers mean.

pub mod callout;
pub mod channel;
pub mod notice;
pub mod outbox;
pub mod privacy;
pub mod queue;
pub mod route;
