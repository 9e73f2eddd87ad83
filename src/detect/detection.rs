//! What is a detection? A rule that matched at a target, with what identifies the act.

use std::hash::{DefaultHasher, Hasher as _};

use super::category::Severity;
use super::confidence::Confidence;
use super::rule::RuleId;
use super::shape::Shape;
use super::values::Occurrence;
use crate::points::Points;
use crate::read::field::Field;
use crate::read::target::Target;

/// The longest value that a detection keeps, in bytes.
pub const VALUE: usize = 1024;
/// The longest name in a detection's target, in bytes: a longer one is no name that people gave.
const NAME: usize = 32;

/// A rule matched at a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detection {
    /// The rule.
    pub rule: RuleId,
    /// How severe it is here: as the rule or the operator says, or one step less inside a long text.
    pub severity: Severity,
    /// How sure it is.
    pub confidence: Confidence,
    /// The recogniser by which the value only shows what matched; it then counts least.
    pub shape: Option<Shape>,
    /// Its points, if the operator set them; else its severity decides.
    pub points: Option<Points>,
    /// Where: `query:id`, `path`; safe to print.
    pub target: String,
    /// What was seen, in words; never the value.
    pub reason: &'static str,
    /// The decoded value that matched, never to be shown; of a long one the start and a hash. Of an address with a query it
    /// is the parameter's value, so that it is the same in a Referer.
    pub value: Vec<u8>,
    /// All values that matched the rule in this exchange since detections were last taken, wherever they stood: the act is
    /// new unless each of them was counted before. Filled in when the detection is taken.
    pub values: Vec<Occurrence>,
    /// To whom it is attributed.
    pub whose: Whose,
    /// The name under which it is counted, if the rule's id is not enough: an application names its events itself, and
    /// what an answer proves is named by what it proves.
    pub name: Option<String>,
}

/// What a watcher adds to a detection.
#[derive(Clone, Debug, Default)]
pub struct Note {
    /// To whom it is attributed.
    pub whose: Whose,
    /// The name under which it is counted instead of the rule's id.
    pub name: Option<String>,
    /// How severe it is, if not as the rule says; the operator's options come before both.
    pub severity: Option<Severity>,
    /// The recogniser that says that the value only shows it.
    pub shape: Option<Shape>,
}

/// To whom a detection is attributed: nobody scores for somebody else.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Whose {
    /// The user of the exchange.
    #[default]
    Exchange,
    /// The client, by address: a failed login is not the fault of the user whose name was tried.
    Client,
    /// The user of this name, for whom the application reported it.
    Named(String),
}

/// What stands for a name that is not shown.
pub(super) const HIDDEN: &[u8] = b"{}";

/// The target of a field, as logs and records show it. Only a short name of letters, digits, `_`, `-` and `.` is shown, so
/// that operators can exclude it: any other may be the payload itself.
pub fn target(target: Target, name: &[u8]) -> String {
    if name.is_empty() {
        return target.slug().to_owned();
    }
    let is_shown = name.len() <= NAME && name.iter().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(byte));
    let name = if is_shown { name } else { HIDDEN };
    format!("{}:{}", target.slug(), name.escape_ascii())
}

/// Is it a name that is shown as a value?
pub(super) fn is_name(field: Field<'_>) -> bool {
    !field.value.is_empty() && field.name.ends_with(field.value)
}

/// What identifies the value: itself, or of a long one its start and a hash of all of it.
pub(super) fn identity(value: &[u8]) -> Vec<u8> {
    match value.get(..VALUE) {
        None => value.to_vec(),
        Some(start) => {
            let mut hasher = DefaultHasher::new();
            hasher.write(value);
            [start, &hasher.finish().to_le_bytes()].concat()
        }
    }
}
