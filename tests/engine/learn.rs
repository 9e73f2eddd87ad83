//! Does `mode: learn` page nobody, and say once a day what it would have done? Simulated days on two workers.

use serde_json::{Value, json};
use user_risk_filter::engine::Input;
use user_risk_filter::state::memory::Memory;
use user_risk_filter::worker::metric::Counter;

use crate::{CHANNELS, COMMAND, JNDI, PLAIN, Proxy, SCRIPT, TEST, UNION, with};

const MINUTE: u64 = 60 * 1000;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;
/// 2026-01-02T00:00:00Z.
const MIDNIGHT: u64 = 1_767_312_000_000;

fn learning<'a>(cells: &'a Memory, options: &str, from: u64) -> Proxy<'a> {
    let mut proxy = Proxy::new(cells, &with(&format!(r#""mode": "learn"{options}"#)));
    proxy.now = from;
    beat(&mut proxy);
    proxy
}

fn beat(proxy: &mut Proxy<'_>) {
    for worker in 0..proxy.workers.len() {
        proxy.on(worker, Input::Tick);
    }
}

fn lines(proxy: &Proxy<'_>) -> Vec<Value> {
    proxy.lines.iter().filter(|line| line["event"] == "learned").cloned().collect()
}

#[test]
fn it_pages_nobody_and_says_once_a_day_what_would_have_been() {
    let cells = Memory::default();
    let mut proxy = learning(&cells, &format!(", {CHANNELS}"), MIDNIGHT + 20 * HOUR);
    proxy.get(0, "alice", PLAIN);
    for (worker, user, target) in [
        (0, "mallory", UNION),
        (1, "mallory", COMMAND),
        (1, "mallory", JNDI),
        (0, "mallory", UNION),
        (0, "bob", SCRIPT),
        (1, "carol", SCRIPT),
        (0, "dave", SCRIPT),
    ] {
        proxy.now += 1000;
        proxy.get(worker, user, target);
        beat(&mut proxy);
    }
    assert_eq!((proxy.sent.len(), proxy.count(Counter::Opened), proxy.count(Counter::Updated)), (0, 1, 1));
    // Nobody sends a request any more: a beat is enough, and one worker writes.
    proxy.now = MIDNIGHT + DAY + 9_999;
    beat(&mut proxy);
    assert_eq!(lines(&proxy), [] as [Value; 0], "the workers have ten seconds to hand in what they saw");
    proxy.now += 1;
    beat(&mut proxy);
    beat(&mut proxy);
    let expected = json!({
        "event": "learned", "time": "2026-01-03T00:00:10.000Z",
        "day": "2026-01-02", "from": "2026-01-02T20:00:00.000Z", "to": "2026-01-03T00:00:00.000Z",
        "malicious_requests": 7, "detections": 16, "users": 4,
        "opened": 1, "updated": 1, "resolved": 0,
        "bands": {"warning": 1, "error": 1, "critical": 0},
        "thresholds": [
            {"threshold": 5, "incidents": 1}, {"threshold": 10, "incidents": 1}, {"threshold": 15, "incidents": 1},
            {"threshold": 20, "incidents": 1}, {"threshold": 30, "incidents": 0}, {"threshold": 50, "incidents": 0},
        ],
        "rules": [
            {"rule": "xss.script", "points": 15, "acts": 3},
            {"rule": "log4shell.lookup", "points": 8, "acts": 1},
            {"rule": "rce.command", "points": 8, "acts": 1},
            {"rule": "sqli.union-select", "points": 8, "acts": 1},
            {"rule": "ssrf.scheme", "points": 2, "acts": 1},
        ],
        "false_alarms": [
            {"rule": "xss.script", "target": "query:t", "acts": 1, "exclude": "{rule: xss.script, parameter: t}"},
        ],
    });
    assert_eq!(lines(&proxy), [expected]);
    // The next day is told too, though nothing was in it but the end of the incident.
    for hour in 1..=24 {
        proxy.now = MIDNIGHT + DAY + hour * HOUR + 10_000;
        beat(&mut proxy);
    }
    let second = &lines(&proxy)[1];
    assert_eq!((&second["day"], &second["from"]), (&json!("2026-01-03"), &json!("2026-01-03T00:00:09.999Z")));
    assert_eq!((&second["users"], &second["opened"], &second["resolved"]), (&json!(0), &json!(0), &json!(1)));
    assert_eq!((lines(&proxy).len(), proxy.sent.len()), (2, 0));
}

#[test]
fn users_are_counted_anew_each_day_and_the_cells_stay_the_same() {
    let cells = Memory::default();
    let mut proxy = learning(&cells, r#", "memory": {"users": 8, "messages": 8}"#, MIDNIGHT);
    let mut before = None;
    for day in 0..5_u64 {
        for (user, target) in [("a", UNION), ("b", UNION), ("a", TEST), ("a", UNION)] {
            proxy.now += MINUTE;
            proxy.get((day % 2) as usize, user, target);
            beat(&mut proxy);
        }
        proxy.now = MIDNIGHT + (day + 1) * DAY + 10_000;
        beat(&mut proxy);
        if day > 0 {
            assert_eq!(*before.get_or_insert(cells.len()), cells.len());
        }
    }
    let users: Vec<_> = lines(&proxy).iter().map(|line| line["users"].clone()).collect();
    assert_eq!(users, [2, 2, 2, 2, 2]);
}

#[test]
fn a_worker_that_slept_loses_nothing_and_no_day_is_told_twice() {
    let cells = Memory::default();
    let mut proxy = learning(&cells, "", MIDNIGHT);
    proxy.get(0, "a", UNION);
    proxy.get(1, "b", UNION);
    proxy.now = MIDNIGHT + DAY + 60_000;
    // Only one of the workers beats; the other one saw its user, and hands in when the day is told.
    proxy.on(0, Input::Tick);
    proxy.now += 1000;
    proxy.on(1, Input::Tick);
    // The proxy stands still for days.
    proxy.now = MIDNIGHT + 5 * DAY + HOUR;
    beat(&mut proxy);
    let told: Vec<_> = lines(&proxy).iter().map(|line| (line["day"].clone(), line["users"].clone())).collect();
    assert_eq!(told, [(json!("2026-01-02"), json!(1)), (json!("2026-01-03"), json!(1))]);
}

#[test]
fn where_it_does_not_learn_nothing_of_it_is_kept() {
    let cells = Memory::default();
    let mut proxy = Proxy::new(&cells, "{}");
    proxy.now = MIDNIGHT;
    proxy.get(0, "a", UNION);
    beat(&mut proxy);
    let monitored = cells.len();
    let cells = Memory::default();
    let mut proxy = learning(&cells, "", MIDNIGHT);
    proxy.get(0, "a", UNION);
    beat(&mut proxy);
    assert_eq!(cells.len(), monitored + 2, "a day and a user");
}

/// The other thresholds are exact: as many incidents as a filter opens that runs under them.
#[test]
fn the_ladder_says_what_filters_with_these_thresholds_do() {
    let acts = |proxy: &mut Proxy<'_>| {
        let targets = [UNION, SCRIPT, TEST, COMMAND, JNDI, TEST, PLAIN, TEST];
        let mut random = 7_u64;
        for _ in 0..600 {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let dice = random >> 33;
            // Two test strings within a minute are not measured by a threshold.
            proxy.now += MINUTE + 1 + dice % (39 * MINUTE);
            beat(proxy);
            let user = ["a", "b", ""][(dice / 7 % 3) as usize];
            proxy.get((dice % 2) as usize, user, targets[(dice / 3 % 8) as usize]);
        }
        proxy.now += 2 * DAY;
        beat(proxy);
        beat(proxy);
    };
    let cells = Memory::default();
    let mut proxy = learning(&cells, r#", "risk": {"exchange_cap": 5}"#, MIDNIGHT);
    acts(&mut proxy);
    let mut learned = [0; 6];
    for line in lines(&proxy) {
        for (sum, rung) in learned.iter_mut().zip(line["thresholds"].as_array().unwrap()) {
            *sum += rung["incidents"].as_u64().unwrap();
        }
    }
    let real = [5, 10, 15, 20, 30, 50].map(|threshold| {
        let cells = Memory::default();
        let risk = format!(r#""risk": {{"exchange_cap": 5, "threshold": {threshold}}}"#);
        let mut proxy = Proxy::new(&cells, &with(&risk));
        proxy.now = MIDNIGHT;
        acts(&mut proxy);
        proxy.count(Counter::Opened)
    });
    assert_eq!(learned, real);
    assert!(real[0] > real[2] && real[2] > 0, "{real:?}");
}

/// Real threads: whoever comes first writes the line, and each request is in it once.
#[test]
fn workers_that_race_lose_no_number_and_write_one_line() {
    let cells = Memory::default();
    let told: Vec<Value> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..4)
            .map(|worker| {
                let cells = &cells;
                scope.spawn(move || {
                    let mut proxy = learning(cells, r#", "key_env": "KEY""#, MIDNIGHT);
                    for number in 0..50 {
                        proxy.now += 200;
                        proxy.get(0, &format!("user-{}", number % 10), [UNION, TEST, COMMAND][worker % 3]);
                        beat(&mut proxy);
                    }
                    proxy.now = MIDNIGHT + DAY;
                    beat(&mut proxy);
                    assert_eq!(lines(&proxy), [] as [Value; 0], "nothing is told yet");
                })
            })
            .collect();
        workers.into_iter().for_each(|worker| worker.join().unwrap());
        let writers: Vec<_> = (0..4)
            .map(|_| {
                let cells = &cells;
                scope.spawn(move || lines(&learning(cells, r#", "key_env": "KEY""#, MIDNIGHT + DAY + 10_000)))
            })
            .collect();
        writers.into_iter().flat_map(|writer| writer.join().unwrap()).collect()
    });
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!((&told[0]["malicious_requests"], &told[0]["users"]), (&json!(200), &json!(10)));
}
