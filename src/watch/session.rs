//! Is a session used by its own user? The user of each session cookie is remembered as a hash.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::config::error::Error;
use crate::config::from_value::FromValue;
use crate::config::options::options;
use crate::config::value::Value;
use crate::detect::signal::Signal;
use crate::exchange::cookie;
use crate::exchange::head::Head;
use crate::exchange::headers::{Headers, is_token};
use crate::watch::history::History;

/// The option `user.session`.
#[derive(Clone, Debug)]
pub struct Session {
    cookie: Token,
    /// The answer's header in which the application names who is logged in, as the request names its user.
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
    pub fn of_request<'a>(&'a self, head: &'a Head) -> Option<&'a [u8]> {
        cookie::of_request(head.headers(), &self.cookie.0)
    }

    /// The session's cookie as the answer sets it.
    pub fn of_answer(&self, answer: &Headers) -> Option<Vec<u8>> {
        cookie::of_answer(answer, &self.cookie.0).map(<[u8]>::to_vec)
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

/// The session is used: by `user` as the request says, by `confirmed` as the answer says; hashes of their names.
pub fn on_use(history: &mut History, user: Option<u32>, confirmed: Option<u32>, now: Timestamp) -> Use {
    let known = history.newest();
    history.forget(now, IDLE);
    let bound = history.newest().map(|(_, user)| user);
    // A new login within a session is confirmed by the answer: that is no theft.
    let is_strange = |user: u32| {
        bound.is_some_and(|bound| bound != user)
            && confirmed != Some(user)
            && confirmed.is_none_or(|confirmed| Some(confirmed) == bound)
    };
    let signal = user.is_some_and(is_strange).then_some(Signal::SessionTwoUsers);
    let Some(next) = confirmed.or(user) else { return Use { signal, changed: false } };
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

/// A user is named without a session: does that user have one? Signalled once in an hour.
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
        if !is_token(&name) {
            return Err(format!(
                "`{name}` is not the name of a cookie or a header; write for example sid or x-user-id"
            ));
        }
        Ok(Self(name))
    }
}

#[cfg(test)]
mod tests;
