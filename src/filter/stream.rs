//! What happens in one exchange? Each callback becomes a part; the traffic goes on untouched.

use std::rc::Rc;

use proxy_wasm::traits::{Context, HttpContext};
use proxy_wasm::types::Action;

use crate::engine::Input;
use crate::engine::stream::{Mark, Part, Stream};
use crate::exchange::head::Head;
use crate::exchange::headers::Headers;
use crate::exchange::proxy::Proxy;
use crate::filter::act::act;
use crate::filter::host::{body, headers, plugin, property};
use crate::filter::root::Worker;
use crate::watch::answer;

/// The HTTP context of one exchange.
pub(super) struct HttpStream {
    /// None while the filter is off.
    worker: Option<Rc<Worker>>,
    /// A header that only the application and the filter may see, taken off also while the filter is off.
    hidden: Option<Rc<str>>,
    stream: Stream,
    seen: bool,
}

impl HttpStream {
    pub(super) fn new(worker: Option<Rc<Worker>>, hidden: Option<Rc<str>>) -> Self {
        Self { worker, hidden, stream: Stream::default(), seen: false }
    }

    /// Hands the part in; the request goes on, unless it was answered in the application's place.
    fn on(&mut self, part: Part<'_>) -> Action {
        let Some(worker) = &self.worker else { return Action::Continue };
        let effects = worker.engine.on(Input::Stream(&mut self.stream, part), plugin::now());
        // A stream's effects never are calls: those are the root context's.
        if act(effects, &worker.metrics).answered { Action::Pause } else { Action::Continue }
    }

    fn mark(&mut self, mark: Mark) -> Action {
        match &self.worker {
            Some(worker)
                if worker.engine.wants_mark(&self.stream, mark)
                    || mark == Mark::Answered && worker.engine.is_told(&Host) =>
            {
                self.on(Part::Mark(mark, &Host))
            }
            _ => Action::Continue,
        }
    }

    fn head(&mut self) {
        if self.worker.is_some() {
            self.seen = true;
            self.on(Part::Head(Head::new(headers::request())));
        }
    }
}

impl Context for HttpStream {}

impl HttpContext for HttpStream {
    fn on_http_request_headers(&mut self, _headers: usize, last: bool) -> Action {
        self.head();
        if let Some(name) = &self.hidden {
            headers::strip_request(name);
        }
        #[cfg(feature = "trap-on-demand")]
        if let Some(place) = headers::request().last("x-user-risk-trap") {
            crate::filter::host::trap::arm(place);
            crate::filter::host::trap::spring("now");
        }
        match self.mark(Mark::Arrived) {
            Action::Continue if last => self.mark(Mark::Complete),
            action => action,
        }
    }

    fn on_http_request_body(&mut self, size: usize, last: bool) -> Action {
        if self.worker.is_some() && size > 0 {
            self.on(Part::Chunk(&body::request(size)));
        }
        if last { self.mark(Mark::Complete) } else { Action::Continue }
    }

    fn on_http_request_trailers(&mut self, _trailers: usize) -> Action {
        self.mark(Mark::Complete)
    }

    fn on_http_response_headers(&mut self, _headers: usize, _last: bool) -> Action {
        self.mark(Mark::Answered);
        if let Some(name) = &self.hidden {
            headers::strip_answer(name);
        }
        Action::Continue
    }

    fn on_http_response_body(&mut self, size: usize, _last: bool) -> Action {
        if size > 0 && self.worker.as_ref().is_some_and(|worker| worker.engine.wants_answer(&self.stream)) {
            self.on(Part::Answer(&body::answer(size.min(answer::MOST))));
        }
        Action::Continue
    }

    fn on_log(&mut self) {
        // A request that Envoy itself refused (malformed, too large) shows up only here.
        if !self.seen {
            self.head();
        }
        self.mark(Mark::End);
    }
}

/// The proxy, as far as it knows the exchange under way.
struct Host;

impl Proxy for Host {
    fn attribute(&self, path: &[&str]) -> Option<Vec<u8>> {
        property::bytes(path)
    }

    fn answer(&self) -> Headers {
        headers::answer()
    }

    fn answer_header(&self, name: &str) -> Option<Vec<u8>> {
        headers::of_answer(name)
    }
}
