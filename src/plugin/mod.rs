//! The plugin's configuration as a whole: every room's options in one type, read from what Envoy hands over.

pub mod config;
pub mod config_error;
pub mod log_options;
mod shared_store;
mod struct_proto;
