//! How long is a message tried, what is rolled up, how many may leave a minute? `give_up_after`, `group_wait`, `rate` of a channel.

use std::time::Duration;

use crate::clock::{Span, Timestamp};
use crate::config::bounded::Bounded;
use crate::config::error::Error;
use crate::config::from_value::FromValue;
use crate::config::options::options;
use crate::config::value::Value;

/// What holds for all messages of a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeliveryPolicy {
    /// For so long a message is tried.
    pub give_up_after: Duration,
    /// After a delivery the channel rests for so long.
    pub spacing: Duration,
    /// For so long an opening waits for others, to be one message with them.
    pub group_wait: Duration,
    /// As many openings leave at most; further ones become one message.
    pub rate: Option<Rate>,
    /// Does the channel receive resolutions?
    pub sends_resolved: bool,
}

/// So many openings within a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    messages: Bounded<1, 100>,
    per: Span,
}

options! { Rate { messages, per } }

/// What an operator says of the rate: one, or that there is none.
#[derive(Clone, Copy, Debug)]
pub enum RateOption {
    /// As many messages leave as there are: `off`.
    Off,
    /// At most so many leave: `{messages: 10, per: 1m}`.
    Limited(Rate),
}

impl FromValue for RateOption {
    fn read(value: &Value) -> Result<Self, Error> {
        match value.switch() {
            Some(false) => Ok(Self::Off),
            _ => Rate::read(value).map(Self::Limited),
        }
    }
}

/// The rate of channels that page people, where nothing else is said: a storm is one page.
pub const PAGING: Rate = Rate::new(10, Span::from_secs(60));

/// For so long a message is tried where nothing else is said.
const GIVE_UP_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

impl Rate {
    /// So many messages within so much time.
    pub const fn new(messages: u32, per: Span) -> Self {
        Self { messages: Bounded::new(messages), per }
    }

    /// How many messages.
    pub fn messages(&self) -> usize {
        usize::try_from(self.messages.value()).unwrap_or(usize::MAX)
    }

    /// How many of those that left at these moments count at `now`. One that left later than now was counted by another
    /// clock.
    pub fn used(&self, left: &[Timestamp], now: Timestamp) -> usize {
        let counts = |left: &&Timestamp| **left <= now && now.since(**left) < self.per.duration();
        left.iter().filter(counts).count()
    }

    pub(super) fn is_too_long(&self) -> bool {
        self.per.duration() > Duration::from_secs(24 * 60 * 60)
    }
}

impl Default for DeliveryPolicy {
    fn default() -> Self {
        let (spacing, group_wait) = (Duration::ZERO, Duration::ZERO);
        Self { give_up_after: GIVE_UP_AFTER, spacing, group_wait, rate: None, sends_resolved: true }
    }
}
