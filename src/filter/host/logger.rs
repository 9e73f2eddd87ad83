//! Where do log lines go? Into the proxy's log.

use std::panic;

use log::{Level, LevelFilter, Log, Metadata, Record};

use crate::filter::host::abi;

/// Proxy-Wasm's level beyond `error`: for what kills the VM.
const CRITICAL: u32 = 5;

struct HostLog;

/// Sends log lines, and what a panic says, to the proxy.
pub(in crate::filter) fn install() {
    // A second VM on the same thread finds the logger in place: its memory is its own, so this can't fail.
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
        // Where the host takes no log lines there is nowhere to say so.
        let _ = abi::log(level, &record.args().to_string());
    }

    fn flush(&self) {}
}
