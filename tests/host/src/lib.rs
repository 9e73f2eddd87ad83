//! A host without Envoy for the built module: what the module imports, its callbacks, and a world that all VMs share.
//!
//! The host does what Envoy's does (shared data with versions, maps that are there only in their phase, metrics, callouts), and on
//! request what Envoy's never should: any call can be made to fail with any status. Wasmtime runs the module with fuel, so
//! what a callback costs is counted exactly, and one that does not end is stopped.

pub mod exchange;
pub mod host;
mod imports;
pub mod vm;
mod wasi;
pub mod workload;
pub mod world;
