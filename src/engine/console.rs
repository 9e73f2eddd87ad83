//! Answers the console from the records, and writes a log line for each order.

use crate::console::command::{BadRequest, Command, Order, Reason, UserRef};
use crate::console::{Access, Console, user_view};
use crate::engine::facts::Facts;
use crate::fleet::feed::Kind as News;
use crate::incident::ledger::Resolution;
use crate::incident::record::Record;
use crate::incident::user::User;
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
            Command::User(user) => Ok(match self.find(tables, &user)? {
                Some(record) => (200, self.user_json(&record)),
                None => unknown(),
            }),
            Command::Order(order, user, reason) => match self.find(tables, &user)? {
                Some(record) => self.obey(tables, order, &record, &reason),
                None => Ok(unknown()),
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
            UserRef::Name(name) => {
                for user in worker.config.user.candidates(name, &tables.key) {
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

    fn obey(&mut self, tables: &Tables, order: Order, record: &Record, reason: &Reason) -> Result<Answer, Failure> {
        let (worker, now) = (self.worker, self.now);
        let (user, notifies) = (record.user(), worker.notifies());
        let change = |record: &mut Record| match order {
            Order::Close => record.close(now, notifies),
            Order::Forgive => record.forgive(now, notifies),
            Order::Mute(span) => {
                record.mute(now.after(span.duration()));
                None
            }
        };
        let Resolution { ended, pending, .. } = tables.ledger.act(&worker.cells, user.id, change)?;
        self.log(Kind::Always, log::Level::Warn, log_line::order(order, user, &worker.logged(user), reason, now));
        self.note_transitions(&ended, None);
        self.hand_off(tables, user.id, &pending);
        let news = match order {
            Order::Close => News::Ended,
            Order::Forgive => News::Forgiven,
            Order::Mute(_) => News::Muted,
        };
        self.share(tables, user.id, Some(news));
        // The order is carried out, whether or not its result can be shown.
        let after = tables.ledger.read(&worker.cells, user.id).ok().flatten();
        let shown = after.map_or_else(Json::null, |record| self.user_json(&record));
        Ok((200, Json::object(&[("done", Json::text(order.slug())), ("user", shown)])))
    }
}

fn unknown() -> Answer {
    (404, error("nobody of this name has points; names are those of the log, ids those of the console"))
}

fn error(what: &str) -> Json {
    Json::object(&[("error", Json::text(what))])
}
