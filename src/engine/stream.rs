//! One exchange under way: its parts as they pass, until there is something to weigh.

use crate::detect::detection::Whose;
use crate::detect::scan::Scan;
use crate::detect::signal::Signal;
use crate::engine::account::Account;
use crate::engine::facts::Facts;
use crate::engine::ongoing::Ongoing;
use crate::engine::request_line;
use crate::engine::response::Response;
use crate::engine::watched::Watched;
use crate::exchange::head::Head;
use crate::exchange::headers::Headers;
use crate::exchange::proxy::Proxy;
use crate::identity::source::OddName;
use crate::incident::user::User;
use crate::notify::privacy::Users;
use crate::read::field::Field;
use crate::read::target::Target;
use crate::read::{self, Body};
use crate::risk::exchange::Charged;
use crate::state::cells::Cells;
use crate::watch::answer::AnswerScan;
use crate::worker::metric::Counter;
use crate::worker::turn::Turn;

/// A part of an exchange.
pub enum Part<'a> {
    /// The request's head.
    Head(Head),
    /// A piece of the request's body.
    Chunk(&'a [u8]),
    /// What follows the request's body like headers.
    Trailers(&'a Headers),
    /// A piece of the answer's body; only if [`Engine::wants_answer`](crate::engine::Engine::wants_answer) says so.
    Answer(&'a [u8]),
    /// A moment at which what was found so far has to be weighed.
    Mark(Mark, &'a dyn Proxy),
}

/// A moment in the life of an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// The request's head is there.
    Arrived,
    /// More of its body has come than is held back: what was found so far is judged before all of it goes on.
    Released,
    /// The request is whole.
    Complete,
    /// The answer begins; the request may go on for hours (WebSocket).
    Answered,
    /// The answer has begun, and a piece of the request's body has come. Wanted once enough has come to be weighed.
    Ongoing,
    /// The exchange is over.
    End,
}

/// One exchange, from its head to its end.
#[derive(Debug, Default)]
pub struct Stream {
    pub(super) head: Head,
    pub(super) scan: Scan,
    body: Option<Body>,
    pub(super) ongoing: Ongoing,
    pub(super) watched: Watched,
    /// The answer, if there is something in it to be looked for.
    pub(super) answer: Option<Box<AnswerScan>>,
    pub(super) account: Option<Box<Account>>,
    /// What was done about it.
    pub(super) response: Response,
    /// Was it answered in the application's place? Then it is nobody's act.
    pub(super) is_closed: bool,
}

impl Stream {
    /// The users against whom something of it is held, before its end.
    pub fn users(&self) -> impl Iterator<Item = &User> {
        let parties = self.account.iter().flat_map(|account| &account.parties);
        parties.filter_map(|party| Some(&party.standing.as_ref()?.user))
    }

    /// Is the request held back until it is judged?
    pub fn is_held(&self) -> bool {
        self.response.held.is_some()
    }

    /// Has nothing been detected or cut off, and is no body under way?
    pub(super) fn is_quiet(&self) -> bool {
        self.scan.detections().is_empty() && !self.scan.has_unseen() && self.account.is_none() && self.body.is_none()
    }
}

impl<C: Cells> Turn<'_, C> {
    /// Takes in the next part of the exchange.
    pub(super) fn take_part(&mut self, stream: &mut Stream, part: Part<'_>) {
        if stream.is_closed {
            return;
        }
        match part {
            Part::Head(head) => self.take_head(stream, head),
            Part::Chunk(bytes) => self.take_chunk(stream, bytes),
            Part::Trailers(trailers) => self.take_trailers(stream, trailers),
            Part::Answer(bytes) => self.take_answer(stream, bytes),
            Part::Mark(Mark::Arrived, proxy) => match self.worker.console_for(&stream.head) {
                Some(console) => {
                    stream.is_closed = true;
                    self.answer_console(console, Facts { head: &stream.head, proxy });
                }
                None => {
                    self.sample_naming(Facts { head: &stream.head, proxy });
                    self.look(stream, Mark::Arrived, proxy);
                    if self.worker.has_response(stream) {
                        // What the head shows is weighed before anything of the request goes on.
                        self.settle(stream, Mark::Arrived, proxy);
                        self.respond(stream, proxy);
                    }
                }
            },
            Part::Mark(mark, proxy) => {
                match mark {
                    Mark::Answered => {}
                    Mark::Released => self.show_open(stream),
                    Mark::Ongoing => self.weigh_ongoing(stream),
                    Mark::Arrived | Mark::Complete | Mark::End => self.finish_body(stream),
                }
                // An answer of our own shows nothing of the application.
                if stream.response.answered.is_none() {
                    self.look(stream, mark, proxy);
                }
                let is_weighed = self.settle(stream, mark, proxy);
                if is_weighed && matches!(mark, Mark::Released | Mark::Complete) {
                    self.respond(stream, proxy);
                }
                match mark {
                    Mark::Released => stream.response.is_passed_on = true,
                    Mark::Complete => stream.response.held = None,
                    _ => {}
                }
            }
        }
    }

    fn take_head(&mut self, stream: &mut Stream, head: Head) {
        let worker = self.worker;
        let Stream { scan, watched, .. } = stream;
        scan.begin(&worker.rules, &head);
        scan.arrived(head.headers().size());
        worker.observe_head(&head, scan, watched);
        let unjoined = read::head(&head, &mut |field| {
            worker.observe_field(field, scan, watched);
            scan.push(&worker.rules, field);
        });
        scan.skip(unjoined);
        if let Some(OddName { signal, target, name, value }) = worker.config.user.odd_name(&head) {
            let field = Field { target, name: name.as_bytes(), value, encoded: false };
            scan.note(&worker.rules, signal, field, Whose::Exchange);
        }
        self.refuse_forged(&head, scan);
        self.refuse_forged_risk(&head);
        stream.head = head;
    }

    fn take_chunk(&mut self, stream: &mut Stream, bytes: &[u8]) {
        let worker = self.worker;
        let Stream { head, scan, body, watched, response, .. } = stream;
        if let Some(held) = response.held.take() {
            response.held = held.checked_sub(bytes.len());
            self.count(Counter::BodiesPassed, u64::from(response.held.is_none()));
        }
        let body = body.get_or_insert_with(|| Body::new(head, worker.config.detect.body_limit()));
        scan.arrived(bytes.len());
        body.push(bytes, &mut |field| {
            worker.observe_field(field, scan, watched);
            scan.push(&worker.rules, field);
        });
        stream.ongoing.take(bytes.len(), self.now);
    }

    fn take_trailers(&mut self, stream: &mut Stream, trailers: &Headers) {
        let worker = self.worker;
        let Stream { scan, watched, .. } = stream;
        read::trailers(trailers, &mut |field| {
            worker.observe_field(field, scan, watched);
            scan.push(&worker.rules, field);
        });
    }

    /// Shows what has come of a body that goes on.
    fn show_open(&mut self, stream: &mut Stream) {
        let worker = self.worker;
        let Stream { scan, body, watched, .. } = stream;
        let Some(body) = body else { return };
        body.show_open(&mut |field| {
            worker.observe_field(field, scan, watched);
            scan.push(&worker.rules, field);
        });
    }

    /// The same, and begins the next stretch of it if one is complete.
    fn weigh_ongoing(&mut self, stream: &mut Stream) {
        self.show_open(stream);
        let worker = self.worker;
        let Stream { body: Some(body), ongoing, account, .. } = stream else { return };
        if ongoing.weigh() {
            body.renew(worker.config.detect.body_limit());
            for party in account.iter_mut().flat_map(|account| &mut account.parties) {
                party.charged = Charged::new(worker.config.risk.exchange_cap());
            }
        }
    }

    /// The request's body has come to its end, if there was one.
    fn finish_body(&mut self, stream: &mut Stream) {
        let worker = self.worker;
        let Stream { scan, body, watched, .. } = stream;
        let Some(mut body) = body.take() else { return };
        body.finish(&mut |field| {
            worker.observe_field(field, scan, watched);
            scan.push(&worker.rules, field);
        });
        if body.expands() {
            let field = Field { target: Target::Text, name: b"", value: b"", encoded: false };
            scan.note(&worker.rules, Signal::BodyExpands, field, Whose::Exchange);
        }
        scan.skip(body.unjoined());
        self.count(Counter::Skipped, body.skipped());
    }

    fn take_answer(&mut self, stream: &mut Stream, bytes: &[u8]) {
        let Stream { head, scan, watched, answer, .. } = stream;
        if let Some(attempt) = &mut watched.attempt {
            attempt.answer(bytes);
        }
        if let Some(answer) = answer {
            answer.push(bytes, head, scan, &self.worker.rules);
        }
    }

    /// What the watchers and the answer show at this moment.
    fn look(&mut self, stream: &mut Stream, mark: Mark, proxy: &dyn Proxy) {
        let rules = &self.worker.rules;
        let Stream { head, scan, watched, answer, account, .. } = stream;
        let facts = Facts { head, proxy };
        if mark == Mark::Answered {
            self.take_app_events(facts, scan);
            *answer = AnswerScan::begin(head, scan, rules, proxy).map(Box::new);
        }
        if mark == Mark::End
            && let Some(mut answer) = answer.take()
        {
            answer.finish(head, scan, rules);
        }
        self.observe_mark(mark, facts, scan, watched, account.as_deref());
    }

    /// Weighs what is new, and returns whether there was something. At the end it notes and logs what the exchange came to.
    fn settle(&mut self, stream: &mut Stream, mark: Mark, proxy: &dyn Proxy) -> bool {
        let Stream { head, scan, account, response, .. } = stream;
        let facts = Facts { head, proxy };
        self.count(Counter::Unseen, scan.take_unseen());
        let found = scan.take();
        let is_new = !found.is_empty();
        if is_new {
            let account = account
                .get_or_insert_with(|| Box::new(Account::new(facts, self.worker.config.privacy.users == Users::Plain)));
            self.weigh(facts, account, found);
            account.is_answer_noted = false;
        }
        if matches!(mark, Mark::Answered | Mark::End)
            && let Some(account) = account
        {
            self.note_answer(facts, account);
        }
        if mark == Mark::End
            && let Some(account) = account.take()
        {
            for party in account.parties.iter().filter(|party| !party.is_echo) {
                self.note_detected(head, &account, party);
                let logged = party.user().map(|user| self.worker.logged(user));
                let line = request_line::malicious_request(
                    head,
                    &account,
                    party,
                    response,
                    logged.as_ref(),
                    proxy.status(),
                    self.now,
                );
                let user = party.user().zip(logged.as_ref()).map(|(user, logged)| (user.id, logged.user.as_ref()));
                self.log_of(party.kind_of_line(), user, log::Level::Warn, line);
            }
        }
        is_new
    }
}
