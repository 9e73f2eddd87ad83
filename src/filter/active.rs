//! How are the engine's effects carried out in Envoy: log lines, metrics, callouts, answers, removed headers?

use std::cell::Cell;
use std::time::Duration;

use crate::clock::Timestamp;
use crate::engine::{Engine, Input};
use crate::filter::host::cells::HostCells;
use crate::filter::host::metric::Metrics;
use crate::filter::host::{headers, plugin, property, response};
use crate::notify::callout::Request;
use crate::worker::effect::Effect;
use crate::worker::effect::{PendingCallout, StoreCall};

/// How often the filter looks after the queues and what is due.
pub(super) const TICK: Duration = Duration::from_millis(250);

/// How soon it does when a message has just been queued: what waits for the next tick is lost if Envoy ends before.
const SOON: Duration = Duration::from_millis(1);

/// How soon when the store has answered and there is more to ask: the connection of the answer has to be closed by then.
const AFTER_ANSWER: Duration = Duration::from_millis(10);

/// The least time between two calls of a worker that do not wait for a tick: what a busy fleet may cost.
const BETWEEN_CALLS: Duration = Duration::from_millis(50);

/// The engine of one worker, with the metrics that it counts in. The root context and all streams share it.
pub(super) struct Active {
    pub(super) engine: Engine<HostCells>,
    metrics: Metrics,
    /// The time of the last input: it stands in where the host refuses the time. What happened in 1970 would be forgotten at once.
    last: Cell<Option<Timestamp>>,
    /// The next tick comes early.
    is_hastened: Cell<bool>,
    /// When a tick was last asked for early to send a message.
    hastened_to_send: Cell<Option<Timestamp>>,
    /// When it was to ask the store.
    hastened_to_ask: Cell<Option<Timestamp>>,
}

/// What an input leaves to its caller.
#[derive(Default)]
pub(super) struct Outcome {
    /// Requests to send. Only the root context can: the host drops the answer to a callout of a stream that has ended.
    pub(super) callouts: Vec<Callout>,
    /// Calls to the fleet's store, from the root context too.
    pub(super) store_calls: Vec<(StoreCall, String, Duration, Vec<u8>)>,
    /// The filter answered the request itself, so it must not go on to the application.
    pub(super) is_answered: bool,
}

/// A request to a notifier's cluster.
pub(super) struct Callout {
    pub(super) pending_callout: PendingCallout,
    pub(super) cluster: String,
    pub(super) timeout: Duration,
    pub(super) request: Request,
}

impl Active {
    /// Defines the metrics and starts the engine.
    pub(super) fn new(engine: Engine<HostCells>) -> Self {
        let metrics = Metrics::define(engine.channels());
        Self {
            engine,
            metrics,
            last: Cell::new(None),
            is_hastened: Cell::default(),
            hastened_to_send: Cell::default(),
            hastened_to_ask: Cell::default(),
        }
    }

    /// Gives `input` to the engine and carries out its effects. Does nothing as long as the host has never told the time.
    pub(super) fn on(&self, input: Input<'_>) -> Outcome {
        let mut outcome = Outcome::default();
        self.last.set(plugin::now().or(self.last.get()));
        let Some(now) = self.last.get() else { return outcome };
        let sends_anyway = matches!(input, Input::Tick | Input::End);
        for effect in self.engine.on(input, now) {
            match effect {
                Effect::Log(level, line) => log::log!(level, "{line}"),
                Effect::Count(counter, number) => self.metrics.add(counter, number),
                Effect::CountFor(channel, counter, number) => self.metrics.add_for(channel, counter, number),
                Effect::CountLabelled(labelled, number) => self.metrics.add_labelled(&labelled, number),
                Effect::Set(gauge, value) => self.metrics.set(gauge, value),
                Effect::Oldest(channel, seconds) => self.metrics.set_oldest(channel, seconds),
                Effect::Call { pending_callout, cluster, timeout, request } => {
                    outcome.callouts.push(Callout { pending_callout, cluster, timeout, request });
                }
                Effect::Ask { call, cluster, timeout, body } => {
                    outcome.store_calls.push((call, cluster, timeout, body))
                }
                Effect::Hasten | Effect::AskOn if sends_anyway => {}
                Effect::Hasten => self.hasten(&self.hastened_to_send, now, SOON, TICK),
                Effect::AskOn => self.hasten(&self.hastened_to_ask, now, AFTER_ANSWER, BETWEEN_CALLS),
                Effect::StripRequest(name) => headers::strip_request(&name),
                Effect::StripAnswer(name) => headers::strip_answer(&name),
                Effect::SetRequestHeader(name, value) => headers::set_request(name, &value),
                Effect::SetState(name, value) => property::set_state(name, &value),
                Effect::Respond { status, headers, body } => {
                    outcome.is_answered = response::send(status, &headers, &body);
                }
            }
        }
        outcome
    }

    /// Has the next tick come this early; at most once in so much time since the `last`, so that no client sets the pace.
    fn hasten(&self, last: &Cell<Option<Timestamp>>, now: Timestamp, wait: Duration, at_most_every: Duration) {
        if last.get().is_none_or(|last| now.since(last) >= at_most_every) {
            last.set(Some(now));
            self.is_hastened.set(true);
            plugin::tick_every(wait);
        }
    }

    /// The tick has come: the next one in its usual time.
    pub(super) fn has_ticked(&self) {
        if self.is_hastened.take() {
            plugin::tick_every(TICK);
        }
    }
}
