//! Are the newest deliveries and the last 24 hours kept, whichever worker hands them in, and no more?

use super::*;
use crate::keyed_hash::Key;
use crate::state::memory::Memory;

fn user(name: &str) -> Digest {
    Key::from_passphrase("k").digest("user", &[name.as_bytes()])
}

fn at_hour(hour: u64) -> Timestamp {
    Timestamp::from_millis(hour * HOUR_MILLIS + 1)
}

#[test]
fn hours_are_counted_by_category_and_forgotten_after_a_day() {
    let (cells, journal) = (Memory::default(), Journal::new("t"));
    let rows = [
        (100, vec![Category::Sqli, Category::Sqli]),
        (101, vec![Category::Xss]),
        // A worker whose clock is behind.
        (100, vec![Category::Xss]),
        (123, vec![Category::Sqli]),
        (124, vec![Category::Rce]),
    ];
    for (hour, categories) in rows {
        let mut notes = Notes::default();
        categories.into_iter().for_each(|category| notes.event(category));
        journal.hand_in(&cells, notes, at_hour(hour)).unwrap();
    }
    let shown = |hour| {
        let rows = journal.tallies(&cells).unwrap().by_category(at_hour(hour));
        rows.into_iter().map(|(category, hours)| (category, hours.iter().sum::<u32>(), hours[23])).collect::<Vec<_>>()
    };
    let (sqli, xss, rce) = (Category::Sqli, Category::Xss, Category::Rce);
    assert_eq!(shown(124), [(xss, 2, 0), (sqli, 1, 0), (rce, 1, 1)]);
    assert_eq!(shown(125), [(sqli, 1, 0), (rce, 1, 0)]);
    assert_eq!(shown(200), []);
}

#[test]
fn the_newest_deliveries_are_kept() {
    let (cells, journal) = (Memory::default(), Journal::new("t"));
    let delivery = |name: &str, millis| Delivery {
        user: user(name),
        at: Timestamp::from_millis(millis),
        channel: "slack".to_owned(),
        transition: Transition::Opened,
        result: DeliveryResult::Delivered,
        answer: String::new(),
    };
    for worker in 0..2 {
        let mut notes = Notes::default();
        notes.delivery(delivery("mallory", worker));
        (0..300).for_each(|number| notes.delivery(delivery("somebody", number)));
        journal.hand_in(&cells, notes, Timestamp::default()).unwrap();
    }
    let times =
        |name| journal.deliveries(&cells, user(name)).unwrap().iter().map(|one| one.at.as_millis()).collect::<Vec<_>>();
    assert_eq!(times("mallory"), [1], "the first went with the oldest");
    assert_eq!(times("somebody").len(), DELIVERIES - 1);
}

#[test]
fn losses_add_up_and_nothing_is_written_for_nothing() {
    let (cells, journal) = (Memory::default(), Journal::new("t"));
    for records in [Some(7), None] {
        let mut notes = Notes::default();
        notes.evicted();
        notes.unweighed();
        records.into_iter().for_each(|number| notes.records(number));
        journal.hand_in(&cells, notes, at_hour(1)).unwrap();
    }
    let Tallies { evicted, unweighed, records, .. } = journal.tallies(&cells).unwrap();
    assert_eq!((evicted, unweighed, records), (2, 2, Some(7)));
    let untouched = Memory::default();
    journal.hand_in(&untouched, Notes::default(), at_hour(2)).unwrap();
    assert!(untouched.is_empty());
}
