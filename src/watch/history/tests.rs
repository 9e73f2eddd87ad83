//! Does a history keep what it should, within bounds?

use super::*;
use crate::keyed_hash::Key;
use crate::state::memory::Memory;

const MINUTE: Duration = Duration::from_secs(60);

fn id(number: u32) -> Digest {
    Key::from_passphrase("k").digest("history", &[&number.to_le_bytes()])
}

#[test]
fn steps_leave_with_the_window_and_are_never_too_many() {
    let mut history = History::new(id(0));
    for second in 0..200 {
        history.add(Timestamp::from_millis(second * 1000), second as u32 % 7);
    }
    let now = Timestamp::from_millis(199_000);
    assert_eq!(history.steps.len(), STEPS);
    assert_eq!(history.within(now, MINUTE), (60, 7));
    history.forget(now, MINUTE);
    assert_eq!(history.steps.len(), 60);
    assert!(history.take_back(3) && !history.has(3) && !history.take_back(3));
}

#[test]
fn a_signal_is_given_once_in_its_period() {
    let mut history = History::new(id(0));
    for (second, signal, expected) in [
        (0, Signal::LoginFailures, true),
        (59, Signal::LoginFailures, false),
        (59, Signal::LoginNames, true),
        (60, Signal::LoginFailures, true),
        (70, Signal::LoginFailures, false),
    ] {
        assert_eq!(history.signal_once(signal, Timestamp::from_millis(second * 1000), MINUTE), expected, "{second}");
    }
}

#[test]
fn a_million_of_them_take_the_room_of_a_few_and_the_quiet_go_first() {
    let (cells, histories) = (Memory::default(), Histories::new("t", 16));
    for number in 0..1000 {
        let now = Timestamp::from_millis(u64::from(number));
        let add = |history: &mut History| {
            history.add(now, 1);
            Change::Made(history.within(now, MINUTE).0)
        };
        assert_eq!(histories.update(&cells, HistoryKey::Actor(id(number)), add), Ok(1), "a newcomer is let in");
        let again = histories.update(&cells, HistoryKey::Actor(id(number)), add);
        assert_eq!(again, Ok(2));
    }
    assert_eq!(cells.len(), 2);
}
