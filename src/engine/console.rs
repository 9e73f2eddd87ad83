//! How is the console answered? By what the records say, and with a line in the log for each order.

use crate::clock::Timestamp;
use crate::console::command::{BadRequest, Command, Order, Reason, UserRef};
use crate::console::user_view;
use crate::console::{Access, Console};
use crate::engine::Engine;
use crate::engine::effect::Effect;
use crate::engine::log_line::{self, Kind};
use crate::engine::shared::Shared;
use crate::exchange::head::Head;
use crate::exchange::proxy::Proxy;
use crate::incident::ledger::Resolution;
use crate::incident::record::Record;
use crate::incident::user::User;
use crate::state::cells::Cells;
use crate::state::table::Failure;
use crate::text::json::{Json, NOTHING};

/// The most incidents that are listed at once.
const LISTED: usize = 200;

/// A status and what stands in the answer's body.
type Said = (u16, Json);

impl<C: Cells> Engine<C> {
    /// Answers a request under the admin path in the application's place.
    pub(super) fn receive(
        &self,
        console: &Console,
        head: &Head,
        proxy: &dyn Proxy,
        now: Timestamp,
        effects: &mut Vec<Effect>,
    ) {
        let (status, body) = self
            .shared()
            .and_then(|shared| match console.receive(head, proxy, &shared.key) {
                Access::Hidden => Ok((404, NOTHING)),
                Access::Unauthorized => {
                    let line = log_line::notice("the admin path was asked without its token");
                    // A request's share of the log: who knocks must not hide that nobody could be told.
                    self.budget.spend(Kind::Request, now, log::Level::Warn, line, effects);
                    Ok((401, error("write the token: authorization: Bearer …")))
                }
                Access::BadRequest(BadRequest(status, why)) => Ok((status, error(why))),
                Access::Granted(command) => self.answer(shared, command, now, effects),
            })
            .unwrap_or_else(|failure: Failure| (503, error(&failure.to_string())));
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
        effects.push(Effect::Respond { status, headers, body: text });
    }

    fn answer(
        &self,
        shared: &Shared,
        command: Command,
        now: Timestamp,
        effects: &mut Vec<Effect>,
    ) -> Result<Said, Failure> {
        match command {
            Command::Incidents => {
                let (records, more) = shared.ledger.open(&self.cells, LISTED)?;
                let shown: Vec<_> = records.iter().map(|record| self.shown(record, now)).collect();
                Ok((200, Json::object(&[("incidents", Json::list(&shown)), ("more", Json::number(&more))])))
            }
            Command::User(whom) => Ok(match self.find(shared, &whom, now)? {
                Some(record) => (200, self.shown(&record, now)),
                None => unknown(),
            }),
            Command::Order(order, whom, reason) => match self.find(shared, &whom, now)? {
                Some(record) => self.obey(shared, order, &record, &reason, now, effects),
                None => Ok(unknown()),
            },
        }
    }

    fn shown(&self, record: &Record, now: Timestamp) -> Json {
        let User { source, name, id, .. } = record.user();
        user_view::user_json(record, &self.config.privacy.display_name(self.users(), source, name, id), now)
    }

    /// The record of whoever is meant, as it stands at `now`.
    fn find(&self, shared: &Shared, whom: &UserRef, now: Timestamp) -> Result<Option<Record>, Failure> {
        let mut found = None;
        match whom {
            UserRef::Name(name) => {
                for user in self.config.user.candidates(name, &shared.key) {
                    found = shared.ledger.read(&self.cells, user.id)?;
                    if found.is_some() {
                        break;
                    }
                }
            }
            UserRef::Id(id) => found = shared.ledger.find(&self.cells, id)?,
        }
        if let Some(record) = &mut found {
            // Only what is shown is brought up to date; the record itself changes with its next event.
            record.expire(now, self.config.risk.window(), false);
        }
        Ok(found)
    }

    fn obey(
        &self,
        shared: &Shared,
        order: Order,
        record: &Record,
        reason: &Reason,
        now: Timestamp,
        effects: &mut Vec<Effect>,
    ) -> Result<Said, Failure> {
        let (user, tell) = (record.user(), self.tells());
        let change = |record: &mut Record| match order {
            Order::Close => record.close(now, tell),
            Order::Forgive => record.forgive(now, tell),
            Order::Mute(span) => {
                record.mute(now.after(span.duration()));
                None
            }
        };
        let Resolution { ended, pending, .. } = shared.ledger.act(&self.cells, user.id, change)?;
        let line = log_line::order(order, user, &self.called(user), reason, now);
        // An order is never left out of the log: those who may give one don't flood it.
        effects.push(Effect::Log(log::Level::Warn, line));
        self.log_transitions(&ended, None, now, effects);
        self.hand_off(shared, user.id, &pending, now, effects);
        let after = shared.ledger.read(&self.cells, user.id)?;
        let shown = after.map_or_else(Json::null, |record| self.shown(&record, now));
        Ok((200, Json::object(&[("done", Json::text(order.slug())), ("user", shown)])))
    }
}

fn unknown() -> Said {
    (404, error("nobody of this name has points; names are those of the log, ids those of the console"))
}

fn error(what: &str) -> Json {
    Json::object(&[("error", Json::text(what))])
}
