//! How does a risky user's request fare? It is answered in the application's place, or the upstream and Envoy are told.

use crate::clock::Timestamp;
use crate::detect::category::Severity;
use crate::detect::detection::Whose;
use crate::engine::facts::Facts;
use crate::engine::stream::Stream;
use crate::exchange::head::Head;
use crate::exchange::proxy::{Attribute, Proxy};
use crate::identity::Attribution;
use crate::incident::restriction::RestrictionTerms;
use crate::incident::stance::Stance;
use crate::plugin::config::Mode;
use crate::respond::decision::{Answer, Decision, HEADER, header_value};
use crate::state::cells::Cells;
use crate::state::table::Change;
use crate::worker::effect::Effect;
use crate::worker::metric::{Counter, Labelled};
use crate::worker::state::Worker;
use crate::worker::turn::Turn;

impl<C: Cells> Worker<C> {
    /// Are responses carried out on this exchange's route? Its metadata may say so: `user-risk: {mode: monitor}`. Costs a call.
    pub(super) fn is_enforced(&self, proxy: &dyn Proxy) -> bool {
        match proxy.attribute(Attribute::RouteMetadata("user-risk", &["mode"])).as_deref() {
            Some(b"protect") => self.responds(),
            Some(b"monitor") => false,
            _ => self.config.mode == Mode::Protect,
        }
    }

    /// Is there anything to be done about the request when its head is there? While nobody is risky and the head is
    /// harmless: no.
    pub(super) fn has_response(&self, stream: &Stream) -> bool {
        self.responds() && (!self.concerned.borrow().is_empty() || !stream.scan.detections().is_empty())
    }

    /// How many bytes of the request's body to hold back until it is judged. Neither gRPC nor an upgrade is held: their
    /// bodies are conversations.
    pub(super) fn bytes_to_hold(&self, head: &Head, proxy: &dyn Proxy) -> Option<usize> {
        let bytes = self.config.respond.held_bytes().filter(|_| self.responds())?;
        let is_grpc = head.headers().last("content-type").is_some_and(|kind| kind.starts_with(b"application/grpc"));
        let is_upgrade = head.headers().last("upgrade").is_some() || head.method() == b"CONNECT";
        (!is_grpc && !is_upgrade && self.is_enforced(proxy)).then_some(bytes)
    }

    /// What is refused for a while to a user of this group, if their incident comes to it.
    pub(super) fn restrictions(&self, proxy: &dyn Proxy, group: Option<&str>) -> Vec<RestrictionTerms> {
        let respond = &self.config.respond;
        if !self.responds() || respond.is_empty() {
            return Vec::new();
        }
        respond.restrictions(group, self.is_enforced(proxy))
    }

    /// How the exchange's user stands, if a response may concern them. Unless somebody is concerned it costs nothing; the
    /// client's address is asked for only while an address is.
    fn stance(&self, Facts { head, proxy }: Facts<'_>, now: Timestamp) -> Option<Stance> {
        let copy = self.concerned.borrow();
        if copy.is_empty() {
            return None;
        }
        let tables = self.tables().ok()?;
        let attribute = |address: &[u8]| {
            let user = self.config.user.attribute(head, proxy, address, &Whose::Exchange, &tables.key);
            match user {
                Attribution::User(named) => Some(named.user.id),
                Attribution::Address(user) => Some(user.id),
                Attribution::Ignored(_) | Attribution::Nobody => None,
            }
        };
        let user = attribute(b"").or_else(|| attribute(&copy.has_addresses().then(|| proxy.address())?))?;
        let stance = copy.of(user, now)?;
        // Asked again with the address, as the operator may ignore that.
        attribute(&proxy.address()).map(|_| stance.clone())
    }
}

impl<C: Cells> Turn<'_, C> {
    /// Takes the upstream's header off a request from outside.
    pub(super) fn refuse_forged_risk(&mut self, head: &Head) {
        if head.headers().last(HEADER).is_some() {
            self.push(Effect::StripRequest(HEADER.to_owned()));
        }
    }

    /// Does what the configuration says about the request, as its user stands now.
    pub(super) fn respond(&mut self, stream: &mut Stream, proxy: &dyn Proxy) {
        let worker = self.worker;
        if !worker.responds() || stream.response.answered.is_some() {
            return;
        }
        let facts = Facts { head: &stream.head, proxy };
        let Some(stance) = worker.stance(facts, self.now) else { return };
        let (enforced, has_attack) = (worker.is_enforced(proxy), stream.has_attack());
        let mut decision = worker.config.respond.decide(&stance, facts.head, has_attack, enforced, self.now);
        if stance.is_address && self.is_shared(&stance, &decision) {
            decision.spare();
        }
        if decision.applies && !stream.response.is_passed_on {
            self.tell(&stance, decision.tells);
        }
        if let Some(action) = decision.would.filter(|_| stream.response.would.is_none()) {
            stream.response.would = Some(action);
            self.count(Counter::ResponsesDry, 1);
            self.count_labelled(Labelled::ResponsesDry(action));
        }
        if let Some(Answer { action, status, headers, .. }) = decision.answer {
            (stream.response.answered, stream.response.held) = (Some(action), None);
            self.count(Counter::Responses, 1);
            self.count_labelled(Labelled::Responses(action));
            self.push(Effect::Respond { status, headers, body: Vec::new() });
        }
    }

    /// The application says that the user has proved who they are: they are no longer redirected.
    pub(super) fn end_redirect(&mut self, Facts { head, proxy }: Facts<'_>, whose: &Whose) {
        let worker = self.worker;
        let Ok(tables) = worker.tables() else { return };
        let user = match worker.config.user.attribute(head, proxy, &proxy.address(), whose, &tables.key) {
            Attribution::User(named) => named.user.id,
            Attribution::Address(user) => user.id,
            Attribution::Ignored(_) | Attribution::Nobody => return,
        };
        // Whoever is not known to be redirected costs no look at the records.
        let is_redirected = |stance: &Stance| self.now < stance.restrictions.redirect.until();
        if !worker.concerned.borrow().of(user, self.now).is_some_and(is_redirected) {
            return;
        }
        let lifted = tables.ledger.act(&worker.cells, user, |record| {
            if record.restrictions().redirect.until() <= self.now {
                return Change::None(None);
            }
            record.restrictions_mut().redirect.lift(self.now);
            Change::Made(None)
        });
        match lifted.and_then(|_| tables.ledger.read(&worker.cells, user)) {
            Ok(record) => record.into_iter().for_each(|record| self.note_stance(tables, record.stance())),
            Err(failure) => self.log_trouble("a redirect could not be ended", &failure),
        }
    }

    /// Do several people share the address? Looked up only if something would be refused to them.
    fn is_shared(&self, stance: &Stance, decision: &Decision) -> bool {
        let worker = self.worker;
        let window = worker.config.risk.window().duration();
        (decision.answer.is_some() || decision.would.is_some())
            && self.tables().is_ok_and(|tables| {
                tables.shared_addresses.is_shared(&worker.cells, stance.user, window, self.now) == Ok(true)
            })
    }

    /// Tells Envoy of the user's risk and, if that is asked for, the upstream.
    fn tell(&mut self, stance: &Stance, upstream: bool) {
        let Some(band) = stance.band(self.now) else { return };
        self.push(Effect::SetState("user_risk.score", stance.increase.to_string()));
        self.push(Effect::SetState("user_risk.band", band.slug().to_owned()));
        if upstream && let Some(value) = header_value(stance, self.now) {
            self.push(Effect::SetRequestHeader(HEADER, value));
        }
    }
}

impl Stream {
    /// Does the request itself carry a high or critical act, whether or not it was counted before?
    fn has_attack(&self) -> bool {
        let account = self.account.as_ref();
        account.is_some_and(|account| {
            let own = account.parties.iter().filter(|party| party.whose == Whose::Exchange);
            own.flat_map(|party| &party.findings).any(|finding| finding.severity >= Severity::High)
        })
    }
}
