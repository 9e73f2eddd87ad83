//! Is everything bounded: records, memory, lines of the log?

use user_risk_filter::state::memory::Memory;
use user_risk_filter::worker::metric::Counter;

use crate::proxy::Proxy;
use crate::{COMMAND, UNION};

#[test]
fn users_who_fell_quiet_make_room_for_those_who_attack() {
    let cells = Memory::default();
    let mut proxy = Proxy::new(&cells, r#"{"memory": {"users": 8}}"#);
    for user in 0..8 {
        proxy.get(0, &format!("old-{user}"), UNION);
        proxy.get(0, &format!("old-{user}"), COMMAND);
        proxy.now += 1000;
    }
    assert_eq!(proxy.count(Counter::Opened), 8);
    proxy.now += 30 * 24 * 60 * 60 * 1000;
    for attack in [UNION, COMMAND] {
        for user in ["new-1", "new-2"] {
            proxy.get(0, user, attack);
        }
    }
    assert_eq!((proxy.count(Counter::Evicted), proxy.count(Counter::Opened)), (0, 10));
}

#[test]
fn the_memory_of_a_million_users_is_that_of_a_few() {
    let cells = Memory::default();
    let mut proxy = Proxy::new(&cells, r#"{"memory": {"users": 64}}"#);
    for user in 0..1000 {
        proxy.get(0, &format!("user-{user}"), UNION);
    }
    // The users, one place at which a rule matched, the key, and the marks.
    assert!(cells.len() <= 64 / 8 + 3, "{} cells", cells.len());
    assert!(proxy.count(Counter::Evicted) > 900);
    proxy.now += 1000;
    assert_eq!(proxy.get(0, "user-999", COMMAND), 8, "a newcomer is always admitted");
}

#[test]
fn the_log_is_bounded_and_says_so() {
    let cells = Memory::default();
    let mut proxy = Proxy::new(&cells, "{}");
    for user in 0..50 {
        proxy.get(0, &user.to_string(), UNION);
    }
    assert_eq!((proxy.lines.len(), proxy.count(Counter::Suppressed)), (5, 45));
    for user in ["1", "2", "3"] {
        proxy.get(0, user, COMMAND);
    }
    let incidents = proxy.lines[5..].iter().all(|line| line["event"] == "incident_opened");
    assert!(
        incidents && proxy.lines.len() == 7,
        "a noisy attack does not hide its incident; ten lines in all with those of the channels"
    );
    proxy.now += 1000;
    proxy.get(0, "later", UNION);
    assert_eq!(proxy.lines.len(), 8);
}
