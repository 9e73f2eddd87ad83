//! Does every interleaving come to the same?

use user_risk_filter::fleet::record_copy;

use crate::simulation::{Fleet, Network, id};
use crate::{ATTACKS, BADLY, WELL};

/// Any interleaving of proxies, losses, duplicates and orders of calls: when all have been heard, all have the same.
#[test]
fn whatever_happens_on_the_way_all_come_to_the_same() {
    for seed in 0..seeds() {
        let mut fleet = Fleet::new(4, 1000 + seed, BADLY, "{}");
        let mut alone = Fleet::new(1, 1, Network { lost: 1000, ..WELL }, "{}");
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
            for proxy in 0..4 {
                fleet.get(proxy, &user, "/probe?t=user-risk-filter-test");
            }
            alone.now = fleet.now;
        }
        fleet.pass(20_000);
        for user in 0..5 {
            let user = format!("u{user}");
            let records: Vec<_> = (0..4).filter_map(|proxy| fleet.record(proxy, &user)).collect();
            let stored = record_copy::from_bytes(fleet.store.record(id(&user)).unwrap()).unwrap().0;
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
