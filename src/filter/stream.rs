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
use crate::watch::answer;

/// The HTTP context of one exchange.
pub(super) struct HttpStream {
    /// None while the filter is off.
    active: Option<Rc<Active>>,
    /// The application's event header, if the filter is off: requests and answers lose it all the same.
    event_header: Option<Rc<str>>,
    stream: Stream,
    /// The engine has the request's head.
    has_head: bool,
}

impl HttpStream {
    pub(super) fn new(active: Option<Rc<Active>>, event_header: Option<Rc<str>>) -> Self {
        Self { active, event_header, stream: Stream::default(), has_head: false }
    }

    /// Gives the part to the engine. The request goes on, unless the filter answered it itself. The engine never asks for a
    /// callout here, only on ticks.
    fn on(&mut self, part: Part<'_>) -> Action {
        let Some(active) = &self.active else { return Action::Continue };
        let outcome = active.on(Input::Stream(&mut self.stream, part));
        if outcome.is_answered { Action::Pause } else { Action::Continue }
    }

    fn mark(&mut self, mark: Mark) -> Action {
        match &self.active {
            Some(active)
                if active.engine.wants_mark(&self.stream, mark)
                    || mark == Mark::Answered && active.engine.has_app_events(&Host) =>
            {
                self.on(Part::Mark(mark, &Host))
            }
            _ => Action::Continue,
        }
    }

    fn head(&mut self) {
        if self.active.is_some() {
            self.has_head = true;
            self.on(Part::Head(Head::new(headers::request())));
        }
    }
}

impl Context for HttpStream {}

impl HttpContext for HttpStream {
    fn on_http_request_headers(&mut self, _headers: usize, last: bool) -> Action {
        self.head();
        if let Some(name) = &self.event_header {
            headers::strip_request(name);
        }
        #[cfg(feature = "trap-on-demand")]
        if let Some(point) = headers::request().last("x-user-risk-trap") {
            crate::filter::host::trap::arm(point);
            crate::filter::host::trap::spring("now");
        }
        match self.mark(Mark::Arrived) {
            Action::Continue if last => self.mark(Mark::Complete),
            action => action,
        }
    }

    fn on_http_request_body(&mut self, size: usize, last: bool) -> Action {
        if self.active.is_some() && size > 0 {
            self.on(Part::Chunk(&body::request(size)));
        }
        if last { self.mark(Mark::Complete) } else { Action::Continue }
    }

    fn on_http_request_trailers(&mut self, _trailers: usize) -> Action {
        self.mark(Mark::Complete)
    }

    fn on_http_response_headers(&mut self, _headers: usize, _last: bool) -> Action {
        self.mark(Mark::Answered);
        if let Some(name) = &self.event_header {
            headers::strip_answer(name);
        }
        Action::Continue
    }

    fn on_http_response_body(&mut self, size: usize, _last: bool) -> Action {
        if size > 0 && self.active.as_ref().is_some_and(|active| active.engine.wants_answer(&self.stream)) {
            self.on(Part::Answer(&body::answer(size.min(answer::MOST))));
        }
        Action::Continue
    }

    fn on_log(&mut self) {
        // For a request that Envoy itself refused (malformed, too large) this is the only callback.
        if !self.has_head {
            self.head();
        }
        self.mark(Mark::End);
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
