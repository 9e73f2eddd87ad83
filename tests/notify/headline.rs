//! Does one line say what happened, and who may be the victim?

use user_risk_filter::detect::category::Category;
use user_risk_filter::incident::audience::Audience;
use user_risk_filter::incident::snapshot::{Ending, Snapshot, Tally, Transition};
use user_risk_filter::notify::notice::links::Links;
use user_risk_filter::notify::notice::message::Notice;
use user_risk_filter::notify::notice::service::Service;
use user_risk_filter::points::Points;

use crate::fixtures::{snapshot, tally};

#[test]
fn headlines_say_it_in_one_line() {
    let plain = snapshot(Transition::Opened);
    let (sqli, xss) = (Category::Sqli, Category::Xss);
    let with = |events: &[(Category, u32, u32, &str)]| Snapshot {
        events: events
            .iter()
            .map(|(category, count, points, route)| tally(*category, *count, *points, route))
            .collect(),
        ..plain.clone()
    };
    let named = |user: &str| Snapshot { user: user.to_owned(), events: Vec::new(), ..plain.clone() };
    let rows = [
        (plain.clone(), "User 4711 rose by 13 points in 24 h: SQL injection × 2 on /search"),
        (snapshot(Transition::Updated), "User 4711 is now at 13 points in 24 h: SQL injection × 2 on /search"),
        (snapshot(Transition::Resolved), "User 4711 is quiet again: 13 points left of the last 24 h"),
        (
            Snapshot { ending: Some(Ending::Evicted), ..snapshot(Transition::Resolved) },
            "User 4711 is watched no longer: the record went to make room for another's",
        ),
        (Snapshot { source: "address".to_owned(), ..named("1f0c9a7e") }, "Address 1f0c9a7e rose by 13 points in 24 h"),
        (
            Snapshot {
                source: "address".to_owned(),
                audience: Audience { is_shared: true, ..Audience::default() },
                ..named("1f0c9a7e")
            },
            "Network 1f0c9a7e rose by 13 points in 24 h",
        ),
        (
            with(&[(xss, 1, 5, "/a"), (sqli, 1, 5, "/b"), (sqli, 2, 8, "/c")]),
            "User 4711 rose by 13 points in 24 h: SQL injection × 3 on 2 routes and cross-site scripting on /a",
        ),
        (
            with(&[
                (sqli, 1, 8, "/a"),
                (xss, 1, 5, "/a"),
                (Category::Ssrf, 1, 5, "/a"),
                (Category::Rce, 1, 8, "/a"),
                (Category::Scanner, 9, 1, "/a"),
            ]),
            "User 4711 rose by 13 points in 24 h: \
             SQL injection, command injection, cross-site scripting and 2 more on /a",
        ),
        (
            with(&[(sqli, 1, 8, ""), (xss, 1, 5, "/b")]),
            "User 4711 rose by 13 points in 24 h: SQL injection and cross-site scripting on /b",
        ),
        (named("jo+x@example.com"), "User jo+x@example.com rose by 13 points in 24 h"),
        (named("5 rose by 1 point"), "User “5 rose by 1 point” rose by 13 points in 24 h"),
        (named("https://evil.example/x"), "User https[:]//evil[.]example/x rose by 13 points in 24 h"),
        (named("example.com"), "User example[.]com rose by 13 points in 24 h"),
        (
            named("see www.evil.example/login.php now"),
            "User “see www[.]evil[.]example/login[.]php now” rose by 13 points in 24 h",
        ),
        (named("evil。example"), "User evil[.]example rose by 13 points in 24 h"),
        (named("x@evil.example/login"), "User x@evil[.]example/login rose by 13 points in 24 h"),
        (named("192.0.2.7"), "User 192.0.2.7 rose by 13 points in 24 h"),
        (named("a\u{202e}b"), "User “a\u{fffd}b” rose by 13 points in 24 h"),
        (named(""), "User “” rose by 13 points in 24 h"),
        (
            Snapshot { window_millis: 5_400_000, increase: Points::whole(1), ..named("u") },
            "User u rose by 1 point in 1 h 30 m",
        ),
    ];
    for (snapshot, expected) in rows {
        let service = Service::default();
        let notice = Notice {
            message_id: "msg_1",
            snapshot: &snapshot,
            service: &service,
            links: &Links::default(),
            console: None,
            rollup: None,
        };
        assert_eq!(notice.headline(), expected);
    }
}

#[test]
fn a_possible_victim_is_told_as_one() {
    let part = Tally { cross_site: 1, ..tally(Category::Xss, 3, 5, "/a") };
    let all = Tally { cross_site: 3, ..part.clone() };
    let none = tally(Category::Sqli, 1, 8, "/b");
    let rows = [
        (vec![none.clone()], false, "sqli.rule on /b: SQL injection, high, 8 points"),
        (
            vec![part, none.clone()],
            false,
            "xss.rule × 3 on /a: cross-site scripting, high, 5 points, 1 sent by another site",
        ),
        (
            vec![all.clone(), none],
            false,
            "xss.rule × 3 on /a: cross-site scripting, high, 5 points, sent by another site",
        ),
        (vec![all], true, "xss.rule × 3 on /a: cross-site scripting, high, 5 points, sent by another site"),
        (vec![], false, ""),
    ];
    for (events, is_victim, expected) in rows {
        let snapshot = Snapshot { events, ..snapshot(Transition::Opened) };
        let service = Service::default();
        let notice = Notice {
            message_id: "msg_1",
            snapshot: &snapshot,
            service: &service,
            links: &Links::default(),
            console: None,
            rollup: None,
        };
        assert_eq!(notice.advice().contains("may be the victim"), is_victim, "{expected}");
        assert_eq!(notice.rule_summaries(1).0.first().map(ToString::to_string).unwrap_or_default(), expected);
    }
}
