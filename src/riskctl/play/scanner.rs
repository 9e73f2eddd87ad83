//! What is in a recorded exchange? The half of the filter's work that needs no other exchange, so that all cores share it.

use user_risk_filter::clock::Timestamp;
use user_risk_filter::detect::detection::Whose;
use user_risk_filter::engine::stream::{Mark, Part, Stream};
use user_risk_filter::engine::{Engine, Input};
use user_risk_filter::exchange::proxy::Known;
use user_risk_filter::plugin::config::Config;
use user_risk_filter::read::field::Field;
use user_risk_filter::state::memory::Memory;

use crate::log::entry::Entry;

/// A worker that reads requests and keeps nothing of them.
pub(crate) struct Scanner {
    engine: Engine<Memory>,
    user_header: String,
}

/// An exchange whose request was read, ready to be weighed.
pub(crate) struct Exchange {
    pub(crate) time: Timestamp,
    pub(super) stream: Stream,
    pub(super) proxy: Known,
    /// How many of its detections the configuration excludes, of those that were made elsewhere.
    pub(crate) excluded: usize,
}

impl Scanner {
    /// A scanner; `user_header` is the header that names the user of an entry with a column for it.
    pub(crate) fn new(config: Config, user_header: &str) -> Self {
        Self { engine: Engine::new(config, Memory::default(), [7; 32]), user_header: user_header.to_owned() }
    }

    /// Reads the request of an entry. `number` tells apart detections whose values are not known.
    ///
    /// # Errors
    /// It names a rule that there is not.
    pub(crate) fn scan(&self, entry: &Entry, number: u64) -> Result<Exchange, String> {
        let mut stream = Stream::default();
        let now = entry.time;
        self.engine.on(Input::Stream(&mut stream, Part::Head(entry.head(&self.user_header))), now);
        let body = entry.body.as_deref().unwrap_or_default();
        if !body.is_empty() {
            self.engine.on(Input::Stream(&mut stream, Part::Chunk(body)), now);
        }
        let mut excluded = 0;
        for found in &entry.found {
            let unknown = format!("line {number}");
            let value = found.value.as_ref().unwrap_or(&unknown).as_bytes();
            let field = Field { target: found.target, name: found.name.as_bytes(), value, encoded: false };
            let owner = found.user.clone().map_or(Whose::Exchange, Whose::Named);
            match self.engine.replay(&mut stream, &found.rule, found.severity, field, owner) {
                Some(true) => {}
                Some(false) => excluded += 1,
                None => {
                    return Err(format!(
                        "rule: there is no rule `{}`; write it as in the log, for example sqli.union-select",
                        found.rule
                    ));
                }
            }
        }
        Ok(Exchange { time: now, stream, proxy: entry.proxy(), excluded })
    }

    /// Can the exchange change anything? Most can't: nothing was detected, and nobody watches for more.
    pub(crate) fn matters(&self, exchange: &Exchange) -> bool {
        [Mark::Arrived, Mark::Complete, Mark::Answered, Mark::End]
            .into_iter()
            .any(|mark| self.engine.wants_mark(&exchange.stream, mark))
            || self.engine.has_app_events(&exchange.proxy)
    }
}
