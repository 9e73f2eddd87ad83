//! Is the filter where it sees requests? What it observes of a wrong place in Envoy's configuration, it says once.

use std::cell::Cell;

/// What a worker has said of the filter's place.
#[derive(Debug, Default)]
pub(super) struct Placement {
    has_said: Cell<bool>,
}

impl Placement {
    /// A context has ended that was neither given a request nor asked for a line of the access log: it was a connection.
    pub(super) fn saw_no_request(&self) {
        self.say(
            "a connection ended without any request: this looks like a network filter (envoy.filters.network.wasm), which sees \
             no requests, so nothing is detected; put it among the http_filters of the HTTP connection manager, \
             as envoy.filters.http.wasm",
        );
    }

    /// An exchange has ended that had a request but was not asked for a line of the access log.
    pub(super) fn saw_no_log(&self) {
        self.say(
            "an exchange ended without a line of the access log: this looks like an upstream filter (upstream_http_filters), \
             which sees each retry as a request of its own and no request that Envoy answers itself; put it among the \
             http_filters of the HTTP connection manager",
        );
    }

    fn say(&self, what: &str) {
        if !self.has_said.replace(true) {
            log::warn!("user-risk-filter: {what}");
        }
    }
}
