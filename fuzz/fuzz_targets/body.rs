//! Is every body read, in whatever chunks it comes?

#![no_main]

#[allow(dead_code, reason = "each target checks one property")]
#[path = "../properties.rs"]
mod properties;

libfuzzer_sys::fuzz_target!(|data: &[u8]| properties::body(data));
