//! Where are a day's numbers? In two cells, one for each of two days, so that a day can be closed while the next runs.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::incident::weighing::Weighed;
use crate::keyed_hash::Digest;
use crate::learn::tally::{Step, Tally, UserState};
use crate::risk::crossing::Limits;
use crate::state::buckets::Buckets;
use crate::state::cells::Cells;
use crate::state::table::{Change, Failure, Stored, Table};

/// Seconds of a day.
pub(crate) const DAY: u64 = 24 * 60 * 60;

/// The numbers of all workers.
#[derive(Clone, Debug)]
pub(crate) struct LearnStore {
    days: Table<Day>,
    users: Buckets<UserState>,
}

/// The numbers of one day.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Day {
    /// Days since the epoch; 0: none yet.
    pub(crate) number: u64,
    /// When it began: for the first day at the first look.
    pub(crate) from: Timestamp,
    /// Is its line written?
    is_reported: bool,
    pub(crate) tally: Tally,
}

/// What adding came to.
pub(crate) enum Added {
    /// The numbers stand; an older day that stood there untold has gone.
    To(Option<Day>),
    /// The day's line is written.
    Late,
}

impl LearnStore {
    /// In the cells `<prefix>/learn/…`; none is written unless somebody learns.
    pub(crate) fn new(prefix: &str, users: u32) -> Self {
        Self {
            days: Table::new(format!("{prefix}/learn/day")),
            users: Buckets::new(format!("{prefix}/learn/users"), users),
        }
    }

    /// What the exchange adds for this user, who is remembered for the next.
    pub(crate) fn step(
        &self,
        cells: &impl Cells,
        user: Digest,
        weighed: &Weighed,
        limits: &Limits,
        now: Timestamp,
    ) -> Result<Step, Failure> {
        self.users.update(cells, user, |bucket| {
            let (user_state, _) = bucket.admit(user, || UserState::new(user));
            Change::Made(user_state.step(weighed, limits, now.as_secs() / DAY, now))
        })
    }

    /// Adds a worker's numbers to those of a day.
    pub(crate) fn add(&self, cells: &impl Cells, number: u64, tally: &Tally, now: Timestamp) -> Result<Added, Failure> {
        self.days.update(cells, number % 2, |day| {
            let mut gone = None;
            if day.number < number {
                let from = now.max(Timestamp::from_millis(number.saturating_mul(DAY * 1000)));
                let old = std::mem::replace(day, Day { number, from, ..Day::default() });
                gone = Some(old).filter(|old| old.number > 0 && !old.is_reported);
            } else if day.is_reported {
                return Change::None(Added::Late);
            } else if tally.is_empty() {
                return Change::None(Added::To(None));
            }
            day.tally.merge(tally.clone());
            Change::Made(Added::To(gone))
        })
    }

    /// The numbers of the day, or of an older one in its place, for the one worker that writes its line.
    pub(crate) fn close(&self, cells: &impl Cells, number: u64) -> Result<Option<Day>, Failure> {
        self.days.update(cells, number % 2, |day| {
            if day.number == 0 || day.number > number || day.is_reported {
                return Change::None(None);
            }
            let closed = day.clone();
            (day.is_reported, day.tally) = (true, Tally::default());
            Change::Made(Some(closed))
        })
    }
}

impl Stored for Day {
    const FORMAT: u8 = 1;
}
