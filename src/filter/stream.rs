//! What happens in one exchange? Each callback becomes a part; the traffic goes on untouched.

use std::rc::Rc;

use proxy_wasm::traits::{Context, HttpContext};
use proxy_wasm::types::Action;

use crate::engine::Input;
use crate::engine::stream::{Mark, Part, Stream};
use crate::exchange::{Facts, Head};
use crate::filter::act::act;
use crate::filter::host::{body, headers, plugin, property};
use crate::filter::root::Worker;

/// The HTTP context of one exchange.
pub(super) struct HttpStream {
    /// None while the filter is off.
    worker: Option<Rc<Worker>>,
    stream: Stream,
    seen: bool,
}

impl HttpStream {
    pub(super) fn new(worker: Option<Rc<Worker>>) -> Self {
        Self { worker, stream: Stream::default(), seen: false }
    }

    fn on(&mut self, part: Part<'_>) {
        let Some(worker) = &self.worker else { return };
        let effects = worker.engine.on(Input::Stream(&mut self.stream, part), plugin::now());
        // A stream's effects never are calls: those are the root context's.
        act(effects, &worker.metrics);
    }

    fn mark(&mut self, mark: Mark) {
        if !self.stream.is_quiet() {
            self.on(Part::Mark(mark, &facts));
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
        #[cfg(feature = "trap-on-demand")]
        if headers::request().last("x-user-risk-trap").is_some() {
            std::process::abort();
        }
        if last {
            self.mark(Mark::Complete);
        }
        Action::Continue
    }

    fn on_http_request_body(&mut self, size: usize, last: bool) -> Action {
        if self.worker.is_some() {
            if size > 0 {
                self.on(Part::Chunk(&body::request(size)));
            }
            if last {
                self.mark(Mark::Complete);
            }
        }
        Action::Continue
    }

    fn on_http_request_trailers(&mut self, _trailers: usize) -> Action {
        self.mark(Mark::Complete);
        Action::Continue
    }

    fn on_http_response_headers(&mut self, _headers: usize, _last: bool) -> Action {
        self.mark(Mark::Answered);
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

/// What the proxy knows of the current exchange beyond its bytes.
fn facts() -> Facts {
    Facts {
        address: property::bytes(&["source", "address"]),
        route: property::bytes(&["xds", "route_name"]),
        status: property::number(&["response", "code"]).and_then(|code| u16::try_from(code).ok()),
    }
}
