//! Carries out an operator's order about a user, and writes a log line for it.

use crate::clock::Timestamp;
use crate::console::command::{Order, Reason};
use crate::console::query::UserRef;
use crate::engine::console::answer::{Answer, error, unknown};
use crate::fleet::feed::Kind as News;
use crate::incident::ledger::Resolution;
use crate::incident::record::Record;
use crate::incident::restriction::Reason as Why;
use crate::incident::snapshot::Snapshot;
use crate::incident::user::User;
use crate::plugin::config::Mode;
use crate::state::cells::Cells;
use crate::state::table::{Change, Failure};
use crate::text::json::Json;
use crate::worker::log_budget::Kind;
use crate::worker::log_line;
use crate::worker::tables::Tables;
use crate::worker::turn::Turn;

impl<C: Cells> Turn<'_, C> {
    /// Does what an operator orders about a user, and says what came of it.
    ///
    /// # Errors
    /// The cells can't be changed.
    pub(super) fn follow(
        &mut self,
        tables: &Tables,
        order: Order,
        user: &UserRef,
        reason: &Reason,
    ) -> Result<Answer, Failure> {
        if matches!(order, Order::Block(_)) && self.worker.config.mode != Mode::Protect {
            return Ok((409, error("nobody is blocked in this mode; set mode: protect")));
        }
        match (self.find(tables, user)?, order) {
            (Some(record), _) => self.obey(tables, order, record.user(), reason),
            (None, Order::Mute(_) | Order::Block(_)) => self.obey_about_newcomer(tables, order, user, reason),
            (None, _) => Ok(unknown()),
        }
    }

    /// An order about somebody who has no record yet, such as a mute before a planned test.
    fn obey_about_newcomer(
        &mut self,
        tables: &Tables,
        order: Order,
        user: &UserRef,
        reason: &Reason,
    ) -> Result<Answer, Failure> {
        let UserRef::Name { name, source } = user else { return Ok(unknown()) };
        let users = self.meant(tables, name, source.as_deref());
        let [user] = users.as_slice() else {
            return Ok((409, error("which kind of user is that? add &source= as in the log, such as &source=address")));
        };
        let (worker, now) = (self.worker, self.now);
        let ordered = tables.ledger.order(&worker.cells, user, now, |record| {
            carry_out(order, record, now, worker.notifies());
        });
        match ordered? {
            Some(record) => Ok(self.done(tables, order, user, reason, Some(record))),
            None => Ok((409, error("there is no room for a record of this user; raise memory.users"))),
        }
    }

    fn obey(&mut self, tables: &Tables, order: Order, user: &User, reason: &Reason) -> Result<Answer, Failure> {
        let (worker, now) = (self.worker, self.now);
        let change = |record: &mut Record| Change::Made(carry_out(order, record, now, worker.notifies()));
        // Its record may have been evicted since it was found.
        let Some(Resolution { ended, pending, .. }) = tables.ledger.act(&worker.cells, user.id, change)? else {
            return Ok(unknown());
        };
        // The order is carried out, whether or not its result can be shown.
        let after = tables.ledger.read(&worker.cells, user.id).ok().flatten();
        let answer = self.done(tables, order, user, reason, after);
        self.note_transitions(&ended, None);
        self.hand_off(tables, user.id, &pending);
        Ok(answer)
    }

    /// Logs an order that was carried out, tells the other workers, and answers with the record as it is now.
    fn done(&mut self, tables: &Tables, order: Order, user: &User, reason: &Reason, after: Option<Record>) -> Answer {
        // Whatever the budget: those who may give orders don't flood the log.
        let line = log_line::order(order, user, &self.worker.logged(user), reason, self.now);
        self.log(Kind::Always, log::Level::Warn, line);
        if let Some(record) = &after {
            self.note_order(tables, record.stance());
        }
        self.share(tables, user.id, Some(news(order)));
        let shown = after.map_or_else(Json::null, |record| self.whole(tables, &self.as_of_now(record)));
        (200, Json::object(&[("done", Json::text(order.slug())), ("user", shown)]))
    }
}

/// What the other proxies of a fleet are told of an order.
const fn news(order: Order) -> News {
    match order {
        Order::Close => News::Ended,
        Order::Forgive => News::Forgiven,
        Order::Mute(_) | Order::Unmute => News::Muted,
        Order::Block(_) | Order::Unblock => News::Blocked,
    }
}

/// Changes the record as ordered. Returns the end of its incident, if that ended it.
fn carry_out(order: Order, record: &mut Record, now: Timestamp, notifies: bool) -> Option<Snapshot> {
    match order {
        Order::Close => return record.close(now, notifies),
        Order::Forgive => return record.forgive(now, notifies),
        Order::Mute(span) => record.mute(now.after(span.duration())),
        Order::Unmute => record.mute(now),
        Order::Block(span) => {
            record.restrictions_mut().block.begin(span.duration(), false, false, Why::Operator, now);
        }
        Order::Unblock => {
            record.restrictions_mut().block.lift(now);
            record.restrictions_mut().redirect.lift(now);
        }
    }
    None
}
