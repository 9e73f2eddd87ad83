//! What does a value decode to? Makes the few views of it that decoders behind the proxy may arrive at.
//!
//! At most three rounds of percent-decoding, so the work is linear in the value. Each step is a file of its own.

pub mod entity;
pub mod escape;
pub mod path;
pub mod percent;
pub mod unicode;

use crate::text::byte_set::ByteSet;

/// How often percent-coding is undone at most.
pub const ROUNDS: u8 = 3;
/// A path that has none of these is as it looks.
const FOLDS: ByteSet = ByteSet::SLASH.and(ByteSet::BACKSLASH).and(ByteSet::SEMICOLON);
/// Values are seldom longer, in bytes.
const ROOM: usize = 256;

/// The views of one value. Keeps its buffers from value to value.
#[derive(Debug, Default)]
pub struct Views {
    /// Percent-coding undone to its fixed point, odd spellings of ASCII made plain; upper case kept.
    pub plain: Vec<u8>,
    /// `plain` in lower case.
    pub low: Vec<u8>,
    /// `low` with entities, escapes and control characters undone; empty if that changes nothing.
    pub deep: Vec<u8>,
    /// `low` as a path: one kind of slash, no empty segments, no matrix parameters; empty if that changes nothing.
    pub path: Vec<u8>,
    /// Which signs stand in `plain`, and so in `low`.
    pub(crate) marks: ByteSet,
    /// How often percent-coding was undone.
    pub rounds: u8,
    /// Is there another layer of it, which was not undone?
    pub more: bool,
    /// Was ASCII spelled in an overlong or otherwise odd way?
    pub odd: bool,
    spare: Vec<u8>,
}

impl Views {
    /// Makes the views of a value; in it `+` may mean a blank, and if it is a path, `;` starts a parameter.
    pub fn of(&mut self, value: &[u8], plus_is_blank: bool, is_path: bool) {
        self.decode(value, ByteSet::of(value), plus_is_blank);
        self.finish(is_path);
    }

    /// Makes the first view of a value, in which these signs stand: `plain`. Says whether it is all there is but for lower case.
    pub(crate) fn decode(&mut self, value: &[u8], mut marks: ByteSet, plus_is_blank: bool) -> bool {
        self.plain.clear();
        // Room for the next value too: allocating anew for each that is longer costs more than reading it.
        self.plain.reserve(value.len().max(ROOM));
        self.plain.extend_from_slice(value);
        self.rounds = 0;
        // What a step does not find here it need not look for.
        if plus_is_blank && marks.has(ByteSet::PLUS) {
            // Without a branch, so that compilers make vectors of it.
            self.plain.iter_mut().for_each(|byte| *byte = if *byte == b'+' { b' ' } else { *byte });
            marks = marks.without(ByteSet::PLUS);
        }
        while self.rounds < ROUNDS && marks.has(ByteSet::PERCENT) {
            if !percent::decode(&self.plain, &mut self.spare) {
                break;
            }
            std::mem::swap(&mut self.plain, &mut self.spare);
            self.rounds += 1;
            marks = ByteSet::of(&self.plain);
        }
        self.more =
            self.rounds == ROUNDS && marks.has(ByteSet::PERCENT) && percent::decode(&self.plain, &mut self.spare);
        self.odd = false;
        if marks.has(ByteSet::ODD) && unicode::fold(&self.plain, &mut self.spare) {
            std::mem::swap(&mut self.plain, &mut self.spare);
            self.odd = true;
            marks = ByteSet::of(&self.plain);
        }
        self.marks = marks;
        !marks.has(ByteSet::ESCAPE.and(ByteSet::X).and(FOLDS)) && !has_empty_tag(&self.plain, marks)
    }

    /// Makes the others.
    pub(crate) fn finish(&mut self, is_path: bool) {
        let marks = self.marks;
        self.low.clear();
        self.low.reserve(self.plain.len().max(ROOM));
        self.low.extend_from_slice(&self.plain);
        self.low.make_ascii_lowercase();
        self.deep.clear();
        let has_number = marks.has(ByteSet::X) && escape::has_number(&self.plain);
        if marks.has(ByteSet::ESCAPE) || has_number || has_empty_tag(&self.plain, marks) {
            self.deepen();
        }
        self.path.clear();
        if marks.has(FOLDS) && path::fold(&self.low, is_path, &mut self.spare) {
            std::mem::swap(&mut self.path, &mut self.spare);
        }
    }

    fn deepen(&mut self) {
        // References may stand in references, `&amp;lt;`, but only where there was one.
        let mut changed = self.step(entity::decode, false);
        if changed {
            self.step(entity::decode, true);
        }
        for step in [without_empty_tags, escape::decode, without_controls, percent::decode] {
            changed |= self.step(step, changed);
        }
        if changed {
            self.deep.make_ascii_lowercase();
        }
    }

    /// One step on from `deep`, or from `plain` if that is not there yet; says whether there is one.
    fn step(&mut self, step: fn(&[u8], &mut Vec<u8>) -> bool, begun: bool) -> bool {
        let does = step(if begun { &self.deep } else { &self.plain }, &mut self.spare);
        if does {
            std::mem::swap(&mut self.deep, &mut self.spare);
        }
        does
    }
}

/// `un<>ion`: does a tag of nothing stand in the value, which the functions that take out tags take out?
pub(crate) fn has_empty_tag(value: &[u8], marks: ByteSet) -> bool {
    marks.has(ByteSet::LESS) && memchr::memmem::find(value, b"<>").is_some()
}

/// Takes out tags of nothing. Says whether there were any.
fn without_empty_tags(input: &[u8], output: &mut Vec<u8>) -> bool {
    output.clear();
    let mut rest = input;
    while let Some(at) = memchr::memmem::find(rest, b"<>") {
        output.extend_from_slice(rest.get(..at).unwrap_or_default());
        rest = rest.get(at + 2..).unwrap_or_default();
    }
    output.extend_from_slice(rest);
    output.len() < input.len()
}

/// Takes out control characters, which many a parser skips; blanks stay. Says whether there were any.
fn without_controls(input: &[u8], output: &mut Vec<u8>) -> bool {
    let control = |byte: &u8| byte.is_ascii_control() && !byte.is_ascii_whitespace();
    if !input.iter().any(control) {
        return false;
    }
    output.clear();
    output.extend(input.iter().filter(|byte| !control(byte)));
    true
}

#[cfg(test)]
mod tests;
