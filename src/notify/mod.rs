//! Who is notified? Channels, the outbox that delivers to them, and what the answers mean.

pub mod batch;
pub mod callout;
pub mod channel;
pub mod delivery_policy;
pub mod detected;
pub mod notice;
pub mod outbox;
pub mod privacy;
pub mod queue;
pub mod rollup;
pub mod route;
pub mod subscription;
