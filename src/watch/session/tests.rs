//! Is a stolen session noticed, and a new login not?

use super::*;
use crate::config;
use crate::keyed_hash::Key;

#[test]
fn a_session_with_two_users_is_told_and_a_new_login_is_not() {
    let stolen = Some(Signal::SessionTwoUsers);
    type Row<'a> = (&'a str, &'a [(Option<u32>, Option<u32>, Option<Signal>)]);
    let rows: [Row<'_>; 7] = [
        ("one user", &[(Some(1), None, None), (Some(1), None, None)]),
        ("another's", &[(Some(1), None, None), (Some(2), None, stolen), (Some(2), None, None)]),
        ("turns", &[(Some(1), None, None), (Some(2), None, stolen), (Some(1), None, stolen)]),
        ("logged in, then another's", &[(None, Some(1), None), (Some(2), None, stolen)]),
        ("told each time", &[(None, Some(1), None), (Some(2), Some(1), stolen), (Some(2), Some(1), stolen)]),
        ("a new login", &[(Some(1), None, None), (Some(1), Some(2), None), (Some(2), None, None)]),
        ("nobody", &[(None, None, None), (Some(1), None, None)]),
    ];
    for (what, uses) in rows {
        let mut history = History::new(Key::from_passphrase("k").digest("session", &[]));
        for (number, (user, told, expected)) in uses.iter().enumerate() {
            let now = Timestamp::from_millis(1_000_000 + number as u64);
            assert_eq!(on_use(&mut history, *user, *told, now).signal, *expected, "{what}: {number}");
        }
    }
}

#[test]
fn what_is_known_is_written_once_an_hour_and_forgotten_after_a_day() {
    let mut history = History::new(Key::from_passphrase("k").digest("session", &[]));
    for (hour, user, changed, strange) in
        [(0, 1, true, false), (1, 1, false, false), (2, 1, true, false), (27, 2, true, false), (28, 1, true, true)]
    {
        let now = Timestamp::from_millis(hour * 3_600_000);
        let used = on_use(&mut history, Some(user), None, now);
        assert_eq!((used.changed, used.signal.is_some()), (changed, strange), "{hour}");
    }
}

#[test]
fn a_user_without_the_session_is_told_once_an_hour_if_there_is_one() {
    let mut history = History::new(Key::from_passphrase("k").digest("owner", &[]));
    let minute = |minute: u64| Timestamp::from_millis(minute * 60_000);
    assert_eq!(on_missing(&mut history, minute(0)), None);
    assert!(on_owner(&mut history, minute(1)) && !on_owner(&mut history, minute(2)));
    let told: Vec<_> = [3, 4, 62, 63].map(|at| on_missing(&mut history, minute(at)).is_some()).into();
    assert_eq!(told, [true, false, false, true]);
    assert_eq!(on_missing(&mut history, minute(24 * 60 + 1)), None);
}

#[test]
fn the_session_is_that_of_the_first_cookie_as_the_user_is() {
    let session: Session = config::from_json(r#"{"cookie": "sid"}"#).unwrap();
    let head = Head::new([("cookie", "sid=first; sid=second")].into_iter().collect());
    assert_eq!(session.of_request(&head), Some(&b"first"[..]));
    let answer = Headers::from_iter([("set-cookie", "sid=new; Path=/; HttpOnly")]);
    assert_eq!(session.of_answer(&answer), Some(b"new".to_vec()));
}
