//! What becomes of messages when Envoy is told to end? They leave at once, and the last worker says what did not.

use super::*;

fn cross(proxy: &mut Proxy<'_>, user: &str) {
    proxy.get(0, user, UNION);
    proxy.get(1, user, COMMAND);
}

/// The lines about what was left unsent: channel, number, whether each has an id, and the text.
fn unsent<'a>(proxy: &'a Proxy<'_>) -> Vec<(&'a str, u64, usize, &'a str)> {
    let lines = proxy.lines.iter().filter(|line| line["event"] == "unsent");
    let ids = |line: &serde_json::Value| line["message_ids"].as_array().unwrap().len();
    lines
        .map(|line| {
            let text = |name: &str| line[name].as_str().unwrap();
            (text("channel"), line["messages"].as_u64().unwrap(), ids(line), text("what"))
        })
        .collect()
}

#[test]
fn a_crossing_asks_for_a_tick_at_once_and_nothing_else_does() {
    let cells = Memory::default();
    let mut proxy = Proxy::new(&cells, &with(CHANNELS));
    for (what, target, expected) in [("harmless", PLAIN, 0), ("an attack", UNION, 0), ("the crossing", COMMAND, 1)] {
        proxy.hastened = 0;
        proxy.get(0, "mallory", target);
        assert_eq!(proxy.hastened, expected, "{what}");
    }
    let mut nobody = Proxy::new(&cells, &with(r#""notify": []"#));
    cross(&mut nobody, "trudy");
    assert_eq!(nobody.hastened, 0, "nobody is told");
}

#[test]
fn the_last_worker_to_end_names_what_each_channel_did_not_get() {
    let lost = "lost, but for what was under way and may have arrived";
    let cells = Memory::default();
    let mut proxy = Proxy::new(&cells, &with(CHANNELS));
    proxy.deliver(200);
    cross(&mut proxy, "mallory");
    proxy.on(0, Input::Tick);
    let (worker, slack) = proxy.under_way.pop().unwrap();
    let reply = Reply::Answer { status: 200, retry_after: None, body: b"ok".to_vec() };
    proxy.on(worker, Input::Answered(slack, reply));
    proxy.now += 60;
    cross(&mut proxy, "trudy");
    proxy.on(0, Input::End);
    assert_eq!(unsent(&proxy), [], "another worker goes on");
    proxy.on(1, Input::End);
    let webhook =
        format!("Envoy ended before they were sent (the opening of mallory, under way; the opening of trudy): {lost}");
    let slack = format!("Envoy ended before they were sent (the opening of trudy): {lost}");
    let mut said = unsent(&proxy);
    said.sort_unstable();
    assert_eq!(said, [("slack", 1, 1, slack.as_str()), ("webhook", 2, 2, webhook.as_str())]);
    proxy.on(1, Input::End);
    assert_eq!(unsent(&proxy).len(), 2, "said once");
}

#[test]
fn nothing_is_said_when_all_was_sent_when_it_only_validated_or_when_others_serve_the_channel() {
    let cells = Memory::default();
    let mut old = Proxy::new(&cells, &with(CHANNELS));
    old.on(0, Input::End);
    assert_eq!(old.lines, Vec::<serde_json::Value>::new(), "it never ticked");
    old.deliver(200);
    cross(&mut old, "mallory");
    old.deliver(200);
    assert_eq!(old.sent.len(), 2);
    let options = with(&format!(r#""risk": {{"threshold": 12}}, {CHANNELS}"#));
    let mut new = Proxy::new(&cells, &options);
    // Each worker has random numbers of its own.
    let config = || Config::load(options.as_bytes(), &|_| Variable::Unset).unwrap().config;
    new.workers = [3, 4].map(|seed| Engine::new(config(), &cells, [seed; 32])).into();
    new.deliver(200);
    old.get(0, "trudy", UNION);
    old.get(1, "trudy", COMMAND);
    old.on(0, Input::End);
    old.on(1, Input::End);
    assert_eq!(unsent(&old), [], "the new configuration has the same channels");
    for _ in 0..2 {
        new.now += 2000; // Slack takes a message a second.
        new.deliver(200);
    }
    assert_eq!(new.sent.len(), 2);
    new.on(0, Input::End);
    new.on(1, Input::End);
    assert_eq!(unsent(&new), [], "all was sent");
}

#[test]
fn many_are_counted_and_the_first_are_named() {
    let cells = Memory::default();
    let mut proxy = Proxy::new(&cells, &with(CHANNELS));
    proxy.deliver(200);
    for number in 0..30 {
        cross(&mut proxy, &format!("user-{number}"));
    }
    proxy.on(0, Input::End);
    proxy.on(1, Input::End);
    for (channel, messages, ids, what) in unsent(&proxy) {
        assert_eq!((messages, ids), (30, 20), "{channel}");
        assert!(what.contains("; 10 more)"), "{what}");
    }
}
