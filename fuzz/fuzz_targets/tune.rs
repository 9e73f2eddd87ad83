//! Does an operator's pattern or exclusion change only what it names?

#![no_main]

#[allow(dead_code, reason = "each target checks one property")]
#[path = "../properties.rs"]
mod properties;

libfuzzer_sys::fuzz_target!(|data: &[u8]| properties::tune(data));
