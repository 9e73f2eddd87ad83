//! What is known of an exchange at one of its moments: the request's head, and what the proxy can be asked.

use crate::exchange::head::Head;
use crate::exchange::proxy::Proxy;

/// The facts of an exchange.
#[derive(Clone, Copy)]
pub(super) struct Facts<'a> {
    pub(super) head: &'a Head,
    pub(super) proxy: &'a dyn Proxy,
}

impl Facts<'_> {
    /// The status of the answer, also before the proxy has noted it.
    pub(super) fn status(self) -> Option<u16> {
        let text = self.proxy.answer_header(":status");
        let written = text.and_then(|text| std::str::from_utf8(&text).ok()?.parse().ok());
        written.or_else(|| self.proxy.status())
    }
}
