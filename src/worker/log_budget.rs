//! Which log lines does a worker write, and which does it leave out? So many in a second (`log.lines_per_second`), shared fairly.

use std::cell::RefCell;
use std::collections::BTreeMap;

use crate::clock::Timestamp;
use crate::keyed_hash::Digest;
use crate::plugin::log_options::LogOptions;
use crate::sort::sort_by_key;
use crate::text::json::Json;
use crate::worker::log_line;

/// The most users whose suppressed lines are counted apart; those beyond are counted together.
const USERS: usize = 64;

/// The most users whom the line about suppressed lines names.
const NAMED: usize = 10;

/// A worker's budget of log lines.
///
/// Of the lines of a second one user gets at most a fifth. Lines that matter less may only be written while more is left
/// of it ([`Kind::limit`]), so that a flood of what matters little hides nothing that matters more. Lines about incidents
/// and lost messages are always written: their number is bounded by that of the openings.
#[derive(Debug)]
pub(crate) struct LogBudget {
    /// None: without a limit.
    lines: Option<u32>,
    state: RefCell<Second>,
}

/// What was written in one second, and what was left out in it.
#[derive(Debug, Default)]
struct Second {
    second: u64,
    /// Lines that count against the budget.
    written: u32,
    by_user: BTreeMap<Digest, u32>,
    suppressed: Suppressed,
}

/// Which users' lines were left out, and how many.
#[derive(Debug, Default)]
struct Suppressed {
    total: u64,
    by_user: BTreeMap<Digest, (String, u64)>,
}

/// What a line is about, the least important first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Something that anybody can cause at will and that concerns no user's score.
    Nuisance,
    /// What went as it should: a message that arrived.
    Routine,
    /// A malicious request that added no points to a user who is not over the threshold.
    Repeated,
    /// One that added points, or of a user over the threshold, whose name clients can invent.
    Invented,
    /// The same of a user whose name somebody vouches for.
    Vouched,
    /// A message that did not arrive yet, or the filter itself.
    Service,
    /// An incident, or a message that was lost: always written.
    Always,
}

impl Kind {
    /// Up to how many written lines of the second such a line is written, of `lines` in all.
    const fn limit(self, lines: u32) -> u32 {
        match self {
            Self::Nuisance => lines / 10,
            Self::Routine | Self::Repeated => lines * 3 / 10,
            Self::Invented => lines * 6 / 10,
            Self::Vouched => lines * 8 / 10,
            Self::Service => lines,
            Self::Always => u32::MAX,
        }
    }
}

impl LogBudget {
    /// A budget as the operator wants it.
    pub(crate) fn new(options: LogOptions) -> Self {
        Self { lines: Some(options.lines_per_second()), state: RefCell::default() }
    }

    /// A budget without a limit.
    pub(crate) fn unbounded() -> Self {
        Self { lines: None, state: RefCell::default() }
    }

    /// Takes a line of this kind from the budget of the second of `now`, about a request of the user whom the log calls by
    /// the name, if it is about one. Returns false if there is none left for it, and counts that.
    pub(crate) fn takes(&self, kind: Kind, user: Option<(Digest, &str)>, now: Timestamp) -> bool {
        let (Some(lines), false) = (self.lines, kind == Kind::Always) else { return true };
        let state = &mut *self.state.borrow_mut();
        if state.second != now.as_secs() {
            (state.second, state.written) = (now.as_secs(), 0);
            state.by_user.clear();
        }
        let has_share = |(user, _): (Digest, _)| state.by_user.get(&user).is_none_or(|written| *written < lines / 5);
        if state.written >= kind.limit(lines) || !user.is_none_or(has_share) {
            state.suppressed.add(user);
            return false;
        }
        state.written += 1;
        if let Some((user, _)) = user {
            *state.by_user.entry(user).or_default() += 1;
        }
        true
    }

    /// The line about what was suppressed in a second that is over, by user; none if nothing was.
    pub(crate) fn suppressed(&self, now: Timestamp) -> Option<String> {
        let state = &mut *self.state.borrow_mut();
        if state.second == now.as_secs() || state.suppressed.total == 0 {
            return None;
        }
        let Suppressed { total, by_user } = std::mem::take(&mut state.suppressed);
        let mut users: Vec<_> = by_user.into_values().collect();
        sort_by_key(&mut users, |(_, lines)| std::cmp::Reverse(*lines));
        users.truncate(NAMED);
        let named: u64 = users.iter().map(|(_, lines)| lines).sum();
        let user =
            |(name, lines): &(String, u64)| Json::object(&[("user", Json::text(name)), ("lines", Json::number(lines))]);
        Some(log_line::line(&[
            ("event", Json::text("log_lines_suppressed")),
            ("time", Json::text(&now.to_string())),
            ("lines", Json::number(&total)),
            ("users", Json::list(&users.iter().map(user).collect::<Vec<_>>())),
            ("lines_of_others", Json::number(&(total - named))),
        ]))
    }
}

impl Suppressed {
    fn add(&mut self, user: Option<(Digest, &str)>) {
        self.total += 1;
        let Some((user, name)) = user else { return };
        let has_room = self.by_user.len() < USERS;
        if let Some((_, lines)) = self.by_user.get_mut(&user) {
            *lines += 1;
        } else if has_room {
            self.by_user.insert(user, (name.to_owned(), 1));
        }
    }
}
