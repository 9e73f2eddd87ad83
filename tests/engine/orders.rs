//! Does an operator block, unblock, mute and unmute by hand, also before a user's first point, and see who is?

use serde_json::Value;
use user_risk_filter::state::memory::Memory;
use user_risk_filter::worker::metric::Counter;

use crate::console::ask;
use crate::respond::get;
use crate::{CHANNELS, COMMAND, PLAIN, Proxy, TOKEN, UNION, with};

fn order(proxy: &mut Proxy<'_>, order: &str) -> (u16, Value) {
    ask(proxy, &format!("POST /.user-risk/{order}&who=jo&why=a+pentest"), TOKEN, true).unwrap()
}

/// The names in one of the lists.
fn listed(proxy: &mut Proxy<'_>, list: &str) -> Vec<String> {
    let (status, answer) = ask(proxy, &format!("GET /.user-risk/{list}"), TOKEN, true).unwrap();
    assert_eq!(status, 200);
    answer[list].as_array().unwrap().iter().map(|user| user["user"].as_str().unwrap().to_owned()).collect()
}

fn proxy<'a>(cells: &'a Memory, mode: &str) -> Proxy<'a> {
    Proxy::new(cells, &with(&format!(r#""mode": "{mode}", "admin": {{"token_env": "T"}}, {CHANNELS}"#)))
}

#[test]
fn a_user_is_blocked_by_hand_until_the_end_or_until_somebody_unblocks() {
    let cells = Memory::default();
    let mut proxy = proxy(&cells, "protect");
    let (status, answer) = order(&mut proxy, "block?user=mallory&for=2h");
    assert_eq!((status, &answer["done"], &answer["user"]["blocked_by"]), (200, &"block".into(), &"operator".into()));
    assert_eq!(get(&mut proxy, 0, "mallory", PLAIN), Some(403), "without any point");
    proxy.deliver(200);
    assert_eq!(get(&mut proxy, 1, "mallory", PLAIN), Some(403));
    assert_eq!(get(&mut proxy, 1, "alice", PLAIN), None);
    assert_eq!(listed(&mut proxy, "blocked"), ["mallory"]);
    let line = proxy.lines.iter().find(|line| line["event"] == "order").unwrap();
    let shown = ["order", "for", "user", "who", "why"].map(|name| line[name].as_str().unwrap());
    assert_eq!(shown, ["block", "2h", "mallory", "jo", "a pentest"]);
    assert_eq!(order(&mut proxy, "unblock?user=mallory").0, 200);
    assert_eq!(get(&mut proxy, 0, "mallory", PLAIN), None);
    proxy.deliver(200);
    assert_eq!(get(&mut proxy, 1, "mallory", PLAIN), None);
    assert_eq!(listed(&mut proxy, "blocked"), [""; 0]);
    order(&mut proxy, "block?user=mallory&for=2h");
    proxy.now += 2 * 60 * 60 * 1000;
    assert_eq!(get(&mut proxy, 0, "mallory", PLAIN), None);
}

#[test]
fn forgiving_unblocks() {
    let cells = Memory::default();
    let mut proxy =
        Proxy::new(&cells, &with(r#""mode": "protect", "respond": [{"block": {}}], "admin": {"token_env": "T"}"#));
    get(&mut proxy, 0, "mallory", UNION);
    assert_eq!(get(&mut proxy, 0, "mallory", COMMAND), Some(403));
    order(&mut proxy, "close?user=mallory");
    assert_eq!(get(&mut proxy, 0, "mallory", PLAIN), Some(403), "closing does not: it has an end of its own");
    order(&mut proxy, "forgive?user=mallory");
    assert_eq!(get(&mut proxy, 0, "mallory", PLAIN), None);
}

#[test]
fn a_planned_test_is_muted_before_its_first_request() {
    let cells = Memory::default();
    let mut proxy = proxy(&cells, "monitor");
    assert_eq!(order(&mut proxy, "mute?user=tester&for=8h").0, 200);
    assert_eq!(listed(&mut proxy, "muted"), ["tester"]);
    for (user, sent) in [("tester", 0), ("mallory", 2)] {
        proxy.get(0, user, UNION);
        proxy.get(0, user, COMMAND);
        proxy.deliver(200);
        assert_eq!(proxy.sent.len(), sent, "{user}");
    }
    assert_eq!(order(&mut proxy, "unmute?user=tester").0, 200);
    assert_eq!(listed(&mut proxy, "muted"), [""; 0]);
}

#[test]
fn what_cannot_be_done_says_why() {
    let cells = Memory::default();
    for (mode, ordered, status, why) in [
        ("monitor", "block?user=mallory&for=2h", 409, "set mode: protect"),
        ("protect", "block?user=192.0.2.9&for=2h", 409, "&source=address"),
        ("protect", "block?user=192.0.2.9&source=address&for=2h", 200, ""),
        ("protect", "block?user=mallory&source=cookie:sid&for=2h", 409, "&source="),
        ("protect", "block?user=mallory&for=2d", 400, "at most 24h"),
        ("protect", "unblock?user=nobody", 404, "nobody of this name"),
    ] {
        let (answered, answer) = order(&mut proxy(&cells, mode), ordered);
        assert_eq!(answered, status, "{ordered}: {answer}");
        assert!(answer["error"].as_str().unwrap_or_default().contains(why), "{answer}");
    }
}

/// A mute before a planned test stays, whoever comes in the meantime.
#[test]
fn an_order_is_never_pushed_out() {
    let cells = Memory::default();
    let options = format!(r#""mode": "protect", "memory": {{"users": 8}}, "admin": {{"token_env": "T"}}, {CHANNELS}"#);
    let mut proxy = Proxy::new(&cells, &with(&options));
    let names: Vec<_> = (0..8).map(|number| format!("tester-{number}")).collect();
    for (name, order_name) in names.iter().zip(["mute", "block"].into_iter().cycle()) {
        assert_eq!(order(&mut proxy, &format!("{order_name}?user={name}&for=2h")).0, 200);
    }
    let (status, answer) = order(&mut proxy, "block?user=one-more&for=2h");
    assert_eq!(status, 409, "{answer}");
    for number in 0..50 {
        proxy.get(0, &format!("mallory-{number}"), UNION);
        proxy.get(0, "", COMMAND);
    }
    assert_eq!(listed(&mut proxy, "muted").len() + listed(&mut proxy, "blocked").len(), 8);
    assert!(proxy.count(Counter::Unweighed) > 0, "they had to wait, and it is counted");
    proxy.now += 2 * 60 * 60 * 1000;
    assert_eq!(proxy.get(0, "mallory-1", UNION), 8, "the orders are over");
}
