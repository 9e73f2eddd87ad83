//! The events that an application reports in its answer: taken in, and kept from the client.

use crate::detect::detection::{Note, Whose};
use crate::detect::scan::Scan;
use crate::detect::signal::Signal;
use crate::engine::facts::Facts;
use crate::exchange::head::Head;
use crate::identity::Attribution;
use crate::read::field::Field;
use crate::read::target::Target;
use crate::state::cells::Cells;
use crate::watch::application::Event;
use crate::worker::effect::Effect;
use crate::worker::log_budget::Kind;
use crate::worker::log_line;
use crate::worker::metric::Counter;
use crate::worker::turn::Turn;

/// The event by which an application says that a user has proved who they are. It scores nothing.
const STEPPED_UP: &str = "stepped-up";

impl<C: Cells> Turn<'_, C> {
    /// Takes the application's header off a request, as a sign of its own: only answers may have it.
    pub(super) fn refuse_forged(&mut self, head: &Head, scan: &mut Scan) {
        let worker = self.worker;
        if let Some(name) = worker.config.application.forged(head) {
            let field = Field { target: Target::Header, name: name.as_bytes(), value: b"", encoded: false };
            scan.note(&worker.rules, Signal::EventForged, field, Whose::Exchange);
            self.push(Effect::StripRequest(name.to_owned()));
        }
    }

    /// Notes the events in the answer's header, and takes the header off.
    pub(super) fn take_app_events(&mut self, facts: Facts<'_>, scan: &mut Scan) {
        let worker = self.worker;
        let Some(header) = worker.config.application.header() else { return };
        if facts.proxy.answer_header(header).is_none() {
            return;
        }
        self.push(Effect::StripAnswer(header.to_owned()));
        let reported = worker.config.application.read(facts.proxy.answer());
        if let Some(error) = reported.error {
            self.count(Counter::AppEventErrors, 1);
            let line = log_line::app_event_error(header, &error, facts.head, &facts.proxy.cluster());
            self.log(Kind::Nuisance, log::Level::Warn, line);
        }
        for Event { name, severity, user } in reported.events {
            let Some(whose) = self.owner(user, facts) else {
                self.count(Counter::AppEventsRefused, 1);
                continue;
            };
            self.count(Counter::AppEvents, 1);
            if name == STEPPED_UP {
                self.end_redirect(facts, &whose);
                continue;
            }
            let field = Field { target: Target::Answer, name: header.as_bytes(), value: b"", encoded: false };
            let note = Note { whose, name: Some(format!("application.{name}")), severity, ..Note::default() };
            scan.note_as(&worker.rules, Signal::ApplicationEvent, field, note);
        }
    }

    /// Whose event it is. None if it names another user than the exchange's and the cluster may not do that.
    fn owner(&self, user: Option<String>, Facts { head, proxy }: Facts<'_>) -> Option<Whose> {
        let Some(name) = user else { return Some(Whose::Exchange) };
        let (config, named) = (&self.worker.config, Whose::Named(name));
        let is_own = self.tables().is_ok_and(|tables| {
            let user = |whose| match config.user.attribute(head, proxy, b"", whose, &tables.key) {
                Attribution::User(named) => Some(named.user.id),
                Attribution::Address(_) | Attribution::Ignored(_) | Attribution::Nobody => None,
            };
            let own = user(&Whose::Exchange);
            own.is_some() && own == user(&named)
        });
        if is_own {
            return Some(Whose::Exchange);
        }
        config.application.trusts(&proxy.cluster()).then_some(named)
    }
}
