//! What is known of one exchange by now? Its parts as they pass, until there is something to weigh.

use crate::clock::Timestamp;
use crate::console::Console;
use crate::detect::detection::Whose;
use crate::detect::scan::Scan;
use crate::engine::Engine;
use crate::engine::effect::{Counter, Effect};
use crate::engine::log_line::{self, Kind};
use crate::engine::observe::Watched;
use crate::engine::weigh::Account;
use crate::exchange::head::Head;
use crate::exchange::proxy::Proxy;
use crate::identity::source::OddName;
use crate::incident::user::User;
use crate::read::{self, Body};
use crate::state::cells::Cells;
use crate::watch::answer::AnswerScan;

/// A part of an exchange.
pub enum Part<'a> {
    /// The request's head.
    Head(Head),
    /// A piece of the request's body.
    Chunk(&'a [u8]),
    /// A piece of the answer's body; only if [`Engine::wants_answer`] says so.
    Answer(&'a [u8]),
    /// A moment at which what was found so far has to be weighed.
    Mark(Mark, &'a dyn Proxy),
}

/// A moment in the life of an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// The request's head is there.
    Arrived,
    /// The request is whole.
    Complete,
    /// The answer begins; the request may go on for hours (WebSocket).
    Answered,
    /// The exchange is over.
    End,
}

/// One exchange, from its head to its end.
#[derive(Debug, Default)]
pub struct Stream {
    head: Head,
    scan: Scan,
    body: Option<Body>,
    pub(super) watched: Watched,
    /// The answer, if there is something in it to be looked for.
    answer: Option<Box<AnswerScan>>,
    account: Option<Box<Account>>,
    /// Was it answered in the application's target? Then it is nobody's act.
    is_closed: bool,
}

impl Stream {
    /// Those whom something of it is held against, before its end.
    pub fn users(&self) -> impl Iterator<Item = &User> {
        let parties = self.account.iter().flat_map(|account| &account.parties);
        parties.filter_map(|party| Some(&party.standing.as_ref()?.user))
    }

    pub(super) fn scan_mut(&mut self) -> &mut Scan {
        &mut self.scan
    }

    /// Has nothing been detected or cut off, and is no body under way?
    fn is_quiet(&self) -> bool {
        self.scan.detections().is_empty() && !self.scan.has_unseen() && self.account.is_none() && self.body.is_none()
    }
}

impl<C: Cells> Engine<C> {
    /// Does this moment change anything for the exchange? If not, the proxy needn't hand it in.
    pub fn wants_mark(&self, stream: &Stream, mark: Mark) -> bool {
        match mark {
            _ if stream.is_closed => false,
            Mark::Arrived => self.console_for(&stream.head).is_some() || self.watches(stream, mark),
            _ => !stream.is_quiet() || self.watches(stream, mark),
        }
    }

    /// Is the answer's body to be handed in? After a detection, or where a watcher looks for something in it; and only
    /// its beginning.
    pub fn wants_answer(&self, stream: &Stream) -> bool {
        self.watches_answer(stream) || stream.answer.as_ref().is_some_and(|reader| reader.wants_more())
    }

    pub(super) fn on_part(&self, stream: &mut Stream, part: Part<'_>, now: Timestamp) -> Vec<Effect> {
        let mut effects = Vec::new();
        if stream.is_closed {
            return effects;
        }
        match part {
            Part::Head(head) => self.on_head(stream, head, &mut effects),
            Part::Chunk(bytes) => self.on_chunk(stream, bytes),
            Part::Answer(bytes) => {
                self.observe_answer(bytes, &mut stream.watched);
                if let Some(reader) = &mut stream.answer {
                    reader.push(bytes, &stream.head, &mut stream.scan, &self.rules);
                }
            }
            Part::Mark(Mark::Arrived, proxy) => match self.console_for(&stream.head) {
                Some(console) => {
                    stream.is_closed = true;
                    self.receive(console, &stream.head, proxy, now, &mut effects);
                }
                None => self.look_at(stream, Mark::Arrived, proxy, now, &mut effects),
            },
            Part::Mark(mark, proxy) => {
                if mark != Mark::Answered {
                    self.on_whole(stream, &mut effects);
                }
                self.look_at(stream, mark, proxy, now, &mut effects);
                self.settle_up(stream, mark, proxy, now, &mut effects);
            }
        }
        effects
    }

    fn on_head(&self, stream: &mut Stream, head: Head, effects: &mut Vec<Effect>) {
        let Stream { scan, watched, .. } = stream;
        scan.begin(&self.rules, &head);
        self.observe_head(&head, scan, watched);
        let unjoined = read::head(&head, &mut |field| {
            self.observe_field(field, scan, watched);
            scan.push(&self.rules, field);
        });
        scan.skip(unjoined);
        if let Some(OddName { signal, target, name, value }) = self.config.user.odd_name(&head) {
            let field = read::Field { target, name: name.as_bytes(), value, encoded: false };
            scan.note(&self.rules, signal, field, Whose::Exchange);
        }
        self.refuse_forged(&head, scan, effects);
        stream.head = head;
    }

    fn on_chunk(&self, stream: &mut Stream, bytes: &[u8]) {
        let Stream { head, scan, body, watched, .. } = stream;
        let body = body.get_or_insert_with(|| Body::new(head, self.config.detect.body_limit()));
        body.push(bytes, &mut |field| {
            self.observe_field(field, scan, watched);
            scan.push(&self.rules, field);
        });
    }

    /// The request's body has come to its end, if there was one.
    fn on_whole(&self, stream: &mut Stream, effects: &mut Vec<Effect>) {
        let Stream { scan, body, watched, .. } = stream;
        let Some(mut body) = body.take() else { return };
        body.finish(&mut |field| {
            self.observe_field(field, scan, watched);
            scan.push(&self.rules, field);
        });
        scan.skip(body.unjoined());
        if body.skipped() > 0 {
            effects.push(Effect::Count(Counter::Skipped, body.skipped()));
        }
    }

    /// What the watchers and the answer show at this moment.
    fn look_at(&self, stream: &mut Stream, mark: Mark, proxy: &dyn Proxy, now: Timestamp, effects: &mut Vec<Effect>) {
        let Stream { head, scan, watched, answer, .. } = stream;
        if mark == Mark::Answered {
            self.take_app_events(head, scan, proxy, now, effects);
            *answer = AnswerScan::begin(head, scan, &self.rules, proxy).map(Box::new);
        }
        if mark == Mark::End
            && let Some(mut reader) = answer.take()
        {
            reader.finish(head, scan, &self.rules);
        }
        self.observe_mark(mark, head, proxy, scan, watched, now, effects);
    }

    /// Weighs what is new; at the end it writes the line about it.
    fn settle_up(&self, stream: &mut Stream, mark: Mark, proxy: &dyn Proxy, now: Timestamp, effects: &mut Vec<Effect>) {
        let Stream { head, scan, account, .. } = stream;
        let unseen = scan.take_unseen();
        if unseen > 0 {
            effects.push(Effect::Count(Counter::Unseen, unseen));
        }
        let found = scan.take();
        if !found.is_empty() {
            let account = account.get_or_insert_with(|| Box::new(Account::new(head, proxy)));
            self.weigh(head, proxy, account, found, now, effects);
        }
        if mark == Mark::End
            && let Some(account) = account.take()
        {
            for party in &account.parties {
                self.note_detected(head, &account, party, now, effects);
                let called = party.user().map(|user| self.called(user));
                let line = log_line::malicious_request(head, &account, party, called, proxy.status(), now);
                self.budget.spend(Kind::Request, now, log::Level::Warn, line, effects);
            }
        }
    }

    fn console_for(&self, head: &Head) -> Option<&Console> {
        self.config.admin.as_ref().filter(|console| console.is_for(head))
    }
}
