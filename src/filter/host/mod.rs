//! How is the host called? Every call returns a `Result` and bytes: no answer of the host can trap the VM.

mod abi;
pub(super) mod body;
pub(super) mod callout;
pub(super) mod cells;
pub(super) mod environment;
pub(super) mod headers;
mod logger;
pub(super) mod metric;
pub(super) mod plugin;
pub(super) mod property;
pub(super) mod response;
pub(super) mod startup;
#[cfg(feature = "trap-on-demand")]
pub(super) mod trap;
