//! What happens in an exchange: its parts come in, the effects on the proxy go out; ticks and answers pass on to `upkeep`.
//!
//! ```text
//! Part::Head ─┐
//! Part::Chunk ┼─ stream ─ read, decode, detect ─→ Scan ─┐
//! Part::Mark ─┘         └ observe, look_back ─ signals ─┴→ weigh ─ identity, risk, incident ─→ upkeep::handoff
//! ```

use crate::clock::Timestamp;
use crate::detect::category::Severity;
use crate::detect::detection::Whose;
use crate::engine::stream::{Mark, Part, Stream};
use crate::exchange::proxy::Proxy;
use crate::incident::record::Record;
use crate::keyed_hash::Digest;
use crate::notify::callout::Reply;
use crate::plugin::config::{Config, Mode};
use crate::read::field::Field;
use crate::state::cells::Cells;
use crate::worker::effect::{Effect, PendingCallout, StoreCall};
use crate::worker::state::Worker;
use crate::worker::turn::Turn;

mod account;
mod answered;
mod app_events;
mod attributed;
mod console;
mod counting;
mod detected;
mod facts;
mod interest;
mod look_back;
mod naming;
mod observe;
pub(crate) mod ongoing;
mod replay;
mod request_line;
mod respond;
mod response;
pub mod stream;
mod test_string;
mod watched;
mod weigh;

/// The engine of one worker.
pub struct Engine<C> {
    worker: Worker<C>,
}

/// What happens to the engine.
pub enum Input<'a> {
    /// A part of an exchange.
    Stream(&'a mut Stream, Part<'a>),
    /// Time passes: the proxy's timer has fired.
    Tick,
    /// A callout has come to its end.
    Answered(PendingCallout, Reply),
    /// A call to the fleet's store has come to its end.
    Told(StoreCall, Reply),
    /// The worker ends: nothing can be sent any more.
    End,
}

impl<C: Cells> Engine<C> {
    /// An engine that runs by `config` and shares `cells` with the other workers. `seed` is 32 random bytes: the key of all
    /// hashes, if the configuration names none and no other worker was first.
    pub fn new(config: Config, cells: C, seed: [u8; 32]) -> Self {
        Self { worker: Worker::new(config, cells, seed) }
    }

    /// What the proxy has to do about `input`, at `now`.
    pub fn on(&self, input: Input<'_>, now: Timestamp) -> Vec<Effect> {
        if self.worker.config.mode == Mode::Off {
            return Vec::new();
        }
        let mut turn = Turn::new(&self.worker, now);
        match input {
            Input::Stream(stream, part) => turn.take_part(stream, part),
            Input::Tick => turn.tick(),
            Input::Answered(pending_callout, reply) => turn.settle_callout(&pending_callout, &reply),
            Input::Told(call, reply) => turn.settle_store(call, &reply),
            Input::End => turn.end(),
        }
        turn.into_effects()
    }

    /// Does this moment change anything for the exchange? If not, it need not be handed in.
    pub fn wants_mark(&self, stream: &Stream, mark: Mark) -> bool {
        self.worker.wants_mark(stream, mark)
    }

    /// The exchange ends with this status, if it is known, which is asked for only where it matters: is there nothing to do about
    /// it? Then its end need not be handed in.
    pub fn passes(&self, stream: &Stream, status: impl FnOnce() -> Option<u16>) -> bool {
        self.worker.passes(stream, status)
    }

    /// Is the answer's body needed? After a detection, or where a watcher looks for something in it; and only its beginning.
    pub fn wants_answer(&self, stream: &Stream) -> bool {
        self.worker.wants_answer(stream)
    }

    /// The request's head is there and its body follows. Returns whether the proxy has to hold both back, until
    /// [`Stream::is_held`] is false; otherwise they go on.
    pub fn holds(&self, stream: &mut Stream, proxy: &dyn Proxy) -> bool {
        self.worker.holds(stream, proxy)
    }

    /// Does the application report events in this answer?
    pub fn has_app_events(&self, proxy: &dyn Proxy) -> bool {
        self.worker.has_app_events(proxy)
    }

    /// What the channels are called in metrics and log lines, in their order.
    pub fn channels(&self) -> &[String] {
        &self.worker.channel_names
    }

    /// For simulations: the same engine without a bound on its log.
    #[must_use]
    pub fn with_whole_log(mut self) -> Self {
        self.worker.unbound_log();
        self
    }

    /// For simulations: adds a detection that was made elsewhere. Returns whether the options let it count; none if there
    /// is no such rule.
    pub fn replay(
        &self,
        stream: &mut Stream,
        rule: &str,
        severity: Option<Severity>,
        field: Field<'_>,
        whose: Whose,
    ) -> Option<bool> {
        self.worker.replay(stream, rule, severity, field, whose)
    }

    /// For simulations: the user's record.
    pub fn record(&self, user: Digest) -> Option<Record> {
        self.worker.record(user)
    }
}
