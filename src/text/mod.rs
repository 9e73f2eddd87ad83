//! Text: byte classes, client text made safe to print, and JSON as it is written.

pub(crate) mod byte_set;
pub(crate) mod hex;
pub mod json;
pub(crate) mod padding;
pub mod untrusted;
