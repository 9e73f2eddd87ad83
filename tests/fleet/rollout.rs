//! What happens in the middle of a roll-out, while some proxies have another threshold, other rules and other channels?

use user_risk_filter::fleet::record_copy;
use user_risk_filter::incident::record::Record;

use crate::simulation::{Fleet, id};
use crate::{ATTACKS, WELL, opened};

const OLD: &str = r#"{"risk": {"window": "5m"}}"#;

const NEW: &str = r#"{"risk": {"threshold": 30, "window": "10m", "stack": 1}, "detect": {"rules": {"xss": "off"}},
    "notify": [{"webhook": {"cluster": "receiver", "url": "https://h.example/new", "secret_env": "SECRET"}}]}"#;

/// Two old proxies (0, 1) and two new ones (2, 3).
fn fleet(seed: u64) -> Fleet {
    let mut fleet = Fleet::new(2, seed, WELL, OLD);
    (0..2).for_each(|_| fleet.join(NEW));
    fleet.pass(1000);
    fleet
}

fn stored(fleet: &Fleet, user: &str) -> Record {
    record_copy::from_bytes(fleet.store.record(id(user)).unwrap()).unwrap().0
}

/// What was told, and by which channel.
fn told(fleet: &Fleet) -> Vec<(&str, &str)> {
    fleet.received.iter().map(|one| (one.kind.rsplit('.').next().unwrap(), one.path.as_str())).collect()
}

/// Its name, who sees the attacks, and what is told by which channel.
type Row = (&'static str, &'static [usize], &'static [(&'static str, &'static str)]);

#[test]
fn the_proxy_of_the_newest_event_decides_by_its_threshold_and_tells_its_channels() {
    // Each attack has 8 points or 10: two are above 15, four above 30.
    let rows: [Row; 5] = [
        ("two on old ones", &[0, 1], &[("opened", "/risk")]),
        ("two on new ones", &[2, 3], &[]),
        ("an old one after a new one", &[2, 0], &[("opened", "/risk")]),
        ("a new one after an old one", &[0, 2], &[]),
        ("four on new ones", &[2, 3, 2, 3], &[("opened", "/new")]),
    ];
    for (seed, (name, proxies, expected)) in rows.into_iter().enumerate() {
        let mut fleet = fleet(300 + seed as u64);
        for (proxy, attack) in proxies.iter().zip([ATTACKS[0], ATTACKS[1], ATTACKS[2], ATTACKS[4]]) {
            fleet.get(*proxy, "mallory", attack);
            fleet.pass(4000);
        }
        fleet.pass(10_000);
        assert_eq!(told(&fleet), expected, "{name}");
        assert_eq!(opened(&fleet), expected.len() as u64, "{name}");
        let everywhere = (0..4).filter(|proxy| fleet.record(*proxy, "mallory").is_some_and(|one| one.open().is_some()));
        assert_eq!(everywhere.count(), 4 * expected.len(), "{name}");
    }
}

#[test]
fn what_one_proxy_does_not_look_for_counts_where_another_saw_it() {
    let mut fleet = fleet(310);
    fleet.get(2, "mallory", ATTACKS[3]);
    fleet.pass(3000);
    assert!(fleet.store.record(id("mallory")).is_none());
    fleet.get(0, "mallory", ATTACKS[3]);
    fleet.pass(3000);
    fleet.get(2, "mallory", ATTACKS[0]);
    fleet.pass(3000);
    let points = |record: Record| record.increase().to_string();
    let both = points(stored(&fleet, "mallory"));
    assert_eq!(points(fleet.record(2, "mallory").unwrap()), both);
    assert!(both.parse::<f64>().unwrap() > 8.0, "{both}");
}

/// Neither writes again and again what the other one takes out: windows, stacks and bounds differ.
#[test]
fn they_come_to_rest_and_the_incident_ends_once_by_what_it_opened_with() {
    let mut fleet = fleet(320);
    for (number, attack) in ATTACKS.iter().enumerate() {
        fleet.get(number % 4, "mallory", attack);
        // The same rule again: the new ones count it once.
        fleet.get((number + 1) % 4, "mallory", &format!("/again{number}{}", &attack[attack.find('?').unwrap()..]));
        fleet.pass(1000);
    }
    fleet.pass(60_000);
    assert_eq!((opened(&fleet), told(&fleet)[0].0), (1, "opened"));
    let threshold = stored(&fleet, "mallory").open().unwrap().threshold;
    let before = fleet.store.record(id("mallory")).unwrap().to_vec();
    let quiet = |fleet: &mut Fleet| {
        let bytes = fleet.store.bytes;
        fleet.pass(60_000);
        fleet.store.bytes - bytes
    };
    let (first, second) = (quiet(&mut fleet), quiet(&mut fleet));
    assert!(first.abs_diff(second) < first / 4, "polls and nothing else: {first}, {second} bytes");
    assert_eq!(fleet.store.record(id("mallory")).unwrap(), before);
    // The roll-out goes on.
    for proxy in 0..2 {
        fleet.replace(proxy, NEW);
        fleet.pass(10_000);
    }
    assert_eq!(fleet.record(0, "mallory").unwrap().open().unwrap().threshold, threshold);
    fleet.pass(660_000);
    let number = |wanted: &str| told(&fleet).iter().filter(|(kind, _)| *kind == wanted).count();
    assert_eq!((number("opened"), number("resolved")), (1, 1), "{:?}", told(&fleet));
    assert!((0..4).all(|proxy| fleet.record(proxy, "mallory").is_none_or(|record| record.open().is_none())));
}
