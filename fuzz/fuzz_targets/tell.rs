//! Is what people and programs are told well-formed, whatever a client and an application send?

#![no_main]

#[allow(dead_code, reason = "each target checks one property")]
#[path = "../properties.rs"]
mod properties;

libfuzzer_sys::fuzz_target!(|data: &[u8]| properties::tell(data));
