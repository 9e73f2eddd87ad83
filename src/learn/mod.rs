//! Learning mode: nobody is notified, and once a day one line says what it would have come to.

use std::cell::Cell;

use crate::clock::Timestamp;
use crate::incident::snapshot::Snapshot;
use crate::incident::weighing::Weighed;
use crate::learn::store::{Added, DAY, Day, LearnStore};
use crate::learn::tally::{Step, Tally};
use crate::risk::acts::Event;
use crate::state::cells::Cells;
use crate::state::table::Failure;

pub(crate) mod line;
pub(crate) mod store;
pub(crate) mod tally;

/// The line of a day is written so many seconds after it ended: by then all workers have handed in what they saw.
const GRACE: u64 = 10;

/// What one worker saw since its last tick. The shared cell is touched on ticks only: an attack on many users must not make
/// all workers wait for one cell.
#[derive(Default)]
pub(crate) struct Learning {
    tally: Cell<Tally>,
    /// The day of these numbers.
    day: Cell<u64>,
    /// The day that this worker knows to have begun in the shared cell.
    begun: Cell<u64>,
    /// The last day whose line this worker knows to be written.
    reported: Cell<u64>,
}

impl Learning {
    /// Counts detections, of a request that is new or was counted before.
    pub(crate) fn found(&self, is_new: bool, number: usize, now: Timestamp) {
        self.change(now, |tally| {
            tally.requests += u64::from(is_new);
            tally.detections += number as u64;
        });
    }

    /// Counts what happened to incidents.
    pub(crate) fn transitions(&self, transitions: &[Snapshot], now: Timestamp) {
        self.change(now, |tally| transitions.iter().for_each(|one| tally.transition(one.transition)));
    }

    /// Counts what the events of an exchange came to for a user.
    pub(crate) fn weighed(&self, events: &[Event<'_>], weighed: &Weighed, step: Step, now: Timestamp) {
        self.change(now, |tally| tally.weighed(events, weighed, step));
    }

    /// Adds what this worker saw to the shared days. Returns the days that had to make room without having been reported.
    ///
    /// # Errors
    /// The cells can't be changed; the numbers stay here.
    pub(crate) fn hand_in(&self, store: &LearnStore, cells: &impl Cells, now: Timestamp) -> Result<Vec<Day>, Failure> {
        let Self { tally, day, begun, .. } = self;
        let today = now.as_secs() / DAY;
        let seen = tally.take();
        let days = [(!seen.is_empty()).then(|| day.get()), (begun.get() != today).then_some(today)];
        let (mut rest, mut gone) = (seen, Vec::new());
        for number in days.into_iter().flatten() {
            match store.add(cells, number, &rest, now).inspect_err(|_| tally.set(rest.clone()))? {
                Added::To(replaced) => {
                    rest = Tally::default();
                    gone.extend(replaced);
                }
                // This worker slept through the end of the day: its numbers go to the next one.
                Added::Late => day.set(today),
            }
        }
        begun.set(today);
        if !rest.is_empty() {
            tally.set(rest);
        }
        Ok(gone)
    }

    /// Yesterday, if it is over and no worker has reported it.
    ///
    /// # Errors
    /// The cells can't be changed.
    pub(crate) fn close_day(
        &self,
        store: &LearnStore,
        cells: &impl Cells,
        now: Timestamp,
    ) -> Result<Option<Day>, Failure> {
        let Some(yesterday) = (now.as_secs().saturating_sub(GRACE) / DAY).checked_sub(1) else { return Ok(None) };
        if self.reported.get() >= yesterday {
            return Ok(None);
        }
        let closed = store.close(cells, yesterday)?;
        self.reported.set(yesterday);
        Ok(closed)
    }

    fn change(&self, now: Timestamp, change: impl FnOnce(&mut Tally)) {
        let mut tally = self.tally.take();
        if tally.is_empty() {
            self.day.set(now.as_secs() / DAY);
        }
        change(&mut tally);
        self.tally.set(tally);
    }
}
