//! Do times and spans read, print and compare as documented?

use super::*;

#[test]
fn a_window_is_open_at_its_start_and_closed_at_its_end() {
    let window = Window { end: Timestamp(10_000), length: Duration::from_secs(3) };
    for (moment, inside) in [(7_000, false), (7_001, true), (10_000, true), (10_001, false)] {
        assert_eq!(window.holds(Timestamp(moment)), inside, "{moment}");
    }
}

#[test]
fn spans_read_and_print_as_people_write_them() {
    for (text, printed) in
        [("24h", "24h"), ("1day", "24h"), ("90s", "1m30s"), ("500ms", "500ms"), ("10s", "10s"), ("1h 30m", "1h30m")]
    {
        assert_eq!(Span::try_from(text.to_owned()).unwrap().to_string(), printed);
    }
    for wrong in ["", "24", "day", "0s", "-1h"] {
        assert!(Span::try_from(wrong.to_owned()).is_err(), "{wrong}");
    }
}

#[test]
fn a_day_ends_at_midnight_utc() {
    let rows = [("1970-01-01", 86_400), ("2024-02-29", 1_709_251_200), ("2026-12-31", 1_798_761_600)];
    for (text, end) in rows {
        let day = Day::try_from(text.to_owned()).unwrap();
        assert!(!day.is_over(Timestamp::from_millis(end * 1000 - 1)), "{text}");
        assert!(day.is_over(Timestamp::from_millis(end * 1000)), "{text}");
    }
    for wrong in ["", "2026", "2026-1-1", "2026-02-29", "2026-13-01", "2026-00-10", "2026-12-32", "31.12.2026"] {
        assert!(Day::try_from(wrong.to_owned()).is_err(), "{wrong}");
    }
}

#[test]
fn moments_print_as_rfc_3339_with_milliseconds() {
    assert_eq!(Timestamp(1_767_323_045_678).to_string(), "2026-01-02T03:04:05.678Z");
    assert!(Timestamp(u64::MAX).to_string().starts_with("9999-12-31T23:59:59"));
}
