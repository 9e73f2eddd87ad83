//! What does the host offer to the plugin as a whole? Its configuration, the time, a timer.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::filter::host::abi;

const PLUGIN_CONFIGURATION: u32 = 7;

/// The plugin's configuration as the host has it; empty if there is none.
pub(in crate::filter) fn configuration() -> Vec<u8> {
    abi::buffer(PLUGIN_CONFIGURATION, 0, usize::MAX).unwrap_or_default()
}

/// The time now, to the millisecond; none if the host refuses it.
pub(in crate::filter) fn now() -> Option<Timestamp> {
    Some(Timestamp::from_millis(abi::nanoseconds_since_epoch().ok()? / 1_000_000))
}

/// Asks for a tick every `period`.
pub(in crate::filter) fn tick_every(period: Duration) {
    // Without a timer no message would ever be sent. Envoy has one.
    if abi::set_tick_period(u32::try_from(period.as_millis()).unwrap_or(u32::MAX)).is_err() {
        log::error!("user-risk-filter: the host refuses a timer: nothing can be sent");
    }
}
