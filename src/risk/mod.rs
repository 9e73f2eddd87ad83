//! How dangerous is the user by now? Acts in a window, their points, and the crossing of a threshold.

pub mod acts;
pub mod crossing;
pub mod exchange;
pub mod policy;
pub mod weights;
