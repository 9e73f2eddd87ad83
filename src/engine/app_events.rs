//! What does the application tell in its answer? Events, taken in and kept from the client.

use crate::clock::Timestamp;
use crate::detect::detection::{Note, Whose};
use crate::detect::scan::Scan;
use crate::detect::signal::Signal;
use crate::engine::Engine;
use crate::engine::effect::{Counter, Effect};
use crate::engine::log_line::{self, Kind};
use crate::exchange::head::Head;
use crate::exchange::proxy::Proxy;
use crate::identity::Attribution;
use crate::read::Field;
use crate::read::target::Target;
use crate::state::cells::Cells;
use crate::watch::application::Event;

impl<C: Cells> Engine<C> {
    /// Does the application tell of something in this answer? One look at one header; if not, the proxy needn't hand in
    /// that the answer begins.
    pub fn is_told(&self, proxy: &dyn Proxy) -> bool {
        self.config.application.header().is_some_and(|name| proxy.answer_header(name).is_some())
    }

    /// Takes the application's header off a request: who sends it has read about it.
    pub(super) fn refuse_forged(&self, head: &Head, scan: &mut Scan, effects: &mut Vec<Effect>) {
        if let Some(name) = self.config.application.forged(head) {
            let field = Field { target: Target::Header, name: name.as_bytes(), value: b"", encoded: false };
            scan.note(&self.rules, Signal::EventForged, field, Whose::Exchange);
            effects.push(Effect::StripRequest(name.to_owned()));
        }
    }

    /// Takes in of what the application tells, and keeps it from the client.
    pub(super) fn take_app_events(
        &self,
        head: &Head,
        scan: &mut Scan,
        proxy: &dyn Proxy,
        now: Timestamp,
        effects: &mut Vec<Effect>,
    ) {
        let Some(name) = self.config.application.header() else { return };
        if proxy.answer_header(name).is_none() {
            return;
        }
        effects.push(Effect::StripAnswer(name.to_owned()));
        let reported = self.config.application.read(&proxy.answer());
        if let Some(mistake) = reported.error {
            effects.push(Effect::Count(Counter::AppEventErrors, 1));
            let line = log_line::misread(name, &mistake, head, &proxy.cluster());
            self.budget.spend(Kind::Request, now, log::Level::Warn, line, effects);
        }
        for Event { name: event, severity, user } in reported.events {
            let Some(whose) = self.named(user, head, proxy) else {
                effects.push(Effect::Count(Counter::AppEventsRefused, 1));
                continue;
            };
            effects.push(Effect::Count(Counter::AppEvents, 1));
            let field = Field { target: Target::Answer, name: name.as_bytes(), value: b"", encoded: false };
            let note = Note { whose, name: Some(format!("application.{event}")), severity };
            scan.note_as(&self.rules, Signal::ApplicationEvent, field, note);
        }
    }

    /// UserRef the application means; nobody, if it is another user's than the exchange's and the cluster may not name one.
    fn named(&self, user: Option<String>, head: &Head, proxy: &dyn Proxy) -> Option<Whose> {
        let Some(name) = user else { return Some(Whose::Exchange) };
        let whose = Whose::Named(name);
        if self.shared().is_ok_and(|shared| {
            let user = |whose| match self.config.user.attribute(head, proxy, b"", whose, &shared.key) {
                Attribution::User(named) => Some(named.user.id),
                Attribution::Address(_) | Attribution::Ignored(_) | Attribution::Nobody => None,
            };
            let own = user(&Whose::Exchange);
            own.is_some() && own == user(&whose)
        }) {
            return Some(Whose::Exchange);
        }
        self.config.application.trusts(&proxy.cluster()).then_some(whose)
    }
}
