//! What happens outside exchanges: on ticks, incidents end, what dead workers left is finished, and messages are sent.

pub(crate) mod batches;
pub(crate) mod concerned;
pub(crate) mod delivery;
pub(crate) mod departures;
pub(crate) mod ending;
mod gauges;
pub(crate) mod handoff;
mod journal;
mod leadership;
mod learning;
mod presence;
pub(crate) mod sharing;
pub(crate) mod store_answer;
mod sweep;
pub(crate) mod tick;
pub(crate) mod transitions;
