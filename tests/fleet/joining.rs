//! Does a proxy that joins a fleet with a history know what matters, before it has seen anybody?

use crate::simulation::Fleet;
use crate::{ATTACKS, WELL, opened};

const PROTECTING: &str = r#"{"mode": "protect", "respond": [{"block": {"for": "12h"}}], "admin": {"token_env": "T"}}"#;

#[test]
fn a_proxy_that_joins_has_blocks_mutes_and_open_incidents_within_two_seconds() {
    let mut fleet = Fleet::new(3, 12, WELL, PROTECTING);
    fleet.pass(1000);
    // What is long over, what goes on, and what was taken back.
    for user in 0..50 {
        fleet.get(0, &format!("u{user}"), ATTACKS[0]);
        fleet.get(1, &format!("u{user}"), ATTACKS[1]);
    }
    fleet.pass(5000);
    // A block begins with an event in the band.
    fleet.get(2, "u7", ATTACKS[2]);
    fleet.order(0, "block?user=eve&for=10h");
    fleet.order(1, "block?user=bob&for=10h");
    fleet.order(2, "mute?user=tester&for=24h");
    fleet.pass(60_000);
    fleet.order(2, "unblock?user=bob");
    fleet.order(0, "forgive?user=u0");
    fleet.pass(300_000);
    fleet.join(PROTECTING);
    fleet.pass(2000);
    let joined = 3;
    let is_open =
        |user: &usize| fleet.record(joined, &format!("u{user}")).is_some_and(|record| record.open().is_some());
    assert_eq!((0..50).filter(is_open).collect::<Vec<_>>(), (1..50).collect::<Vec<_>>());
    let rows = [("eve", Some(403)), ("u7", Some(403)), ("bob", None), ("u0", None), ("somebody", None)];
    rows.iter().for_each(|(user, status)| assert_eq!(fleet.get(joined, user, "/"), *status, "{user}"));
    let before = fleet.received.len();
    fleet.get(joined, "tester", ATTACKS[0]);
    fleet.get(joined, "tester", ATTACKS[1]);
    fleet.pass(15_000);
    assert_eq!((fleet.received.len(), opened(&fleet)), (before, 51), "it opens, and nobody is told");
    // The newcomer's orders hold for the others too.
    fleet.order(joined, "unblock?user=eve");
    fleet.pass(3000);
    assert_eq!([0, 1, 2].map(|proxy| fleet.get(proxy, "eve", "/")), [None; 3]);
}

/// Envoy bounds an answer to 64 KiB, so that a long history takes many calls: what is refused comes first.
#[test]
fn a_proxy_that_joins_a_large_history_has_the_blocks_first() {
    let mut fleet = Fleet::new(2, 13, WELL, PROTECTING);
    fleet.pass(1000);
    for user in 0..600 {
        fleet.get(0, &format!("u{user}"), ATTACKS[0]);
        fleet.get(1, &format!("u{user}"), ATTACKS[1]);
        if user % 30 == 0 {
            fleet.order(0, &format!("block?user=blocked{user}&for=10h"));
            fleet.pass(1000);
        }
    }
    fleet.pass(30_000);
    fleet.join(PROTECTING);
    fleet.pass(500);
    let blocked = (0..600).step_by(30).map(|user| fleet.get(2, &format!("blocked{user}"), "/"));
    assert_eq!(blocked.collect::<Vec<_>>(), [Some(403); 20]);
    let known = |fleet: &Fleet| (0..600).filter(|user| fleet.record(2, &format!("u{user}")).is_some()).count();
    assert!(known(&fleet) < 600, "or the order would not show");
    fleet.pass(1500);
    assert_eq!(known(&fleet), 600);
}

/// The feed says what a swap decided; what a proxy decided alone it has to say later.
#[test]
fn what_was_decided_while_the_store_was_silent_all_know_afterwards() {
    // No block begins with the incident, which would be an order of its own.
    let mut fleet = Fleet::new(3, 14, WELL, r#"{"mode": "protect", "admin": {"token_env": "T"}}"#);
    fleet.pass(1000);
    fleet.network.lost = 1000;
    fleet.pass(3000);
    fleet.get(0, "mallory", ATTACKS[0]);
    fleet.get(0, "mallory", ATTACKS[1]);
    fleet.order(1, "block?user=eve&for=10h");
    fleet.order(1, "mute?user=tester&for=10h");
    fleet.pass(5000);
    fleet.network = WELL;
    fleet.pass(60_000);
    let opened: Vec<_> =
        (0..3).map(|proxy| fleet.record(proxy, "mallory").is_some_and(|record| record.open().is_some())).collect();
    assert_eq!(opened, [true; 3]);
    assert_eq!(fleet.get(2, "eve", "/"), Some(403));
    assert!(fleet.record(2, "tester").is_some());
}

/// With the records the feed is gone, too.
#[test]
fn a_proxy_that_joins_after_the_store_has_lost_its_data_knows_all_the_same() {
    let mut fleet = Fleet::new(2, 15, WELL, PROTECTING);
    fleet.pass(1000);
    fleet.get(0, "mallory", ATTACKS[0]);
    fleet.get(1, "mallory", ATTACKS[1]);
    fleet.order(1, "block?user=eve&for=10h");
    fleet.pass(5000);
    fleet.store.flush();
    fleet.pass(150_000);
    fleet.join(PROTECTING);
    fleet.pass(2000);
    assert!(fleet.record(2, "mallory").is_some_and(|record| record.open().is_some()));
    assert_eq!(fleet.get(2, "eve", "/"), Some(403));
}
