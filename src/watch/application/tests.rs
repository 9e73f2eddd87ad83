//! Are application events read, and broken ones refused one by one?

use super::*;
use crate::config;

fn application(options: &str) -> Application {
    config::from_json(options).unwrap()
}

#[test]
fn events_are_read_and_mistakes_cost_nothing_but_themselves() {
    type Row<'a> = (&'a [&'a str], &'a [(&'a str, &'a str, &'a str)], Option<&'a str>);
    let rows: &[Row<'_>] = &[
        (&["checkout.abuse"], &[("checkout.abuse", "", "")], None),
        (&["checkout.abuse; severity=high"], &[("checkout.abuse", "high", "")], None),
        (&[r#""coupon_guess";user="0042""#], &[("coupon_guess", "", "0042")], None),
        (&["a; user=alice; more=1"], &[("a", "", "alice")], None),
        (&["a, b", "c"], &[("a", "", ""), ("b", "", ""), ("c", "", "")], None),
        (&[""], &[], None),
        (&["a, B"], &[("a", "", "")], Some("event 2")),
        (&["42"], &[], Some("event 1")),
        (&["a; user=0042, b"], &[("b", "", "")], Some("event 1")),
        (&["a; user=\"\""], &[], Some("event 1")),
        (&["a; user"], &[], Some("event 1")),
        (&["a; severity=hihg"], &[("a", "", "")], Some("event 1")),
        (&["a; severity=3"], &[("a", "", "")], Some("event 1")),
        (&["a, b;"], &[], Some("expected start of key")),
        (&["a", "(b c)"], &[("a", "", "")], Some("event 2")),
    ];
    for (lines, events, error) in rows {
        let answer = lines.iter().map(|line| ("x-user-risk-event", *line)).collect();
        let reported = application("{}").read(&answer);
        let text = |event: &Event| {
            let severity = event.severity.map(Severity::slug).unwrap_or_default();
            (event.name.clone(), severity.to_owned(), event.user.clone().unwrap_or_default())
        };
        let expected: Vec<_> = events.iter().map(|(a, b, c)| ((*a).into(), (*b).into(), (*c).into())).collect();
        assert_eq!(reported.events.iter().map(text).collect::<Vec<_>>(), expected, "{lines:?}");
        let (got, error) = (reported.error.unwrap_or_default(), error.unwrap_or_default());
        assert!(got.starts_with(error) && got.is_empty() == error.is_empty(), "{lines:?} {got}");
    }
}

#[test]
fn a_name_and_a_user_have_a_length() {
    for (name, user, known) in [(64, 1024, true), (65, 1, false), (1, 1025, false)] {
        let line = format!("{};user=\"{}\"", "n".repeat(name), "u".repeat(user));
        let reported = application("{}").read(&[("x-user-risk-event", line)].into_iter().collect());
        assert_eq!(reported.events.len(), usize::from(known), "{name} {user}");
    }
}

#[test]
fn the_option_names_a_header_and_clusters_or_is_off() {
    for (options, header, trusted) in [
        ("{}", Some("x-user-risk-event"), false),
        (r#"{"header": "X-Risk", "clusters": ["shop"]}"#, Some("x-risk"), true),
        ("true", Some("x-user-risk-event"), false),
        ("false", None, false),
        (r#""off""#, None, false),
        ("null", None, false),
    ] {
        let application = application(options);
        assert_eq!((application.header(), application.trusts(b"shop")), (header, trusted), "{options}");
        assert!(!application.trusts(b""), "{options}");
    }
}
