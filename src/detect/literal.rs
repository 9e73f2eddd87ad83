//! Where may a literal match, and in which targets? Scope and verifiers of a literal of the gate, in 32 bits.

use super::matcher::{Evidence, Kind, Verifier};
use super::probe::{self, Probe};
use super::tables::{CODES, EVIDENCE, LITERALS, RULES};
use crate::read::target::Target;

const _: () = assert!(CODES.len() < 1 << Literal::FIRST && Target::ALL.len() == Target::Answer as usize + 1);
const _: () = assert!(Literal::FIRST + Target::Answer as u32 <= 31);

/// What the automaton knows of a literal: where its codes begin in `CODES`, and what spares a look at them.
#[derive(Clone, Copy)]
pub(super) struct Literal(pub(super) u32);

impl Literal {
    /// So many bits are where the codes begin; above them stand the kinds of place that it means something at.
    const FIRST: u32 = 15;
    /// It may mean something in a value of class `Plain`. (Nothing ever means something in an answer here.)
    pub(super) const PLAIN: u32 = 1 << (Self::FIRST + Target::Answer as u32);

    /// Of the literal with codes from that index on.
    fn of(first: u32, verifiers: &[Verifiers]) -> Self {
        let mut bits = first & ((1 << Self::FIRST) - 1);
        for probe in probes(first) {
            for target in Target::ALL.iter().filter(|target| **target != Target::Answer) {
                let looks = match probe {
                    Probe::Gate(verifier) | Probe::GateWord(verifier) | Probe::GateFront(verifier) => {
                        verifiers.get(*target as usize).is_some_and(|some| some.has(verifier))
                    }
                    Probe::Rule(rule, _) => RULES.get(usize::from(rule)).is_some_and(|rule| rule.targets.has(*target)),
                };
                bits |= if looks { Self::at(*target) } else { 0 };
            }
            bits |= if reads_plain(probe) { Self::PLAIN } else { 0 };
        }
        Self(bits)
    }

    /// The bit of a kind of place.
    pub(super) const fn at(target: Target) -> u32 {
        1 << (Self::FIRST + target as u32)
    }

    /// What it stands for.
    pub(super) fn probes(self) -> impl Iterator<Item = Probe> {
        probes(self.0 & ((1 << Self::FIRST) - 1))
    }

    /// Is one of these bits set?
    pub(super) const fn has(self, bit: u32) -> bool {
        self.0 & bit != 0
    }
}

/// For each kind of place the verifiers that some rule asks there.
pub(super) fn verifiers() -> Vec<Verifiers> {
    let at = |target: &Target| {
        let mut some = Verifiers::default();
        for (evidence, rule) in Evidence::ALL.iter().zip(EVIDENCE) {
            if RULES.get(usize::from(*rule)).is_some_and(|rule| rule.targets.has(*target)) {
                some.add(evidence.verifier());
            }
        }
        some
    };
    Target::ALL.iter().map(at).collect()
}

/// Verifiers that have to look at a value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Verifiers(u32);

impl Verifiers {
    /// The one.
    pub(super) fn of(verifier: Verifier) -> Self {
        let mut one = Self::default();
        one.add(verifier);
        one
    }

    /// One by one, in the order of [`Verifier::ALL`].
    pub(super) fn iter(self) -> impl Iterator<Item = Verifier> {
        Verifier::ALL.iter().copied().filter(move |verifier| self.has(*verifier))
    }

    pub(super) fn add(&mut self, verifier: Verifier) {
        self.0 |= 1 << verifier as u32;
    }

    pub(super) fn has(self, verifier: Verifier) -> bool {
        self.0 & (1 << verifier as u32) != 0
    }

    /// Are there none?
    pub(super) fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// All but that one.
    pub(super) fn without(self, verifier: Verifier) -> Self {
        Self(self.0 & !Self::of(verifier).0)
    }

    /// Those of them that are among the others.
    pub(super) fn only(self, others: Self) -> Self {
        Self(self.0 & others.0)
    }
}

/// The literals, each with what is known of it.
pub(super) fn literals(verifiers: &[Verifiers]) -> Vec<(Vec<u8>, u32)> {
    let texts = miniz_oxide::inflate::decompress_to_vec(LITERALS).unwrap_or_default();
    let mut codes = CODES.iter().zip(0_u32..);
    let mut all = Vec::new();
    for text in texts.split(|byte| *byte == probe::BETWEEN) {
        let Some((code, first)) = codes.next() else { break };
        all.push((text.to_vec(), Literal::of(first, verifiers).0));
        if code & probe::LAST == 0 {
            codes.by_ref().find(|(code, _)| *code & probe::LAST != 0);
        }
    }
    all
}

/// What the literal with codes from this index on stands for.
fn probes(first: u32) -> impl Iterator<Item = Probe> {
    let codes = CODES.get(first as usize..).unwrap_or_default();
    let mut more = true;
    let own = codes.iter().take_while(move |code| std::mem::replace(&mut more, *code & probe::LAST == 0));
    own.filter_map(|code| Probe::from_code(*code))
}

/// May it mean something in a value of class `Plain`?
pub(super) fn reads_plain(probe: Probe) -> bool {
    match probe {
        Probe::Gate(verifier) => verifier.reads_plain(),
        Probe::GateWord(_) | Probe::GateFront(_) => false,
        Probe::Rule(_, kind) => matches!(kind, Kind::Literal | Kind::Word | Kind::Suffix | Kind::Prefix),
    }
}
