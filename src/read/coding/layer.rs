//! Which coding does one layer of a body have, and what does it hold?
//!
//! The declared coding is tried, then others that lenient servers undo. A coding counts once it has put out some bytes: if it fails
//! before, the bytes were something else, at last plain text that is declared packed.

use super::attempt::Attempt;
use super::brotli::Brotli;
use super::gzip::Gzip;
use super::inflate::Inflate;
use super::step::{Step, Take};
use super::text::is_text;
use super::zstd::Zstd;

/// A coding that no magic number shows counts once so many bytes have come out. What is something else fails before.
const HOLD: usize = 256;
/// Or once so many bytes went in.
const TRIAL: usize = 4096;
/// A stream is given up when what went in exceeds four times what came out by so many bytes: blocks with tables and nothing else
/// cost a hundred times as much as others.
const IDLE: usize = 256 << 10;
/// The bytes that are given to a decoder at a time.
const SLICE: usize = 16 << 10;

/// One layer of a body.
///
/// ```text
/// Undecided ─→ Packed ─→ Ended
///   ↑ │          │ fails before it counts: the next attempt
///   └─┼──────────┘
///     └─ no attempt is left ─→ Plain
/// ```
#[derive(Debug)]
pub(super) struct Layer {
    attempts: &'static [Attempt],
    is_declared: bool,
    stage: Stage,
    /// The number of bytes that may still come out.
    room: usize,
}

#[derive(Debug)]
enum Stage {
    /// The first bytes, until they show whether the attempt fits.
    Undecided(Vec<u8>),
    /// No coding. Counted as not undone, if one was declared and the bytes are no text.
    Plain {
        is_coded: bool,
    },
    Packed(Packed),
    /// What follows is not read.
    Ended,
}

/// A coding at work.
struct Packed {
    decoder: Decoder,
    /// What went in and what came out, as long as the coding does not count yet.
    trial: Option<(Vec<u8>, Vec<u8>)>,
    /// By how much what went in exceeds four times what came out, in bytes.
    idle: usize,
}

impl std::fmt::Debug for Packed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Packed").finish_non_exhaustive()
    }
}

enum Decoder {
    Gzip(Gzip),
    Inflate(Inflate),
    Brotli(Brotli),
    Zstd(Box<Zstd>),
}

impl Layer {
    /// A layer for which these attempts are made; does a header declare it?
    pub(super) fn new(attempts: &'static [Attempt], is_declared: bool, limit: usize) -> Self {
        Self { attempts, is_declared, stage: Stage::Undecided(Vec::new()), room: limit }
    }

    /// Does the head declare it?
    pub(super) fn is_declared(&self) -> bool {
        self.is_declared
    }

    /// Takes the next bytes; `last` ends them. Returns the number of bytes that were not undone, and whether more are wanted.
    pub(super) fn push(&mut self, bytes: &[u8], last: bool, take: Take<'_>) -> (u64, bool) {
        match &mut self.stage {
            Stage::Undecided(first) => {
                first.extend_from_slice(bytes);
                let first = std::mem::take(first);
                self.decide(first, last, take)
            }
            Stage::Plain { is_coded } => {
                let coded = if *is_coded { bytes.len() as u64 } else { 0 };
                (coded, bytes.is_empty() || take(bytes))
            }
            Stage::Packed(packed) => {
                let (step, again) = packed.push(bytes, last, &mut self.room, take);
                if let Some(again) = again {
                    self.attempts = self.attempts.get(1..).unwrap_or_default();
                    return self.decide(again, last, take);
                }
                let (left, more) = match step {
                    Step::Going => return (0, true),
                    Step::Ended(left) | Step::Broken(left) => (left, true),
                    Step::Full(left) => (left, false),
                };
                self.stage = Stage::Ended;
                (left as u64, more)
            }
            Stage::Ended => (bytes.len() as u64, true),
        }
    }

    /// Chooses the coding by the first bytes, and undoes them.
    fn decide(&mut self, first: Vec<u8>, last: bool, take: Take<'_>) -> (u64, bool) {
        while let Some((attempt, others)) = self.attempts.split_first() {
            match attempt.fits(&first, last) {
                None => {
                    self.stage = Stage::Undecided(first);
                    return (0, true);
                }
                Some(true) => {
                    self.stage = Stage::Packed(Packed::new(*attempt, self.room));
                    return self.push(&first, last, take);
                }
                Some(false) => self.attempts = others,
            }
        }
        self.stage = Stage::Plain { is_coded: self.is_declared && !is_text(&first) };
        self.push(&first, last, take)
    }
}

impl Packed {
    fn new(attempt: Attempt, limit: usize) -> Self {
        let decoder = match attempt {
            Attempt::Gzip => Decoder::Gzip(Gzip::new()),
            Attempt::Zlib => Decoder::Inflate(Inflate::new(true)),
            Attempt::Deflate => Decoder::Inflate(Inflate::new(false)),
            Attempt::Brotli => Decoder::Brotli(Brotli::new()),
            Attempt::Zstd => Decoder::Zstd(Box::new(Zstd::new(limit))),
        };
        Self { decoder, trial: Some((Vec::new(), Vec::new())), idle: 0 }
    }

    /// Decodes bytes. Returns also all that went in so far, if it was not of this coding after all.
    fn push(&mut self, bytes: &[u8], last: bool, room: &mut usize, take: Take<'_>) -> (Step, Option<Vec<u8>>) {
        let Self { decoder, trial, idle } = self;
        let is_guessed = decoder.is_guessed();
        let mut give = |bytes: &[u8]| {
            let now = bytes.get(..bytes.len().min(*room)).unwrap_or_default();
            *room -= now.len();
            (now.is_empty() || take(now)) && *room > 0
        };
        let mut held = trial.as_mut().map(|(_, held)| std::mem::take(held));
        let mut output = |bytes: &[u8]| match &mut held {
            Some(some) => {
                some.extend_from_slice(bytes);
                if is_guessed && some.len() < HOLD {
                    return true;
                }
                let all = std::mem::take(some);
                held = None;
                give(&all)
            }
            None => give(bytes),
        };
        let (mut step, mut rest) = (Step::Going, bytes);
        while step == Step::Going && !rest.is_empty() {
            let (now, after) = rest.split_at(rest.len().min(SLICE));
            let mut count = 0_usize;
            step = decoder.push(now, &mut |bytes| {
                count += bytes.len();
                output(bytes)
            });
            rest = after;
            *idle = (*idle + now.len()).saturating_sub(count.saturating_mul(4));
            if step == Step::Going && *idle > IDLE {
                step = Step::Full(0);
            }
            step = step.before(rest.len());
        }
        if last && step == Step::Going {
            step = decoder.finish(&mut output);
        }
        let Some((input, _)) = trial else { return (step, None) };
        let Some(held) = held else {
            self.trial = None;
            return (step, None);
        };
        input.extend_from_slice(bytes);
        let is_over = match step {
            Step::Broken(_) if input.len() <= TRIAL && (is_guessed || held.is_empty()) => {
                return (step, Some(std::mem::take(input)));
            }
            Step::Going if last => {
                // It breaks off. Text seldom gets that far, but then it is text.
                if is_guessed && is_text(input) || held.is_empty() {
                    return (step, Some(std::mem::take(input)));
                }
                true
            }
            Step::Going => input.len() > TRIAL,
            Step::Broken(_) | Step::Ended(_) | Step::Full(_) => true,
        };
        if !is_over {
            self.trial = Some((std::mem::take(input), held));
            return (step, None);
        }
        self.trial = None;
        if !held.is_empty() && !give(&held) && step == Step::Going {
            return (Step::Full(0), None);
        }
        (step, None)
    }
}

impl Decoder {
    fn push(&mut self, bytes: &[u8], take: Take<'_>) -> Step {
        match self {
            Self::Gzip(gzip) => gzip.push(bytes, take),
            Self::Inflate(inflate) => inflate.push(bytes, take),
            Self::Brotli(brotli) => brotli.push(bytes, take),
            Self::Zstd(zstd) => zstd.push(bytes, take),
        }
    }

    fn finish(&mut self, take: Take<'_>) -> Step {
        match self {
            Self::Gzip(gzip) if gzip.is_complete() => Step::Ended(0),
            Self::Gzip(_) | Self::Inflate(_) => Step::Going,
            Self::Brotli(brotli) => brotli.finish(take),
            Self::Zstd(zstd) if zstd.is_complete() => Step::Ended(0),
            Self::Zstd(zstd) => zstd.finish(take),
        }
    }

    /// Does nothing but the declaration say that it is of this coding, and no trial before?
    fn is_guessed(&self) -> bool {
        matches!(self, Self::Brotli(_))
    }
}
