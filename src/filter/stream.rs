//! What does Envoy call in one exchange? Each callback becomes a part for the engine; the traffic goes on untouched.

use std::cell::OnceCell;
use std::rc::Rc;

use proxy_wasm::traits::{Context, HttpContext};
use proxy_wasm::types::Action;

use crate::engine::Input;
use crate::engine::ongoing::STRETCH;
use crate::engine::stream::{Mark, Part, Stream};
use crate::exchange::head::Head;
use crate::exchange::headers::Headers;
use crate::exchange::proxy::{Attribute, Proxy};
use crate::filter::active::Active;
use crate::filter::host::{body, headers, property};
use crate::filter::off::Off;
use crate::filter::placement::Placement;
use crate::watch::answer;

/// What the filter does with each exchange, by its `mode`.
#[derive(Clone)]
pub(super) enum Duty {
    /// Everything.
    Active(Rc<Active>),
    /// Next to nothing.
    Off(Rc<Off>),
}

/// The HTTP context of one exchange.
pub(super) struct HttpStream {
    duty: Duty,
    placement: Rc<Placement>,
    stream: Stream,
    /// The engine has been given a part.
    has_begun: bool,
    /// The engine has the request's head.
    has_head: bool,
    /// The engine knows that the exchange has ended.
    has_ended: bool,
    /// So many bytes of the request's body are held back by Envoy: it shows them again with the next ones.
    held: usize,
    /// The answer has begun.
    is_answered: bool,
    /// The answer's status, once its headers have been looked at.
    status: Option<u16>,
}

/// The callbacks, in the order of their phases. A host may leave any of them out.
impl HttpContext for HttpStream {
    fn on_http_request_headers(&mut self, _headers: usize, last: bool) -> Action {
        self.head();
        if let Duty::Off(off) = &self.duty
            && off.request()
        {
            return Action::Pause;
        }
        #[cfg(feature = "trap-on-demand")]
        if let Some(point) = headers::request().last("x-user-risk-trap") {
            crate::filter::host::trap::arm(point);
            crate::filter::host::trap::spring("now");
        }
        match self.mark(Mark::Arrived) {
            Action::Continue if last => self.mark(Mark::Complete),
            Action::Continue => self.hold_or_pass(),
            action => action,
        }
    }

    fn on_http_request_body(&mut self, size: usize, last: bool) -> Action {
        // The head alone, or pieces too.
        let was_held = self.stream.is_held();
        if matches!(self.duty, Duty::Active(_)) {
            self.take_body(self.held, size);
        }
        if last {
            return self.mark(Mark::Complete);
        }
        if self.stream.is_held() {
            self.held = size;
            return Action::Pause;
        }
        self.held = 0;
        if was_held { self.mark(Mark::Released) } else { Action::Continue }
    }

    fn on_http_request_trailers(&mut self, _trailers: usize) -> Action {
        if matches!(self.duty, Duty::Active(_)) {
            self.on(Part::Trailers(&headers::request_trailers()));
        }
        self.mark(Mark::Complete)
    }

    fn on_http_response_headers(&mut self, _headers: usize, _last: bool) -> Action {
        self.is_answered = true;
        self.mark(Mark::Answered);
        if let Duty::Off(off) = &self.duty {
            off.answer();
        }
        Action::Continue
    }

    fn on_http_response_body(&mut self, size: usize, _last: bool) -> Action {
        let wants = |active: &Active| active.engine.wants_answer(&self.stream);
        if size > 0 && matches!(&self.duty, Duty::Active(active) if wants(active)) {
            self.on(Part::Answer(&body::answer(size.min(answer::MOST))));
        }
        Action::Continue
    }

    fn on_log(&mut self) {
        // For a request that Envoy itself refused (malformed, too large) this is the only callback.
        if !self.has_head {
            self.head();
        }
        self.end();
    }
}

impl Context for HttpStream {
    fn on_done(&mut self) -> bool {
        if !self.has_head {
            self.placement.saw_no_request();
        } else if !self.has_ended {
            // Only the filters of the listener are asked for a line of the access log.
            self.placement.saw_no_log();
            self.end();
        }
        true
    }
}

impl HttpStream {
    pub(super) fn new(duty: Duty, placement: Rc<Placement>) -> Self {
        Self {
            duty,
            placement,
            stream: Stream::default(),
            has_begun: false,
            has_head: false,
            has_ended: false,
            held: 0,
            is_answered: false,
            status: None,
        }
    }

    /// Gives the part to the engine. The request goes on, unless the filter answered it itself. The engine never asks for a
    /// callout here, only on ticks.
    fn on(&mut self, part: Part<'_>) -> Action {
        let Duty::Active(active) = &self.duty else { return Action::Continue };
        self.has_begun = true;
        let outcome = active.on(Input::Stream(&mut self.stream, part));
        if outcome.is_answered { Action::Pause } else { Action::Continue }
    }

    /// Hands over the body from `at` on; stretch by stretch once the answer has begun, as each is weighed by itself.
    fn take_body(&mut self, mut at: usize, size: usize) {
        while at < size {
            let end = if self.is_answered { size.min(at.saturating_add(STRETCH)) } else { size };
            self.on(Part::Chunk(&body::request(at, end)));
            if self.is_answered {
                self.mark(Mark::Ongoing);
            }
            at = end;
        }
    }

    fn mark(&mut self, mark: Mark) -> Action {
        let host = self.host();
        let action = match &self.duty {
            Duty::Active(active)
                if active.engine.wants_mark(&self.stream, mark)
                    || mark == Mark::Answered && active.engine.has_app_events(&host) =>
            {
                self.on(Part::Mark(mark, &host))
            }
            _ => Action::Continue,
        };
        self.status = self.status.or_else(|| host.answer.get()?.status());
        action
    }

    /// The body follows: holds the request back until it is judged, where that is asked for. Envoy then hands over the body
    /// only with `allow_on_headers_stop_iteration`.
    fn hold_or_pass(&mut self) -> Action {
        let host = self.host();
        match &self.duty {
            Duty::Active(active) if active.engine.holds(&mut self.stream, &host) => Action::Pause,
            _ => Action::Continue,
        }
    }

    fn host(&self) -> Host {
        Host { answer: OnceCell::new(), status: self.status }
    }

    fn head(&mut self) {
        if self.has_begun {
            // What came before the head, or with another one, may be another user's: it is an exchange of its own.
            self.end();
            *self = Self::new(self.duty.clone(), self.placement.clone());
        }
        self.has_head = true;
        if matches!(self.duty, Duty::Active(_)) {
            self.on(Part::Head(Head::new(headers::request())));
        }
    }

    fn end(&mut self) {
        self.has_ended = true;
        // Where nobody has looked at the answer's headers, what Envoy has noted costs less than they do.
        let status = || self.status.or_else(|| self.host().noted_status());
        if !matches!(&self.duty, Duty::Active(active) if active.engine.passes(&self.stream, status)) {
            self.mark(Mark::End);
        }
    }
}

/// Asks the host about the exchange under way, during one callback: for the answer's headers once.
struct Host {
    answer: OnceCell<Headers>,
    /// The answer's status, if it is known from an earlier callback.
    status: Option<u16>,
}

impl Proxy for Host {
    fn attribute(&self, attribute: Attribute<'_>) -> Option<Vec<u8>> {
        property::value(attribute)
    }

    fn answer(&self) -> &Headers {
        self.answer.get_or_init(headers::answer)
    }

    fn status(&self) -> Option<u16> {
        self.status.or_else(|| self.answer().status()).or_else(|| self.noted_status())
    }
}
