//! What do earlier exchanges make of this one? Failed logins, moved sessions and refused paths, from the shared histories.

use crate::detect::detection::Whose;
use crate::detect::signal::Signal;
use crate::engine::account::Account;
use crate::engine::facts::Facts;
use crate::engine::stream::Stream;
use crate::exchange::head::without_port;
use crate::exchange::route;
use crate::identity::Attribution;
use crate::incident::user::User;
use crate::keyed_hash::Digest;
use crate::state::cells::Cells;
use crate::state::table::{Change, Failure};
use crate::text::untrusted;
use crate::watch::attempt::Attempt;
use crate::watch::crowd;
use crate::watch::history::{HistoryKey, step};
use crate::watch::parameters;
use crate::watch::probing;
use crate::watch::session::{self, Session};
use crate::worker::state::Worker;
use crate::worker::tables::Tables;
use crate::worker::turn::Turn;

/// How much of a user's name is compared, in UTF-16 units: as much as is kept.
const NAME: usize = 256;

/// Whose an exchange is, as far as histories need to tell one from another.
enum Owner {
    User(User),
    Other(Digest),
}

impl Owner {
    fn bytes(&self) -> [u8; 16] {
        match self {
            Self::User(user) => *user.id.as_bytes(),
            Self::Other(id) => *id.as_bytes(),
        }
    }
}

impl<C: Cells> Turn<'_, C> {
    /// A login has come to its end.
    pub(super) fn look_back_at_login(&self, attempt: &Attempt, facts: Facts<'_>) -> Result<Option<Signal>, Failure> {
        let (worker, now) = (self.worker, self.now);
        let Some(login) = worker.config.login.get(attempt.login) else { return Ok(None) };
        let Some(failed) = attempt.failed(login) else { return Ok(None) };
        let tables = worker.tables()?;
        let client = tables.key.digest("login-client", &[&self.owner_of(tables, facts, &Whose::Client).bytes()]);
        let name = attempt.name().map(|name| tables.key.digest("login-name", &[name]));
        let named = name.map_or(0, step);
        if !failed {
            // Whoever got in had only mistyped; the failures with other names stay.
            for (actor, what) in [(Some(client), named), (name, step(client))] {
                let take_back = |actor| {
                    tables.histories.update(&worker.cells, HistoryKey::Actor(actor), |history| {
                        if history.take_back(what) { Change::Made(()) } else { Change::None(()) }
                    })
                };
                actor.map_or(Ok(()), take_back)?;
            }
            return Ok(None);
        }
        let odd = attempt.odd(login);
        let by_client = tables.histories.update(&worker.cells, HistoryKey::Actor(client), |history| {
            Change::Made(login.on_failure(history, named, &odd, now))
        })?;
        let Some(name) = name else { return Ok(by_client) };
        let by_name = tables.histories.update(&worker.cells, HistoryKey::Actor(name), |history| {
            Change::Made(login.on_name(history, step(client), by_client.is_some(), now))
        })?;
        Ok(by_client.or(by_name))
    }

    /// An exchange has come to its end: does its path exist?
    pub(super) fn look_back_at_paths(&self, facts: Facts<'_>) -> Result<Option<Signal>, Failure> {
        let (worker, now) = (self.worker, self.now);
        let Some(status) = facts.proxy.status() else { return Ok(None) };
        let path = facts.head.path();
        let is_refused = is_refusal(status);
        let Ok(mut site) = worker.site.try_borrow_mut() else { return Ok(None) };
        if is_success(status) {
            site.answered(path);
        }
        // Before the first refusal there is nothing to hold the others' answers against.
        let is_counted = is_refused || worker.opened_tables().is_some() && site.is_sampled();
        if !is_counted {
            return Ok(None);
        }
        let tables = worker.tables()?;
        let user = tables.key.digest("probing", &[&self.owner_of(tables, facts, &Whose::Exchange).bytes()]);
        site.count(user.short(), is_refused, now);
        if !is_refused || site.answers(path) || site.is_broken() {
            return Ok(None);
        }
        drop(site);
        let path = step(tables.key.digest("path", &[&probing::shape(path, status)]));
        tables.histories.update(&worker.cells, HistoryKey::Actor(user), |history| {
            match worker.config.probing.on_refusal(history, path, now) {
                (true, signal) => Change::Made(signal),
                (false, signal) => Change::None(signal),
            }
        })
    }

    /// A request has very many parameters: are they guesses?
    pub(super) fn look_back_at_names(&self, names: u32, facts: Facts<'_>) -> Result<Option<Signal>, Failure> {
        let tables = self.tables()?;
        let owner = self.owner_of(tables, facts, &Whose::Exchange).bytes();
        let route = route::label(&facts.proxy.route(), facts.head.request_target());
        let actor = tables.key.digest("parameters", &[&owner, route.as_bytes()]);
        tables.histories.update(&self.worker.cells, HistoryKey::Actor(actor), |history| {
            match parameters::on_names(history, names, self.now) {
                (true, signal) => Change::Made(signal),
                (false, signal) => Change::None(signal),
            }
        })
    }

    /// The answer to an exchange begins: does its session belong to its user?
    pub(super) fn look_back_at_session(&self, session: &Session, facts: Facts<'_>) -> Result<Option<Signal>, Failure> {
        let (cells, now) = (&self.worker.cells, self.now);
        let cookie = session.of_request(facts.head);
        let answered = session.response_header().and_then(|name| facts.proxy.answer_header(&name));
        let answered = answered.filter(|name| !name.is_empty()).map(|name| untrusted::clean_bytes(name, NAME));
        let tables = self.tables()?;
        let user = match self.owner_of(tables, facts, &Whose::Exchange) {
            Owner::User(user) => Some(user.name),
            Owner::Other(_) => None,
        };
        let owner = |name: &str| tables.key.digest("session-owner", &[name.as_bytes()]);
        if let Some(user) = &user
            && cookie.is_none()
            && answered.is_none()
        {
            return tables.histories.update(cells, HistoryKey::Session(owner(user)), |history| {
                let signal = session::on_missing(history, now);
                if signal.is_some() { Change::Made(signal) } else { Change::None(signal) }
            });
        }
        // An answer that opens a new session names the user of that one.
        let opened = answered.as_ref().and_then(|_| session.of_answer(facts.proxy.answer()));
        let uses = match opened {
            Some(opened) => vec![(cookie.map(<[u8]>::to_vec), None), (Some(opened), answered.as_deref())],
            None => vec![(cookie.map(<[u8]>::to_vec), answered.as_deref())],
        };
        let is_new = uses.len() > 1;
        let mut signal = None;
        for (number, (cookie, answered)) in uses.into_iter().enumerate() {
            let Some(cookie) = cookie else { continue };
            // Whoever asked for a new session is not yet its user.
            let user = user.as_deref().filter(|_| !is_new || number == 0);
            let hash = |name: &str| step(owner(name));
            let id = tables.key.digest("session", &[&cookie]);
            let used = tables.histories.update(cells, HistoryKey::Session(id), |history| {
                let used = session::on_use(history, user.map(hash), answered.map(hash), now);
                if used.changed { Change::Made(used) } else { Change::None(used) }
            })?;
            signal = signal.or(used.signal);
            if let (true, Some(name)) = (used.changed, answered.or(user)) {
                tables.histories.update(cells, HistoryKey::Session(owner(name)), |history| {
                    if session::on_owner(history, now) { Change::Made(()) } else { Change::None(()) }
                })?;
            }
        }
        Ok(signal)
    }

    /// A user whose name somebody vouches for attacked: do others from the same address?
    pub(super) fn look_back_at_crowd(&self, user: &User, account: &Account) -> Result<Option<Signal>, Failure> {
        let tables = self.tables()?;
        let address = self.worker.config.user.address_id(&account.address, &tables.key);
        let Some(address) = address else { return Ok(None) };
        let crowd = tables.key.digest("crowd", &[address.as_bytes()]);
        tables.histories.update(&self.worker.cells, HistoryKey::Actor(crowd), |history| {
            match crowd::on_attack(history, step(user.id), self.now) {
                (true, signal) => Change::Made(signal),
                (false, signal) => Change::None(signal),
            }
        })
    }

    fn owner_of(&self, tables: &Tables, Facts { head, proxy }: Facts<'_>, whose: &Whose) -> Owner {
        let address = proxy.address();
        match self.worker.config.user.attribute(head, proxy, &address, whose, &tables.key) {
            Attribution::User(named) => Owner::User(named.user),
            Attribution::Address(user) | Attribution::Ignored(Some(user)) => Owner::Other(user.id),
            Attribution::Ignored(None) | Attribution::Nobody => {
                Owner::Other(tables.key.digest("nobody", &[without_port(&address)]))
            }
        }
    }
}

impl<C: Cells> Worker<C> {
    /// An exchange in which nothing was seen ends with this status. Returns whether there is nothing to do but to note, without
    /// any call to the host, that its path answers; then that is done. Nearly every exchange ends so.
    pub(super) fn passes(&self, stream: &Stream, status: impl FnOnce() -> Option<u16>) -> bool {
        let is_plain = stream.is_quiet() && stream.watched.attempt.is_none() && stream.watched.visit.is_none();
        if stream.is_closed || !is_plain || !self.config.probing.is_on() {
            return false;
        }
        let Ok(mut site) = self.site.try_borrow_mut() else { return false };
        let Some(status) = status().filter(|status| !is_refusal(*status)) else { return false };
        if site.samples_next() && self.opened_tables().is_some() {
            return false;
        }
        site.leave_out();
        if is_success(status) {
            site.answered(stream.head.path());
        }
        true
    }
}

fn is_success(status: u16) -> bool {
    (200..300).contains(&status)
}

fn is_refusal(status: u16) -> bool {
    matches!(status, 403 | 404)
}
