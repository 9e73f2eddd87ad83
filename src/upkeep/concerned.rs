//! Who is concerned by a response? Keeps this worker's copy and the shared cell up to date: after events, orders, and on ticks.

use crate::incident::snapshot::{Ending, Snapshot};
use crate::incident::stance::Stance;
use crate::incident::user::User;
use crate::incident::weighing::Restricted;
use crate::keyed_hash::Digest;
use crate::plugin::config::Mode;
use crate::state::cells::Cells;
use crate::worker::log_budget::Kind;
use crate::worker::log_line;
use crate::worker::metric::Counter;
use crate::worker::state::Worker;
use crate::worker::tables::Tables;
use crate::worker::turn::Turn;

impl<C> Worker<C> {
    /// Does this worker respond to risky users, if only as a trial?
    pub(crate) fn responds(&self) -> bool {
        match self.config.mode {
            Mode::Protect => true,
            Mode::Monitor => !self.config.respond.is_empty(),
            Mode::Learn | Mode::Off => false,
        }
    }

    /// Does this worker keep up who is concerned: for its responses, or for the console's lists?
    fn keeps_concerned(&self) -> bool {
        self.responds() || self.config.admin.is_some()
    }
}

impl<C: Cells> Turn<'_, C> {
    /// Takes over how a user stands now. It holds here at once; a band or a restriction is told to the other workers at once
    /// too, points on the next tick.
    pub(crate) fn note_stance(&mut self, tables: &Tables, stance: Stance) {
        let (worker, user) = (self.worker, stance.user);
        if worker.keeps_concerned() && worker.concerned.borrow_mut().note(stance, self.now) {
            self.publish_stances(tables, &[user]);
        }
    }

    /// Tells the other workers how these users stand, by their records.
    pub(crate) fn publish_stances(&mut self, tables: &Tables, users: &[Digest]) {
        let worker = self.worker;
        if tables.concerned.publish(&worker.cells, &tables.ledger, users, self.now).is_err() {
            // The next tick tries again; it is told to nobody, as what can't be reached says so for the records already.
            users.iter().for_each(|user| worker.concerned.borrow_mut().keep(*user));
        }
    }

    /// An operator has changed how a user stands: it holds here at once, and all others hear of it now.
    pub(crate) fn note_order(&mut self, tables: &Tables, stance: Stance) {
        let (worker, user) = (self.worker, stance.user);
        if worker.keeps_concerned() {
            worker.concerned.borrow_mut().note(stance, self.now);
        }
        self.publish_stances(tables, &[user]);
    }

    /// Other users' incidents have ended in the same step: those of evicted records earlier than anybody expected.
    pub(crate) fn forget_stances(&mut self, tables: &Tables, ended: &[Snapshot]) {
        if !self.worker.keeps_concerned() {
            return;
        }
        let evicted = ended.iter().filter(|one| one.ending == Some(Ending::Evicted)).map(|one| one.user_digest);
        self.publish_stances(tables, &evicted.collect::<Vec<_>>());
    }

    /// Counts and logs the restrictions that have begun.
    pub(crate) fn note_restrictions(&mut self, user: &User, restricted: &[Restricted], stance: &Stance) {
        for one in restricted {
            self.count(if one.is_dry { Counter::BlocksDry } else { Counter::Blocks }, 1);
            let line = log_line::restriction(one, stance, user, &self.worker.logged(user), self.now);
            self.log(Kind::Always, log::Level::Warn, line);
        }
    }

    /// Enters those of these users who are in no worker's copy: a worker died before it could, or does not respond itself.
    pub(super) fn find_concerned(&mut self, tables: &Tables, mut users: Vec<Digest>) {
        let worker = self.worker;
        if worker.keeps_concerned() {
            users.retain(|user| worker.concerned.borrow().of(*user, self.now).is_none());
            self.publish_stances(tables, &users);
        }
    }

    /// On a tick: takes over whom other workers found concerned.
    pub(super) fn refresh_concerned(&mut self, tables: &Tables) {
        let worker = self.worker;
        if worker.keeps_concerned() {
            let mut copy = worker.concerned.borrow_mut();
            let _ = tables.concerned.refresh(&worker.cells, &tables.ledger, &mut copy, self.now);
        }
    }
}
