//! What is kept of what was found? Of an exchange at most so many detections, and of each what tells it from others.

use super::category::Severity;
use super::options::Scope;
use super::rule::RuleId;
use super::rule_set::RuleSet;
use crate::points::Points;
use crate::read::field::Field;
use crate::read::target::Target;
use std::hash::{DefaultHasher, Hasher as _};

/// So many detections of one exchange are kept, and so many of one rule: what fills the places of one rule hides no other.
pub const DETECTIONS: usize = 128;
const OF_ONE_RULE: usize = 3;
/// So many more that the answer brings: no request can be so full that nobody hears what the application says of it.
const ANSWERED: usize = 32;
/// The longest value that a detection keeps for its fingerprint, in bytes.
pub const VALUE: usize = 1024;
/// The longest name in a detection's place, in bytes: a longer one is no name that people gave.
const NAME: usize = 32;
/// A text in a body that is longer than this, in bytes, is likely to be pasted.
const PASTED: usize = 512;

/// A rule matched at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detection {
    /// The rule.
    pub rule: RuleId,
    /// How bad it is here: as the rule or the operator says, or one step less inside a long text.
    pub severity: Severity,
    /// What it weighs, if the operator said so; else its severity tells.
    pub points: Option<Points>,
    /// Where: `query:id`, `path`; safe to print.
    pub target: String,
    /// What was seen, in words; never the value.
    pub reason: &'static str,
    /// The decoded value that matched, of a long one a start and a hash: for the act's fingerprint, never to be shown. Of an
    /// address with a query it is the parameter's value, so that it is the same in a Referer.
    pub value: Vec<u8>,
    /// UserRef it is held against.
    pub whose: Whose,
    /// The name under which it is counted, if the rule's id is not enough: an application names its events itself, and
    /// what an answer proves is told by what it proves.
    pub name: Option<String>,
}

/// What a watcher adds to a detection.
#[derive(Clone, Debug, Default)]
pub struct Note {
    /// UserRef it is held against.
    pub whose: Whose,
    /// The name under which it is counted instead of the rule's id.
    pub name: Option<String>,
    /// How bad it is, if not as the rule says; the operator has the last word.
    pub severity: Option<Severity>,
}

/// UserRef a detection is held against: nobody scores for somebody else.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Whose {
    /// The user of the exchange.
    #[default]
    Exchange,
    /// Whoever sent it, by address: a failed login is not the fault of the user who was named in it.
    Client,
    /// The user of this name, of whom the application told.
    Named(String),
}

/// The detections of one exchange.
#[derive(Debug, Default)]
pub(super) struct Detections {
    found: Vec<Detection>,
    taken: usize,
    /// What the operator wrote for the request's route or host.
    pub(super) scope: Scope,
}

/// What became of a detection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kept {
    /// It is the last one now.
    New,
    /// The same is there, or there is no room.
    Not,
    /// The operator does not want to know.
    Excluded,
}

impl Detections {
    /// All so far.
    pub(super) fn all(&self) -> &[Detection] {
        &self.found
    }

    /// Those since the last call.
    pub(super) fn take(&mut self) -> Vec<Detection> {
        let new = self.found.get(self.taken..).unwrap_or_default().to_vec();
        self.taken = self.found.len();
        new
    }

    /// The last one is this bad, whatever rule and operator say.
    pub(super) fn weigh_last(&mut self, severity: Severity) {
        if let Some(last) = self.found.last_mut() {
            last.severity = severity;
        }
    }

    /// Keeps a detection of this rule, unless the same is kept already, all places are taken, or the operator does not want
    /// to know.
    pub(super) fn keep(
        &mut self,
        rules: &RuleSet,
        id: RuleId,
        field: Field<'_>,
        reason: &'static str,
        value: &[u8],
        note: Note,
    ) -> Kept {
        let rule = rules.rule(id);
        let most = if rule.category.is_of_the_answer() { DETECTIONS + ANSWERED } else { DETECTIONS };
        if self.found.len() >= most {
            return Kept::Not;
        }
        // A name that matched is a payload, however plain: `class.module.classLoader`.
        let target = target(field.target, if is_name(field) { UNTOLD } else { field.name });
        let Note { whose, name, severity } = note;
        // What has a name is no more than the watcher lets through.
        let mut same = self.found.iter().filter(|known| known.rule == id && known.name == name && known.whose == whose);
        if same.clone().any(|known| known.target == target) || same.nth(OF_ONE_RULE - 1).is_some() {
            return Kept::Not;
        }
        let Some(change) = rules.options.change(&rule, field, self.scope) else {
            return Kept::Excluded;
        };
        let severity = change.severity.or(severity).unwrap_or(rule.severity);
        let pasted = field.target.in_body() && field.value.len() > PASTED && !rule.firm;
        self.found.push(Detection {
            rule: id,
            severity: if pasted { milder(severity) } else { severity },
            points: change.points,
            target,
            reason,
            value: identity(value),
            whose,
            name,
        });
        Kept::New
    }
}

/// What tells the value from others: itself, or of a long one its beginning and a hash of all of it. (Not for secrecy:
/// the act's fingerprint is keyed.)
fn identity(value: &[u8]) -> Vec<u8> {
    match value.get(..VALUE) {
        None => value.to_vec(),
        Some(start) => {
            let mut hasher = DefaultHasher::new();
            hasher.write(value);
            [start, &hasher.finish().to_le_bytes()].concat()
        }
    }
}

/// One step down for weak and middling evidence.
fn milder(severity: Severity) -> Severity {
    match severity {
        Severity::Low | Severity::Medium => Severity::Low,
        Severity::High => Severity::Medium,
        Severity::Critical => Severity::High,
    }
}

/// What stands for a name that is not told.
const UNTOLD: &[u8] = b"{}";

/// The place of a field, for people and records. The log tells it, so that operators can exclude it: only a short name
/// of letters, digits, `_`, `-` and `.` is told. What is no name may be the payload itself.
pub fn target(target: Target, name: &[u8]) -> String {
    if name.is_empty() {
        return target.slug().to_owned();
    }
    let is_told = name.len() <= NAME && name.iter().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(byte));
    let name = if is_told { name } else { UNTOLD };
    format!("{}:{}", target.slug(), name.escape_ascii())
}

/// Is it a name that is shown as a value?
pub(super) fn is_name(field: Field<'_>) -> bool {
    !field.value.is_empty() && field.name.ends_with(field.value)
}
