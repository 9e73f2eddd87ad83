//! Do the console's lists come in parts that lose nobody, and does it know who was told and what each hour brought?

use serde_json::Value;
use user_risk_filter::state::memory::Memory;

use crate::console::ask;
use crate::{CHANNELS, COMMAND, JNDI, Proxy, TOKEN, UNION, with};

fn console(cells: &Memory) -> Proxy<'_, Memory> {
    Proxy::new(cells, &with(&format!(r#""admin": {{"token_env": "ADMIN_TOKEN"}}, {CHANNELS}"#)))
}

fn get(proxy: &mut Proxy<'_, Memory>, path: &str) -> Value {
    let (status, answer) = ask(proxy, &format!("GET /.user-risk{path}"), TOKEN, true).unwrap();
    assert_eq!(status, 200, "{path}");
    answer
}

fn names(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|user| user["user"].as_str().unwrap()).collect()
}

#[test]
fn a_list_comes_in_parts_the_most_dangerous_first() {
    let cells = Memory::default();
    let mut proxy = console(&cells);
    for number in 0..120 {
        let user = format!("user-{number:03}");
        proxy.get(0, &user, UNION);
        proxy.get(1, &user, COMMAND);
    }
    proxy.get(0, "user-077", JNDI);
    // Without an incident somebody is in no list, unless they are muted.
    proxy.get(0, "harmless", UNION);
    proxy.deliver(200);
    let first = get(&mut proxy, "/users?limit=100");
    assert_eq!((&first["total"], &first["next"]), (&120.into(), &100.into()));
    assert_eq!(first["users"][0]["user"], "user-077");
    assert_eq!(first["users"][0].get("rules"), None, "a row has nothing of single events");
    let second = get(&mut proxy, "/users?offset=100&limit=100");
    assert_eq!(second.get("next"), None);
    let mut all = [names(&first["users"]), names(&second["users"])].concat();
    all.sort_unstable();
    all.dedup();
    assert_eq!((all.len(), all.contains(&"harmless")), (120, false));
    assert_eq!(get(&mut proxy, "/users?offset=500")["users"], Value::Array(Vec::new()));
    assert_eq!(get(&mut proxy, "/incidents?limit=7")["incidents"].as_array().unwrap().len(), 7);
    ask(&mut proxy, "POST /.user-risk/mute?user=harmless&for=2h&who=jo&why=x", TOKEN, true).unwrap();
    assert_eq!(names(&get(&mut proxy, "/muted")["muted"]), ["harmless"]);
    assert_eq!(get(&mut proxy, "/blocked")["total"], 0);
}

#[test]
fn a_walk_meets_everybody_with_points_in_bounded_steps() {
    let cells = Memory::default();
    let mut proxy = console(&cells);
    for number in 0..200 {
        proxy.get(0, &format!("user-{number}"), UNION);
    }
    let (mut met, mut from, mut steps) = (Vec::new(), Some(0), 0);
    while let Some(bucket) = from {
        let step = get(&mut proxy, &format!("/records?from={bucket}"));
        met.extend(names(&step["records"]).into_iter().map(str::to_owned));
        assert!(step["records"].as_array().unwrap().len() < 50 + 8);
        from = step["next"].as_u64();
        assert!(from.is_none_or(|next| next > bucket && next <= bucket + 64), "{bucket} {from:?}");
        steps += 1;
    }
    assert_eq!(steps, 8192 / 64, "of 65,536 records, eight in a bucket");
    met.sort_unstable();
    met.dedup();
    assert_eq!(met.len(), 200);
    assert_eq!(get(&mut proxy, "/records?from=99999999")["records"], Value::Array(Vec::new()));
}

#[test]
fn it_knows_who_was_told_and_what_each_hour_brought() {
    let cells = Memory::default();
    let mut proxy = console(&cells);
    for attack in [UNION, COMMAND] {
        proxy.get(0, "mallory", attack);
    }
    proxy.deliver(503);
    proxy.now += 3_600_000;
    proxy.get(0, "somebody", JNDI);
    proxy.deliver(200);
    proxy.deliver(200);
    let user = get(&mut proxy, "/user?user=mallory");
    let told = user["messages"].as_array().unwrap().iter();
    let mut told: Vec<_> =
        told.map(|one| (one["channel"].as_str().unwrap(), one["result"].as_str().unwrap())).collect();
    told.sort_unstable();
    assert_eq!(told, [("slack", "delivered"), ("slack", "retry"), ("webhook", "delivered"), ("webhook", "retry")]);
    assert_eq!(user["messages"][3]["answer"], "answered 503 ok");
    assert_eq!(get(&mut proxy, "/user?user=somebody")["messages"], Value::Array(Vec::new()));
    let status = get(&mut proxy, "/status");
    let hours = |category: &str| {
        let rows = status["categories"].as_array().unwrap();
        let row = rows.iter().find(|row| row["category"] == category).unwrap();
        [22, 23].map(|hour| row["hours"][hour].as_u64().unwrap())
    };
    assert_eq!((hours("sqli"), hours("rce"), hours("log4shell")), ([1, 0], [1, 0], [0, 1]));
    assert_eq!((&status["users"]["risky"], &status["channels"][1]["waiting"]), (&1.into(), &0.into()));
    let text = status.to_string();
    assert!(!text.contains("whsec_") && !text.contains("hooks.slack.com") && !text.contains(TOKEN), "{text}");
}
