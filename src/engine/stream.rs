//! What is known of one exchange by now? Its parts as they pass, until there is something to weigh.

use crate::clock::Timestamp;
use crate::detect::scan::{Scan, Whose};
use crate::engine::Engine;
use crate::engine::effect::{Counter, Effect};
use crate::engine::report::{self, Kind};
use crate::engine::weigh::Account;
use crate::exchange::Head;
use crate::exchange::proxy::Proxy;
use crate::incident::record::User;
use crate::read::{self, Body};
use crate::state::Cells;

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
    account: Option<Box<Account>>,
    /// Was it answered in the application's place? Then it is nobody's act.
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

    /// Has nothing been detected, and is no body under way?
    fn is_quiet(&self) -> bool {
        self.scan.detections().is_empty() && self.account.is_none() && self.body.is_none()
    }
}

impl<C: Cells> Engine<C> {
    /// Does this moment change anything for the exchange? If not, the proxy needn't hand it in.
    pub fn wants_mark(&self, stream: &Stream, mark: Mark) -> bool {
        match mark {
            _ if stream.is_closed => false,
            Mark::Arrived => self.config.admin.as_ref().is_some_and(|console| console.is_for(&stream.head)),
            _ => !stream.is_quiet() || self.watches(mark),
        }
    }

    /// Is the answer's body to be handed in? Only after a detection, and only its beginning.
    pub fn wants_answer(&self, _stream: &Stream) -> bool {
        false
    }

    pub(super) fn on_part(&self, stream: &mut Stream, part: Part<'_>, now: Timestamp) -> Vec<Effect> {
        let mut effects = Vec::new();
        let Stream { head, scan, body, account, is_closed } = stream;
        if *is_closed {
            return effects;
        }
        if let Part::Head(arrived) = &part {
            scan.begin(&self.rules, arrived);
        }
        let mut sink = |field: read::Field<'_>| {
            if let Some(signal) = self.config.honeypots.look(field) {
                scan.note(&self.rules, signal, field, Whose::Exchange);
            }
            scan.push(&self.rules, field);
        };
        match part {
            Part::Head(arrived) => {
                read::head(&arrived, &mut sink);
                *head = arrived;
            }
            Part::Chunk(bytes) => {
                let body = body.get_or_insert_with(|| Body::new(head, self.config.detect.body_limit()));
                body.push(bytes, &mut sink);
            }
            Part::Answer(_) => {}
            Part::Mark(Mark::Arrived, proxy) => {
                if let Some(console) = self.config.admin.as_ref().filter(|console| console.is_for(head)) {
                    *is_closed = true;
                    self.receive(console, head, proxy, now, &mut effects);
                }
            }
            Part::Mark(mark, proxy) => {
                if matches!(mark, Mark::Complete | Mark::End)
                    && let Some(mut body) = body.take()
                {
                    body.finish(&mut sink);
                    if body.skipped() > 0 {
                        effects.push(Effect::Count(Counter::Skipped, body.skipped()));
                    }
                }
                let found = scan.take();
                if !found.is_empty() {
                    let account = account.get_or_insert_with(|| Box::new(Account::new(head, proxy)));
                    self.weigh(head, proxy, account, found, now, &mut effects);
                }
                if mark == Mark::End
                    && let Some(account) = account.take()
                {
                    for party in &account.parties {
                        let line = report::malicious_request(head, &account, party, proxy.status(), now);
                        self.budget.spend(Kind::Request, now, log::Level::Warn, line, &mut effects);
                    }
                }
            }
        }
        effects
    }

    /// Does a watcher look at this moment of every exchange?
    fn watches(&self, _mark: Mark) -> bool {
        false
    }
}
