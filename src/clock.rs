//! Moments and spans of time. Always an argument: nothing here reads a clock.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use crate::config::error::Error;
use crate::config::from_value::FromValue;
use crate::config::value::Value;

/// A moment: milliseconds since the Unix epoch, UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Timestamp(u64);

impl Timestamp {
    /// The moment `millis` milliseconds after the Unix epoch.
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the Unix epoch.
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// Whole seconds since the Unix epoch.
    pub const fn as_secs(self) -> u64 {
        self.0 / 1000
    }

    /// This moment and then `span`; at most the end of representable time.
    pub fn after(self, span: Duration) -> Self {
        Self(self.0.saturating_add(millis(span)))
    }

    /// The time from `earlier` to this moment; zero where `earlier` is the later one.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }

    fn system_time(self) -> SystemTime {
        // humantime formats up to the year 9999; a clock beyond that is broken, not interesting.
        UNIX_EPOCH + Duration::from_millis(self.0.min(253_402_300_799_999))
    }
}

impl From<SystemTime> for Timestamp {
    fn from(time: SystemTime) -> Self {
        Self(millis(time.duration_since(UNIX_EPOCH).unwrap_or_default()))
    }
}

/// RFC 3339 in UTC with milliseconds: `2026-01-02T03:04:05.678Z`.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        humantime::format_rfc3339_millis(self.system_time()).fmt(f)
    }
}

/// A span of time as operators write it: `24h`, `10s`, `1h 30m`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span(Duration);

impl Span {
    /// A span of `secs` seconds.
    pub const fn from_secs(secs: u64) -> Self {
        Self(Duration::from_secs(secs))
    }

    /// A span of `millis` milliseconds.
    pub const fn from_millis(millis: u64) -> Self {
        Self(Duration::from_millis(millis))
    }

    /// The span as the standard library has it.
    pub const fn duration(self) -> Duration {
        self.0
    }

    /// The span in milliseconds.
    pub fn as_millis(self) -> u64 {
        millis(self.0)
    }
}

impl FromValue for Span {
    fn read(value: &Value) -> Result<Self, Error> {
        let text = value.text("a span of time with its unit, such as 24h, 90s or 500ms")?;
        Ok(Self::try_from(text.to_owned())?)
    }
}

impl TryFrom<String> for Span {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        match humantime::parse_duration(&text) {
            Ok(span) if span.as_millis() > 0 => Ok(Self(span)),
            Ok(_) => Err(format!("`{text}` is no time at all; write a span such as 24h, 90s or 500ms")),
            Err(_) => Err(format!("`{text}` is not a span of time; write for example 24h, 90s or 500ms")),
        }
    }
}

/// Hours where they are whole, as people say it (`24h`, not `1day`), else as humantime has it.
impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let secs = self.0.as_secs();
        if secs >= 3600 && secs.is_multiple_of(3600) && self.0.subsec_nanos() == 0 {
            return write!(f, "{}h", secs / 3600);
        }
        let text = humantime::format_duration(self.0).to_string();
        f.write_str(&text.replace(' ', ""))
    }
}

/// A day as operators write it, `2026-12-31`, in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Day(u64);

impl Day {
    /// Has the day ended by `now`?
    pub const fn is_over(self, now: Timestamp) -> bool {
        now.as_secs() / SECS_A_DAY > self.0
    }
}

const SECS_A_DAY: u64 = 24 * 60 * 60;

impl FromValue for Day {
    fn read(value: &Value) -> Result<Self, Error> {
        value.parse()
    }
}

impl TryFrom<String> for Day {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no day; write it as 2026-12-31");
        let mut parts = text.split('-').map(|part| part.parse::<u64>().ok());
        let (Some(Some(year)), Some(Some(month)), Some(Some(day)), None, 10) =
            (parts.next(), parts.next(), parts.next(), parts.next(), text.len())
        else {
            return Err(wrong());
        };
        let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let days = match month {
            4 | 6 | 9 | 11 => 30,
            2 => 28 + u64::from(is_leap),
            _ => 31,
        };
        if !(1970..=9999).contains(&year) || !(1..=12).contains(&month) || !(1..=days).contains(&day) {
            return Err(wrong());
        }
        // Days since the epoch, counted in years that begin with March, so that leap days come last: see Howard
        // Hinnant, "chrono-compatible low-level date algorithms", days_from_civil.
        let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
        let before = year * 365 + year / 4 - year / 100 + year / 400;
        Ok(Self(before + (month * 153 + 2) / 5 + day - 1 - 719_468))
    }
}

/// The window of time in which points count: `t - length < time <= t`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// The last moment of the window.
    pub end: Timestamp,
    /// How far it reaches back.
    pub length: Duration,
}

impl Window {
    /// Does `moment` lie in the window?
    pub fn holds(&self, moment: Timestamp) -> bool {
        moment <= self.end && self.end < moment.after(self.length)
    }
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
