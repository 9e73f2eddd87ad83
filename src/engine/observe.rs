//! Which watcher looks at which moment of an exchange? What each of them does stands in its own file in `watch`.

use crate::detect::detection::Whose;
use crate::detect::scan::Scan;
use crate::detect::signal::Signal;
use crate::engine::account::Account;
use crate::engine::facts::Facts;
use crate::engine::stream::Mark;
use crate::engine::watched::Watched;
use crate::exchange::head::Head;
use crate::read::field::Field;
use crate::read::target::Target;
use crate::state::cells::Cells;
use crate::state::table::Failure;
use crate::watch::attempt::Attempt;
use crate::watch::size;
use crate::worker::state::Worker;
use crate::worker::turn::Turn;

impl<C: Cells> Worker<C> {
    pub(super) fn observe_head(&self, head: &Head, scan: &mut Scan, watched: &mut Watched) {
        for signal in size::look(head) {
            scan.note(&self.rules, signal, whole(Target::Header), Whose::Exchange);
        }
        watched.attempt = self.config.login.by_path(head).map(|login| Box::new(Attempt::new(login)));
        watched.visit = self.config.routes.begin(head).map(|(visit, signal)| {
            if let Some(signal) = signal {
                let field = Field { value: head.method(), ..whole(Target::Method) };
                scan.note(&self.rules, signal, field, Whose::Exchange);
            }
            visit
        });
    }

    pub(super) fn observe_field(&self, field: Field<'_>, scan: &mut Scan, watched: &mut Watched) {
        watched.names.see(field);
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

    /// Notes how the answer to a login looks, while its headers are as the application sent them.
    fn judge_login(&self, facts: Facts<'_>, watched: &mut Watched) {
        if let Some(attempt) = &mut watched.attempt
            && attempt.judged.is_none()
            && let Some(login) = self.config.login.get(attempt.login)
        {
            attempt.judged = facts.proxy.status().map(|status| login.judge(status, facts.proxy));
            if login.needs_body() {
                attempt.begin_answer(facts.proxy.answer());
            }
        }
    }
}

impl<C: Cells> Turn<'_, C> {
    /// The watchers look at the exchange as it is at this moment; `account` has what was held against it before.
    pub(super) fn observe_mark(
        &mut self,
        mark: Mark,
        facts: Facts<'_>,
        scan: &mut Scan,
        watched: &mut Watched,
        account: Option<&Account>,
    ) {
        let worker = self.worker;
        let looked = match mark {
            Mark::Arrived => {
                if watched.attempt.is_none() && worker.config.login.has_names() {
                    let login = worker.config.login.by_name(facts.head, facts.proxy);
                    watched.attempt = login.map(|login| Box::new(Attempt::new(login)));
                }
                Ok(())
            }
            Mark::Ongoing | Mark::Released => Ok(()),
            Mark::Complete => self.observe_names(facts, scan, watched),
            Mark::Answered => {
                worker.judge_login(facts, watched);
                self.observe_session(facts, scan)
            }
            Mark::End => {
                worker.judge_login(facts, watched);
                let crowd = account.map_or(Ok(()), |account| self.observe_crowd(facts, scan, account));
                // All are looked at, also where the first fails.
                self.observe_end(facts, scan, watched).and(crowd)
            }
        };
        if let Err(failure) = looked {
            self.log_trouble("what came before could not be looked up", &failure);
        }
    }

    fn observe_names(&self, facts: Facts<'_>, scan: &mut Scan, watched: &mut Watched) -> Result<(), Failure> {
        let Some(step) = watched.names.step() else { return Ok(()) };
        let signal = self.look_back_at_names(step, facts)?;
        self.note(signal, Target::Query, Whose::Exchange, scan);
        Ok(())
    }

    fn observe_session(&self, facts: Facts<'_>, scan: &mut Scan) -> Result<(), Failure> {
        let Some(session) = &self.worker.config.user.session else { return Ok(()) };
        let signal = self.look_back_at_session(session, facts)?;
        self.note(signal, Target::Cookie, Whose::Exchange, scan);
        Ok(())
    }

    fn observe_end(&self, facts: Facts<'_>, scan: &mut Scan, watched: &mut Watched) -> Result<(), Failure> {
        let config = &self.worker.config;
        let missing = watched.visit.take().and_then(|visit| config.routes.end(visit));
        self.note(missing, Target::Query, Whose::Exchange, scan);
        let mut attempt = watched.attempt.take();
        if let Some(attempt) = &mut attempt {
            attempt.finish_answer();
        }
        let login = attempt.map_or(Ok(None), |attempt| self.look_back_at_login(&attempt, facts));
        let login = login.map(|signal| self.note(signal, Target::Form, Whose::Client, scan));
        let probing = if config.probing.is_on() { self.look_back_at_paths(facts) } else { Ok(None) };
        // Both are looked at, also where the first fails.
        login.and(probing.map(|signal| self.note(signal, Target::Path, Whose::Exchange, scan)))
    }

    fn observe_crowd(&self, facts: Facts<'_>, scan: &mut Scan, account: &Account) -> Result<(), Failure> {
        // Those whom a foreign site made send something have not much to do with each other.
        let attacker = account.attacker().filter(|_| !facts.head.is_cross_site());
        let Some(attacker) = attacker else { return Ok(()) };
        let signal = self.look_back_at_crowd(attacker, account)?;
        self.note(signal, Target::Header, Whose::Client, scan);
        Ok(())
    }

    fn note(&self, signal: Option<Signal>, target: Target, whose: Whose, scan: &mut Scan) {
        if let Some(signal) = signal {
            scan.note(&self.worker.rules, signal, whole(target), whose);
        }
    }
}

/// The field that stands for a whole target of the exchange.
fn whole(target: Target) -> Field<'static> {
    Field { target, name: b"", value: b"", encoded: false }
}
