//! What is known of an exchange at one of its moments: the request's head, and what the proxy can be asked.

use crate::exchange::head::Head;
use crate::exchange::proxy::Proxy;

/// The facts of an exchange.
#[derive(Clone, Copy)]
pub(super) struct Facts<'a> {
    pub(super) head: &'a Head,
    pub(super) proxy: &'a dyn Proxy,
}
