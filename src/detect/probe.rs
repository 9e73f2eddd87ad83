//! What does a hit of the gate lead to: a verifier that has to look, or a rule that matches at once?
//!
//! A leaf: `build.rs` includes it to write what the gate reads.

use super::matcher::{Kind, Verifier};

/// What a literal of the automaton stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Probe {
    /// This verifier has to look.
    Gate(Verifier),
    /// The same, if the literal does not stand inside a longer word.
    GateWord(Verifier),
    /// The same, if the literal is the front of a longer word: `on` in `onload`, and not in `person`.
    GateFront(Verifier),
    /// This rule matches if the literal stands as its kind demands.
    Rule(u16, Kind),
}

/// The byte between two literals: none of them has it, as they are UTF-8.
pub(super) const BETWEEN: u8 = 0xff;
/// The bit of the last code of a literal.
pub(super) const LAST: u16 = 1 << 15;
/// So many bits below it are a number: of the rule or of the verifier. Those between say what it is.
const NUMBER: u32 = 11;
const GATE: u16 = 0;
const GATE_WORD: u16 = 1;
const GATE_FRONT: u16 = 2;
const RULE: u16 = 3;

impl Probe {
    /// As a number without [`LAST`]; none for a rule that it has no room for.
    #[allow(dead_code, reason = "build.rs writes with it")]
    pub(super) const fn code(self) -> Option<u16> {
        let (what, number) = match self {
            Self::Gate(verifier) => (GATE, verifier as u16),
            Self::GateWord(verifier) => (GATE_WORD, verifier as u16),
            Self::GateFront(verifier) => (GATE_FRONT, verifier as u16),
            Self::Rule(rule, kind) => (RULE + kind as u16, rule),
        };
        if number >> NUMBER == 0 { Some(what << NUMBER | number) } else { None }
    }

    /// From such a number.
    #[inline]
    pub(super) fn from_code(code: u16) -> Option<Self> {
        let (what, number) = ((code & !LAST) >> NUMBER, code & ((1 << NUMBER) - 1));
        let verifier = || Verifier::ALL.get(usize::from(number)).copied();
        match what {
            GATE => verifier().map(Self::Gate),
            GATE_WORD => verifier().map(Self::GateWord),
            GATE_FRONT => verifier().map(Self::GateFront),
            kind => Kind::ALL.get(usize::from(kind - RULE)).map(|kind| Self::Rule(number, *kind)),
        }
    }
}
