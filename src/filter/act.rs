//! How is an effect carried out?

use std::time::Duration;

use crate::engine::beat::Ticket;
use crate::engine::effect::Effect;
use crate::filter::host::metric::Metrics;
use crate::notify::callout::Request;

/// A request that only the root context can send: of an answer to a stream that has ended nobody would hear.
pub(super) struct Call {
    pub(super) ticket: Ticket,
    pub(super) cluster: String,
    pub(super) timeout: Duration,
    pub(super) request: Request,
}

/// Carries the effects out; hands back the calls.
pub(super) fn act(effects: Vec<Effect>, metrics: &Metrics) -> Vec<Call> {
    let mut calls = Vec::new();
    for effect in effects {
        match effect {
            Effect::Log(level, line) => log::log!(level, "{line}"),
            Effect::Count(counter, number) => metrics.add(counter, number),
            Effect::Call { ticket, cluster, timeout, request } => {
                calls.push(Call { ticket, cluster, timeout, request });
            }
        }
    }
    calls
}
