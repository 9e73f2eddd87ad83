//! Can this value be harmful at all? Nearly none can, and those must cost next to nothing.
//!
//! First a scan by class of byte, then one automaton for the literals of all rules (Aho-Corasick as a double array). It is
//! built once in each VM: shipped as a file it was a tenth of the module.

use super::matcher::{Kind, Verifier};
use super::probe::{self, Probe};
use super::rule::Rule;
use daachorse::DoubleArrayAhoCorasick;
use std::fmt;
use std::sync::OnceLock;

include!(concat!(env!("OUT_DIR"), "/rules.rs"));

/// Verifiers that have to look at a value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Verifiers(u32);

impl Verifiers {
    pub(super) fn add(&mut self, verifier: Verifier) {
        self.0 |= 1 << verifier as u32;
    }

    pub(super) fn has(self, verifier: Verifier) -> bool {
        self.0 & (1 << verifier as u32) != 0
    }
}

/// What the bytes of a value allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Class {
    /// Letters, digits and what joins them in names and numbers: only a rule on the whole value can match.
    Plain,
    /// Signs that mean something, none that hides something.
    Signs,
    /// Something may be encoded.
    Coded,
}

/// The class of a value: that of its worst byte.
pub(super) fn class(value: &[u8], plus_is_blank: bool) -> Class {
    let worst = value.iter().fold(0, |worst, byte| worst | CLASSES.get(usize::from(*byte)).copied().unwrap_or(CODED));
    if worst & CODED != 0 || (plus_is_blank && value.contains(&b'+')) {
        Class::Coded
    } else if worst & SIGN != 0 {
        Class::Signs
    } else {
        Class::Plain
    }
}

const SIGN: u8 = 1;
const CODED: u8 = 2;

static CLASSES: [u8; 256] = {
    let mut classes = [SIGN; 256];
    let mut byte = 0;
    while byte < 256 {
        let class = match byte as u8 {
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'_' | b'-' | b'.' | b',' | b':' | b'@' => 0,
            b'%' | b'&' | b'\\' | 0..=0x1f | 0x7f | 0xc0..=0xff => CODED,
            _ => SIGN,
        };
        #[expect(clippy::indexing_slicing, reason = "checked by the compiler: this runs at compile time")]
        {
            classes[byte] = class;
        }
        byte += 1;
    }
    classes
};

/// The literals of all rules.
pub(super) struct Gate {
    /// The value of a literal is where its codes begin in `CODES`.
    automaton: Option<&'static DoubleArrayAhoCorasick<u32>>,
}

impl fmt::Debug for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gate").field("probes", &CODES.len()).finish_non_exhaustive()
    }
}

/// The literals, each with where its codes begin.
fn literals() -> Vec<(Vec<u8>, u32)> {
    let (mut all, mut literal) = (Vec::new(), Vec::new());
    let mut bytes = LITERALS;
    let mut codes = CODES.iter().zip(0_u32..);
    while let [shared, more, rest @ ..] = bytes
        && let Some((new, after)) = rest.split_at_checked(usize::from(*more))
        && let Some(first) = codes.next()
    {
        literal.truncate(usize::from(*shared));
        literal.extend_from_slice(new);
        all.push((literal.clone(), first.1));
        if first.0 & probe::LAST == 0 {
            codes.by_ref().find(|(code, _)| *code & probe::LAST != 0);
        }
        bytes = after;
    }
    all
}

/// What the literal stands for whose codes begin here.
#[inline]
fn probes(first: u32) -> impl Iterator<Item = Probe> {
    let codes = CODES.get(first as usize..).unwrap_or_default();
    let mut more = true;
    let own = codes.iter().take_while(move |code| std::mem::replace(&mut more, *code & probe::LAST == 0));
    own.filter_map(|code| Probe::from_code(*code))
}

impl Gate {
    /// The gate of the rules that are built in.
    pub(super) fn builtin() -> Self {
        static BUILTIN: OnceLock<Option<DoubleArrayAhoCorasick<u32>>> = OnceLock::new();
        let build = || DoubleArrayAhoCorasick::with_values(literals()).ok();
        Self { automaton: BUILTIN.get_or_init(build).as_ref() }
    }

    /// All rules.
    pub(super) fn rules() -> &'static [Rule<'static>] {
        RULES
    }

    /// The rule that a piece of evidence belongs to.
    pub(super) fn rule_of(evidence: super::matcher::Evidence) -> Option<u16> {
        EVIDENCE.get(evidence as usize).copied()
    }

    /// The rules that match a value as a whole.
    pub(super) fn whole(value: &[u8]) -> impl Iterator<Item = u16> {
        let possible = WHOLE_LENGTHS.checked_shr(u32::try_from(value.len()).unwrap_or(u32::MAX)).unwrap_or(0) & 1 == 1;
        let rules = if possible { WHOLE } else { &[] };
        rules.iter().filter(move |(whole, _)| value.eq_ignore_ascii_case(whole)).map(|(_, rule)| *rule)
    }

    /// Does any literal stand in the value? Needs no copy in lower case.
    pub(super) fn fires(&self, value: &[u8]) -> bool {
        let low = value.iter().map(u8::to_ascii_lowercase);
        self.automaton.is_some_and(|automaton| automaton.find_overlapping_iter_from_iter(low).next().is_some())
    }

    /// Can a value of class [`Class::Plain`] hold one of the few payloads that need no sign?
    pub(super) fn wants_plain(&self, value: &[u8]) -> bool {
        let low = value.iter().map(u8::to_ascii_lowercase);
        let Some(automaton) = self.automaton.filter(|_| value.len() >= 5) else { return false };
        automaton.find_overlapping_iter_from_iter(low).any(|found| {
            probes(found.value()).any(|probe| match probe {
                Probe::Gate(verifier) => verifier.reads_plain(),
                Probe::GateWord(_) => false,
                Probe::Rule(_, kind) => {
                    matches!(kind, Kind::Literal | Kind::Word)
                        || kind == Kind::Suffix && found.end() == value.len()
                        || kind == Kind::Prefix && found.start() == 0
                }
            })
        })
    }

    /// Each literal in a view, and what it calls for: for people, not for the scan.
    pub(super) fn literals<'a>(&'a self, view: &'a [u8]) -> impl Iterator<Item = (&'a [u8], Probe)> {
        let found = self.automaton.iter().flat_map(move |automaton| automaton.find_overlapping_iter(view));
        found.flat_map(move |found| {
            let standing = probes(found.value()).filter(move |probe| match probe {
                Probe::Gate(_) => true,
                Probe::GateWord(_) => is_apart(view, found.start(), found.end()),
                Probe::Rule(_, kind) => stands(*kind, view, found.start(), found.end()),
            });
            standing.map(move |probe| (view.get(found.start()..found.end()).unwrap_or_default(), probe))
        })
    }

    /// Shows the literals in a view in lower case to `hit` (a rule and how its literal stands) and gathers the verifiers
    /// that have to look.
    pub(super) fn run(&self, view: &[u8], hit: &mut dyn FnMut(u16)) -> Verifiers {
        let mut verifiers = Verifiers::default();
        let Some(automaton) = self.automaton else { return verifiers };
        for found in automaton.find_overlapping_iter(view) {
            for probe in probes(found.value()) {
                match probe {
                    Probe::Gate(verifier) => verifiers.add(verifier),
                    Probe::GateWord(verifier) if is_apart(view, found.start(), found.end()) => verifiers.add(verifier),
                    Probe::GateWord(_) => {}
                    Probe::Rule(rule, kind) if stands(kind, view, found.start(), found.end()) => hit(rule),
                    Probe::Rule(..) => {}
                }
            }
        }
        verifiers
    }
}

/// Does the literal at `start..end` stand as its kind demands?
fn stands(kind: Kind, view: &[u8], start: usize, end: usize) -> bool {
    let before = start.checked_sub(1).and_then(|at| view.get(at)).copied();
    let after = view.get(end).copied();
    let is_slash = |byte: Option<u8>| byte.is_none_or(|byte| matches!(byte, b'/' | b'\\'));
    match kind {
        Kind::Literal => true,
        Kind::Word => is_whole_word(view, start, end),
        Kind::Suffix => after.is_none(),
        Kind::Prefix => before.is_none(),
        Kind::Whole => before.is_none() && after.is_none(),
        Kind::Segment => is_slash(before) && (is_slash(after) || after == Some(b';')),
        Kind::File => {
            is_slash(before.filter(|byte| *byte != b':'))
                && after.is_none_or(|byte| matches!(byte, 0 | b'?' | b'#' | b';' | b'%'))
                && is_name(view)
        }
        Kind::Under => before.is_none() && is_name(view),
    }
}

/// Does no letter, digit or underscore stand beside it?
pub(super) fn is_whole_word(view: &[u8], start: usize, end: usize) -> bool {
    let word = |byte: Option<&u8>| byte.copied().is_some_and(is_word);
    !word(start.checked_sub(1).and_then(|at| view.get(at))) && !word(view.get(end))
}

/// Can it be nothing but a file's name?
fn is_name(view: &[u8]) -> bool {
    view.len() <= 512 && !view.iter().any(|byte| matches!(byte, b' ' | b'<' | b'\n' | b'"' | b','))
}

/// Is there no letter beside it?
fn is_apart(view: &[u8], start: usize, end: usize) -> bool {
    let letter = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_lowercase);
    !letter(start.checked_sub(1).and_then(|at| view.get(at))) && !letter(view.get(end))
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}
