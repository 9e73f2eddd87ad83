//! What would have been told? In `mode: learn` nobody is, and once a day one line says what it would have come to.

use std::cell::Cell;

use crate::clock::Timestamp;
use crate::engine::Engine;
use crate::engine::config::Mode;
use crate::engine::effect::Effect;
use crate::engine::learn::store::{Added, DAY, Day};
use crate::engine::learn::tally::Tally;
use crate::engine::log_line::{self, Kind};
use crate::engine::shared::Shared;
use crate::incident::snapshot::Snapshot;
use crate::incident::user::User;
use crate::incident::weighing::Weighed;
use crate::risk::acts::Event;
use crate::risk::crossing::Limits;
use crate::state::cells::Cells;
use crate::state::table::Failure;

mod line;
pub(super) mod store;
mod tally;

/// So many seconds after a day its line is written: by then all workers have handed in what they saw.
const GRACE: u64 = 10;

/// What a worker saw since its last beat. The shared cell is touched by beats only: an attack on many users must not
/// make all workers wait for one cell.
#[derive(Default)]
pub(super) struct Notes {
    tally: Cell<Tally>,
    /// The day of these numbers.
    day: Cell<u64>,
    /// The day that this worker knows to be begun in the shared cell.
    begun: Cell<u64>,
    /// The last day of which this worker knows that its line is written.
    reported: Cell<u64>,
}

impl<C: Cells> Engine<C> {
    fn learns(&self) -> bool {
        self.config.mode == Mode::Learn
    }

    /// Counts the detections that were found, in a request that is new or was counted before.
    pub(super) fn learn_found(&self, is_new: bool, number: usize, now: Timestamp) {
        self.learn(now, |tally| {
            tally.requests += u64::from(is_new);
            tally.detections += number as u64;
        });
    }

    /// Counts what happened to incidents.
    pub(super) fn learn_transitions(&self, transitions: &[Snapshot], now: Timestamp) {
        self.learn(now, |tally| transitions.iter().for_each(|one| tally.transition(one.transition)));
    }

    /// Counts what the events of an exchange came to for a user, under these and other limits.
    #[expect(clippy::too_many_arguments, reason = "one exchange of one user, and where its effects go")]
    pub(super) fn learn_weighed(
        &self,
        shared: &Shared,
        user: &User,
        limits: &Limits,
        events: &[Event<'_>],
        weighed: &Weighed,
        now: Timestamp,
        effects: &mut Vec<Effect>,
    ) {
        if !self.learns() {
            return;
        }
        match shared.learned.step(&self.cells, user.id, weighed, limits, now) {
            Ok(step) => self.learn(now, |tally| tally.weighed(events, weighed, step)),
            Err(failure) => self.learn_trouble(&failure, now, effects),
        }
    }

    /// At a beat: hands in what this worker saw, and writes the line of a day that is over, if no other worker has.
    pub(super) fn learn_tick(&self, shared: &Shared, now: Timestamp, effects: &mut Vec<Effect>) {
        if !self.learns() {
            return;
        }
        let learned = self.hand_in(shared, now, effects).and_then(|()| self.close_day(shared, now, effects));
        if let Err(failure) = learned {
            self.learn_trouble(&failure, now, effects);
        }
    }

    fn learn_trouble(&self, failure: &Failure, now: Timestamp, effects: &mut Vec<Effect>) {
        let line = log_line::trouble("what was learned could not be noted", failure);
        self.budget.spend(Kind::Service, now, log::Level::Error, line, effects);
    }

    fn learn(&self, now: Timestamp, change: impl FnOnce(&mut Tally)) {
        if !self.learns() {
            return;
        }
        let mut tally = self.notes.tally.take();
        if tally.is_empty() {
            self.notes.day.set(now.as_secs() / DAY);
        }
        change(&mut tally);
        self.notes.tally.set(tally);
    }

    fn hand_in(&self, shared: &Shared, now: Timestamp, effects: &mut Vec<Effect>) -> Result<(), Failure> {
        let Notes { tally, day, begun, .. } = &self.notes;
        let today = now.as_secs() / DAY;
        let seen = tally.take();
        let days = [(!seen.is_empty()).then(|| day.get()), (begun.get() != today).then_some(today)];
        let mut rest = seen.clone();
        for number in days.into_iter().flatten() {
            let added = shared.learned.add(&self.cells, number, &rest, now).inspect_err(|_| tally.set(rest.clone()))?;
            match added {
                Added::To(gone) => {
                    rest = Tally::default();
                    effects.extend(gone.map(|day| self.line(&day, now)));
                }
                // This worker slept through the day's end: its numbers go to the next one.
                Added::Late => day.set(today),
            }
        }
        begun.set(today);
        if !rest.is_empty() {
            tally.set(rest);
        }
        Ok(())
    }

    fn close_day(&self, shared: &Shared, now: Timestamp, effects: &mut Vec<Effect>) -> Result<(), Failure> {
        let Some(yesterday) = (now.as_secs().saturating_sub(GRACE) / DAY).checked_sub(1) else { return Ok(()) };
        if self.notes.reported.get() < yesterday {
            let closed = shared.learned.close(&self.cells, yesterday)?;
            effects.extend(closed.map(|day| self.line(&day, now)));
            self.notes.reported.set(yesterday);
        }
        Ok(())
    }

    /// The line of a day. It is what the mode is for, so it stands in a log that is kept at warnings too.
    fn line(&self, day: &Day, now: Timestamp) -> Effect {
        Effect::Log(log::Level::Warn, line::learned(day, &self.config.risk.user_limits(), now))
    }
}
