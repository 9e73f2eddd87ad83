//! What would the filter have done? Runs the engine itself with the events' times, and reads its log.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::Value;
use user_risk_filter::clock::{Span, Timestamp};
use user_risk_filter::detect::detection::Whose;
use user_risk_filter::engine::stream::{Mark, Part, Stream};
use user_risk_filter::engine::{Engine, Input};
use user_risk_filter::exchange::head::Head;
use user_risk_filter::exchange::proxy::Known;
use user_risk_filter::incident::user::User;
use user_risk_filter::keyed_hash::Digest;
use user_risk_filter::notify::callout::Reply;
use user_risk_filter::notify::privacy::Privacy;
use user_risk_filter::plugin::config::Config;
use user_risk_filter::read::field::Field;
use user_risk_filter::state::memory::Memory;
use user_risk_filter::worker::effect::About;
use user_risk_filter::worker::effect::Effect;

use super::life::{Entry, Life, What};
use super::line::{self, Happening};

/// The time between two ticks after an incident, until nothing more is sent: no channel sends more than one message in it.
const PAUSE: Duration = Duration::from_secs(1);
/// Ticking ends after so many ticks in a row that sent nothing: a channel that pauses at one is ready at the next.
const IDLE: u32 = 2;
/// A day's line comes this long after its end, both in milliseconds.
const DAY: u64 = 24 * 60 * 60 * 1000;
const GRACE: u64 = 10 * 1000;

/// Where a user's name comes from, and the name.
pub(super) type Name = (String, String);

/// A proxy with one worker, and the time lines of its users.
pub(super) struct Player {
    engine: Engine<Memory>,
    window: Span,
    pub(super) lives: BTreeMap<Name, Life>,
    /// The user of each incident, by the incident's id.
    incidents: BTreeMap<String, Name>,
    /// When each user's incident ends if nothing more happens.
    due: BTreeSet<(Timestamp, Digest)>,
    /// The next tick for messages that wait, and how many ticks in a row sent nothing.
    sending: Option<(Timestamp, u32)>,
    midnight: Option<Timestamp>,
    /// The lines of `mode: learn`, one for each day.
    pub(super) learned: Vec<String>,
    /// Warnings and errors of the filter.
    pub(super) complaints: Vec<String>,
    /// The number of detections without a user who could be known.
    pub(super) nobody: usize,
    /// The number of detections that the configuration excludes.
    pub(super) excluded: usize,
}

impl Player {
    /// A proxy without users.
    pub(super) fn new(mut config: Config) -> Self {
        // The output is for the operator's eyes, so nothing is hidden.
        config.privacy = Privacy::default();
        let window = config.risk.window();
        Self {
            // A fixed seed makes the hashes, and so the output, the same each time.
            engine: Engine::new(config, Memory::default(), [7; 32]).with_whole_log(),
            window,
            lives: BTreeMap::new(),
            incidents: BTreeMap::new(),
            due: BTreeSet::new(),
            sending: None,
            midnight: None,
            learned: Vec::new(),
            complaints: Vec::new(),
            nobody: 0,
            excluded: 0,
        }
    }

    /// Plays one event. Events must come in the order of their times.
    ///
    /// # Errors
    /// The event names an unknown rule.
    pub(super) fn play(&mut self, happening: &Happening) -> Result<(), String> {
        let now = happening.time;
        self.run_until(now);
        if self.midnight.is_none() {
            self.tick(now);
            self.expect_midnight(now);
        }
        let mut stream = Stream::default();
        match &happening.what {
            line::What::Request { head, body, proxy } => {
                let mut effects = self.begin(&mut stream, head, now);
                if !body.is_empty() {
                    effects.extend(self.engine.on(Input::Stream(&mut stream, Part::Chunk(body)), now));
                }
                self.finish(stream, proxy, effects, now);
            }
            line::What::Detected(detected) => {
                let line::Detected { user, rule, severity, target, name, value, head, proxy } = detected.as_ref();
                let effects = self.begin(&mut stream, head, now);
                let field = Field { target: *target, name: name.as_bytes(), value: value.as_bytes(), encoded: false };
                let owner = Whose::Named(user.clone());
                match self.engine.replay(&mut stream, rule, *severity, field, owner) {
                    Some(true) => self.finish(stream, proxy, effects, now),
                    Some(false) => self.excluded += 1,
                    None => {
                        return Err(format!(
                            "rule: there is no rule `{rule}`; write it as in the log, for example sqli.union-select"
                        ));
                    }
                }
            }
        }
        Ok(())
    }

    /// Lets time pass until all incidents have ended and all points have left.
    pub(super) fn end(&mut self) {
        let never = Timestamp::from_millis(u64::MAX);
        self.run_until(never);
        for life in self.lives.values_mut() {
            life.fall(self.window, never);
            life.sort();
        }
    }

    /// Makes sure that this day gets its line.
    fn expect_midnight(&mut self, now: Timestamp) {
        let midnight = Timestamp::from_millis((now.as_millis() / DAY + 1).saturating_mul(DAY) + GRACE);
        self.midnight.get_or_insert(midnight);
    }

    fn begin(&self, stream: &mut Stream, head: &Head, now: Timestamp) -> Vec<Effect> {
        self.engine.on(Input::Stream(stream, Part::Head(head.clone())), now)
    }

    fn finish(&mut self, mut stream: Stream, proxy: &Known, mut effects: Vec<Effect>, now: Timestamp) {
        for mark in [Mark::Complete, Mark::Answered] {
            effects.extend(self.engine.on(Input::Stream(&mut stream, Part::Mark(mark, proxy)), now));
        }
        let users: Vec<User> = stream.users().cloned().collect();
        for user in &users {
            self.lives.entry((user.source.clone(), user.name.clone())).or_default().fall(self.window, now);
        }
        effects.extend(self.engine.on(Input::Stream(&mut stream, Part::Mark(Mark::End, proxy)), now));
        self.take(effects, now);
        for user in users {
            let record = self.engine.record(user.id);
            self.due.extend(record.as_ref().and_then(|record| Some((record.resolve_at()?, user.id))));
            if let Some(life) = self.lives.get_mut(&(user.source, user.name)) {
                life.record = record;
            }
        }
        self.run_until(now);
    }

    /// Ticks whenever something is due, up to and including `end`.
    fn run_until(&mut self, end: Timestamp) {
        loop {
            let due = self.due.first().map(|(due, _)| *due);
            let sending = self.sending.map(|(next, _)| next);
            let Some(next) = [due, sending, self.midnight].into_iter().flatten().min().filter(|next| *next <= end)
            else {
                return;
            };
            self.tick(next);
            if self.midnight == Some(next) {
                self.midnight = None;
            }
        }
    }

    fn tick(&mut self, now: Timestamp) {
        let effects = self.engine.on(Input::Tick, now);
        let before = self.sending.take();
        let sent = self.take(effects, now);
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
    fn take(&mut self, effects: Vec<Effect>, now: Timestamp) -> bool {
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
            let value: Value = serde_json::from_str(&line).unwrap_or_default();
            match value.get("event").and_then(Value::as_str) {
                Some("malicious_request") => self.request(&value, now),
                Some("incident_opened") => self.incident(&value, What::Opened, now),
                Some("incident_updated") => self.incident(&value, What::Updated, now),
                Some("incident_resolved") => self.incident(&value, What::Resolved, now),
                Some("learned") if is_empty(&value) => {}
                Some("learned") => self.learned.push(line),
                _ if level <= log::Level::Warn => self.complaints.push(line),
                _ => {}
            }
        }
        let sent = !calls.is_empty() || waits;
        for pending_callout in calls {
            if let Some(about) = pending_callout.about() {
                self.notified(about);
            }
            let arrived = Reply::Answer { status: 202, retry_after: None, body: Vec::new() };
            let effects = self.engine.on(Input::Answered(pending_callout, arrived), now);
            self.take(effects, now);
        }
        sent
    }

    fn request(&mut self, line: &Value, now: Timestamp) {
        let rules = line.get("rules").and_then(Value::as_array).into_iter().flatten();
        if line.get("user").is_none_or(Value::is_null) {
            self.nobody += rules.count();
            return;
        }
        let life = self.lives.entry((text(line, "source"), text(line, "user"))).or_default();
        life.threshold = line.get("threshold").cloned().unwrap_or_default();
        for rule in rules {
            let increase = line.get("increase").cloned().unwrap_or_default();
            let mut entry = Entry::new(now, What::In, increase);
            entry.rule = text(rule, "rule");
            entry.severity = text(rule, "severity");
            entry.target = text(rule, "target");
            entry.route = text(line, "route");
            entry.points = rule.get("points").cloned().unwrap_or_default();
            entry.counted_before = rule.get("counted_before") == Some(&Value::Bool(true));
            life.entries.push(entry);
        }
    }

    fn incident(&mut self, line: &Value, what: What, now: Timestamp) {
        let name = (text(line, "source"), text(line, "user"));
        let mut entry = Entry::new(now, what, line.get("increase").cloned().unwrap_or_default());
        entry.incident = text(line, "id");
        entry.band = text(line, "band");
        entry.reason = text(line, "reason");
        self.incidents.insert(entry.incident.clone(), name.clone());
        self.lives.entry(name).or_default().entries.push(entry);
        self.sending = Some((now, 0));
        self.expect_midnight(now);
    }

    /// Adds the channel of a message to the entry of the transition that it reports.
    fn notified(&mut self, about: &About) {
        let (id, what) = (about.incident.to_string(), about.transition.slug());
        let Some(life) = self.incidents.get(&id).and_then(|name| self.lives.get_mut(name)) else { return };
        let is_it = |entry: &&mut Entry| entry.incident == id && entry.event.slug() == what && entry.time == about.at;
        if let Some(entry) = life.entries.iter_mut().rev().find(is_it) {
            entry.notified.push(about.channel.clone());
        }
    }
}

/// Did nothing happen on this day?
fn is_empty(day: &Value) -> bool {
    ["malicious_requests", "opened", "updated", "resolved"].iter().all(|key| day.get(key) == Some(&Value::from(0)))
}

fn text(value: &Value, key: &str) -> String {
    value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
}
