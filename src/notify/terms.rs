//! On which terms is a channel told? How long a message is tried, and what is too many of them.

use std::time::Duration;

/// For so long a message is tried where nothing else is said.
pub const GIVE_UP_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

/// What holds for all messages of a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// For so long a message is tried.
    pub give_up_after: Duration,
    /// After a delivery the channel rests for so long.
    pub spacing: Duration,
    /// For so long an opening waits for others, to be one message with them.
    pub group_wait: Duration,
    /// As many messages leave at most; what is more is folded.
    pub rate: Option<Rate>,
    /// Does the channel want to hear of ends?
    pub tells_end: bool,
}

/// As many messages within a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// How many.
    pub messages: usize,
    /// Within which time.
    pub per: Duration,
}

impl Default for Terms {
    fn default() -> Self {
        Self {
            give_up_after: GIVE_UP_AFTER,
            spacing: Duration::ZERO,
            group_wait: Duration::ZERO,
            rate: None,
            tells_end: true,
        }
    }
}
