//! Can this value be harmful at all? Nearly no value can, and a harmless one must cost next to nothing.
//!
//! The kinds of byte in the value decide first, then one automaton for the literals of all rules. It is built once in each VM.

use super::automaton::{Automaton, Found, Wanted};
use super::browsed::is_browsed;
use super::called::is_called;
use super::literal::{Literal, Verifiers, literals, reads_plain, verifiers};
use super::matcher::{Evidence, Kind};
use super::probe::Probe;
use super::rule::Rule;
use super::tables::{CODES, EVIDENCE, RULES, SIGNALS, WHOLE, WHOLE_STARTS};
use crate::read::target::Target;
use crate::text::byte_set::ByteSet;
use std::fmt;
use std::ops::ControlFlow;
use std::sync::OnceLock;

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

/// The class of a value in which these signs stand.
pub(super) fn class(marks: ByteSet, plus_is_blank: bool) -> Class {
    if marks.has(ByteSet::CODED) || plus_is_blank && marks.has(ByteSet::PLUS) {
        Class::Coded
    } else if marks.has(ByteSet::SIGN) {
        Class::Signs
    } else {
        Class::Plain
    }
}

/// The literals of all rules.
pub(super) struct Gate {
    automaton: Option<&'static Automaton>,
    /// For each kind of place the verifiers that may find something there that a rule looks at.
    verifiers: &'static [Verifiers],
}

impl fmt::Debug for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gate").field("probes", &CODES.len()).finish_non_exhaustive()
    }
}

impl Gate {
    /// The gate of the rules that are built in.
    pub(super) fn builtin() -> Self {
        static BUILTIN: OnceLock<(Option<Automaton>, Vec<Verifiers>)> = OnceLock::new();
        let build = || {
            let verifiers = verifiers();
            let literals = literals(&verifiers);
            let wanted = literals.iter().map(|(text, literal)| Wanted { text, bits: *literal, number: *literal });
            (Automaton::new(wanted.collect()), verifiers)
        };
        let (automaton, verifiers) = BUILTIN.get_or_init(build);
        Self { automaton: automaton.as_ref(), verifiers }
    }

    /// All rules.
    pub(super) fn rules() -> &'static [Rule<'static>] {
        RULES
    }

    /// The rule that a piece of evidence belongs to.
    pub(super) fn rule_of(evidence: Evidence) -> Option<u16> {
        EVIDENCE.get(evidence as usize).copied()
    }

    /// The rule that a signal belongs to.
    pub(super) fn rule_of_signal(signal: super::signal::Signal) -> Option<u16> {
        SIGNALS.get(signal as usize).copied()
    }

    /// The rules that match a value as a whole.
    pub(super) fn whole(value: &[u8]) -> impl Iterator<Item = u16> {
        let start = |length| WHOLE_STARTS.get(length).map_or(WHOLE.len(), |start| usize::from(*start));
        let of_length = WHOLE.get(start(value.len())..start(value.len() + 1)).unwrap_or_default();
        // In the order of their first bytes; nearly no value begins and ends like one of them.
        let first = value.first().map(u8::to_ascii_lowercase);
        let last = value.last().map(u8::to_ascii_lowercase);
        let may_be = WHOLE_ENDS
            .get(value.len())
            .zip(first.zip(last))
            .is_some_and(|(ends, (first, last))| ends.0 & bit_of(first) != 0 && ends.1 & bit_of(last) != 0);
        let of_length = if may_be { of_length } else { &[] };
        let rules =
            of_length.get(of_length.partition_point(|(whole, _)| whole.first().copied() < first)..).unwrap_or_default();
        let rules = rules.iter().take_while(move |(whole, _)| whole.first().copied() == first);
        rules.filter(move |(whole, _)| value.eq_ignore_ascii_case(whole)).map(|(_, rule)| *rule)
    }

    /// The verifiers that may find something at such a place that a rule looks at.
    pub(super) fn verifiers_at(&self, target: Target) -> Verifiers {
        self.verifiers.get(target as usize).copied().unwrap_or_default()
    }

    /// Does any literal stand in the value? Needs no copy in lower case.
    pub(super) fn fires(&self, value: &[u8]) -> bool {
        self.has(value, u32::MAX)
    }

    /// Does a literal stand in the value that means something at such a place?
    pub(super) fn fires_at(&self, target: Target, value: &[u8]) -> bool {
        self.has(value, Literal::at(target))
    }

    fn has(&self, value: &[u8], bits: u32) -> bool {
        let stands = |found: Found| {
            let literal = Literal(found.number);
            let stands =
                literal.has(bits) && literal.probes().any(|probe| may_stand(probe, value, found.start, found.end));
            if stands { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        self.automaton.is_some_and(|automaton| automaton.each(value, bits, stands).is_some())
    }

    /// Can a value of class [`Class::Plain`] hold one of the few payloads that need no sign?
    pub(super) fn wants_plain(&self, value: &[u8]) -> bool {
        let Some(automaton) = self.automaton.filter(|_| value.len() >= 5) else { return false };
        let wants = |probe, found: Found| {
            reads_plain(probe)
                && match probe {
                    Probe::Rule(_, Kind::Suffix) => found.end == value.len(),
                    Probe::Rule(_, Kind::Prefix) => found.start == 0,
                    _ => true,
                }
        };
        let stands = |found: Found| {
            let literal = Literal(found.number);
            let wanted = literal.has(Literal::PLAIN) && literal.probes().any(|probe| wants(probe, found));
            if wanted { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        automaton.each(value, Literal::PLAIN, stands).is_some()
    }

    /// Shows each literal in a view, and what it calls for at this target, to `shown`: for `riskctl explain`, not for the scan.
    pub(super) fn literals<'a>(&self, target: Target, view: &'a [u8], mut shown: impl FnMut(&'a [u8], Probe)) {
        let asked = self.verifiers_at(target);
        let stands = |probe: &Probe, found: Found| match probe {
            Probe::Gate(verifier) => asked.has(*verifier),
            Probe::GateWord(verifier) | Probe::GateFront(verifier) => {
                asked.has(*verifier) && may_stand(*probe, view, found.start, found.end)
            }
            Probe::Rule(_, kind) => stands(*kind, view, found.start, found.end),
        };
        let show = |found: Found| {
            for probe in Literal(found.number).probes().filter(|probe| stands(probe, found)) {
                shown(view.get(found.start..found.end).unwrap_or_default(), probe);
            }
            ControlFlow::<()>::Continue(())
        };
        self.automaton.map(|automaton| automaton.each(view, u32::MAX, show));
    }

    /// Calls `hit` with the rule of each literal in a lower-case view that counts at this target; returns the verifiers that
    /// have to read the view.
    pub(super) fn run(&self, target: Target, view: &[u8], hit: &mut dyn FnMut(u16)) -> Verifiers {
        let mut verifiers = Verifiers::default();
        let probe = |found: Found| {
            let literal = Literal(found.number);
            if literal.has(Literal::at(target)) {
                run_probes(literal, view, (found.start, found.end), &mut verifiers, hit);
            }
            ControlFlow::<()>::Continue(())
        };
        self.automaton.map(|automaton| automaton.each(view, Literal::at(target), probe));
        verifiers.only(self.verifiers_at(target))
    }
}

/// Of the values of each length that match as a whole, the first bytes and the last ones, as bits.
static WHOLE_ENDS: [(u64, u64); WHOLE_STARTS.len()] = {
    let mut ends = [(0, 0); WHOLE_STARTS.len()];
    let mut at = 0;
    while at < WHOLE.len() {
        #[expect(clippy::indexing_slicing, reason = "checked by the compiler: this runs at compile time")]
        {
            let whole = WHOLE[at].0;
            ends[whole.len()].0 |= bit_of(whole[0]);
            ends[whole.len()].1 |= bit_of(whole[whole.len() - 1]);
        }
        at += 1;
    }
    ends
};

/// Some bytes share one.
const fn bit_of(byte: u8) -> u64 {
    1 << (byte % 64)
}

fn run_probes(
    literal: Literal,
    view: &[u8],
    (start, end): (usize, usize),
    verifiers: &mut Verifiers,
    hit: &mut dyn FnMut(u16),
) {
    for probe in literal.probes() {
        match probe {
            Probe::Gate(verifier) => verifiers.add(verifier),
            Probe::GateWord(verifier) | Probe::GateFront(verifier) => {
                if may_stand(probe, view, start, end) {
                    verifiers.add(verifier);
                }
            }
            Probe::Rule(rule, kind) if stands(kind, view, start, end) => hit(rule),
            Probe::Rule(..) => {}
        }
    }
}

/// May a literal in a value in any case stand as it has to? Spares views of a value that has one inside other words: `x8` in
/// `x86_64`.
fn may_stand(probe: Probe, value: &[u8], start: usize, end: usize) -> bool {
    match probe {
        Probe::GateWord(_) => is_front(value, start) && !is_letter(value, end),
        Probe::GateFront(_) => is_front(value, start) && is_letter(value, end),
        Probe::Rule(_, Kind::Word | Kind::Product) => is_whole_word(value, start, end),
        Probe::Rule(_, Kind::Whole) => [value.get(..start), value.get(end..)].into_iter().flatten().all(is_edge),
        _ => true,
    }
}

/// So many blanks at an end of a value are overlooked.
const BLANKS: usize = 16;

/// Is nothing beyond a literal but a few blanks? They hide nothing: who reads the value trims them.
fn is_edge(beyond: &[u8]) -> bool {
    beyond.len() <= BLANKS && beyond.trim_ascii().is_empty()
}

/// Does the literal at `start..end` stand as its kind demands?
fn stands(kind: Kind, view: &[u8], start: usize, end: usize) -> bool {
    let before = view.get(..start).filter(|before| !is_edge(before)).and_then(<[u8]>::last).copied();
    let after = view.get(end..).filter(|after| !is_edge(after)).and_then(<[u8]>::first).copied();
    let is_slash = |byte: Option<u8>| byte.is_none_or(|byte| matches!(byte, b'/' | b'\\'));
    match kind {
        Kind::Literal => true,
        Kind::Word => is_whole_word(view, start, end),
        Kind::Suffix => view.get(end..).is_some_and(|rest| rest.trim_ascii().is_empty()),
        Kind::Prefix => before.is_none(),
        Kind::Whole => before.is_none() && after.is_none(),
        Kind::Segment => {
            is_slash(before)
                && (is_slash(after) || after == Some(b';'))
                && !is_browsed(view.get(..start).unwrap_or_default())
        }
        Kind::Call => is_called(view, start, end),
        Kind::File => {
            is_slash(before.filter(|byte| *byte != b':'))
                && after.is_none_or(|byte| matches!(byte, 0 | b'?' | b'#' | b';' | b'%'))
                && is_name(view.trim_ascii())
        }
        Kind::Under => before.is_none() && is_name(view),
        Kind::Product => is_whole_word(view, start, end) && !is_of_device(view.get(..start).unwrap_or_default()),
    }
}

/// Does the text end inside a comment of a user agent that tells of a platform: `Mozilla/5.0 (Linux; Android 9; `?
fn is_of_device(before: &[u8]) -> bool {
    const PLATFORMS: &[&[u8]] =
        &[b"linux", b"android", b"windows", b"macintosh", b"x11", b"iphone", b"ipad", b"ipod", b"mobile"];
    let open = before.iter().rposition(|byte| matches!(byte, b'(' | b')')).filter(|at| before.get(*at) == Some(&b'('));
    let comment = open.and_then(|at| before.get(at + 1..)).unwrap_or_default();
    PLATFORMS.iter().any(|platform| comment.starts_with(platform))
}

/// Is there no letter, digit or underscore next to it?
pub(super) fn is_whole_word(view: &[u8], start: usize, end: usize) -> bool {
    let word = |byte: Option<&u8>| byte.copied().is_some_and(is_word);
    !word(start.checked_sub(1).and_then(|at| view.get(at))) && !word(view.get(end))
}

/// Can it be nothing but a file's name?
fn is_name(view: &[u8]) -> bool {
    view.len() <= 512 && !view.iter().any(|byte| matches!(byte, b' ' | b'<' | b'\n' | b'"' | b','))
}

/// Is there no letter before this place?
fn is_front(value: &[u8], start: usize) -> bool {
    start.checked_sub(1).is_none_or(|before| !is_letter(value, before))
}

fn is_letter(value: &[u8], at: usize) -> bool {
    value.get(at).is_some_and(u8::is_ascii_alphabetic)
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}
