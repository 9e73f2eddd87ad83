//! Answers the console from the records: checks the token, runs the command, writes the response.

use crate::console::command::{BadRequest, Command};
use crate::console::page::page;
use crate::console::query::UserRef;
use crate::console::user_view::UserView;
use crate::console::{Access, Console};
use crate::engine::console::answer::{Answer, error, unknown};
use crate::engine::facts::Facts;
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

mod answer;
mod listing;
mod orders;
mod status;

impl<C: Cells> Turn<'_, C> {
    /// Answers a request under the admin path in the application's place.
    pub(super) fn answer_console(&mut self, console: &Console, facts: Facts<'_>) {
        let mut allow = None;
        let answer = self.tables().and_then(|tables| match console.receive(facts.head, facts.proxy, &tables.key) {
            Access::Hidden => Ok(Some((404, NOTHING))),
            Access::Page => Ok(None),
            Access::Unauthorized => {
                let line = log_line::notice("the admin path was asked without its token");
                // Whoever knocks must hide nothing else.
                self.log(Kind::Nuisance, log::Level::Warn, line);
                Ok(Some((401, error("write the token: authorization: Bearer …, or x-user-risk-token: …"))))
            }
            Access::BadRequest(BadRequest { status, why, allow: methods }) => {
                allow = methods;
                Ok(Some((status, error(why))))
            }
            Access::Granted(command) => self.carry_out(tables, command).map(Some),
        });
        let (status, mut headers, body) =
            match answer.unwrap_or_else(|failure| Some((503, error(&failure.to_string())))) {
                Some((status, body)) => with_json(status, body),
                None => {
                    let (headers, body) = page(facts.head);
                    (200, headers, body)
                }
            };
        headers.extend(allow.map(|methods| ("allow", methods.to_owned())));
        headers.push(("cache-control", "no-store".to_owned()));
        headers.push(("x-content-type-options", "nosniff".to_owned()));
        self.push(Effect::Respond { status, headers, body });
    }

    fn carry_out(&mut self, tables: &Tables, command: Command) -> Result<Answer, Failure> {
        match command {
            Command::List(list, part) => self.list(tables, list, part),
            Command::Records(from) => self.walk(tables, from),
            Command::User(user) => Ok(match self.find(tables, &user)? {
                Some(record) => (200, self.whole(tables, &record)),
                None => unknown(),
            }),
            Command::Status => self.status(tables),
            Command::Order(order, user, reason) => self.follow(tables, order, &user, &reason),
        }
    }

    /// All that the console shows of a record.
    fn whole(&self, tables: &Tables, record: &Record) -> Json {
        // Without the journal the rest can still be shown.
        let deliveries = tables.journal.deliveries(&self.worker.cells, record.user().id).unwrap_or_default();
        self.view(record, &|view| view.whole(&self.worker.rules, &deliveries))
    }

    /// What the console's lists show of a record.
    fn row(&self, record: &Record) -> Json {
        self.view(record, &|view| view.row())
    }

    fn view(&self, record: &Record, show: &dyn Fn(UserView<'_>) -> Json) -> Json {
        let User { source, name, id, .. } = record.user();
        let users = self.worker.strictest_users();
        let notified_as = self.worker.config.privacy.display_name(users, source, name, id);
        show(UserView { record, notified_as: &notified_as, now: self.now })
    }

    /// The record of the user who is meant, as it stands now.
    fn find(&self, tables: &Tables, user: &UserRef) -> Result<Option<Record>, Failure> {
        let cells = &self.worker.cells;
        let mut found = None;
        match user {
            UserRef::Name { name, source } => {
                for user in self.meant(tables, name, source.as_deref()) {
                    found = tables.ledger.read(cells, user.id)?;
                    if found.is_some() {
                        break;
                    }
                }
            }
            UserRef::Id(id) => found = tables.ledger.find(cells, id)?,
        }
        Ok(found.map(|record| self.as_of_now(record)))
    }

    /// The users whom the name may mean.
    fn meant(&self, tables: &Tables, name: &[u8], source: Option<&str>) -> Vec<User> {
        let mut users = self.worker.config.user.candidates(name, &tables.key);
        users.retain(|user| source.is_none_or(|source| user.source == source));
        users
    }

    /// The copy of a record that is shown; the record itself changes with its next event.
    fn as_of_now(&self, mut record: Record) -> Record {
        record.expire(self.now, self.worker.config.risk.window(), false);
        record
    }
}

fn with_json(status: u16, body: Json) -> (u16, Vec<(&'static str, String)>, Vec<u8>) {
    let (mut headers, mut text) = (Vec::new(), Vec::new());
    if !body.is_empty() {
        headers.push(("content-type", "application/json".to_owned()));
        text = body.into_bytes();
        text.push(b'\n');
    }
    if status == 401 {
        headers.push(("www-authenticate", "Bearer".to_owned()));
    }
    (status, headers, text)
}
