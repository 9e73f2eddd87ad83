//! What does the filter do in `mode: off`? Nothing but keep from others what is meant for it alone.

use crate::console::Console;
use crate::exchange::head::Head;
use crate::filter::host::{headers, response};
use crate::plugin::config::Config;

/// The filter while it is off. It neither looks at requests nor scores them.
///
/// The application's event header is removed as ever, and a request for the console is answered 404: its path and the token
/// that it carries are not the application's.
#[derive(Debug, Default)]
pub(super) struct Off {
    event_header: Option<String>,
    console: Option<Console>,
}

impl Off {
    pub(super) fn new(config: Config) -> Self {
        Self { event_header: config.application.header().map(str::to_owned), console: config.admin }
    }

    /// The request has arrived. Returns true if it was answered here.
    pub(super) fn request(&self) -> bool {
        let head = Head::new(headers::request());
        if let Some(name) = self.event_header.as_deref().filter(|name| head.headers().first(name).is_some()) {
            headers::strip_request(name);
        }
        self.console.as_ref().is_some_and(|console| console.is_for(&head))
            && response::send(404, &[("cache-control", "no-store".to_owned())], b"")
    }

    /// The answer has begun.
    pub(super) fn answer(&self) {
        if let Some(name) = &self.event_header {
            headers::strip_answer(name);
        }
    }
}
