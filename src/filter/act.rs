//! How is an effect carried out?

use std::time::Duration;

use crate::filter::host::metric::Metrics;
use crate::filter::host::{headers, response};
use crate::notify::callout::Request;
use crate::worker::effect::Effect;
use crate::worker::effect::PendingCallout;

/// A request that only the root context can send: of an answer to a stream that has ended nobody would hear.
pub(super) struct Call {
    pub(super) pending_callout: PendingCallout,
    pub(super) cluster: String,
    pub(super) timeout: Duration,
    pub(super) request: Request,
}

/// What is left to do once the effects are carried out.
#[derive(Default)]
pub(super) struct Rest {
    pub(super) calls: Vec<Call>,
    /// Was the request answered in the application's place? Then it goes no further.
    pub(super) answered: bool,
}

/// Carries the effects out.
pub(super) fn act(effects: Vec<Effect>, metrics: &Metrics) -> Rest {
    let mut rest = Rest::default();
    for effect in effects {
        match effect {
            Effect::Log(level, line) => log::log!(level, "{line}"),
            Effect::Count(counter, number) => metrics.add(counter, number),
            Effect::CountFor(channel, counter, number) => metrics.add_for(channel, counter, number),
            Effect::Oldest(channel, seconds) => metrics.set_oldest(channel, seconds),
            Effect::Call { pending_callout, cluster, timeout, request } => {
                rest.calls.push(Call { pending_callout, cluster, timeout, request });
            }
            Effect::StripRequest(name) => headers::strip_request(&name),
            Effect::StripAnswer(name) => headers::strip_answer(&name),
            Effect::Respond { status, headers, body } => rest.answered = response::send(status, &headers, &body),
        }
    }
    rest
}
