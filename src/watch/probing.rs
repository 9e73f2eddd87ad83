//! Does a client search for what is there? Many paths that were refused, none of which answered anybody else.
//!
//! Which paths answer, and how many users meet refusals, each worker knows of itself: nothing is shared for an answer
//! that is well, and whose it was is asked for one in sixteen of them.

use std::borrow::Cow;
use std::collections::hash_map::DefaultHasher;
use std::hash::Hasher as _;

use crate::clock::{Span, Timestamp};
use crate::config::bounded::Bounded;
use crate::config::error::Error;
use crate::config::from_value::FromValue;
use crate::config::options::options;
use crate::config::value::Value;
use crate::detect::signal::Signal;
use crate::watch::history::{History, STEPS};

/// The option `probing`: off, on, or how much is too much.
#[derive(Clone, Copy, Debug)]
pub struct Probing(Option<Limits>);

#[derive(Clone, Copy, Debug)]
struct Limits {
    /// How many different paths of one user within `window`.
    paths: Bounded<3, 32>,
    window: Span,
}

options! { Limits { paths, window, ..Self::default() } }

/// So many rounds of three times as many paths come before ten times as many.
const ROUNDS: u8 = 3;

// Three times as many are a signal of their own.
const _: () = assert!(STEPS >= 3 * 32);

impl Probing {
    /// Is it on?
    pub fn is_on(&self) -> bool {
        self.0.is_some()
    }

    /// A user was refused `path` (a hash). Says whether the history changed, and what it means.
    pub fn on_refusal(&self, history: &mut History, path: u32, now: Timestamp) -> (bool, Option<Signal>) {
        let Some(Limits { paths, window }) = self.0 else { return (false, None) };
        let window = window.duration();
        history.forget(now, window);
        if history.has(path) {
            return (false, None);
        }
        history.add(now, path);
        let (_, number) = history.within(now, window);
        let many = paths.value() as usize;
        // A history does not hold ten times as many paths: each three times as many are a round, which begins anew.
        let rounds = history.signalled_steps(Signal::ProbingScan, now, window);
        if rounds == ROUNDS && number >= many {
            let is_due = history.signal_once(Signal::ProbingSweep, now, window);
            return (true, is_due.then_some(Signal::ProbingSweep));
        }
        if rounds < ROUNDS && number >= 3 * many {
            history.clear();
            let is_due = history.signal_step_once(Signal::ProbingScan, rounds, now, window) && rounds == 0;
            return (true, is_due.then_some(Signal::ProbingScan));
        }
        let is_due = rounds == 0 && number >= many && history.signal_once(Signal::ProbingPaths, now, window);
        (true, is_due.then_some(Signal::ProbingPaths))
    }
}

/// What a worker knows of its site.
#[derive(Debug, Default)]
pub struct Site {
    /// Paths that answered, in this half hour and the one before: bits of a Bloom filter.
    good: [Vec<u64>; 2],
    since: Timestamp,
    added: u32,
    /// Users' answers in this minute and the one before: how many, and how many refusals.
    users: [Vec<(u16, u16)>; 2],
    minute: u64,
    /// Of the answers that are well, how many there were since the last one that was counted.
    answers: u8,
}

/// Of so many answers that are well one is counted, as so many: whose each of them is would cost every request.
const SAMPLE: u8 = 16;

/// Bits of the filter, and the most paths in it: eight bits a path and two marks each, so at most one stranger in twenty
/// is taken for known.
const BITS: u64 = 1 << 15;
const PATHS: u32 = 1 << 12;
const GOOD_MILLIS: u64 = 30 * 60 * 1000;
/// Users are counted in so many slots.
const SLOTS: usize = 64;
/// With fewer users a minute nothing can be said of the site.
const CROWD: usize = 5;

impl Site {
    /// Is the next answer, if it is well, one that is to be counted?
    pub fn samples_next(&self) -> bool {
        self.answers == 0
    }

    /// An answer that is well comes. Is it one that is to be counted?
    pub fn is_sampled(&mut self) -> bool {
        let is_sampled = self.samples_next();
        self.leave_out();
        is_sampled
    }

    /// An answer that is well comes, and is not counted.
    pub fn leave_out(&mut self) {
        self.answers = (self.answers + 1) % SAMPLE;
    }

    /// An answer to `user` (a hash): a sampled one that is well, or a refusal.
    pub fn count(&mut self, user: u64, refused: bool, now: Timestamp) {
        let minute = now.as_secs() / 60;
        if minute != self.minute {
            self.users.swap(0, 1);
            let [current, before] = &mut self.users;
            current.clear();
            if minute != self.minute.wrapping_add(1) {
                before.clear();
            }
            self.minute = minute;
        }
        let [current, _] = &mut self.users;
        current.resize(SLOTS, (0, 0));
        let slot = usize::try_from(user % SLOTS as u64).unwrap_or_default();
        if let Some((all, refusals)) = current.get_mut(slot) {
            *all = all.saturating_add(if refused { 1 } else { SAMPLE.into() });
            *refusals = refusals.saturating_add(u16::from(refused));
        }
    }

    /// Do so many users meet refusals that the site is to blame? By users, not by answers: one scanner is one user.
    pub fn is_broken(&self) -> bool {
        let [current, before] = &self.users;
        let slots = (0..SLOTS).map(|slot| {
            let of = |minute: &[(u16, u16)]| minute.get(slot).copied().unwrap_or_default();
            let ((all, refused), (all_before, refused_before)) = (of(current), of(before));
            (u32::from(all) + u32::from(all_before), u32::from(refused) + u32::from(refused_before))
        });
        let active: Vec<_> = slots.filter(|(all, _)| *all > 0).collect();
        let hurt = active.iter().filter(|(all, refused)| *refused >= 2 && refused * 4 >= *all).count();
        active.len() >= CROWD && hurt * 10 > active.len() * 3
    }

    /// Time passes.
    pub fn pass(&mut self, now: Timestamp) {
        if now.as_millis().saturating_sub(self.since.as_millis()) > GOOD_MILLIS {
            self.renew();
            self.since = now;
        }
    }

    fn renew(&mut self) {
        self.good.swap(0, 1);
        let [current, _] = &mut self.good;
        current.clear();
        self.added = 0;
    }

    /// The path was answered with success. (Without a time, which costs a call to the host.)
    pub fn answered(&mut self, path: &[u8]) {
        if self.added >= PATHS {
            self.renew();
        }
        let [current, _] = &mut self.good;
        current.resize((BITS / 64) as usize, 0);
        let mut is_new = false;
        for (word, bit) in bits(path) {
            if let Some(word) = current.get_mut(word) {
                is_new |= *word & bit == 0;
                *word |= bit;
            }
        }
        self.added += u32::from(is_new);
    }

    /// Did somebody get an answer from the path lately?
    pub fn answers(&self, path: &[u8]) -> bool {
        self.good
            .iter()
            .any(|good| bits(path).iter().all(|(word, bit)| good.get(*word).is_some_and(|word| word & bit != 0)))
    }
}

/// The path's places in the filter.
fn bits(path: &[u8]) -> [(usize, u64); 2] {
    let hash = hash(path);
    [hash, hash >> 32].map(|hash| (usize::try_from(hash % BITS / 64).unwrap_or_default(), 1 << (hash % 64)))
}

/// What of a refused path counts as one guess. Of one that is not there numbers and identifiers make no difference: a client
/// that asks for each of its objects whether it is there guesses nothing.
pub fn shape(path: &[u8], status: u16) -> Cow<'_, [u8]> {
    if status == 403 {
        return path.into();
    }
    let mut shape = Vec::with_capacity(path.len() + 1);
    for segment in path.split(|byte| *byte == b'/') {
        shape.push(b'/');
        if is_identifier(segment) {
            shape.push(b'0');
            continue;
        }
        for run in segment.chunk_by(|one, other| one.is_ascii_digit() && other.is_ascii_digit()) {
            let is_number = run.first().is_some_and(u8::is_ascii_digit);
            shape.extend_from_slice(if is_number { b"0" } else { run });
        }
    }
    shape.into()
}

/// Is it a digest, a UUID or a token: long, of letters and digits in turn?
fn is_identifier(segment: &[u8]) -> bool {
    let is_token = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b':' | b'=');
    let digits = segment.iter().filter(|byte| byte.is_ascii_digit()).count();
    segment.len() >= 16 && digits >= 3 && segment.iter().all(is_token)
}

/// A hash that is no secret: of paths that exist, in a filter of one worker.
fn hash(path: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(path);
    hasher.finish()
}

impl Default for Probing {
    fn default() -> Self {
        Self(Some(Limits::default()))
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self { paths: Bounded::new(20), window: Span::from_secs(300) }
    }
}

impl FromValue for Probing {
    fn read(value: &Value) -> Result<Self, Error> {
        match (value.switch(), value) {
            (Some(on), _) => Ok(Self(on.then(Limits::default))),
            (None, Value::Map(_)) => Ok(Self(Some(Limits::read(value)?))),
            (None, Value::Text(word)) => {
                Err(format!("`{word}` is neither on nor off nor a mapping such as {{paths: 20}}").into())
            }
            _ => Err(value.is_not("on, off, or a mapping such as {paths: 20, window: 5m}")),
        }
    }
}

#[cfg(test)]
mod tests;
