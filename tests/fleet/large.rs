//! What does a large fleet cost, and does it tell of each user once? Proxies in an order, and at moments, that a seed says.

use std::collections::BTreeMap;
use std::fmt;
use std::time::{Duration, Instant};

use user_risk_filter::fleet::record_copy;

use crate::simulation::{Fleet, Network, id};
use crate::{ATTACKS, opened};

/// In a data centre: a call takes up to 20 ms, and one of a thousand is lost, one not answered, one answer cut.
const USUAL: Network = Network { lost: 1, unanswered: 1, cut: 1, delay: 20 };

/// The users' second attacks come so long after their first ones, at most.
const APART: u64 = 10_000;

struct Figures {
    proxies: usize,
    users: usize,
    events: u64,
    millis: u64,
    calls: u64,
    bytes: u64,
    /// What the same proxies ask a store about nobody.
    idle: (u64, u64),
    took: Duration,
}

/// Users attack two proxies each, over so many milliseconds. In the end each was told of once, and all proxies and the store have
/// the same.
fn race(proxies: usize, users: usize, seed: u64, network: Network, millis: u64) -> Figures {
    let mut fleet = Fleet::new(proxies, seed, network, "{}");
    fleet.pass(5000);
    let idle = per_second(&mut fleet, 10_000);
    #[allow(clippy::disallowed_methods, reason = "it says how long itself took")]
    let began = Instant::now();
    let (start, calls, bytes) = (fleet.now, fleet.store.calls, fleet.store.bytes);
    let mut attacks = Vec::new();
    for user in 0..users {
        let (first, second) = (fleet.random(proxies as u64), fleet.random(proxies as u64 - 1));
        let second = (first + 1 + second) % proxies as u64;
        let at = fleet.random(millis - APART);
        attacks.push((at, first as usize, user, ATTACKS[0]));
        attacks.push((at + fleet.random(APART), second as usize, user, ATTACKS[1]));
    }
    attacks.sort_unstable();
    let mut attacks = attacks.into_iter().peekable();
    while attacks.peek().is_some() {
        let passed = fleet.now - start;
        while let Some((_, proxy, user, attack)) = attacks.next_if(|(at, ..)| *at <= passed) {
            fleet.get(proxy, &format!("u{user}"), attack);
        }
        fleet.pass(250);
    }
    let (calls, bytes, millis) = (fleet.store.calls - calls, fleet.store.bytes - bytes, fleet.now - start);
    fleet.pass(30_000);
    let took = began.elapsed();
    check(&fleet, users);
    Figures { proxies, users, events: 2 * users as u64, millis, calls, bytes, idle, took }
}

/// Calls and bytes a second while so much time passes.
fn per_second(fleet: &mut Fleet, millis: u64) -> (u64, u64) {
    let (calls, bytes) = (fleet.store.calls, fleet.store.bytes);
    fleet.pass(millis);
    ((fleet.store.calls - calls) * 1000 / millis, (fleet.store.bytes - bytes) * 1000 / millis)
}

fn check(fleet: &Fleet, users: usize) {
    let mut told: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    fleet.received.iter().for_each(|one| told.entry(&one.user).or_default().push(&one.kind));
    assert_eq!(told.len(), users, "no message is lost");
    let doubled: Vec<_> = told.iter().filter(|(_, kinds)| **kinds != ["risk.incident.opened"]).collect();
    assert!(doubled.is_empty(), "and none is doubled: {doubled:?}");
    assert_eq!(opened(fleet), users as u64);
    for user in 0..users {
        let name = format!("u{user}");
        let stored = record_copy::from_bytes(fleet.store.record(id(&name)).unwrap()).unwrap().0;
        assert_eq!((stored.increase().to_string().as_str(), stored.awaits_delivery()), ("16", false), "{name}");
        let incident = stored.open().unwrap().incident;
        for proxy in 0..fleet.proxies.len() {
            let own = fleet.record(proxy, &name).unwrap_or_else(|| panic!("proxy {proxy} knows nothing of {name}"));
            assert_eq!(own.open().map(|open| open.incident), Some(incident), "{name} on proxy {proxy}");
            assert_eq!(own.tallies(), stored.tallies(), "{name} on proxy {proxy}");
        }
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { proxies, users, events, millis, calls, bytes, idle, took } = self;
        let seconds = *millis as f64 / 1000.0;
        let of_all = |number: u64| number as f64 / seconds;
        write!(
            f,
            "{proxies} proxies, {users} users in {seconds:.0} s: {:.0} calls/s, {:.0} kB/s; {:.2} calls and {:.0} B an event, {:.0} B \
             an event and proxy; idle {} calls/s, {:.1} kB/s; simulated in {} s",
            of_all(*calls),
            of_all(*bytes) / 1000.0,
            *calls as f64 / *events as f64,
            *bytes as f64 / *events as f64,
            *bytes as f64 / *events as f64 / *proxies as f64,
            idle.0,
            idle.1 as f64 / 1000.0,
            took.as_secs(),
        )
    }
}

#[test]
fn a_fleet_tells_of_each_user_once_and_all_agree() {
    println!("{}", race(10, 200, 43, USUAL, 20_000));
}

#[test]
#[ignore = "takes minutes; prints calls and bytes: CONTRIBUTING.md says how it is run"]
fn a_large_fleet_tells_of_each_user_once_and_all_agree() {
    let number = |name: &str, usual| std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual);
    let (proxies, users) = (number("FLEET_PROXIES", 100), number("FLEET_USERS", 10_000));
    println!("{}", race(proxies, users, number("FLEET_SEED", 42) as u64, USUAL, 180_000));
}
