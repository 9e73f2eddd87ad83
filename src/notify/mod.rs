//! Who is told? Channels, the outbox that delivers to them, and what the answers mean.

pub mod callout;
pub mod channel;
pub mod detected;
pub mod notice;
pub mod outbox;
pub mod privacy;
pub mod queue;
pub mod route;
pub mod terms;
pub mod together;
pub mod tray;
