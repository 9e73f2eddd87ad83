//! What else does an operator look for? Own rules: literals and patterns with `*`, matched by a separate automaton.
//!
//! One pass over a value decides all patterns, whatever they are: a pattern's pieces are literals of the automaton, and
//! have to come one behind the other. So nothing backtracks, and the limits here bound the work per byte.

use std::fmt;
use std::ops::ControlFlow;

use super::automaton::{Automaton, Found, Wanted};
use super::category::{Category, Severity};
use super::gate;
use super::rule::Rule;
use crate::config::error::Error;
use crate::config::from_value::FromValue;
use crate::config::options::options;
use crate::config::value::Value;
use crate::read::target::{Target, Targets};

/// How the id of an own rule starts.
pub(super) const PREFIX: &str = "own.";
/// The most own rules.
const RULES: usize = 32;
/// The most patterns of all of them.
const PATTERNS: usize = 128;
/// The longest pattern, in bytes.
const LONGEST: usize = 128;
/// The most pieces between the `*` of one pattern.
const PIECES: usize = 8;
/// One piece of a pattern has so many bytes or more: fewer would stand in nearly every value.
const SHORTEST: usize = 3;

/// The operator's own rules.
#[derive(Clone, Default)]
pub struct Own {
    rules: Vec<OwnRule>,
    patterns: Vec<Pattern>,
    /// For each number of the automaton: which pieces of which patterns the literal is.
    pieces: Vec<Vec<(usize, usize)>>,
    automaton: Option<Automaton>,
}

#[derive(Clone, Debug)]
struct OwnRule {
    id: String,
    category: Category,
    severity: Severity,
    summary: String,
    targets: Targets,
    names: Vec<String>,
}

/// Pieces that come one behind the other.
#[derive(Clone, Debug)]
struct Pattern {
    rule: usize,
    pieces: Vec<String>,
    at_start: bool,
    at_end: bool,
    word: bool,
}

/// An own rule as it is written.
struct Fields {
    id: String,
    category: Category,
    severity: Severity,
    summary: String,
    targets: Vec<TargetName>,
    names: Vec<String>,
    literal: Vec<String>,
    word: Vec<String>,
    prefix: Vec<String>,
    suffix: Vec<String>,
    whole: Vec<String>,
}

options! { Fields {
    id,
    category,
    severity,
    summary = String::new(),
    targets = Vec::new(),
    names = Vec::new(),
    literal = Vec::new(),
    word = Vec::new(),
    prefix = Vec::new(),
    suffix = Vec::new(),
    whole = Vec::new(),
} }

/// The word for a kind of place.
#[derive(Clone, Copy)]
struct TargetName(Target);

impl FromValue for TargetName {
    fn read(value: &Value) -> Result<Self, Error> {
        value.parse()
    }
}

impl TryFrom<String> for TargetName {
    type Error = String;

    fn try_from(word: String) -> Result<Self, String> {
        let targets = || Target::ALL.iter().filter(|target| !matches!(target, Target::Agent | Target::Answer));
        let words: Vec<_> = targets().map(|target| target.word()).collect();
        let target = targets().find(|target| target.word() == word);
        target.copied().map(Self).ok_or_else(|| format!("`{word}` is no target; the targets are {}", words.join(", ")))
    }
}

/// An own rule, taken apart.
struct Entry(OwnRule, Vec<Pattern>);

impl FromValue for Entry {
    fn read(value: &Value) -> Result<Self, Error> {
        Ok(Self::try_from(Fields::read(value)?)?)
    }
}

impl TryFrom<Fields> for Entry {
    type Error = String;

    fn try_from(fields: Fields) -> Result<Self, String> {
        let Fields { id, category, severity, summary, targets, names, literal, word, prefix, suffix, whole } = fields;
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if !id.strip_prefix(PREFIX).is_some_and(|name| (1..=60).contains(&name.len()) && name.bytes().all(plain)) {
            return Err(format!("`{id}` is no id of an own rule; write it as own.old-admin: a-z, 0-9 and -"));
        }
        let lists = [
            ("literal", literal, false, false),
            ("word", word, false, false),
            ("prefix", prefix, true, false),
            ("suffix", suffix, false, true),
            ("whole", whole, true, true),
        ];
        let mut patterns = Vec::new();
        for (kind, texts, at_start, at_end) in lists {
            for text in texts {
                if text.len() > LONGEST {
                    return Err(format!("{kind}: a pattern of {} bytes is too long; at most {LONGEST}", text.len()));
                }
                let pattern = Pattern::new(&text, at_start, at_end, kind == "word");
                patterns.push(pattern.map_err(|why| format!("{kind}: `{text}` {why}"))?);
            }
        }
        if patterns.is_empty() {
            return Err("matches nothing; give it literal, word, prefix, suffix or whole".to_owned());
        }
        let values = Target::ALL.iter().copied().filter(|target| *target != Target::Method);
        let targets: Vec<_> = match targets.is_empty() {
            true => values.collect(),
            false => targets.iter().flat_map(|word| with_agent(word.0)).collect(),
        };
        let targets = Targets::of(&targets);
        Ok(Self(OwnRule { id, category, severity, summary, targets, names }, patterns))
    }
}

/// For operators a user agent is a header, whether it fits its grammar or not.
fn with_agent(target: Target) -> impl Iterator<Item = Target> {
    std::iter::once(target).chain((target == Target::Header).then_some(Target::Agent))
}

impl Pattern {
    fn new(text: &str, at_start: bool, at_end: bool, word: bool) -> Result<Self, String> {
        if word && text.contains('*') {
            return Err("has a *; a word has none, use literal".to_owned());
        }
        let low = text.to_ascii_lowercase();
        let pieces: Vec<_> = low.split('*').filter(|piece| !piece.is_empty()).map(str::to_owned).collect();
        if pieces.len() > PIECES {
            return Err(format!("has more than {PIECES} pieces between its *"));
        }
        if !pieces.iter().any(|piece| piece.len() >= SHORTEST) {
            return Err(format!("would match nearly everything; {SHORTEST} bytes of it have to stand together"));
        }
        let (at_start, at_end) = (at_start && !low.starts_with('*'), at_end && !low.ends_with('*'));
        Ok(Self { rule: 0, pieces, at_start, at_end, word })
    }

    /// May the piece `at` stand at `start..end` of the view?
    fn takes(&self, at: usize, view: &[u8], start: usize, end: usize) -> bool {
        let first = at > 0 || !self.at_start || start == 0;
        let last = at + 1 < self.pieces.len() || !self.at_end || end == view.len();
        first && last && (!self.word || gate::is_whole_word(view, start, end))
    }
}

impl FromValue for Own {
    fn read(value: &Value) -> Result<Self, Error> {
        Ok(Self::try_from(Vec::read(value)?)?)
    }
}

impl TryFrom<Vec<Entry>> for Own {
    type Error = String;

    fn try_from(written: Vec<Entry>) -> Result<Self, String> {
        let number = written.len();
        if number > RULES {
            return Err(format!("{number} rules are too many; at most {RULES} may be of your own"));
        }
        let mut own = Self::default();
        for Entry(rule, patterns) in written {
            if own.rules.iter().any(|other| other.id == rule.id) {
                return Err(format!("two rules have the id `{}`; give one another", rule.id));
            }
            let number = own.rules.len();
            own.patterns.extend(patterns.into_iter().map(|pattern| Pattern { rule: number, ..pattern }));
            own.rules.push(rule);
        }
        let number = own.patterns.len();
        if number > PATTERNS {
            return Err(format!("{number} patterns are too many; at most {PATTERNS} in all own rules together"));
        }
        let mut literals: Vec<&str> = Vec::new();
        for (number, pattern) in own.patterns.iter().enumerate() {
            for (at, piece) in pattern.pieces.iter().enumerate() {
                let target = literals.iter().position(|literal| literal == piece).unwrap_or(literals.len());
                if target == literals.len() {
                    literals.push(piece);
                    own.pieces.push(Vec::new());
                }
                // The later pieces of a pattern first: one place in a value is never two pieces.
                if let Some(targets) = own.pieces.get_mut(target) {
                    targets.insert(0, (number, at));
                }
            }
        }
        if !literals.is_empty() {
            let wanted = literals.into_iter().zip(0_u32..);
            let wanted = wanted.map(|(text, number)| Wanted { text: text.as_bytes(), bits: 1, number });
            own.automaton = Some(Automaton::new(wanted.collect()).ok_or("the patterns can't be put together")?);
        }
        Ok(own)
    }
}

impl Own {
    /// The rules, in the order of the configuration.
    pub fn rules(&self) -> impl Iterator<Item = Rule<'_>> {
        self.rules.iter().map(OwnRule::as_rule)
    }

    /// The rule of this number.
    pub(super) fn rule(&self, number: usize) -> Option<Rule<'_>> {
        self.rules.get(number).map(OwnRule::as_rule)
    }

    /// Does the rule of this number look at fields of this name?
    pub(super) fn looks_at(&self, number: usize, name: &[u8]) -> bool {
        self.rules.get(number).is_none_or(|rule| {
            rule.names.is_empty() || rule.names.iter().any(|own| own.as_bytes().eq_ignore_ascii_case(name))
        })
    }

    /// Does any piece of a pattern stand in the value?
    pub(super) fn fires(&self, value: &[u8]) -> bool {
        let fires = |automaton: &Automaton| automaton.each(value, 1, |_| ControlFlow::Break(())).is_some();
        self.automaton.as_ref().is_some_and(fires)
    }

    /// Shows the number of each rule that a view in lower case matches to `hit`, at times more than once.
    pub(super) fn run(&self, view: &[u8], hit: &mut dyn FnMut(usize)) {
        let Some(automaton) = &self.automaton else { return };
        // Of each pattern how many pieces have been found, and where the last one ends.
        let mut found: Vec<(usize, usize)> = Vec::new();
        automaton.each(view, 1, |Found { number, start, end }| {
            found.resize(self.patterns.len(), (0, 0));
            for (number, at) in self.pieces.get(number as usize).into_iter().flatten() {
                let (Some(pattern), Some((next, from))) = (self.patterns.get(*number), found.get_mut(*number)) else {
                    continue;
                };
                if at != next || start < *from || !pattern.takes(*at, view, start, end) {
                    continue;
                }
                (*next, *from) = (*next + 1, end);
                if *next == pattern.pieces.len() {
                    hit(pattern.rule);
                }
            }
            ControlFlow::<()>::Continue(())
        });
    }
}

impl OwnRule {
    fn as_rule(&self) -> Rule<'_> {
        let Self { id, category, severity, summary, targets, .. } = self;
        let (category, severity, targets) = (*category, *severity, *targets);
        Rule {
            id,
            category,
            severity,
            appsensor: "",
            summary,
            targets,
            names: &[],
            firm: true,
            weak: false,
            mild: Targets::of(&[]),
            conclusive: false,
        }
    }
}

impl fmt::Debug for Own {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Own").field("rules", &self.rules).field("patterns", &self.patterns).finish_non_exhaustive()
    }
}
