//! Is a risky user's request answered, redirected or announced as the operator says, on every worker, and nobody else's?

use user_risk_filter::engine::Input;
use user_risk_filter::engine::stream::{Mark, Part, Stream};
use user_risk_filter::exchange::head::Head;
use user_risk_filter::exchange::headers::Headers;
use user_risk_filter::exchange::proxy::Known;
use user_risk_filter::state::memory::Memory;
use user_risk_filter::worker::effect::Effect;
use user_risk_filter::worker::metric::Counter;

use crate::{CHANNELS, COMMAND, JNDI, PLAIN, Proxy, SCRIPT, UNION, known, with};

/// What became of a request: the status of an answer in the application's place, and what was set on the way.
#[derive(Debug, Default, PartialEq, Eq)]
struct Seen {
    status: Option<u16>,
    location: Option<String>,
    header: Option<String>,
    band: Option<String>,
    stripped: bool,
}

/// A request as the filter hands it in; `body` comes after the head.
fn send(proxy: &mut Proxy<'_>, worker: usize, headers: &[(&str, &str)], body: Option<&str>, known: &Known) -> Seen {
    let mut stream = Stream::default();
    let head: Headers = [(":method", "POST"), (":authority", "shop.example")].iter().chain(headers).copied().collect();
    let mut seen = Seen::default();
    let mut parts = vec![Part::Head(Head::new(head)), Part::Mark(Mark::Arrived, known)];
    parts.extend(body.map(|body| Part::Chunk(body.as_bytes())));
    parts.extend([Mark::Complete, Mark::Answered, Mark::End].map(|mark| Part::Mark(mark, known)));
    for part in parts {
        if seen.status.is_some() && matches!(part, Part::Chunk(_)) {
            continue;
        }
        let wants = match &part {
            Part::Mark(mark, _) => proxy.workers[worker].wants_mark(&stream, *mark),
            _ => true,
        };
        if !wants {
            continue;
        }
        for effect in proxy.effects(worker, Input::Stream(&mut stream, part)) {
            match effect {
                Effect::Respond { status, headers, .. } => {
                    assert_eq!(seen.status.replace(status), None, "answered once");
                    seen.location = headers.into_iter().find(|(name, _)| *name == "location").map(|(_, to)| to);
                }
                Effect::SetRequestHeader("x-user-risk", value) => seen.header = Some(value),
                Effect::SetState("user_risk.band", value) => seen.band = Some(value),
                Effect::StripRequest(name) if name == "x-user-risk" => seen.stripped = true,
                effect => proxy.take(worker, effect),
            }
        }
    }
    seen
}

pub(crate) fn get(proxy: &mut Proxy<'_>, worker: usize, user: &str, target: &str) -> Option<u16> {
    send(proxy, worker, &[(":path", target), ("x-user-id", user)], None, &known()).status
}

pub(crate) fn options(mode: &str, respond: &str) -> String {
    format!(
        r#"{{"mode": "{mode}", "respond": {respond}, "groups": [{{"name": "staff", "match": {{"users": ["s-*"]}}}}]}}"#
    )
}

const BLOCK: &str = r#"[{"at": "warning", "block": {"for": "30m", "longer": true}}]"#;

#[test]
fn the_request_that_crosses_is_refused_and_so_is_the_user_on_every_worker_until_the_end() {
    let cells = Memory::default();
    let mut proxy = Proxy::new(&cells, &options("protect", BLOCK));
    assert_eq!(get(&mut proxy, 0, "mallory", UNION), None);
    assert_eq!(get(&mut proxy, 0, "mallory", COMMAND), Some(403), "the request that crosses");
    assert_eq!(get(&mut proxy, 0, "mallory", PLAIN), Some(403), "here at once");
    assert_eq!(get(&mut proxy, 1, "mallory", PLAIN), None, "there with the next tick");
    proxy.deliver(200);
    assert_eq!(get(&mut proxy, 1, "mallory", PLAIN), Some(403));
    assert_eq!(get(&mut proxy, 1, "alice", PLAIN), None, "nobody else");
    let line = proxy.lines.iter().find(|line| line["event"] == "restriction").unwrap();
    assert_eq!((&line["action"], &line["user"], &line["dry_run"]), (&"block".into(), &"mallory".into(), &false.into()));
    let line = proxy.lines.iter().rfind(|line| line["event"] == "malicious_request").unwrap();
    assert_eq!(line["action"], "block");
    // What a blocked user does goes on counting, and does not prolong the block.
    assert_eq!(get(&mut proxy, 1, "mallory", JNDI), Some(403));
    proxy.now += 30 * 60 * 1000;
    proxy.deliver(200);
    assert_eq!(get(&mut proxy, 1, "mallory", PLAIN), None);
    // The next one lasts twice as long.
    assert_eq!(get(&mut proxy, 0, "mallory", SCRIPT), Some(403));
    proxy.now += 59 * 60 * 1000;
    proxy.deliver(200);
    assert_eq!(get(&mut proxy, 1, "mallory", PLAIN), Some(403));
    proxy.now += 60 * 1000;
    assert_eq!(get(&mut proxy, 1, "mallory", PLAIN), None);
    assert_eq!(proxy.count(Counter::Blocks), 2);
}

#[test]
fn only_attacks_are_refused_where_it_says_so() {
    let cells = Memory::default();
    let mut proxy = Proxy::new(&cells, &options("protect", r#"[{"block_attacks": {"status": 406}}]"#));
    assert_eq!(get(&mut proxy, 0, "mallory", UNION), None, "not risky yet");
    assert_eq!(get(&mut proxy, 0, "mallory", COMMAND), Some(406));
    assert_eq!(get(&mut proxy, 0, "mallory", PLAIN), None);
    assert_eq!(get(&mut proxy, 0, "mallory", COMMAND), Some(406), "counted before, and refused again");
    let body = send(
        &mut proxy,
        0,
        &[(":path", "/"), ("x-user-id", "mallory"), ("content-type", "application/json")],
        Some(r#"{"q": "1' UNION SELECT password FROM users--"}"#),
        &known(),
    );
    assert_eq!(body.status, Some(406), "in the body");
}

#[test]
fn a_user_is_sent_to_prove_who_they_are_until_the_application_says_that_they_did() {
    let cells = Memory::default();
    let mut proxy = Proxy::new(&cells, &options("protect", r#"[{"redirect": {"to": "/reauthenticate"}}]"#));
    get(&mut proxy, 0, "mallory", UNION);
    let crossing = send(&mut proxy, 0, &[(":path", COMMAND), ("x-user-id", "mallory")], None, &known());
    assert_eq!((crossing.status, crossing.location.as_deref()), (Some(303), Some("/reauthenticate")));
    let stepped_up = known().answering(200, [("x-user-risk-event", "stepped-up")].into_iter().collect());
    assert_eq!(send(&mut proxy, 0, &[(":path", "/shop"), ("x-user-id", "mallory")], None, &known()).status, Some(303));
    let target = [(":path", "/reauthenticate"), ("x-user-id", "mallory")];
    let mut stream = Stream::default();
    let head: Headers = [(":method", "POST")].iter().chain(&target).copied().collect();
    for part in
        [Part::Head(Head::new(head)), Part::Mark(Mark::Arrived, &stepped_up), Part::Mark(Mark::Answered, &stepped_up)]
    {
        let effects = proxy.effects(0, Input::Stream(&mut stream, part));
        assert!(!effects.iter().any(|effect| matches!(effect, Effect::Respond { .. })), "the target itself");
    }
    assert_eq!(get(&mut proxy, 0, "mallory", "/shop"), None);
    assert!(!proxy.lines.iter().any(|line| line.to_string().contains("stepped-up")), "it scores nothing");
    proxy.deliver(200);
    assert_eq!(get(&mut proxy, 1, "mallory", "/shop"), None);
    // A new event in the band asks again.
    assert_eq!(get(&mut proxy, 1, "mallory", JNDI), Some(303));
}

#[test]
fn the_upstream_and_envoy_are_told_and_nobody_tells_them_from_outside() {
    let cells = Memory::default();
    let mut proxy = Proxy::new(&cells, &options("protect", r#"[{"headers": true}]"#));
    let forged = [(":path", "/"), ("x-user-id", "alice"), ("x-user-risk", "0")];
    assert!(send(&mut proxy, 0, &forged, None, &known()).stripped);
    get(&mut proxy, 0, "mallory", UNION);
    let crossing = send(&mut proxy, 0, &[(":path", COMMAND), ("x-user-id", "mallory")], None, &known());
    let value = r#"16; band=warning; categories="rce sqli""#;
    assert_eq!(
        (crossing.status, crossing.header.as_deref()),
        (None, Some(value)),
        "the crossing request says so already"
    );
    proxy.deliver(200);
    let forged = [(":path", "/"), ("x-user-id", "mallory"), ("x-user-risk", "0")];
    let next = send(&mut proxy, 1, &forged, Some("a=b"), &known());
    assert_eq!((next.header.as_deref(), next.band.as_deref()), (Some(value), Some("warning")));
    let alice = send(&mut proxy, 1, &[(":path", "/"), ("x-user-id", "alice")], None, &known());
    assert_eq!(alice, Seen::default());
}

#[test]
fn without_protect_or_on_trial_everything_is_only_counted() {
    let monitored = known().with_route_metadata("user-risk", &["mode"], "monitor");
    let protected = known().with_route_metadata("user-risk", &["mode"], "protect");
    let dry = r#"[{"dry_run": true, "block": {}, "headers": true}]"#;
    let live = r#"[{"block": {}, "headers": true}]"#;
    let rows = [
        ("monitor", live, known(), None, 1),
        ("protect", dry, known(), None, 1),
        ("protect", live, monitored, None, 1),
        ("monitor", live, protected, Some(403), 0),
        ("learn", live, known(), None, 0),
        ("monitor", "[]", known(), None, 0),
        ("protect", "[]", known(), None, 0),
        // Another group's.
        ("protect", r#"[{"match": {"group": "staff"}, "block": {}}]"#, known(), None, 0),
        // A band that is not reached.
        ("protect", r#"[{"at": "critical", "block": {}}]"#, known(), None, 0),
    ];
    for (mode, respond, known, status, would) in rows {
        let cells = Memory::default();
        let mut proxy = Proxy::new(&cells, &options(mode, respond));
        let mut last = Seen::default();
        for target in [UNION, COMMAND] {
            last = send(&mut proxy, 0, &[(":path", target), ("x-user-id", "mallory")], None, &known);
        }
        let row = format!("{mode} {respond} {known:?}");
        assert_eq!(last.status, status, "{row}");
        assert_eq!(last.header.is_some(), status.is_some(), "{row}");
        assert_eq!((proxy.count(Counter::ResponsesDry), proxy.count(Counter::BlocksDry)), (would, would), "{row}");
        let line = proxy.lines.iter().rfind(|line| line["event"] == "malicious_request");
        let logged = line.is_some_and(|line| line["would"] == "block");
        assert_eq!(logged, would == 1, "{row}");
    }
}

#[test]
fn who_is_never_blocked_is_not() {
    let attack = |proxy: &mut Proxy<'_>, user: &str, more: &[(&str, &str)]| {
        let mut last = None;
        for target in [UNION, COMMAND, JNDI, SCRIPT, "/a?f=../../../../etc/passwd"] {
            let mut headers = vec![(":path", target)];
            headers.extend((!user.is_empty()).then_some(("x-user-id", user)));
            headers.extend(more);
            last = send(proxy, 0, &headers, None, &known()).status;
        }
        last
    };
    let cross_site = [("sec-fetch-site", "cross-site")];
    let (block, attacks) = (r#"[{"block": {}}]"#, r#"[{"block_attacks": {}}]"#);
    let written = [("sec-fetch-site", "cross-site"), (":method", "PUT")];
    let json = [("sec-fetch-site", "cross-site"), ("content-type", "application/json")];
    let rows: [(_, _, _, &[(&str, &str)], _); 8] = [
        ("what no page can send", block, "mallory", &written, Some(403)),
        ("a type that no form has", block, "mallory", &json, Some(403)),
        ("anybody", block, "mallory", &[], Some(403)),
        ("a victim of another site", block, "mallory", &cross_site, None),
        ("a header is no shield for attacks", attacks, "mallory", &cross_site, Some(403)),
        ("an ignored user", block, "robot-1", &[], None),
        ("an address", block, "", &[], Some(403)),
        ("an ignored user's attacks", attacks, "robot-1", &[], None),
    ];
    for (name, respond, user, more, expected) in rows {
        let cells = Memory::default();
        let configuration = format!(
            r#"{{"mode": "protect", "respond": {respond}, "user": {{"ignore": {{"users": ["robot-*"]}}}},
               "risk": {{"anonymous_threshold": 12}}}}"#
        );
        let mut proxy = Proxy::new(&cells, &configuration);
        assert_eq!(attack(&mut proxy, user, more), expected, "{name}");
    }
    // Three people behind it: it is shared, whatever it was blocked for before.
    let cells = Memory::default();
    let mut proxy =
        Proxy::new(&cells, r#"{"mode": "protect", "respond": [{"block": {}}], "risk": {"anonymous_threshold": 12}}"#);
    assert_eq!(attack(&mut proxy, "", &[]), Some(403));
    for user in ["a", "b", "c"] {
        get(&mut proxy, 0, user, UNION);
    }
    assert_eq!(send(&mut proxy, 0, &[(":path", "/")], None, &known()).status, None);
}

#[test]
fn notices_say_what_was_done() {
    for (mode, phrase, dry_run) in [
        ("protect", "; blocked until 00:46 UTC", "\"dry_run\":false"),
        ("monitor", "; would have been blocked until 00:46 UTC", "\"dry_run\":true"),
    ] {
        let cells = Memory::default();
        let options = format!(r#""mode": "{mode}", "respond": {BLOCK}, {CHANNELS}"#);
        let mut proxy = Proxy::new(&cells, &with(&options));
        for target in [UNION, COMMAND] {
            get(&mut proxy, 0, "mallory", target);
        }
        proxy.deliver(200);
        assert_eq!(proxy.bodies.len(), 2);
        assert!(proxy.bodies.iter().all(|body| body.contains(phrase)), "{:?}", proxy.bodies);
        assert!(proxy.bodies.iter().any(|body| body.contains(dry_run)));
    }
}

/// Its listener shares the records, or its worker died before it could say so.
#[test]
fn whom_another_found_risky_without_telling_is_found_by_the_sweep() {
    let cells = Memory::default();
    let memory = r#""memory": {"users": 64}"#;
    let mut silent = Proxy::new(&cells, &with(memory));
    silent.get(0, "mallory", UNION);
    silent.get(0, "mallory", COMMAND);
    let mut proxy =
        Proxy::new(&cells, &with(&format!(r#""mode": "protect", "respond": [{{"headers": true}}], {memory}"#)));
    let told = |proxy: &mut Proxy<'_>| {
        send(proxy, 0, &[(":path", "/"), ("x-user-id", "mallory")], None, &known()).header.is_some()
    };
    assert!(!told(&mut proxy));
    for _ in 0..9 {
        proxy.now += 250;
        proxy.deliver(200);
    }
    assert!(told(&mut proxy));
}
