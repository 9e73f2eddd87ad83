//! Does an entry of `notify` mean what its options say?

use super::*;
use crate::clock::Span;
use crate::clock::Timestamp;
use crate::config;
use crate::detect::category::Category;
use crate::detect::category::Severity;
use crate::detect::confidence::Confidence;
use crate::incident::audience::Audience;
use crate::incident::audience::Reach;
use crate::incident::restriction::Restrictions;
use crate::incident::snapshot::{IncidentId, Tally};
use crate::incident::snapshot::{Snapshot, Transition};
use crate::notify::delivery_policy::Rate;
use crate::points::Points;
use crate::risk::band::Band;

fn subscription(options: &str, channel: &str) -> Result<Subscription, String> {
    let channel = match channel {
        "slack" => r#""slack": {"cluster": "c", "url": "https://h.example/x"}"#,
        _ => r#""pagerduty": {"cluster": "c", "routing_key": "0123456789abcdef0123456789abcdef"}"#,
    };
    config::from_json(&format!("{{{options}{channel}}}")).map_err(|error| error.to_string())
}

fn snapshot(transition: Transition, band: Band, categories: &[Category], audience: Audience) -> Snapshot {
    let digest = Key::from_passphrase("k").digest("x", &[]);
    let (at, points) = (Timestamp::from_millis(0), Points::whole(11));
    let tally = |category: &Category| Tally {
        target: String::new(),
        is_common: false,
        rule: "r".to_owned(),
        category: *category,
        severity: Severity::High,
        confidence: Confidence::High,
        count: 1,
        points,
        first: at,
        last: at,
        route: "/".to_owned(),
        cross_site: 0,
    };
    Snapshot {
        ending: None,
        requests: Vec::new(),
        addresses: Vec::new(),
        incident: IncidentId(digest),
        transition,
        number: 1,
        at,
        user: "u".to_owned(),
        user_digest: digest,
        source: "header:x-user-id".to_owned(),
        increase: points,
        threshold: Points::whole(10),
        window_millis: 1000,
        band,
        events: categories.iter().map(tally).collect(),
        audience,
        restrictions: Restrictions::default(),
    }
}

#[test]
fn a_channel_receives_an_incident_from_when_it_concerns_it_to_its_end() {
    use Band::{Critical, Error, Warning};
    use Transition::{Opened, Resolved, Updated};
    let turns = [
        (Opened, Warning, &[Category::Scanner][..]),
        (Updated, Error, &[Category::Scanner, Category::Sqli]),
        (Updated, Critical, &[Category::Sqli]),
        // What led to it has left the window by then.
        (Resolved, Critical, &[]),
    ];
    let (none, opened, updated, resolved) = (None, Some(Opened), Some(Updated), Some(Resolved));
    let rows = [
        ("", "slack", [opened, updated, updated, none]),
        ("", "pagerduty", [opened, updated, updated, resolved]),
        (r#""states": ["opened", "resolved"],"#, "slack", [opened, none, none, resolved]),
        (r#""states": ["opened"],"#, "pagerduty", [opened, none, none, none]),
        (r#""min_band": "error","#, "pagerduty", [none, opened, updated, resolved]),
        (r#""min_band": "error","#, "slack", [none, opened, updated, none]),
        (r#""min_band": "critical", "states": ["opened", "resolved"],"#, "slack", [none, none, opened, resolved]),
        (r#""categories": ["sqli"],"#, "pagerduty", [none, opened, updated, resolved]),
        (r#""categories": ["scanner"],"#, "pagerduty", [opened, updated, updated, resolved]),
        (r#""categories": ["xss"],"#, "pagerduty", [none, none, none, none]),
        (r#""categories": ["sqli"], "min_band": "critical","#, "pagerduty", [none, none, opened, resolved]),
    ];
    for (options, channel, expected) in rows {
        let route = subscription(options, channel).unwrap().route;
        let mut before = Reach::default();
        let received = turns.map(|(transition, band, categories)| {
            let snapshot = snapshot(transition, band, categories, Audience { before, ..Audience::default() });
            before = snapshot.reach();
            route.transition_for(&snapshot)
        });
        assert_eq!(received, expected, "{options} {channel}");
    }
}

#[test]
fn no_channel_receives_an_end_without_a_beginning() {
    let route = subscription(r#""categories": ["xss"],"#, "pagerduty").unwrap().route;
    let before = Reach::default().with(Band::Warning, []);
    let audience = Audience { before, ..Audience::default() };
    assert_eq!(route.transition_for(&snapshot(Transition::Resolved, Band::Warning, &[Category::Xss], audience)), None);
}

#[test]
fn entries_of_a_channel_share_a_queue_only_if_they_are_delivered_alike() {
    let rows = [
        ("", 0),
        (r#""min_band": "error","#, 0),
        (r#""group_wait": "5m","#, 2),
        (r#""group_wait": "1m","#, 3),
        (r#""group_wait": "5m","#, 2),
        (r#""give_up_after": "1h","#, 5),
        (r#""states": ["opened", "resolved"],"#, 6),
        (r#""states": ["opened"],"#, 7),
        (r#""states": ["opened", "updated"],"#, 0),
        (r#""give_up_after": "24h","#, 0),
        (r#""users": "hashed","#, 10),
    ];
    let channels: Vec<_> = rows.iter().map(|(options, _)| subscription(options, "slack").unwrap()).collect();
    let ids = identities(&channels, &Key::from_passphrase("k"));
    for ((options, expected), id) in rows.iter().zip(&ids) {
        assert_eq!(ids.iter().position(|known| known == id), Some(*expected), "{options}");
    }
    assert_eq!(ids[0], channels[0].channel.identity(&Key::from_passphrase("k")), "the first keeps its queue");
}

#[test]
fn channels_that_page_people_have_a_rate_by_default() {
    let ten = Some(Rate::new(10, Span::from_secs(60)));
    let mail = r#""email": {"cluster": "c", "provider": "resend", "key": "k", "from": "a@b.c", "to": ["d@e.f"]}"#;
    let rows = [
        (r#""slack": {"cluster": "c", "url": "https://h.example/x"}"#, ten),
        (r#""teams": {"cluster": "c", "url": "https://h.example/x"}"#, ten),
        (r#""pagerduty": {"cluster": "c", "routing_key": "0123456789abcdef0123456789abcdef"}"#, ten),
        (mail, ten),
        (r#""webhook": {"cluster": "c", "url": "https://h.example/x"}"#, None),
        (r#""alertmanager": {"cluster": "c", "url": "https://h.example/x"}"#, None),
    ];
    for (channel, expected) in rows {
        let rate = |options: &str| {
            let entry: Subscription = config::from_json(&format!("{{{options}{channel}}}")).unwrap();
            entry.policy().rate
        };
        let two = Some(Rate::new(2, Span::from_secs(1)));
        assert_eq!(rate(""), expected, "{channel}");
        assert_eq!(rate(r#""rate": "off","#), None, "{channel}");
        assert_eq!(rate(r#""rate": {"messages": 2, "per": "1s"},"#), two, "{channel}");
    }
}

#[test]
fn groups_and_channels_name_each_other() {
    let rows = [
        ("", None, None, true),
        ("", Some("qa"), None, true),
        ("", None, Some("qa"), false),
        (r#""name": "qa","#, None, Some("qa"), true),
        (r#""name": "ops","#, None, Some("qa"), false),
        (r#""groups": ["qa"],"#, None, None, false),
        (r#""groups": ["qa"],"#, Some("qa"), None, true),
        (r#""groups": ["qa", "x"],"#, Some("ops"), None, false),
    ];
    for (options, group, channels, expected) in rows {
        let route = subscription(options, "slack").unwrap().route;
        let channels = channels.map(|name: &str| vec![name.to_owned()]);
        let audience = Audience { channels: channels.clone(), group: group.map(str::to_owned), ..Audience::default() };
        let snapshot = snapshot(Transition::Opened, Band::Warning, &[], audience);
        assert_eq!(route.transition_for(&snapshot).is_some(), expected, "{options} {group:?} {channels:?}");
    }
}

#[test]
fn what_takes_nothing_is_refused() {
    for wrong in [
        r#""states": ["resolved"],"#,
        r#""states": [],"#,
        r#""states": ["closed"],"#,
        r#""categories": [],"#,
        r#""categories": ["sql"],"#,
        r#""groups": [],"#,
        r#""name": "","#,
        r#""name": "a b","#,
        r#""min_band": "high","#,
        r#""states": ["detected"],"#,
        r#""states": ["detected", "resolved"],"#,
        r#""group_wait": "2h","#,
        r#""give_up_after": "8760h","#,
        r#""rate": {"messages": 10},"#,
        r#""rate": {"messages": 0, "per": "1m"},"#,
        r#""rate": {"messages": 10, "per": "48h"},"#,
        r#""rate": "10/1m","#,
    ] {
        assert!(subscription(wrong, "slack").is_err(), "{wrong}");
    }
}
