//! What happens over time? A proxy with one worker: exchanges are weighed in order, and ticks come when something is due.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::Value;
use user_risk_filter::clock::{Span, Timestamp};
use user_risk_filter::engine::stream::{Mark, Part};
use user_risk_filter::engine::{Engine, Input};
use user_risk_filter::incident::record::Record;
use user_risk_filter::incident::user::User;
use user_risk_filter::keyed_hash::Digest;
use user_risk_filter::notify::callout::Reply;
use user_risk_filter::notify::privacy::Privacy;
use user_risk_filter::plugin::config::Config;
use user_risk_filter::state::memory::Memory;
use user_risk_filter::worker::effect::{About, Effect};

use super::scanner::Exchange;

/// The time between two ticks after an incident, until nothing more is sent: no channel sends more than one message in it.
const PAUSE: Duration = Duration::from_secs(1);
/// Ticking ends after so many ticks in a row that sent nothing: a channel that pauses at one is ready at the next.
const IDLE: u32 = 2;
/// A day's line comes this long after its end, both in milliseconds.
const DAY: u64 = 24 * 60 * 60 * 1000;
const GRACE: u64 = 10 * 1000;

/// A proxy whose engine has all its state in memory. Every message that it sends arrives.
pub(crate) struct Proxy {
    engine: Engine<Memory>,
    pub(crate) window: Span,
    /// When each user's incident ends if nothing more happens.
    due: BTreeSet<(Timestamp, Digest)>,
    /// The next tick for messages that wait, and how many ticks in a row sent nothing.
    sending: Option<(Timestamp, u32)>,
    midnight: Option<Timestamp>,
}

/// Who looks on.
pub(crate) trait Witness {
    /// An exchange is about to end that counts for this user.
    fn before(&mut self, _user: &User, _now: Timestamp) {}

    /// It has ended; this is the user's record now.
    fn after(&mut self, _user: User, _record: Option<Record>) {}

    /// The filter has written a line to its log: the line, and what it says.
    fn line(&mut self, level: log::Level, line: &str, said: &Value, now: Timestamp);

    /// A message has arrived.
    fn told(&mut self, _about: &About) {}
}

impl Proxy {
    /// A proxy without users.
    pub(crate) fn new(mut config: Config) -> Self {
        // The output is for the operator's eyes, so nothing is hidden.
        config.privacy = Privacy::default();
        let window = config.risk.window();
        Self {
            // A fixed seed makes the hashes, and so the output, the same each time.
            engine: Engine::new(config, Memory::default(), [7; 32]).with_whole_log(),
            window,
            due: BTreeSet::new(),
            sending: None,
            midnight: None,
        }
    }

    /// Plays one exchange. Exchanges should come in the order of their times; one that is late happens when it comes.
    pub(crate) fn play(&mut self, exchange: Exchange, witness: &mut dyn Witness) {
        let Exchange { time: now, mut stream, proxy, .. } = exchange;
        self.run_until(now, witness);
        if self.midnight.is_none() {
            self.tick(now, witness);
            self.expect_midnight(now);
        }
        let mut effects = Vec::new();
        for mark in [Mark::Arrived, Mark::Complete, Mark::Answered] {
            effects.extend(self.engine.on(Input::Stream(&mut stream, Part::Mark(mark, &proxy)), now));
        }
        let users: Vec<User> = stream.users().cloned().collect();
        users.iter().for_each(|user| witness.before(user, now));
        effects.extend(self.engine.on(Input::Stream(&mut stream, Part::Mark(Mark::End, &proxy)), now));
        self.take(effects, now, witness);
        for user in users {
            let record = self.engine.record(user.id);
            self.due.extend(record.as_ref().and_then(|record| Some((record.resolve_at()?, user.id))));
            witness.after(user, record);
        }
        self.run_until(now, witness);
    }

    /// Lets time pass until all incidents have ended and all points have left.
    pub(crate) fn end(&mut self, witness: &mut dyn Witness) {
        self.run_until(Timestamp::from_millis(u64::MAX), witness);
    }

    /// Makes sure that this day gets its line.
    fn expect_midnight(&mut self, now: Timestamp) {
        let midnight = Timestamp::from_millis((now.as_millis() / DAY + 1).saturating_mul(DAY) + GRACE);
        self.midnight.get_or_insert(midnight);
    }

    /// Ticks whenever something is due, up to and including `end`.
    fn run_until(&mut self, end: Timestamp, witness: &mut dyn Witness) {
        loop {
            let due = self.due.first().map(|(due, _)| *due);
            let sending = self.sending.map(|(next, _)| next);
            let Some(next) = [due, sending, self.midnight].into_iter().flatten().min().filter(|next| *next <= end)
            else {
                return;
            };
            self.tick(next, witness);
            if self.midnight == Some(next) {
                self.midnight = None;
            }
        }
    }

    fn tick(&mut self, now: Timestamp, witness: &mut dyn Witness) {
        let effects = self.engine.on(Input::Tick, now);
        let before = self.sending.take();
        let sent = self.take(effects, now, witness);
        let idle = match before.or(self.sending) {
            _ if sent => 1,
            Some((_, idle)) => idle + 1,
            None => IDLE,
        };
        self.sending = (idle < IDLE).then(|| (now.after(PAUSE), idle));
        while let Some((due, user)) = self.due.first().copied().filter(|(due, _)| *due <= now) {
            self.due.remove(&(due, user));
            let record = self.engine.record(user);
            let later = record.and_then(|record| record.resolve_at()).map(|at| (at.max(now.after(PAUSE)), user));
            self.due.extend(later);
        }
    }

    /// Reads the engine's effects; returns whether a message was sent or waits. Every message that is sent arrives.
    fn take(&mut self, effects: Vec<Effect>, now: Timestamp, witness: &mut dyn Witness) -> bool {
        let mut lines = Vec::new();
        let (mut calls, mut waits) = (Vec::new(), false);
        for effect in effects {
            match effect {
                Effect::Oldest(_, seconds) => waits |= seconds > 0,
                Effect::Log(level, line) => lines.push((level, line)),
                Effect::Call { pending_callout, .. } => calls.push(pending_callout),
                _ => {}
            }
        }
        for (level, line) in lines {
            let said: Value = serde_json::from_str(&line).unwrap_or_default();
            witness.line(level, &line, &said, now);
            let event = said.get("event").and_then(Value::as_str).unwrap_or_default();
            if event.starts_with("incident_") {
                self.sending = Some((now, 0));
                self.expect_midnight(now);
            }
        }
        let sent = !calls.is_empty() || waits;
        for pending_callout in calls {
            if let Some(about) = pending_callout.about() {
                witness.told(about);
            }
            let arrived = Reply::Answer { status: 202, retry_after: None, body: Vec::new() };
            let effects = self.engine.on(Input::Answered(pending_callout, arrived), now);
            self.take(effects, now, witness);
        }
        sent
    }
}
