//! Does every verifier come to an end, with the same answer?

#![no_main]

#[allow(dead_code, reason = "each target checks one property")]
#[path = "../properties.rs"]
mod properties;

libfuzzer_sys::fuzz_target!(|data: &[u8]| properties::verify(data));
