//! How risky is the user? Acts in a window, their points, and the crossing of a threshold.

pub mod acts;
pub mod band;
pub mod crossing;
pub mod entry;
pub mod exchange;
pub mod fingerprint;
pub mod per_proxy;
pub mod persistence;
pub mod policy;
mod ring;
pub mod weights;
