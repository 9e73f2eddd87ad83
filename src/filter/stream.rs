//! What does Envoy call in one exchange? Each callback becomes a part for the engine; the traffic goes on untouched.

use std::rc::Rc;

use proxy_wasm::traits::{Context, HttpContext};
use proxy_wasm::types::Action;

use crate::engine::Input;
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
    /// The engine has the request's head.
    has_head: bool,
    /// The engine knows that the exchange has ended.
    has_ended: bool,
    /// So many bytes of the request's body are held back by Envoy: it shows them again with the next ones.
    held: usize,
}

impl HttpStream {
    pub(super) fn new(duty: Duty, placement: Rc<Placement>) -> Self {
        Self { duty, placement, stream: Stream::default(), has_head: false, has_ended: false, held: 0 }
    }

    /// Gives the part to the engine. The request goes on, unless the filter answered it itself. The engine never asks for a
    /// callout here, only on ticks.
    fn on(&mut self, part: Part<'_>) -> Action {
        let Duty::Active(active) = &self.duty else { return Action::Continue };
        let outcome = active.on(Input::Stream(&mut self.stream, part));
        if outcome.is_answered { Action::Pause } else { Action::Continue }
    }

    fn mark(&mut self, mark: Mark) -> Action {
        match &self.duty {
            Duty::Active(active)
                if active.engine.wants_mark(&self.stream, mark)
                    || mark == Mark::Answered && active.engine.has_app_events(&Host) =>
            {
                self.on(Part::Mark(mark, &Host))
            }
            _ => Action::Continue,
        }
    }

    /// The body follows: holds the request back until it is judged, where that is asked for. Envoy then hands over the body
    /// only with `allow_on_headers_stop_iteration`.
    fn hold_or_pass(&mut self) -> Action {
        match &self.duty {
            Duty::Active(active) if active.engine.holds(&mut self.stream, &Host) => Action::Pause,
            _ => Action::Continue,
        }
    }

    fn head(&mut self) {
        self.has_head = true;
        if matches!(self.duty, Duty::Active(_)) {
            self.on(Part::Head(Head::new(headers::request())));
        }
    }

    fn end(&mut self) {
        self.has_ended = true;
        self.mark(Mark::End);
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
        if matches!(self.duty, Duty::Active(_)) && size > 0 {
            self.on(Part::Chunk(&body::request(self.held, size)));
        }
        if last {
            return self.mark(Mark::Complete);
        }
        if self.stream.is_held() {
            self.held = size;
            return Action::Pause;
        }
        let was_held = std::mem::take(&mut self.held) > 0;
        if was_held { self.mark(Mark::Released) } else { Action::Continue }
    }

    fn on_http_request_trailers(&mut self, _trailers: usize) -> Action {
        self.mark(Mark::Complete)
    }

    fn on_http_response_headers(&mut self, _headers: usize, _last: bool) -> Action {
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

/// Asks the host about the exchange under way.
struct Host;

impl Proxy for Host {
    fn attribute(&self, attribute: Attribute<'_>) -> Option<Vec<u8>> {
        property::value(attribute)
    }

    fn answer(&self) -> Headers {
        headers::answer()
    }

    fn answer_header(&self, name: &str) -> Option<Vec<u8>> {
        headers::of_answer(name)
    }
}
