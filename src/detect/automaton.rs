//! Which of many literals stand in a text? Aho-Corasick's automaton: a step for each byte, however many literals there are.
//!
//! Aho and Corasick, "Efficient string matching: an aid to bibliographic search" (1975). Nearly all steps are taken near the root, where
//! each state has a whole row of next ones; further down it has its children, and the state to fall back to. Of the crates, a double
//! array (daachorse) takes three times as many instructions to build at each start and 6 % more for a form; rows for all states
//! (aho-corasick) take 5 % fewer, and by their layout 7 MB in each worker.

use crate::sort::sort_by_key;
use std::iter;
use std::ops::ControlFlow;

/// States of up to so many bytes have a whole row.
const DENSE: u16 = 3;
/// The number of no literal.
const NONE: u32 = u32::MAX;
/// Set in the number of a state with which a literal ends: nearly no step comes to one, and only there is looked which ones they are.
const ENDS: u16 = 1 << 15;

/// A literal that is looked for: its text in lower case, what it may mean, as bits, and its number.
pub(super) struct Wanted<'a> {
    pub(super) text: &'a [u8],
    pub(super) bits: u32,
    pub(super) number: u32,
}

/// A literal in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) number: u32,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// Literals in any case; built once.
#[derive(Clone)]
pub(super) struct Automaton {
    /// What each byte is to the literals; 0 if none has it.
    classes: [u8; 256],
    /// A row has two to the power of so many states.
    shift: u32,
    /// The rows of the first states.
    rows: Vec<u16>,
    /// For each state, the bits of all literals that end with it.
    bits: Vec<u32>,
    /// Shorter ones first, and those that begin alike one behind the other.
    states: Vec<State>,
}

/// What the last bytes of a text may be the start of.
#[derive(Clone, Copy)]
struct State {
    /// How many bytes it is, and the class of the last one.
    length: u16,
    class: u8,
    /// The states that are longer by a byte: so many, from the first on.
    children: u8,
    first: u16,
    /// The longest other state that its bytes end with, and the longest such one that is a literal; 0 if there is none.
    shorter: u16,
    literal: u16,
    /// The literal that it is.
    number: u32,
}

const ROOT: State = State { length: 0, class: 0, children: 0, first: 0, shorter: 0, literal: 0, number: NONE };

impl Automaton {
    /// Of these literals, none of them empty and no two alike. None if there is no room for so many.
    pub(super) fn new(mut wanted: Vec<Wanted<'_>>) -> Option<Self> {
        sort_by_key(&mut wanted, |one| one.text);
        let (classes, shift) = classes(&wanted)?;
        let mut built = Self { classes, shift, rows: Vec::new(), bits: Vec::new(), states: vec![ROOT] };
        // Of each state, the literals that begin with it.
        let mut ranges: Vec<_> = iter::once(0..wanted.len()).collect();
        let mut at = 0;
        while let Some(mut rest) = ranges.get(at).cloned() {
            let length = usize::from(built.states.get(at)?.length);
            let own = wanted.get(rest.start).filter(|one| one.text.len() == length);
            rest.start += usize::from(own.is_some());
            built.settle(at, own)?;
            while !rest.is_empty() {
                let byte = *wanted.get(rest.start)?.text.get(length)?;
                let same = wanted.get(rest.clone())?.partition_point(|one| one.text.get(length) == Some(&byte));
                built.add_child(at, built.class(byte))?;
                ranges.push(rest.start..rest.start + same);
                rest.start += same;
            }
            built.add_row(at)?;
            at += 1;
        }
        built.mark()?;
        Some(built)
    }

    /// Marks the states with which a literal ends, wherever they are named as the next one.
    fn mark(&mut self) -> Option<()> {
        let numbers = 0..u16::try_from(self.states.len()).ok().filter(|states| *states <= ENDS)?;
        let marked: Vec<_> =
            numbers.zip(&self.bits).map(|(number, bits)| if *bits == 0 { number } else { number | ENDS }).collect();
        let mark = |number: &mut u16| *number = marked.get(usize::from(*number)).copied().unwrap_or_default();
        self.rows.iter_mut().for_each(mark);
        Some(())
    }

    /// Says of a state which literals end with it; those that are shorter know theirs.
    fn settle(&mut self, at: usize, own: Option<&Wanted<'_>>) -> Option<()> {
        let shorter = self.states.get(at)?.shorter;
        let of_shorter = *self.states.get(usize::from(shorter))?;
        let bits = self.bits.get(usize::from(shorter)).copied().unwrap_or_default();
        self.bits.push(bits | own.map_or(0, |one| one.bits));
        let state = self.states.get_mut(at)?;
        state.literal = if of_shorter.number == NONE { of_shorter.literal } else { shorter };
        state.number = own.map_or(NONE, |one| one.number);
        Some(())
    }

    fn add_child(&mut self, at: usize, class: u8) -> Option<()> {
        let number = u16::try_from(self.states.len()).ok()?;
        let parent = self.states.get_mut(at)?;
        if parent.children == 0 {
            parent.first = number;
        }
        parent.children = parent.children.checked_add(1)?;
        let parent = *parent;
        let shorter = if at == 0 { 0 } else { self.step(parent.shorter, class) & !ENDS };
        self.states.push(State { length: parent.length.checked_add(1)?, class, shorter, ..ROOT });
        Some(())
    }

    /// The row of a short state: that of the shorter one, but for its own children.
    fn add_row(&mut self, at: usize) -> Option<()> {
        let state = *self.states.get(at)?;
        if state.length > DENSE {
            return Some(());
        }
        let start = self.rows.len();
        let shorter = usize::from(state.shorter) << self.shift;
        match at {
            0 => self.rows.resize(1 << self.shift, 0),
            _ => self.rows.extend_from_within(shorter..shorter + (1 << self.shift)),
        }
        for child in state.first..state.first + u16::from(state.children) {
            let class = self.states.get(usize::from(child))?.class;
            *self.rows.get_mut(start + usize::from(class))? = child;
        }
        Some(())
    }

    #[inline(always)]
    fn class(&self, byte: u8) -> u8 {
        self.classes.get(usize::from(byte)).copied().unwrap_or_default()
    }

    #[inline(always)]
    fn state(&self, number: u16) -> State {
        self.states.get(usize::from(number)).copied().unwrap_or(ROOT)
    }

    /// The state after a byte of this class, marked if a literal ends with it.
    #[inline(always)]
    fn step(&self, mut number: u16, class: u8) -> u16 {
        loop {
            if let Some(next) = self.rows.get(usize::from(number) << self.shift | usize::from(class)) {
                return *next;
            }
            let state = self.state(number);
            for child in state.first..state.first + u16::from(state.children) {
                let state = self.state(child);
                if state.class == class {
                    return if state.literal != 0 || state.number != NONE { child | ENDS } else { child };
                }
            }
            number = state.shorter;
        }
    }

    /// Shows each literal in the text that has one of these bits to `seen`, in the order of their ends, until it breaks.
    #[inline(always)]
    pub(super) fn each<B>(&self, text: &[u8], bits: u32, mut seen: impl FnMut(Found) -> ControlFlow<B>) -> Option<B> {
        let mut number = 0;
        for (at, byte) in text.iter().enumerate() {
            number = self.step(number, self.class(*byte));
            if number & ENDS == 0 {
                continue;
            }
            number &= !ENDS;
            if self.bits.get(usize::from(number)).is_none_or(|own| own & bits == 0) {
                continue;
            }
            let mut state = self.state(number);
            while state.length > 0 {
                let end = at + 1;
                let found = Found { number: state.number, start: end - usize::from(state.length), end };
                if state.number != NONE
                    && let ControlFlow::Break(value) = seen(found)
                {
                    return Some(value);
                }
                state = self.state(state.literal);
            }
        }
        None
    }
}

/// A number for each byte of the literals, the same for both cases of a letter; and how many bits it takes.
fn classes(wanted: &[Wanted<'_>]) -> Option<([u8; 256], u32)> {
    let mut classes = [0; 256];
    let mut width = 1_u8;
    for byte in wanted.iter().flat_map(|one| one.text) {
        let class = classes.get_mut(usize::from(*byte))?;
        if *class == 0 {
            *class = width;
            width = width.checked_add(1)?;
        }
    }
    for upper in b'A'..=b'Z' {
        *classes.get_mut(usize::from(upper))? = *classes.get(usize::from(upper.to_ascii_lowercase()))?;
    }
    Some((classes, u8::BITS - (width - 1).leading_zeros()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn all(literals: &[String], text: &[u8], bits: u32) -> Vec<Found> {
        let wanted = literals.iter().zip(0_u32..);
        let wanted = wanted.map(|(text, number)| Wanted { text: text.as_bytes(), bits: 1 << (number % 2), number });
        let mut all = Vec::new();
        Automaton::new(wanted.collect()).unwrap().each(text, bits, |found| {
            all.push(found);
            ControlFlow::<()>::Continue(())
        });
        all
    }

    proptest! {
        /// What a search for each literal by itself finds.
        #[test]
        fn each_literal_is_found_wherever_it_stands(
            literals in prop::collection::hash_set("[ab'\u{e9}]{1,5}", 1..12),
            text in "[abAB'c\u{e9}]{0,40}",
            bits in 1_u32..4,
        ) {
            let mut literals: Vec<_> = literals.into_iter().collect();
            literals.sort();
            let low = text.to_ascii_lowercase();
            let mut expected = Vec::new();
            for (literal, number) in literals.iter().zip(0_u32..).filter(|(_, number)| 1 << (number % 2) & bits != 0) {
                let starts = (0..low.len()).filter(|at| low.as_bytes()[*at..].starts_with(literal.as_bytes()));
                expected.extend(starts.map(|start| Found { number, start, end: start + literal.len() }));
            }
            expected.sort_by_key(|found| (found.end, found.start));
            let shown = all(&literals, text.as_bytes(), bits);
            let shown: Vec<_> = shown.into_iter().filter(|found| 1 << (found.number % 2) & bits != 0).collect();
            prop_assert_eq!(shown, expected);
        }
    }

    #[test]
    fn it_breaks_where_it_is_told_to() {
        let entry = |text: &'static str| Wanted { text: text.as_bytes(), bits: 1, number: 5 };
        let automaton = Automaton::new(vec![entry("on"), entry("union")]).unwrap();
        assert_eq!(automaton.each(b"a UNION b ON", 1, |found| ControlFlow::Break(found.start)), Some(2));
        assert_eq!(automaton.each(b"a UNIO b O", 1, |found| ControlFlow::Break(found.start)), None);
        assert_eq!(automaton.each(b"a UNION", 2, |found| ControlFlow::Break(found.start)), None);
    }
}
