//! One worker: what it holds and shares, its log and metrics, one call into it and the effects that the call leaves.

pub mod effect;
pub(crate) mod evictions;
pub(crate) mod log_budget;
pub(crate) mod log_line;
pub mod metric;
pub(crate) mod naming;
pub(crate) mod state;
pub(crate) mod tables;
pub(crate) mod turn;
