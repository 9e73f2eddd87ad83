//! What is known of one exchange by now? Its parts as they pass, until there is something to weigh.

use crate::clock::Timestamp;
use crate::detect::scan::Scan;
use crate::engine::Engine;
use crate::engine::effect::{Counter, Effect};
use crate::engine::report::{self, Kind};
use crate::engine::weigh::Account;
use crate::exchange::{Facts, Head};
use crate::read::{self, Body};
use crate::state::Cells;

/// A part of an exchange.
pub enum Part<'a> {
    /// The request's head.
    Head(Head),
    /// A piece of the request's body.
    Chunk(&'a [u8]),
    /// A moment at which what was found so far has to be weighed.
    Mark(Mark, Question<'a>),
}

/// A moment in the life of an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// The request is whole.
    Complete,
    /// The answer begins; the request may go on for hours (WebSocket).
    Answered,
    /// The exchange is over.
    End,
}

/// What the proxy knows of the exchange beyond its bytes: asked only when something was detected, for the answer costs
/// calls to the host.
pub type Question<'a> = &'a dyn Fn() -> Facts;

/// One exchange, from its head to its end.
#[derive(Debug, Default)]
pub struct Stream {
    head: Head,
    scan: Scan,
    body: Option<Body>,
    account: Option<Box<Account>>,
}

impl Stream {
    /// Has nothing been detected, and is no body under way? Then no mark changes anything.
    pub fn is_quiet(&self) -> bool {
        self.scan.detections().is_empty() && self.account.is_none() && self.body.is_none()
    }
}

impl<C: Cells> Engine<C> {
    pub(super) fn on_part(&self, stream: &mut Stream, part: Part<'_>, now: Timestamp) -> Vec<Effect> {
        let mut effects = Vec::new();
        let Stream { head, scan, body, account } = stream;
        if let Part::Head(arrived) = &part {
            scan.begin(&self.rules, arrived);
        }
        let mut sink = |field: read::Field<'_>| scan.push(&self.rules, field);
        match part {
            Part::Head(arrived) => {
                read::head(&arrived, &mut sink);
                *head = arrived;
            }
            Part::Chunk(bytes) => {
                let body = body.get_or_insert_with(|| Body::new(head, self.config.detect.body_limit()));
                body.push(bytes, &mut sink);
            }
            Part::Mark(mark, question) => {
                if mark != Mark::Answered
                    && let Some(mut body) = body.take()
                {
                    body.finish(&mut sink);
                    if body.skipped() > 0 {
                        effects.push(Effect::Count(Counter::Skipped, body.skipped()));
                    }
                }
                let unseen = scan.take_unseen();
                if unseen > 0 {
                    effects.push(Effect::Count(Counter::Unseen, unseen));
                }
                let found = scan.take();
                if !found.is_empty() {
                    let account = account
                        .get_or_insert_with(|| Box::new(Account::new(question(), self.config.risk.exchange_cap())));
                    self.weigh(head, account, found, now, &mut effects);
                }
                if mark == Mark::End
                    && let Some(mut account) = account.take()
                {
                    account.facts.status = question().status;
                    let line = report::malicious_request(head, &account, now);
                    self.budget.spend(Kind::Request, now, log::Level::Warn, line, &mut effects);
                }
            }
        }
        effects
    }
}
