//! Does a session stay with its user? Who logged in with a session's cookie is remembered as a hash.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::config::FromValue;
use crate::config::error::Error;
use crate::config::options::options;
use crate::config::value::Value;
use crate::detect::signal::Signal;
use crate::exchange::head::Head;
use crate::exchange::headers::Headers;
use crate::watch::history::History;

/// The option `user.session`.
#[derive(Clone, Debug)]
pub struct Session {
    cookie: Token,
    /// The answer's header by which the application tells who is logged in, named as the request's user is.
    response_header: Option<Token>,
}

options! { Session { cookie, response_header } }

/// The name of a cookie or a header.
#[derive(Clone, Debug)]
struct Token(String);

/// A session that nobody used for so long is forgotten.
const IDLE: Duration = Duration::from_secs(24 * 60 * 60);
/// What is remembered is written anew only when it is this old.
const FRESH: Duration = Duration::from_secs(60 * 60);

impl Session {
    /// The session's cookie as the request has it.
    pub fn of_request<'a>(&self, head: &'a Head) -> Option<&'a [u8]> {
        let pairs = head.headers().all("cookie").flat_map(|cookies| cookies.split(|byte| *byte == b';'));
        pairs.filter_map(|pair| self.value(pair)).next_back()
    }

    /// The session's cookie as the answer sets it.
    pub fn of_answer(&self, answer: &Headers) -> Option<Vec<u8>> {
        let first = |cookie: &'_ [u8]| cookie.split(|byte| *byte == b';').next().map(<[u8]>::to_vec);
        answer.all("set-cookie").filter_map(first).filter_map(|pair| self.value(&pair).map(<[u8]>::to_vec)).next_back()
    }

    fn value<'a>(&self, pair: &'a [u8]) -> Option<&'a [u8]> {
        let value = pair.trim_ascii_start().strip_prefix(self.cookie.0.as_bytes())?.strip_prefix(b"=")?;
        Some(value.trim_ascii()).filter(|value| !value.is_empty())
    }

    /// The header of the answer that names who is logged in, in lower case.
    pub fn response_header(&self) -> Option<String> {
        self.response_header.as_ref().map(|name| name.0.to_ascii_lowercase())
    }
}

/// What came of a session's use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Use {
    /// What it means.
    pub signal: Option<Signal>,
    /// Did the history change?
    pub changed: bool,
}

/// The session is used: by `user` as the request says, by `told` as the answer says; hashes of their names.
pub fn on_use(history: &mut History, user: Option<u32>, told: Option<u32>, now: Timestamp) -> Use {
    let known = history.newest();
    history.forget(now, IDLE);
    let bound = history.newest().map(|(_, user)| user);
    // Who logs in anew within a session is told by the answer: that is no theft.
    let is_strange = |user: u32| {
        bound.is_some_and(|bound| bound != user) && told != Some(user) && told.is_none_or(|told| Some(told) == bound)
    };
    let signal = user.is_some_and(is_strange).then_some(Signal::SessionTwoUsers);
    let Some(next) = told.or(user) else { return Use { signal, changed: false } };
    let changed = known.is_none_or(|(at, user)| user != next || now.since(at) > FRESH);
    if changed {
        bound.map(|bound| history.take_back(bound));
        history.add(now, next);
    }
    Use { signal, changed }
}

/// A user has a session: remembered with the user. Says whether the history changed.
pub fn on_owner(history: &mut History, now: Timestamp) -> bool {
    let is_fresh = history.newest().is_some_and(|(at, _)| now.since(at) <= FRESH);
    if !is_fresh {
        history.take_back(0);
        history.add(now, 0);
    }
    !is_fresh
}

/// A user is named without a session: does that user have one? Told once in an hour.
pub fn on_missing(history: &mut History, now: Timestamp) -> Option<Signal> {
    history.forget(now, IDLE);
    let has_one = history.newest().is_some();
    (has_one && history.signal_once(Signal::SessionWithout, now, FRESH)).then_some(Signal::SessionWithout)
}

impl FromValue for Token {
    fn read(value: &Value) -> Result<Self, Error> {
        value.parse()
    }
}

impl TryFrom<String> for Token {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        if name.is_empty() || !name.bytes().all(token) {
            return Err(format!(
                "`{name}` is not the name of a cookie or a header; write for example sid or x-user-id"
            ));
        }
        Ok(Self(name))
    }
}

#[cfg(test)]
mod tests {
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
    fn the_cookie_is_found() {
        let session: Session = config::from_json(r#"{"cookie": "sid"}"#).unwrap();
        for (cookies, expected) in
            [("a=1; sid=x", Some("x")), ("sid=", None), ("asid=1; sidx=2", None), ("sid=a=b;c=d", Some("a=b"))]
        {
            let head = Head::new([("cookie", cookies)].into_iter().collect());
            assert_eq!(session.of_request(&head), expected.map(str::as_bytes), "{cookies}");
        }
        let answer = Headers::from_iter([("set-cookie", "sid=new; Path=/; HttpOnly")]);
        assert_eq!(session.of_answer(&answer), Some(b"new".to_vec()));
    }
}
