//! When did it happen? The ways in which access logs write a time.

use jiff::Timestamp as Moment;
use jiff::fmt::strtime;
use user_risk_filter::clock::Timestamp;

/// The latest time that is believed, in milliseconds: the year 9999. What is beyond it is no time.
const LATEST: u64 = 253_402_300_799_999;

/// RFC 3339 (`2026-01-02T03:04:05.678+01:00`, also with a space), or seconds or milliseconds since 1970.
pub(super) fn any(text: &str) -> Option<Timestamp> {
    if let Ok(number) = text.parse::<f64>() {
        return epoch(number);
    }
    of(text.parse::<Moment>().ok()?)
}

/// Seconds since 1970, or milliseconds if it would else be thousands of years ahead.
pub(super) fn epoch(number: f64) -> Option<Timestamp> {
    let millis = if number.abs() < 1e11 { number * 1000.0 } else { number };
    (millis.is_finite() && millis >= 0.0 && millis <= LATEST as f64)
        .then(|| Timestamp::from_millis(millis.round() as u64))
}

/// As servers write it in the common log format, without the brackets: `10/Oct/2000:13:55:36 -0700`.
pub(super) fn common(text: &str) -> Option<Timestamp> {
    of(strtime::parse("%d/%b/%Y:%H:%M:%S %z", text).ok()?.to_timestamp().ok()?)
}

fn of(moment: Moment) -> Option<Timestamp> {
    let millis = u64::try_from(moment.as_millisecond()).ok()?;
    (millis <= LATEST).then(|| Timestamp::from_millis(millis))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_logs_write_them() {
        let same = Some("2026-01-02T03:04:05.000Z");
        let rows = [
            ("2026-01-02T03:04:05Z", same),
            ("2026-01-02T04:04:05.000+01:00", same),
            ("2026-01-02 03:04:05Z", same),
            ("1767323045", same),
            ("1767323045.000", same),
            ("1767323045000", same),
            ("2026-01-02T03:04:05", None),
            ("yesterday", None),
            ("", None),
            ("-5", None),
            ("1e300", None),
            ("NaN", None),
        ];
        for (text, expected) in rows {
            assert_eq!(any(text).map(|time| time.to_string()).as_deref(), expected, "{text}");
        }
        let rows = [
            ("02/Jan/2026:03:04:05 +0000", same),
            ("01/Jan/2026:19:04:05 -0800", same),
            ("32/Jan/2026:03:04:05 +0000", None),
            ("02/Jan/2026:03:04:05", None),
        ];
        for (text, expected) in rows {
            assert_eq!(common(text).map(|time| time.to_string()).as_deref(), expected, "{text}");
        }
    }
}
