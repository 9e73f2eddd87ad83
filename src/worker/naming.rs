//! How many requests name their user, of those that were looked at? A filter in the wrong place sees no names.

use std::cell::Cell;

/// One request of so many is looked at.
const EVERY: u64 = 16;

/// After so many without a name the operator is told.
const ENOUGH: u64 = 1000;

/// What one worker has seen of users' names.
#[derive(Debug, Default)]
pub(crate) struct Naming {
    arrived: Cell<u64>,
    /// The request that is arriving is looked at.
    pub(crate) is_due: Cell<bool>,
    /// Since the last tick.
    pub(crate) named: Cell<u64>,
    pub(crate) unnamed: Cell<u64>,
    state: Cell<State>,
}

/// ```text
///   ┌─────────────┐ ── a thousand requests without a name ──▶ ┌────────┐
///   │ unknown (n) │                                           │ nobody │
///   └─────────────┘ ── a name ──▶ ┌──────────┐ ◀── a name ─── └────────┘
///                                 │ somebody │
///                                 └──────────┘
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// So many requests were looked at, all without a name.
    Unknown(u64),
    Nobody,
    Somebody,
}

impl Default for State {
    fn default() -> Self {
        Self::Unknown(0)
    }
}

/// What became known on a tick.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum News {
    /// A thousand requests and no name.
    NobodyIsNamed,
    /// Somebody is named after all.
    SomebodyIsNamed,
}

impl Naming {
    /// A request has arrived. Returns whether it is looked at.
    pub(crate) fn arrive(&self) -> bool {
        self.arrived.set(self.arrived.get().wrapping_add(1));
        self.is_due.set(self.arrived.get().is_multiple_of(EVERY));
        self.is_due.get()
    }

    /// A tick: how many requests named their user since the last one, how many did not, and what that means.
    pub(crate) fn take(&self) -> (u64, u64, Option<News>) {
        let (named, unnamed) = (self.named.take(), self.unnamed.take());
        let before = self.state.get();
        let after = match before {
            State::Somebody => State::Somebody,
            _ if named > 0 => State::Somebody,
            State::Nobody => State::Nobody,
            State::Unknown(number) if number + unnamed >= ENOUGH => State::Nobody,
            State::Unknown(number) => State::Unknown(number + unnamed),
        };
        self.state.set(after);
        let news = match (before, after) {
            (State::Unknown(_), State::Nobody) => Some(News::NobodyIsNamed),
            (State::Nobody, State::Somebody) => Some(News::SomebodyIsNamed),
            _ => None,
        };
        (named, unnamed, news)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_said_once_after_a_thousand_and_taken_back() {
        let naming = Naming::default();
        let rows = [
            (0, 999, None),
            (0, 1, Some(News::NobodyIsNamed)),
            (0, 5000, None),
            (1, 5000, Some(News::SomebodyIsNamed)),
            (0, 5000, None),
        ];
        for (named, unnamed, news) in rows {
            naming.named.set(named);
            naming.unnamed.set(unnamed);
            assert_eq!(naming.take(), (named, unnamed, news));
        }
        assert_eq!((0..160).filter(|_| naming.arrive()).count(), 10);
    }
}
