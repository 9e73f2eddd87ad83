//! How is the console answered? By what the records say, and with a line in the log for each order.

use crate::clock::Timestamp;
use crate::console::answer;
use crate::console::ask::{Ask, Order, Reason, Whom, Wrong};
use crate::console::{Console, Reception};
use crate::engine::Engine;
use crate::engine::effect::Effect;
use crate::engine::report::{self, Kind};
use crate::engine::shared::Shared;
use crate::exchange::Head;
use crate::exchange::proxy::Proxy;
use crate::incident::ledger::Settled;
use crate::incident::record::{Record, User};
use crate::json::{Json, NOTHING};
use crate::state::Cells;
use crate::state::table::Failure;

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
                Reception::NotHere => Ok((404, NOTHING)),
                Reception::Stranger => {
                    let line = report::notice("the admin path was asked without its token");
                    // A request's share of the log: who knocks must not hide that nobody could be told.
                    self.budget.spend(Kind::Request, now, log::Level::Warn, line, effects);
                    Ok((401, error("write the token: authorization: Bearer …")))
                }
                Reception::Wrong(Wrong(status, why)) => Ok((status, error(why))),
                Reception::Asked(ask) => self.answer(shared, ask, now, effects),
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

    fn answer(&self, shared: &Shared, ask: Ask, now: Timestamp, effects: &mut Vec<Effect>) -> Result<Said, Failure> {
        match ask {
            Ask::Incidents => {
                let (records, more) = shared.ledger.open(&self.cells, LISTED)?;
                let shown: Vec<_> = records.iter().map(|record| self.shown(record, now)).collect();
                Ok((200, Json::object(&[("incidents", Json::list(&shown)), ("more", Json::number(&more))])))
            }
            Ask::User(whom) => Ok(match self.find(shared, &whom, now)? {
                Some(record) => (200, self.shown(&record, now)),
                None => unknown(),
            }),
            Ask::Order(order, whom, reason) => match self.find(shared, &whom, now)? {
                Some(record) => self.obey(shared, order, &record, &reason, now, effects),
                None => Ok(unknown()),
            },
        }
    }

    fn shown(&self, record: &Record, now: Timestamp) -> Json {
        let User { source, name, id, .. } = record.user();
        answer::shown(record, &self.config.privacy.told(self.users(), source, name, id), now)
    }

    /// The record of whoever is meant, as it stands at `now`.
    fn find(&self, shared: &Shared, whom: &Whom, now: Timestamp) -> Result<Option<Record>, Failure> {
        let mut found = None;
        match whom {
            Whom::Name(name) => {
                for user in self.config.user.candidates(name, &shared.key) {
                    found = shared.ledger.read(&self.cells, user.id)?;
                    if found.is_some() {
                        break;
                    }
                }
            }
            Whom::Id(id) => found = shared.ledger.find(&self.cells, id)?,
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
        let Settled { ended, pending, .. } = shared.ledger.act(&self.cells, user.id, change)?;
        let line = report::order(order, user, &self.called(user), reason, now);
        // An order is never left out of the log: those who may give one don't flood it.
        effects.push(Effect::Log(log::Level::Warn, line));
        self.log_transitions(&ended, None, now, effects);
        self.post(shared, user.id, &pending, now, effects);
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
