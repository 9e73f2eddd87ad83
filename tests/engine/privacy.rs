//! What leaves of a user, an address, a request? No more than the operator lets.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use user_risk_filter::engine::Input;
use user_risk_filter::engine::stream::{Mark, Part, Stream};
use user_risk_filter::exchange::head::Head;
use user_risk_filter::exchange::headers::Headers;
use user_risk_filter::exchange::proxy::Known;
use user_risk_filter::state::memory::Memory;
use user_risk_filter::text::untrusted::is_invisible;
use user_risk_filter::worker::effect::Effect;

use super::{CHANNELS, COMMAND, JNDI, Proxy, SCRIPT, TEST, UNION, with};

/// The last line of this kind.
fn last<'a>(proxy: &'a Proxy<'_>, event: &str) -> &'a serde_json::Value {
    proxy.lines.iter().rfind(|line| line["event"] == event).unwrap()
}

#[test]
fn no_line_holds_what_a_client_sent_but_its_name() {
    let cells = Memory::default();
    let mut proxy = Proxy::new(&cells, "{}");
    proxy.get(
        0,
        "mallory\u{202e}\"\n",
        "/canary-path/1?canary-name=1'%20UNION%20SELECT%20canary-value%20FROM%20users--",
    );
    let line = proxy.lines[0].to_string();
    assert!(!line.contains("canary-value") && !line.contains("UNION"), "{line}");
    assert!(!line.contains('\u{202e}'), "{line}");
}

#[test]
fn a_place_is_told_by_a_short_plain_name_only() {
    let rows = [
        ("id", "query:id"),
        ("user.name_2-x", "query:user.name_2-x"),
        ("items%5B0%5D", "query:{}"),
        ("%3Cscript%3E", "query:{}"),
        ("a%20b", "query:{}"),
        ("it-is-a-name-of-thirty-two-bytes", "query:it-is-a-name-of-thirty-two-bytes"),
        ("it-is-a-name-of-thirty-three-byte", "query:{}"),
    ];
    for (name, expected) in rows {
        let cells = Memory::default();
        let mut proxy = Proxy::new(&cells, "{}");
        proxy.get(0, "u", &format!("/?{name}=1'%20UNION%20SELECT%20password%20FROM%20users--"));
        let rules = last(&proxy, "malicious_request")["rules"].as_array().unwrap().clone();
        let sqli = rules.iter().find(|rule| rule["category"] == "sqli").unwrap();
        assert_eq!(sqli["target"], expected, "{name}");
    }
    let cells = Memory::default();
    let mut proxy = Proxy::new(&cells, "{}");
    proxy.get(0, "u", "/?class.module.classLoader.resources.context=x");
    assert_eq!(last(&proxy, "malicious_request")["rules"][0]["target"], "query:{}", "a name that matched is a payload");
}

#[test]
fn an_address_is_told_as_the_operator_says() {
    let rows = [
        ("{}", None, "192.0.2"),
        (r#"{"addresses": "prefix"}"#, Some("192.0.2.0/24"), "192.0.2.7"),
        (r#"{"addresses": "full"}"#, Some("192.0.2.7"), "192.0.2.0"),
    ];
    for (privacy, told, never) in rows {
        let cells = Memory::default();
        let mut proxy = Proxy::new(&cells, &with(&format!(r#"{CHANNELS}, "privacy": {privacy}"#)));
        for attack in [UNION, COMMAND, JNDI, SCRIPT, TEST, TEST] {
            proxy.now += 1000;
            proxy.get(0, "", attack);
        }
        let opened = last(&proxy, "incident_opened").clone();
        assert_eq!((&opened["user"], &opened["source"]), (&"192.0.2.7".into(), &"address".into()));
        let stand_in = opened["notified_as"].as_str();
        let told = match (told, stand_in) {
            (Some(told), _) => told,
            (None, stand_in) => stand_in.filter(|digits| digits.len() == 8).unwrap(),
        };
        assert_eq!(stand_in, Some(told).filter(|told| *told != "192.0.2.7"), "{privacy}");
        proxy.deliver(200);
        assert_eq!(proxy.bodies.len(), 2);
        for body in &proxy.bodies {
            assert!(body.contains(&format!("Address {told} rose by")) && !body.contains(never), "{privacy} {body}");
        }
    }
}

/// The webhook calls users by name, Slack by their hash, or the other way round.
fn two_channels(privacy: &str, webhook: &str, slack: &str) -> String {
    let users = |users: &str| if users.is_empty() { String::new() } else { format!(r#""users": "{users}", "#) };
    let channels = CHANNELS
        .replace(r#"{"webhook""#, &format!(r#"{{{}"webhook""#, users(webhook)))
        .replace(r#"{"states""#, &format!(r#"{{{}"states""#, users(slack)));
    with(&format!(r#"{channels}, "key_env": "KEY", "privacy": {privacy}"#))
}

#[test]
fn users_are_called_on_each_channel_as_it_may() {
    let hash = user_risk_filter::keyed_hash::Key::from_passphrase(super::TOKEN)
        .digest("user", &[b"header:x-user-id", b"alice"]);
    let hash = &hash.to_string()[..16];
    let rows = [
        ("{}", "", "", ["alice", "alice"], ("alice", None)),
        ("{}", "", "hashed", ["alice", hash], ("alice", Some(hash))),
        (r#"{"users": "hashed"}"#, "", "", [hash, hash], (hash, None)),
        (r#"{"users": "hashed"}"#, "plain", "", ["alice", hash], (hash, None)),
    ];
    for (privacy, webhook, slack, told, (user, notified_as)) in rows {
        let cells = Memory::default();
        let mut proxy = Proxy::new(&cells, &two_channels(privacy, webhook, slack));
        proxy.get(0, "alice", UNION);
        proxy.get(1, "alice", COMMAND);
        for event in ["malicious_request", "incident_opened"] {
            let line = last(&proxy, event);
            assert_eq!(
                (line["user"].as_str(), line["notified_as"].as_str()),
                (Some(user), notified_as),
                "{privacy} {line}"
            );
        }
        proxy.deliver(200);
        for ((cluster, _), body) in proxy.sent.iter().zip(&proxy.bodies) {
            let told = if cluster == "receiver" { told[0] } else { told[1] };
            assert!(body.contains(&format!("User {told} rose by")), "{privacy} {cluster} {body}");
            assert!(told == "alice" || !body.contains("alice"), "{privacy} {cluster} {body}");
        }
        if user != "alice" {
            assert!(proxy.lines.iter().all(|line| !line.to_string().contains("alice")));
        }
    }
}

#[test]
fn what_waits_is_told_as_the_newest_configuration_says() {
    let cells = Memory::default();
    let mut before = Proxy::new(&cells, &two_channels("{}", "", ""));
    before.get(0, "alice", UNION);
    before.get(0, "alice", COMMAND);
    let mut after = Proxy::new(&cells, &two_channels(r#"{"users": "hashed"}"#, "", ""));
    after.now = before.now + 1000;
    after.deliver(200);
    assert_eq!(after.bodies.len(), 2);
    assert!(after.bodies.iter().all(|body| !body.contains("alice")), "{:?}", after.bodies);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(40) })]

    #[test]
    fn whatever_a_client_calls_itself_a_line_is_a_line(
        name in names(), host in names(), method in names(), id in names(), route in names(),
    ) {
        let cells = Memory::default();
        let mut proxy = Proxy::new(&cells, &with(CHANNELS));
        let known = Known::default().with_address("192.0.2.7:4000").answering(200, Headers::default());
        let known = known.with_route(route);
        for attack in [UNION, COMMAND] {
            let mut stream = Stream::default();
            let head = [
                (&b":method"[..], &method[..]), (b":path", attack.as_bytes()), (b":authority", &host),
                (b"x-user-id", &name), (b"x-request-id", &id),
            ];
            let mut effects = proxy.effects(0, Input::Stream(&mut stream, Part::Head(Head::new(head.into_iter().collect()))));
            for mark in [Mark::Complete, Mark::Answered, Mark::End] {
                effects.extend(proxy.effects(0, Input::Stream(&mut stream, Part::Mark(mark, &known))));
            }
            for effect in effects {
                if let Effect::Log(_, line) = &effect {
                    // One line of the log, whatever reads it, and JSON.
                    prop_assert!(!line.contains(is_invisible) && line.len() < 8000, "{}", line);
                    let tree: serde_json::Value = serde_json::from_str(line).unwrap();
                    for field in ["user", "host", "method", "request_id", "route"] {
                        let text = tree[field].as_str().unwrap_or_default();
                        prop_assert!(!text.contains(is_invisible) && text.encode_utf16().count() <= 256, "{}", line);
                    }
                    let host = tree["host"].as_str().unwrap_or_default();
                    let is_host = host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._:[]".contains(&byte));
                    prop_assert!(is_host || host == "{}", "{}", host);
                }
                proxy.take(0, effect);
            }
        }
        proxy.deliver(200);
        for body in &proxy.bodies {
            let tree: serde_json::Value = serde_json::from_str(body).unwrap();
            prop_assert!(body.len() < 20_000 && tree.is_object());
        }
    }
}

/// Bytes that clients have for names: text of any alphabet, no UTF-8 at all, lines and commands, 10 KB.
fn names() -> impl Strategy<Value = Vec<u8>> {
    let odd = select(vec![
        &b"\0"[..],
        b"\xff\xfe\xc0\xaf",
        b"\r\n{\"event\":\"incident_opened\"}",
        b"\x1b[31m",
        "\u{202e}\u{200b}\u{feff}".as_bytes(),
        b"\"\\",
        b"{{x}}",
        b"%s%n",
        b"<!channel>",
    ]);
    let piece = prop_oneof![
        any::<String>().prop_map(String::into_bytes),
        vec(any::<u8>(), 0..40),
        odd.prop_map(<[u8]>::to_vec),
        Just(b"A".repeat(10_000))
    ];
    vec(piece, 0..6).prop_map(|pieces| pieces.concat())
}
