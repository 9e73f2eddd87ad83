//! Where do log lines go? Into Envoy's log, and so does the line of a panic.

use std::panic;

use log::{Level, LevelFilter, Log, Metadata, Record};

use crate::filter::host::abi;

/// Proxy-Wasm's level above `error`: for what kills the VM.
const CRITICAL: u32 = 5;

struct HostLog;

/// Sends log lines and the message of a panic to the proxy.
pub(super) fn install() {
    // Each VM has its own memory, so nobody else has set a logger in it.
    if log::set_logger(&HostLog).is_ok() {
        log::set_max_level(LevelFilter::Info);
    }
    panic::set_hook(Box::new(|panic| {
        let _ = abi::log(CRITICAL, &panic.to_string());
    }));
}

impl Log for HostLog {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.level() <= log::max_level()
    }

    fn log(&self, record: &Record<'_>) {
        let level = match record.level() {
            Level::Trace => 0,
            Level::Debug => 1,
            Level::Info => 2,
            Level::Warn => 3,
            Level::Error => 4,
        };
        // If the host refuses a log line there is nowhere to say so.
        let _ = abi::log(level, &record.args().to_string());
    }

    fn flush(&self) {}
}
