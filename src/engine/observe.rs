//! Which watcher looks when? The calls of all of them, in one target; what each does stands in its own file.

use crate::clock::Timestamp;
use crate::detect::detection::Whose;
use crate::detect::scan::Scan;
use crate::detect::signal::Signal;
use crate::engine::Engine;
use crate::engine::effect::Effect;
use crate::engine::log_line::{self, Kind};
use crate::engine::shared::Shared;
use crate::engine::stream::{Mark, Stream};
use crate::exchange::head::Head;
use crate::exchange::proxy::Proxy;
use crate::identity::Attribution;
use crate::incident::user::User;
use crate::keyed_hash::Digest;
use crate::read::Field;
use crate::read::target::Target;
use crate::state::cells::Cells;
use crate::state::table::{Change, Failure};
use crate::text::untrusted;
use crate::watch::attempt::Attempt;
use crate::watch::history::{HistoryKey, step};
use crate::watch::session::{self, Session};
use crate::watch::{probing, routes, size};

/// What watchers keep of an exchange under way.
#[derive(Debug, Default)]
pub(super) struct Watched {
    attempt: Option<Box<Attempt>>,
    visit: Option<routes::Visit>,
}

/// How much of a user's name is compared, in UTF-16 units: as much as is kept.
const NAME: usize = 256;

impl<C: Cells> Engine<C> {
    /// Does a watcher look at this moment of the exchange?
    pub(super) fn watches(&self, stream: &Stream, mark: Mark) -> bool {
        match mark {
            Mark::Arrived => self.config.login.has_names(),
            Mark::Complete => false,
            Mark::Answered => stream.watched.attempt.is_some() || self.config.user.session.is_some(),
            Mark::End => {
                stream.watched.attempt.is_some() || stream.watched.visit.is_some() || self.config.probing.is_on()
            }
        }
    }

    /// Does a watcher look at the answer's body?
    pub(super) fn watches_answer(&self, stream: &Stream) -> bool {
        let attempt = stream.watched.attempt.as_ref();
        attempt.is_some_and(|attempt| {
            self.config.login.get(attempt.login).is_some_and(|login| attempt.wants_answer(login))
        })
    }

    pub(super) fn observe_head(&self, head: &Head, scan: &mut Scan, watched: &mut Watched) {
        for signal in size::look(head) {
            scan.note(&self.rules, signal, nowhere(Target::Header), Whose::Exchange);
        }
        watched.attempt = self.config.login.by_path(head).map(|login| Box::new(Attempt::new(login)));
        watched.visit = self.config.routes.begin(head).map(|(visit, signal)| {
            if let Some(signal) = signal {
                let field = Field { value: head.method(), ..nowhere(Target::Method) };
                scan.note(&self.rules, signal, field, Whose::Exchange);
            }
            visit
        });
    }

    pub(super) fn observe_field(&self, field: Field<'_>, scan: &mut Scan, watched: &mut Watched) {
        if let Some(signal) = self.config.honeypots.look(field) {
            scan.note(&self.rules, signal, field, Whose::Exchange);
        }
        if let Some(visit) = &mut watched.visit
            && let Some(signal) = self.config.routes.look(visit, field)
        {
            scan.note(&self.rules, signal, field, Whose::Exchange);
        }
        if let Some(attempt) = &mut watched.attempt
            && let Some(login) = self.config.login.get(attempt.login)
        {
            attempt.field(login, field);
        }
    }

    pub(super) fn observe_answer(&self, bytes: &[u8], watched: &mut Watched) {
        if let Some(attempt) = &mut watched.attempt {
            attempt.answer(bytes);
        }
    }

    #[expect(clippy::too_many_arguments, reason = "a moment of an exchange, and what is known of it")]
    pub(super) fn observe_mark(
        &self,
        mark: Mark,
        head: &Head,
        proxy: &dyn Proxy,
        scan: &mut Scan,
        watched: &mut Watched,
        now: Timestamp,
        effects: &mut Vec<Effect>,
    ) {
        let mut note = |signal, target, whose| scan.note(&self.rules, signal, nowhere(target), whose);
        let looked_back = match mark {
            Mark::Arrived => {
                if watched.attempt.is_none() && self.config.login.has_names() {
                    let login = self.config.login.by_name(head, proxy);
                    watched.attempt = login.map(|login| Box::new(Attempt::new(login)));
                }
                Ok(())
            }
            Mark::Complete => Ok(()),
            Mark::Answered => {
                self.judge(proxy, watched);
                let session = self.config.user.session.as_ref();
                let signal = session.map_or(Ok(None), |session| self.session(session, head, proxy, now));
                signal.map(|signal| signal.into_iter().for_each(|one| note(one, Target::Cookie, Whose::Exchange)))
            }
            Mark::End => {
                self.judge(proxy, watched);
                if let Some(signal) = watched.visit.take().and_then(|visit| self.config.routes.end(visit)) {
                    note(signal, Target::Query, Whose::Exchange);
                }
                let attempt = watched.attempt.take();
                let login = attempt.map_or(Ok(None), |attempt| self.login(&attempt, head, proxy, now));
                let login =
                    login.map(|signal| signal.into_iter().for_each(|one| note(one, Target::Form, Whose::Client)));
                let probing = if self.config.probing.is_on() { self.probing(head, proxy, now) } else { Ok(None) };
                login.and(
                    probing.map(|signal| signal.into_iter().for_each(|one| note(one, Target::Path, Whose::Exchange))),
                )
            }
        };
        if let Err(failure) = looked_back {
            let line = log_line::trouble("what came before could not be looked up", &failure);
            self.budget.spend(Kind::Service, now, log::Level::Error, line, effects);
        }
    }

    /// How the answer to a login looks, while its headers are as the application sent them.
    fn judge(&self, proxy: &dyn Proxy, watched: &mut Watched) {
        if let Some(attempt) = &mut watched.attempt
            && attempt.judged.is_none()
            && let Some(login) = self.config.login.get(attempt.login)
        {
            attempt.judged = status(proxy).map(|status| login.judge(status, proxy));
        }
    }

    /// A login has come to its end.
    fn login(
        &self,
        attempt: &Attempt,
        head: &Head,
        proxy: &dyn Proxy,
        now: Timestamp,
    ) -> Result<Option<Signal>, Failure> {
        let Some(login) = self.config.login.get(attempt.login) else { return Ok(None) };
        let Some(failed) = attempt.failed(login) else { return Ok(None) };
        let shared = self.shared()?;
        let client = shared.key.digest("login-client", &[&self.whose(shared, head, proxy, &Whose::Client)?.bytes()]);
        let name = attempt.name().map(|name| shared.key.digest("login-name", &[name]));
        let named = name.map_or(0, step);
        if !failed {
            // Who got in had only mistyped; the failures with other names stay.
            for (of, what) in [(Some(client), named), (name, step(client))] {
                let take_back = |of| {
                    shared.histories.update(&self.cells, HistoryKey::Actor(of), |history| {
                        match history.take_back(what) {
                            true => Change::Made(()),
                            false => Change::None(()),
                        }
                    })
                };
                of.map_or(Ok(()), take_back)?;
            }
            return Ok(None);
        }
        let odd = attempt.odd(login);
        let signal = shared.histories.update(&self.cells, HistoryKey::Actor(client), |history| {
            Change::Made(login.on_failure(history, named, &odd, now))
        })?;
        let Some(name) = name else { return Ok(signal) };
        let of_name = shared.histories.update(&self.cells, HistoryKey::Actor(name), |history| {
            Change::Made(login.on_name(history, step(client), signal.is_some(), now))
        })?;
        Ok(signal.or(of_name))
    }

    /// An exchange has come to its end: was its path there?
    fn probing(&self, head: &Head, proxy: &dyn Proxy, now: Timestamp) -> Result<Option<Signal>, Failure> {
        let Some(status) = status(proxy) else { return Ok(None) };
        let path = head.request_target().split(|byte| matches!(byte, b'?' | b'#')).next().unwrap_or_default();
        let refused = matches!(status, 403 | 404);
        let shared = self.shared()?;
        let user = shared.key.digest("probing", &[&self.whose(shared, head, proxy, &Whose::Exchange)?.bytes()]);
        let Ok(mut site) = self.site.try_borrow_mut() else { return Ok(None) };
        site.count(user.short(), refused, now);
        if (200..300).contains(&status) {
            site.answered(path, now);
        }
        if !refused || site.answers(path) || site.is_broken() {
            return Ok(None);
        }
        drop(site);
        // Cut on purpose: 32 bits tell a few dozen paths apart.
        let path = probing::hash(path) as u32;
        shared.histories.update(&self.cells, HistoryKey::Actor(user), |history| {
            match self.config.probing.on_refusal(history, path, now) {
                (true, signal) => Change::Made(signal),
                (false, signal) => Change::None(signal),
            }
        })
    }

    /// The answer to an exchange begins: does its session belong to its user?
    fn session(
        &self,
        session: &Session,
        head: &Head,
        proxy: &dyn Proxy,
        now: Timestamp,
    ) -> Result<Option<Signal>, Failure> {
        let cookie = session.of_request(head);
        let told = session.response_header().and_then(|name| proxy.answer_header(&name));
        let told = told.filter(|name| !name.is_empty()).map(|name| untrusted::clean_bytes(&name, NAME));
        let shared = self.shared()?;
        let user = match self.whose(shared, head, proxy, &Whose::Exchange)? {
            Attributed::User(user) => Some(user.name),
            Attributed::Other(_) => None,
        };
        let owner = |name: &str| shared.key.digest("session-owner", &[name.as_bytes()]);
        let mut signal = None;
        if let Some(user) = &user
            && cookie.is_none()
            && told.is_none()
        {
            return shared.histories.update(&self.cells, HistoryKey::Session(owner(user)), |history| {
                let told = session::on_missing(history, now);
                if told.is_some() { Change::Made(told) } else { Change::None(told) }
            });
        }
        // An answer that opens a new session tells of that one.
        let opened = told.as_ref().and_then(|_| session.of_answer(&proxy.answer()));
        let uses = match opened {
            Some(opened) => vec![(cookie.map(<[u8]>::to_vec), None), (Some(opened), told.as_deref())],
            None => vec![(cookie.map(<[u8]>::to_vec), told.as_deref())],
        };
        let is_new = uses.len() > 1;
        for (number, (cookie, told)) in uses.into_iter().enumerate() {
            let Some(cookie) = cookie else { continue };
            // Whoever asked for a new session is not yet its user.
            let user = user.as_deref().filter(|_| !is_new || number == 0);
            let hash = |name: &str| step(owner(name));
            let id = shared.key.digest("session", &[&cookie]);
            let used = shared.histories.update(&self.cells, HistoryKey::Session(id), |history| {
                let used = session::on_use(history, user.map(hash), told.map(hash), now);
                if used.changed { Change::Made(used) } else { Change::None(used) }
            })?;
            signal = signal.or(used.signal);
            if let (true, Some(name)) = (used.changed, told.or(user)) {
                shared.histories.update(&self.cells, HistoryKey::Session(owner(name)), |history| {
                    if session::on_owner(history, now) { Change::Made(()) } else { Change::None(()) }
                })?;
            }
        }
        Ok(signal)
    }

    fn whose(&self, shared: &Shared, head: &Head, proxy: &dyn Proxy, whose: &Whose) -> Result<Attributed, Failure> {
        let address = proxy.address();
        Ok(match self.config.user.attribute(head, proxy, &address, whose, &shared.key) {
            Attribution::User(named) => Attributed::User(named.user),
            Attribution::Address(user) | Attribution::Ignored(Some(user)) => Attributed::Other(user.id),
            Attribution::Ignored(None) | Attribution::Nobody => {
                Attributed::Other(shared.key.digest("nobody", &[host(&address)]))
            }
        })
    }
}

/// Whose an exchange is, to tell one from another.
enum Attributed {
    User(User),
    Other(Digest),
}

impl Attributed {
    fn bytes(&self) -> [u8; 16] {
        match self {
            Self::User(user) => *user.id.as_bytes(),
            Self::Other(id) => *id.as_bytes(),
        }
    }
}

/// The status, also before the proxy has written it down.
fn status(proxy: &dyn Proxy) -> Option<u16> {
    let text = proxy.answer_header(":status");
    let written = text.and_then(|text| std::str::from_utf8(&text).ok()?.parse().ok());
    written.or_else(|| proxy.status())
}

/// An address without its port.
fn host(address: &[u8]) -> &[u8] {
    let port = address.iter().rposition(|byte| *byte == b':');
    port.and_then(|port| address.get(..port)).unwrap_or(address)
}

/// A target of the exchange as a whole.
fn nowhere(target: Target) -> Field<'static> {
    Field { target, name: b"", value: b"", encoded: false }
}
