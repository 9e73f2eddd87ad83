//! Do the metrics say how the store stands, and what bounds have cost?

use crate::simulation::Fleet;
use crate::{ATTACKS, WELL};

fn gauge(fleet: &Fleet, proxy: usize, name: &str) -> u64 {
    fleet.proxies[proxy].gauges[format!("user_risk_filter_store_{name}").as_str()]
}

fn count(fleet: &Fleet, proxy: usize, name: &str) -> u64 {
    fleet.proxies[proxy]
        .counts
        .get(format!("user_risk_filter_store_{name}_total").as_str())
        .copied()
        .unwrap_or_default()
}

#[test]
fn metrics_say_how_the_store_stands() {
    let mut fleet = Fleet::new(2, 16, WELL, "{}");
    fleet.proxies[1].skew = 90_000;
    fleet.pass(3000);
    fleet.get(0, "mallory", ATTACKS[0]);
    fleet.get(1, "mallory", ATTACKS[1]);
    fleet.pass(30_000);
    assert!((0..2).all(|proxy| gauge(&fleet, proxy, "age_seconds") <= 2), "it is asked every two seconds");
    assert_eq!([0, 1].map(|proxy| gauge(&fleet, proxy, "clock_skew_seconds")), [0, 90]);
    assert_eq!([0, 1].map(|proxy| gauge(&fleet, proxy, "waiting_users")), [0, 0]);
    assert!((0..2).map(|proxy| count(&fleet, proxy, "conflicts")).sum::<u64>() > 0);
    assert!((0..2).map(|proxy| count(&fleet, proxy, "merges")).sum::<u64>() > 0);
    let of_all = |name| (0..2).map(|proxy| count(&fleet, proxy, name)).sum::<u64>();
    assert_eq!(
        (of_all("calls"), of_all("bytes_sent") + of_all("bytes_received")),
        (fleet.store.calls, fleet.store.bytes)
    );
    assert_eq!((of_all("failures"), of_all("decided_alone"), of_all("deferred"), of_all("lost")), (0, 0, 0, 0));
    fleet.proxies[0].is_cut_off = true;
    for user in 0..40 {
        fleet.get(0, &format!("u{user}"), ATTACKS[0]);
    }
    fleet.pass(60_000);
    assert!((50..=62).contains(&gauge(&fleet, 0, "age_seconds")));
    assert_eq!(gauge(&fleet, 0, "waiting_users"), 40);
    assert!(count(&fleet, 0, "failures") > 2);
}

/// Those beyond the bound are found by the sweep: late, and none of them is lost.
#[test]
fn more_users_than_may_wait_are_counted_and_shared_later() {
    let mut fleet = Fleet::new(1, 17, WELL, "{}");
    fleet.pass(1000);
    fleet.proxies[0].is_cut_off = true;
    for user in 0..5000 {
        fleet.get(0, &format!("u{user}"), ATTACKS[0]);
    }
    assert!(count(&fleet, 0, "deferred") >= 5000 - 4096);
    fleet.proxies[0].is_cut_off = false;
    fleet.pass(150_000);
    let shared = (0..5000).filter(|user| fleet.store.record(crate::simulation::id(&format!("u{user}"))).is_some());
    assert_eq!(shared.count(), 5000);
}

#[test]
fn what_has_no_room_on_a_small_proxy_is_counted() {
    let mut fleet = Fleet::new(1, 18, WELL, "{}");
    fleet.join(r#"{"memory": {"users": 64}}"#);
    fleet.pass(1000);
    for user in 0..200 {
        fleet.get(0, &format!("u{user}"), ATTACKS[0]);
        fleet.get(0, &format!("u{user}"), ATTACKS[1]);
    }
    fleet.pass(30_000);
    let known = (0..200).filter(|user| fleet.record(1, &format!("u{user}")).is_some()).count() as u64;
    assert!(known <= 64);
    assert!(count(&fleet, 1, "lost") >= 200 - known);
}
