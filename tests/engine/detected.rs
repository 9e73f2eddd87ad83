//! Is every malicious request told of where that is wanted, and nothing of it that nobody may know?

use serde_json::{Value, json};

use super::*;

fn hook(options: &str) -> String {
    format!(
        r#"{{{options}"webhook": {{"cluster": "receiver", "url": "https://h.example/risk",
            "secret": "whsec_bGFiLW9ubHktbGFiLW9ubHktbGFiLW9ubHktbGFi"}}}}"#
    )
}

fn told(proxy: &mut Proxy<'_>) -> Vec<Value> {
    for _ in 0..3 {
        proxy.now += 1000;
        proxy.deliver(200);
    }
    proxy.bodies.iter().map(|body| serde_json::from_str(body).unwrap()).collect()
}

#[test]
fn a_request_is_told_of_without_where_it_was_and_what_it_said() {
    let cells = Memory::default();
    let mut proxy = Proxy::new(&cells, &with(&format!(r#""notify": [{}]"#, hook(r#""states": ["detected"],"#))));
    proxy.get(0, "mallory", UNION);
    proxy.get(1, "mallory", UNION);
    proxy.get(1, "alice", PLAIN);
    let told = told(&mut proxy);
    let request = |points: u32, counted_before: bool| {
        json!({"time": "1970-01-01T00:16:40.000Z", "request_id": "", "user": "mallory", "source": "header:x-user-id",
               "route": "/search", "points": points, "increase": 8,
               "rules": [{"rule": "sqli.union-select", "category": "sqli", "severity": "critical",
                          "confidence": "high", "points": points, "counted_before": counted_before}]})
    };
    let expected = json!({"type": "risk.requests.detected", "timestamp": "1970-01-01T00:16:40.000Z",
        "data": {"requests": [request(8, false), request(0, true)], "requests_left_out": 0, "service": "",
                 "environment": ""}});
    assert_eq!(told, [expected]);
    assert_eq!((proxy.count(Counter::Sent), proxy.counts_for[&(0, Counter::Sent.name())]), (1, 1));
}

#[test]
fn each_channel_is_told_what_it_asks_for() {
    let incident = "risk.incident.opened";
    let requests = "risk.requests.detected";
    // Options of the channel; what it is told of two requests that open an incident: how many messages, of how many requests.
    let rows: [(&str, &[&str], usize); 7] = [
        (r#""states": ["detected"],"#, &[requests], 2),
        (r#""states": ["detected", "opened"],"#, &[incident, requests], 2),
        ("", &[incident], 0),
        (r#""states": ["detected"], "categories": ["sqli"],"#, &[requests], 1),
        (r#""states": ["detected"], "categories": ["xxe"],"#, &[], 0),
        (r#""states": ["detected"], "groups": ["qa"],"#, &[requests], 2),
        (r#""states": ["detected"], "groups": ["admins"],"#, &[], 0),
    ];
    for (options, kinds, number) in rows {
        let groups = r#""groups": [{"name": "qa", "match": {"users": ["mal*"]}, "threshold": 10},
            {"name": "admins", "match": {"users": ["root"]}, "threshold": 10}]"#;
        let cells = Memory::default();
        let mut proxy = Proxy::new(&cells, &with(&format!(r#"{groups}, "notify": [{}]"#, hook(options))));
        proxy.get(0, "mallory", UNION);
        proxy.get(1, "mallory", COMMAND);
        let told = told(&mut proxy);
        assert_eq!(told.iter().map(|body| body["type"].as_str().unwrap()).collect::<Vec<_>>(), kinds, "{options}");
        let requests = told.iter().filter_map(|body| body["data"]["requests"].as_array());
        let requests = requests.filter(|list| list.iter().all(Value::is_object)).map(Vec::len).sum::<usize>();
        assert_eq!(requests, number, "{options}");
    }
}

#[test]
fn users_are_called_as_privacy_says() {
    // Of a user, and of an address; the options beside the channel, and `privacy`.
    let rows = [
        ("", r#"{"users": "plain"}"#, "mallory", 8),
        (r#""users": "hashed","#, r#"{"users": "plain"}"#, "", 8),
        ("", r#"{"addresses": "full"}"#, "mallory", "192.0.2.7".len()),
    ];
    for (options, privacy, name, address) in rows {
        let cells = Memory::default();
        let hook = hook(&format!(r#"{options}"states": ["detected"],"#));
        let configuration = format!(r#""key_env": "KEY", "privacy": {privacy}, "notify": [{hook}]"#);
        let mut proxy = Proxy::new(&cells, &with(&configuration));
        proxy.get(0, "mallory", UNION);
        proxy.get(0, "", COMMAND);
        let told = told(&mut proxy);
        let users: Vec<_> =
            (0..2).map(|at| told[0]["data"]["requests"][at]["user"].as_str().unwrap().to_owned()).collect();
        if name.is_empty() {
            assert_eq!(users[0].len(), 16)
        } else {
            assert_eq!(users[0], name)
        }
        assert_eq!(users[1].len(), address, "{users:?}");
    }
}

#[test]
fn whom_the_operator_ignores_nobody_is_told_of() {
    let cells = Memory::default();
    let ignore = r#""user": {"ignore": {"users": ["scanner"]}}"#;
    let hook = hook(r#""states": ["detected"],"#);
    let mut proxy = Proxy::new(&cells, &with(&format!(r#"{ignore}, "notify": [{hook}]"#)));
    proxy.get(0, "scanner", UNION);
    assert_eq!(told(&mut proxy), Vec::<Value>::new());
}

/// A thousand users attacked by one botnet are one message with a count.
#[test]
fn many_users_are_one_message() {
    let cells = Memory::default();
    let options = hook(r#""rate": {"messages": 3, "per": "1m"},"#);
    let risk = r#""risk": {"window": "10m"}"#;
    let mut proxy = Proxy::new(&cells, &with(&format!(r#"{risk}, "notify": [{options}]"#)));
    for user in 0..40 {
        proxy.now += 1;
        proxy.get(0, &format!("user-{user}"), UNION);
        proxy.get(1, &format!("user-{user}"), COMMAND);
    }
    let opened = told(&mut proxy);
    let [opened] = opened.as_slice() else { panic!("{opened:?}") };
    assert_eq!(opened["type"], "risk.incidents.opened");
    assert_eq!(opened["data"]["user"], "40 users");
    assert_eq!(opened["data"]["rollup"]["count"], 40);
    assert_eq!(opened["data"]["rollup"]["users"], json!(["user-0", "user-1", "user-2", "user-3", "user-4"]));
    let summary =
        "40 users rose over their thresholds: command injection × 40 on /run and SQL injection × 40 on /search";
    assert_eq!(opened["data"]["summary"], summary);
    // Their ends are told when all have ended.
    for _ in 0..70 {
        proxy.now += 10_000;
        proxy.deliver(200);
    }
    assert_eq!(proxy.bodies.len(), 2);
    let ended: Value = serde_json::from_str(&proxy.bodies[1]).unwrap();
    assert_eq!(ended["type"], "risk.incidents.resolved");
    assert_eq!(ended["data"]["id"], opened["data"]["id"]);
    assert_eq!(ended["data"]["summary"], "All is over with the 40 users of the earlier message");
}

/// Slack pages people: forty openings at once are one message there, without a `rate` being asked for, and forty on a webhook.
#[test]
fn a_storm_is_one_page() {
    for (rate, pages) in [("", 1), (r#""rate": "off","#, 40), (r#""rate": false,"#, 40)] {
        let cells = Memory::default();
        let slack =
            format!(r#"{{{rate}"slack": {{"cluster": "slack", "url": "https://hooks.slack.com/services/T/B/x"}}}}"#);
        let mut proxy = Proxy::new(&cells, &with(&format!(r#""notify": [{}, {slack}]"#, hook(""))));
        for user in 0..40 {
            proxy.now += 1;
            proxy.get(0, &format!("user-{user}"), UNION);
            proxy.get(1, &format!("user-{user}"), COMMAND);
        }
        // Slack takes a message a second.
        for _ in 0..60 {
            proxy.now += 1000;
            proxy.deliver(200);
        }
        let sent = |to: &str| proxy.sent.iter().filter(|(cluster, _)| cluster == to).count();
        assert_eq!((sent("receiver"), sent("slack")), (40, pages), "{rate}");
    }
}
