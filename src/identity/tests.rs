//! Is each exchange attributed to its user, and to nobody else?

use super::*;
use crate::clock::Timestamp;
use crate::config;
use crate::detect::signal::Signal;
use crate::exchange::proxy::Known;
use crate::identity::group::Group;

const JWT: &str = "envoy.filters.http.jwt_authn";

/// A proxy that verified a token with these claims.
fn verified(claims: &[(&'static str, &[u8])]) -> Known {
    claims.iter().fold(Known::default(), |proxy, (path, value)| {
        let path: Vec<_> = std::iter::once("jwt_payload").chain(path.split('>')).collect();
        proxy.with_metadata(JWT, &path, *value)
    })
}

fn attributed(options: &str, headers: &[(&str, &str)], proxy: &Known, address: &str, whose: &Whose) -> Attribution {
    let identity: Identity = config::from_json(options).unwrap();
    let head = Head::new(headers.iter().copied().collect());
    identity.attribute(&head, proxy, address.as_bytes(), whose, &Key::from_passphrase("k"))
}

fn user(attribution: Attribution) -> Option<User> {
    match attribution {
        Attribution::User(named) => Some(named.user),
        Attribution::Address(user) => Some(user),
        Attribution::Ignored(_) | Attribution::Nobody => None,
    }
}

#[test]
fn the_first_source_with_a_name_wins_and_an_address_stands_in() {
    let two = r#"{"sources": [{"header": "X-A"}, {"header": "x-b"}]}"#;
    let token = r#"{"sources": [{"header": "x-a"}, {"jwt": {}}]}"#;
    let nested = r#"{"sources": [{"jwt": {"payload": "jwt_payload", "claim": ["act", "https://x.example/id"], "type": "number"}}]}"#;
    let other = r#"{"sources": [{"jwt": {"payload": "other"}}]}"#;
    let nobody = r#"{"anonymous": "ignore"}"#;
    let proxy = verified(&[("sub", b"alice"), ("act>https://x.example/id", &42_f64.to_le_bytes())]);
    type Row<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a str, Option<(&'a str, &'a str, Strength)>);
    use Strength::{Address, Vouched};
    let rows: [Row<'_>; 14] = [
        ("{}", &[("x-user-id", "42")], "", Some(("header:x-user-id", "42", Vouched))),
        ("{}", &[("x-user-id", "forged"), ("x-user-id", "42")], "", Some(("header:x-user-id", "42", Vouched))),
        (two, &[("x-b", "b"), ("x-a", "a")], "", Some(("header:x-a", "a", Vouched))),
        (two, &[("x-b", "b"), ("x-a", "")], "", Some(("header:x-b", "b", Vouched))),
        (two, &[("x-b", "b"), ("x-a", "a"), ("x-a", "")], "", Some(("header:x-b", "b", Vouched))),
        (token, &[("x-a", "a")], "", Some(("header:x-a", "a", Vouched))),
        (token, &[], "", Some(("jwt:jwt_payload.sub", "alice", Vouched))),
        (nested, &[], "", Some(("jwt:jwt_payload.act.https://x.example/id", "42", Vouched))),
        (other, &[], "127.0.0.1:1", Some(("address", "127.0.0.1", Address))),
        ("{}", &[], "127.0.0.1:5000", Some(("address", "127.0.0.1", Address))),
        ("{}", &[], "[2001:db8:1:2:3::4]:5000", Some(("address", "2001:db8:1:2::/64", Address))),
        ("{}", &[], "[::ffff:10.0.0.1]:1", Some(("address", "10.0.0.1", Address))),
        ("{}", &[], "/tmp/socket", None),
        (nobody, &[], "127.0.0.1:5000", None),
    ];
    for (options, headers, address, expected) in rows {
        let found = user(attributed(options, headers, &proxy, address, &Whose::Exchange));
        let found = found.as_ref().map(|user| (user.source.as_str(), user.name.as_str(), user.strength));
        assert_eq!(found, expected, "{options} {headers:?} {address}");
    }
}

#[test]
fn of_a_cookie_a_stand_in_is_kept_and_never_the_value() {
    let options = r#"{"sources": [{"cookie": "sid"}], "anonymous": "ignore"}"#;
    let of = |cookie: &str| user(attributed(options, &[("cookie", cookie)], &Known::default(), "", &Whose::Exchange));
    let first = of("sid=topsecret").unwrap();
    assert!(!format!("{first:?}").contains("topsecret"));
    assert_eq!((first.source.as_str(), first.strength, first.name.len()), ("cookie:sid", Strength::Session, 8));
    for (cookies, same) in [
        ("a=b; sid=topsecret", Some(true)),
        ("sid=topsecret; sid=second", Some(true)),
        ("sid=; sid=topsecret", Some(true)),
        ("sid=topsecret2", Some(false)),
        ("xsid=topsecret", None),
        ("sid", None),
        ("", None),
    ] {
        assert_eq!(of(cookies).map(|user| user.id == first.id), same, "{cookies}");
    }
}

#[test]
fn of_a_composite_each_part_has_to_be_there_and_none_runs_into_another() {
    let options = r#"{"sources": [{"all": [{"header": "x-t"}, {"header": "x-u"}]}], "anonymous": "ignore"}"#;
    let of = |tenant: &str, name: &str| {
        user(attributed(options, &[("x-u", name), ("x-t", tenant)], &Known::default(), "", &Whose::Exchange))
    };
    let user = of("acme", "alice").unwrap();
    assert_eq!(
        (user.source.as_str(), user.name.as_str(), user.strength),
        ("header:x-t+header:x-u", "acme/alice", Strength::Vouched)
    );
    for (one, other) in [
        (("a", "bc"), ("ab", "c")),
        (("a/b", "c"), ("a", "b/c")),
        (("a", "b"), ("b", "a")),
        (("a%2F", "b"), ("a/", "b")),
    ] {
        let (one, other) = (of(one.0, one.1).unwrap(), of(other.0, other.1).unwrap());
        assert_ne!(one.id, other.id);
        assert_ne!(one.name, other.name);
    }
    assert_eq!(of("acme", ""), None);
    assert_eq!(of("", "alice"), None);
    let mixed = r#"{"sources": [{"all": [{"header": "x-t"}, {"cookie": "sid"}]}], "anonymous": "ignore"}"#;
    let headers = [("x-t", "acme"), ("cookie", "sid=topsecret")];
    let Attribution::User(named) = attributed(mixed, &headers, &Known::default(), "", &Whose::Exchange) else {
        panic!("a user")
    };
    assert_eq!((named.user.strength, &named.whole), (Strength::Session, &None));
    assert!(!format!("{named:?}").contains("topsecret"));
}

#[test]
fn an_address_is_told_by_a_stand_in() {
    let user = user(attributed("{}", &[], &Known::default(), "192.0.2.7:80", &Whose::Client)).unwrap();
    assert_eq!(user.name, "192.0.2.7");
    let identity = Identity::default();
    assert_eq!(identity.address_id(b"192.0.2.7:81", &Key::from_passphrase("k")), Some(user.id));
}

#[test]
fn whom_it_is_held_against_decides_who_is_looked_for() {
    let token = r#"{"sources": [{"cookie": "sid"}, {"jwt": {}}]}"#;
    let cookies = r#"{"sources": [{"cookie": "sid"}]}"#;
    let named = |name: &str| Whose::Named(name.to_owned());
    let rows = [
        ("{}", Whose::Exchange, Some(("header:x-user-id", "42"))),
        ("{}", Whose::Client, Some(("address", "127.0.0.1"))),
        ("{}", named("0042"), Some(("header:x-user-id", "0042"))),
        ("{}", named(""), None),
        (token, named("0042"), Some(("jwt:jwt_payload.sub", "0042"))),
        (cookies, named("0042"), None),
    ];
    for (options, whose, expected) in rows {
        let found = user(attributed(options, &[("x-user-id", "42")], &Known::default(), "127.0.0.1:1", &whose));
        assert_eq!(
            found.as_ref().map(|user| (user.source.as_str(), user.name.as_str())),
            expected,
            "{options} {whose:?}"
        );
    }
}

#[test]
fn who_is_ignored_is_nobody() {
    let users = r#"{"ignore": {"users": ["svc-*"]}}"#;
    let addresses = r#"{"ignore": {"addresses": ["10.0.0.0/8", "2001:db8::/32"]}}"#;
    let routes = r#"{"ignore": {"routes": ["/health", "internal"]}}"#;
    let cookie = r#"{"sources": [{"cookie": "sid"}], "ignore": {"users": ["svc-*"]}}"#;
    let rows = [
        (users, "svc-a", "/", "", "192.0.2.1:1", true),
        (users, "alice", "/", "", "192.0.2.1:1", false),
        (users, "", "/", "", "192.0.2.1:1", false),
        (cookie, "svc-a", "/", "", "192.0.2.1:1", false),
        (addresses, "alice", "/", "", "10.1.2.3:1", true),
        (addresses, "", "/", "", "[2001:db8::1]:1", true),
        (addresses, "", "/", "", "11.1.2.3:1", false),
        (routes, "alice", "/health", "", "10.1.2.3:1", true),
        (routes, "alice", "/health/live?x", "", "10.1.2.3:1", true),
        (routes, "alice", "/healthy", "", "10.1.2.3:1", false),
        (routes, "alice", "/health/../login", "", "10.1.2.3:1", false),
        (routes, "alice", "/x", "internal", "10.1.2.3:1", true),
        (routes, "alice", "/x", "internals", "10.1.2.3:1", false),
    ];
    for (options, name, target, route, address, expected) in rows {
        let headers = [(":path", target), ("x-user-id", name), ("cookie", "sid=svc-a")];
        let proxy = Known::default().with_route(route);
        let found = attributed(options, &headers, &proxy, address, &Whose::Exchange);
        let is_ignored = matches!(found, Attribution::Ignored(_));
        assert_eq!(is_ignored, expected, "{options} {name} {target} {route} {address}");
    }
    let named = attributed(users, &[], &Known::default(), "", &Whose::Named("svc-b".to_owned()));
    assert!(matches!(named, Attribution::Ignored(Some(user)) if user.name == "svc-b"));
}

#[test]
fn two_different_names_and_an_empty_one_are_noticed() {
    let all = r#"{"sources": [{"all": [{"header": "x-t"}, {"header": "x-user-id"}]}]}"#;
    let cookie = r#"{"sources": [{"cookie": "sid"}]}"#;
    let (two, empty) = (Some(Signal::SessionTwoNames), Some(Signal::SessionEmptyName));
    type Row<'a> = (&'a str, &'a [(&'a str, &'a str)], Option<Signal>);
    let rows: [Row<'_>; 12] = [
        ("{}", &[], None),
        ("{}", &[("x-user-id", "a")], None),
        ("{}", &[("x-user-id", "a"), ("x-user-id", "a")], None),
        ("{}", &[("x-user-id", "a"), ("x-user-id", "b")], two),
        ("{}", &[("x-user-id", "a"), ("x-user-id", "b"), ("x-user-id", "a")], two),
        ("{}", &[("x-other", "a"), ("x-other", "b")], None),
        ("{}", &[("x-user-id", "")], empty),
        (all, &[("x-t", "t"), ("x-user-id", "a"), ("x-user-id", "")], two),
        (all, &[("x-t", "t"), ("x-user-id", "")], empty),
        (cookie, &[("cookie", "sid=a; b=c; sid=a")], None),
        (cookie, &[("cookie", "sid=a; sid=b")], two),
        (cookie, &[("cookie", "sid=")], None),
    ];
    for (options, headers, expected) in rows {
        let identity: Identity = config::from_json(options).unwrap();
        let head = Head::new(headers.iter().copied().collect());
        assert_eq!(identity.odd_name(&head).map(|odd| odd.signal), expected, "{options} {headers:?}");
    }
}

#[test]
fn the_first_group_that_holds_counts() {
    let groups: Vec<Group> = config::from_json(
        r#"[{"name": "old", "match": {"users": ["svc-*"]}, "threshold": 1, "until": "2026-01-01"},
            {"name": "services", "match": {"users": ["svc-*", "job-*"]}, "threshold": 100},
            {"name": "admins", "match": {"claim": {"role": "admin"}}, "threshold": 30},
            {"name": "qa", "match": {"users": ["qa-*"], "claim": {"team": 7}}, "notify": ["qa"]}]"#,
    )
    .unwrap();
    let identity: Identity = config::from_json(r#"{"sources": [{"header": "x-user-id"}, {"cookie": "sid"}]}"#).unwrap();
    let (key, admin, seven) = (Key::from_passphrase("k"), ("role", &b"admin"[..]), 7_f64.to_le_bytes());
    let (day, next) = (1_767_311_999_999, 1_767_312_000_000);
    type Row<'a> = (&'a str, &'a [(&'static str, &'a [u8])], Whose, u64, Option<&'a str>);
    let rows: [Row<'_>; 9] = [
        ("svc-a", &[], Whose::Exchange, day, Some("old")),
        ("svc-a", &[], Whose::Exchange, next, Some("services")),
        ("svc-a", &[admin], Whose::Exchange, next, Some("services")),
        ("alice", &[admin], Whose::Exchange, next, Some("admins")),
        ("alice", &[("role", b"user")], Whose::Exchange, next, None),
        ("qa-1", &[("team", &seven)], Whose::Exchange, next, Some("qa")),
        ("qa-1", &[], Whose::Exchange, next, None),
        ("", &[admin], Whose::Exchange, next, Some("admins")),
        ("alice", &[admin], Whose::Named("bob".to_owned()), next, None),
    ];
    for (name, claims, whose, now, expected) in rows {
        let (proxy, head) =
            (verified(claims), Head::new([("x-user-id", name), ("cookie", "sid=1")].into_iter().collect()));
        let Attribution::User(named) = identity.attribute(&head, &proxy, b"", &whose, &key) else { panic!("a user") };
        let payload = (whose == Whose::Exchange).then(|| identity.payload());
        let group = Group::of(&groups, &named, &proxy, payload, Timestamp::from_millis(now));
        assert_eq!(group.and_then(Group::name), expected, "{name} {whose:?} {now}");
    }
}

/// It stands in the keys of shared data: another spelling of it would drop all scores with the next module.
#[test]
fn a_namespace_says_who_names_users_and_how() {
    let rows = [
        (r#"{"sources": [{"header": "X-User-Id"}]}"#, "header:x-user-id"),
        (r#"{"sources": [{"jwt": {"claim": ["sub"]}}, {"cookie": "sid"}]}"#, "jwt:jwt_payload.sub, cookie:sid"),
        (r#"{"sources": [{"jwt": {"claim": ["id"], "type": "number"}}]}"#, "jwt:jwt_payload.id as a number"),
        (
            r#"{"sources": [{"all": [{"header": "x-tenant"}, {"jwt": {"type": "number"}}]}]}"#,
            "header:x-tenant+jwt:jwt_payload.sub as a number",
        ),
    ];
    for (options, expected) in rows {
        let identity: Identity = config::from_json(options).unwrap();
        assert_eq!(identity.namespace(), expected);
    }
}

/// Each mistake in a group is told at the option that has it.
#[test]
fn a_group_that_does_nothing_or_names_nobody_is_an_error() {
    let channels = ["pager", "team"];
    let check = |json: &str, channels: &[&str]| {
        let group: Group = config::from_json(json).unwrap();
        group.check(channels).map_err(|(option, what)| format!("{option}: {what}"))
    };
    let rows = [
        (r#"{"match": {}, "threshold": 5}"#, "match: matches nobody"),
        (r#"{"match": {"users": ["a"]}, "threshold": 0}"#, "threshold: 0 would alert"),
        (r#"{"match": {"users": ["a"]}, "name": "", "threshold": 5}"#, "name: is empty"),
        (r#"{"match": {"users": ["a"]}}"#, ": changes nothing"),
        (r#"{"match": {"users": ["a"]}, "notify": []}"#, "notify: names no channel"),
        (
            r#"{"match": {"users": ["a"]}, "notify": ["page"]}"#,
            "notify: `page` is no channel; the names are pager, team",
        ),
    ];
    for (json, expected) in rows {
        let error = check(json, &channels).unwrap_err();
        assert!(error.starts_with(expected), "{json}: {error}");
    }
    let error = check(r#"{"match": {"users": ["a"]}, "notify": ["page"]}"#, &[]).unwrap_err();
    assert!(error.starts_with("notify: `page` is no channel: none has a name"), "{error}");
    assert_eq!(check(r#"{"match": {"users": ["a"]}, "notify": ["team"]}"#, &channels), Ok(()));
}
