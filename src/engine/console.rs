//! Answers the console from the records, and writes a log line for each order.

use crate::clock::Timestamp;
use crate::console::command::{BadRequest, Command, Order, Reason, UserRef};
use crate::console::{Access, Console, user_view};
use crate::engine::facts::Facts;
use crate::fleet::feed::Kind as News;
use crate::incident::ledger::Resolution;
use crate::incident::record::Record;
use crate::incident::restriction::Reason as Why;
use crate::incident::snapshot::Snapshot;
use crate::incident::stance::Stance;
use crate::incident::user::User;
use crate::plugin::config::Mode;
use crate::state::cells::Cells;
use crate::state::table::Failure;
use crate::text::json::{Json, NOTHING};
use crate::worker::effect::Effect;
use crate::worker::log_budget::Kind;
use crate::worker::log_line;
use crate::worker::tables::Tables;
use crate::worker::turn::Turn;

/// The most incidents in one answer.
const LISTED: usize = 200;

/// A status and the answer's body.
type Answer = (u16, Json);

impl<C: Cells> Turn<'_, C> {
    /// Answers a request under the admin path in the application's place.
    pub(super) fn answer_console(&mut self, console: &Console, facts: Facts<'_>) {
        let answer = self.tables().and_then(|tables| match console.receive(facts.head, facts.proxy, &tables.key) {
            Access::Hidden => Ok((404, NOTHING)),
            Access::Unauthorized => {
                let line = log_line::notice("the admin path was asked without its token");
                // Whoever knocks must hide nothing else.
                self.log(Kind::Nuisance, log::Level::Warn, line);
                Ok((401, error("write the token: authorization: Bearer …")))
            }
            Access::BadRequest(BadRequest(status, why)) => Ok((status, error(why))),
            Access::Granted(command) => self.carry_out(tables, command),
        });
        let (status, body) = answer.unwrap_or_else(|failure| (503, error(&failure.to_string())));
        let mut headers = vec![("cache-control", "no-store".to_owned())];
        let mut text = Vec::new();
        if !body.is_empty() {
            headers.push(("content-type", "application/json".to_owned()));
            text = body.into_bytes();
            text.push(b'\n');
        }
        if status == 401 {
            headers.push(("www-authenticate", "Bearer".to_owned()));
        }
        self.push(Effect::Respond { status, headers, body: text });
    }

    fn carry_out(&mut self, tables: &Tables, command: Command) -> Result<Answer, Failure> {
        match command {
            Command::Incidents => {
                let (records, more) = tables.ledger.open(&self.worker.cells, LISTED)?;
                let shown: Vec<_> = records.iter().map(|record| self.user_json(record)).collect();
                Ok((200, Json::object(&[("incidents", Json::list(&shown)), ("more", Json::number(&more))])))
            }
            Command::Blocked => self.list(tables, "blocked", |stance, now| stance.restrictions.are_on(now)),
            Command::Muted => self.list(tables, "muted", |stance, now| now < stance.muted_until),
            Command::User(user) => Ok(match self.find(tables, &user)? {
                Some(record) => (200, self.user_json(&record)),
                None => unknown(),
            }),
            Command::Order(Order::Block(_), ..) if self.worker.config.mode != Mode::Protect => {
                Ok((409, error("nobody is blocked in this mode; set mode: protect")))
            }
            Command::Order(order, user, reason) => match (self.find(tables, &user)?, order) {
                (Some(record), _) => self.obey(tables, order, record.user(), &reason),
                (None, Order::Mute(_) | Order::Block(_)) => self.obey_about_newcomer(tables, order, &user, &reason),
                (None, _) => Ok(unknown()),
            },
        }
    }

    fn user_json(&self, record: &Record) -> Json {
        let User { source, name, id, .. } = record.user();
        let users = self.worker.strictest_users();
        user_view::user_json(record, &self.worker.config.privacy.display_name(users, source, name, id), self.now)
    }

    /// The record of the user who is meant, as it stands now.
    fn find(&self, tables: &Tables, user: &UserRef) -> Result<Option<Record>, Failure> {
        let worker = self.worker;
        let mut found = None;
        match user {
            UserRef::Name { name, source } => {
                for user in self.meant(tables, name, source.as_deref()) {
                    found = tables.ledger.read(&worker.cells, user.id)?;
                    if found.is_some() {
                        break;
                    }
                }
            }
            UserRef::Id(id) => found = tables.ledger.find(&worker.cells, id)?,
        }
        if let Some(record) = &mut found {
            // Only the copy that is shown; the record itself changes with its next event.
            record.expire(self.now, worker.config.risk.window(), false);
        }
        Ok(found)
    }

    /// The users whom the name may mean.
    fn meant(&self, tables: &Tables, name: &[u8], source: Option<&str>) -> Vec<User> {
        let mut users = self.worker.config.user.candidates(name, &tables.key);
        users.retain(|user| source.is_none_or(|source| user.source == source));
        users
    }

    /// The users in the list of risky and muted ones of whom this `is`, by their records.
    fn list(&self, tables: &Tables, name: &str, is: fn(&Stance, Timestamp) -> bool) -> Result<Answer, Failure> {
        let cells = &self.worker.cells;
        let mut listed = tables.concerned.list(cells)?;
        listed.retain(|stance| is(stance, self.now));
        let mut shown = Vec::new();
        for stance in listed.iter().take(LISTED) {
            shown.extend(tables.ledger.read(cells, stance.user)?.map(|record| self.user_json(&record)));
        }
        Ok((200, Json::object(&[(name, Json::list(&shown)), ("more", Json::number(&(listed.len() > LISTED)))])))
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
            Some(record) => Ok(self.done(tables, order, user, reason, Some(&record))),
            None => Ok((409, error("there is no room for a record of this user; raise memory.users"))),
        }
    }

    fn obey(&mut self, tables: &Tables, order: Order, user: &User, reason: &Reason) -> Result<Answer, Failure> {
        let (worker, now) = (self.worker, self.now);
        let change = |record: &mut Record| carry_out(order, record, now, worker.notifies());
        let Resolution { ended, pending, .. } = tables.ledger.act(&worker.cells, user.id, change)?;
        // The order is carried out, whether or not its result can be shown.
        let after = tables.ledger.read(&worker.cells, user.id).ok().flatten();
        let answer = self.done(tables, order, user, reason, after.as_ref());
        self.note_transitions(&ended, None);
        self.hand_off(tables, user.id, &pending);
        Ok(answer)
    }

    /// Logs an order that was carried out, tells the other workers, and answers with the record as it is now.
    fn done(&mut self, tables: &Tables, order: Order, user: &User, reason: &Reason, after: Option<&Record>) -> Answer {
        // Whatever the budget: those who may give orders don't flood the log.
        let line = log_line::order(order, user, &self.worker.logged(user), reason, self.now);
        self.log(Kind::Always, log::Level::Warn, line);
        if let Some(record) = after {
            self.note_order(tables, record.stance());
        }
        self.share(tables, user.id, Some(news(order)));
        let shown = after.map_or_else(Json::null, |record| self.user_json(record));
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

fn unknown() -> Answer {
    (404, error("nobody of this name has points; names are those of the log, ids those of the console"))
}

fn error(what: &str) -> Json {
    Json::object(&[("error", Json::text(what))])
}
