//! Do many users attack from one address? Who shares an attack out among accounts stays below each one's threshold.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::detect::signal::Signal;
use crate::watch::history::History;

/// So many users within [`WINDOW`] are hardly chance.
const MANY: usize = 5;

/// So many are conclusive: the address's own threshold, which noise of many people behind it has to stay below, says nothing
/// about who has many names.
const SWEEP: usize = 20;

const WINDOW: Duration = Duration::from_secs(10 * 60);

/// Each signal is given once in so long a time.
const PERIOD: Duration = Duration::from_secs(60 * 60);

/// A user (a step of the history) attacked from the address. Says whether the history changed, and what it means.
pub fn on_attack(history: &mut History, user: u32, now: Timestamp) -> (bool, Option<Signal>) {
    history.forget(now, WINDOW);
    if history.has(user) {
        return (false, None);
    }
    history.add(now, user);
    let (_, users) = history.within(now, WINDOW);
    let due = [(SWEEP, Signal::SessionUserSweep), (MANY, Signal::SessionManyUsers)];
    let found = due.into_iter().find(|(least, signal)| users >= *least && history.signal_once(*signal, now, PERIOD));
    (true, found.map(|(_, signal)| signal))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keyed_hash::Key;

    /// The signals of so many users, one each `seconds`, with the number of the user at whom they were given.
    fn signals(users: u32, seconds: u64) -> Vec<(u32, Signal)> {
        let mut history = History::new(Key::from_passphrase("k").digest("crowd", &[b"192.0.2.7"]));
        let at = |user: u32| Timestamp::from_millis(u64::from(user) * seconds * 1000);
        (1..=users).filter_map(|user| on_attack(&mut history, user, at(user)).1.map(|signal| (user, signal))).collect()
    }

    #[test]
    fn five_users_are_told_and_twenty_are_conclusive() {
        let (many, sweep) = ((5, Signal::SessionManyUsers), (20, Signal::SessionUserSweep));
        assert_eq!(signals(4, 1), []);
        assert_eq!(signals(80, 10), [many, sweep]);
        assert_eq!(signals(30, 60), [many], "ten of them within ten minutes");
        assert_eq!(signals(40, 150), [], "four of them");
        assert_eq!(signals(90, 60), [many, (65, Signal::SessionManyUsers)], "again after an hour");
    }

    #[test]
    fn one_user_who_goes_on_is_one() {
        let mut history = History::new(Key::from_passphrase("k").digest("crowd", &[b"192.0.2.7"]));
        let changes = (0..50).filter(|second| on_attack(&mut history, 7, Timestamp::from_millis(second * 1000)).0);
        assert_eq!(changes.count(), 1);
    }
}
