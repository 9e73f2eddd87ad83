//! Which detections of an exchange are kept? A bounded number, of each rule the most severe, with all its values.

use super::block::Block;
use super::category::Severity;
use super::confidence::{self, Confidence};
use super::detection::{self, Detection, HIDDEN, Note, Whose, identity, is_name};
use super::lines::Lines;
use super::options::Scope;
use super::rule::RuleId;
use super::rule_set::RuleSet;
use super::values::{Hash, Values};
use crate::read::field::Field;
use crate::read::target::Target;

/// So many detections of one exchange are kept, and so many of one rule: many of one rule displace no other's.
pub const DETECTIONS: usize = 128;
const OF_ONE_RULE: usize = 3;
/// So many more that the answer brings: however full a request is, there is room for what the application reports of it.
const ANSWERED: usize = 32;

/// The detections of one exchange.
#[derive(Debug, Default)]
pub(super) struct Detections {
    found: Vec<Detection>,
    /// In which field each was found.
    fields: Vec<FoundIn>,
    /// So many members of a body were looked at.
    members: u32,
    /// Is the field a line of a text whose lines are the strings of an array?
    lines: Lines,
    /// Is it a text that an editor marks as code?
    block: Block,
    /// The number of the field that is looked at.
    field: u32,
    /// The number of the value that is looked at, and its hash once it is known: a rule may match ten thousand times in one
    /// value.
    value: u64,
    /// A rule that matched in a value from this number on gets no further value now.
    since: u64,
    /// If set, a match adds nothing but its value, and only to a rule that matched in a value behind this number.
    values_only: Option<u64>,
    hash: Option<Hash>,
    /// How many values were added so far.
    hashed: u64,
    taken: usize,
    groups: Vec<Group>,
    /// The rules that matched since [`Detections::take_matched`].
    matched: Vec<RuleId>,
    /// Has each rule with a detection that waits to be taken just one? Known only where all places are taken.
    is_spread: bool,
    /// What the operator wrote for the request's route or host.
    pub(super) scope: Scope,
}

/// The field of a detection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct FoundIn {
    number: u32,
    /// Is it a member of a body?
    is_member: bool,
    /// Is it a line of a text in an array, and does the rule not stand anywhere?
    is_line: bool,
}

/// Detections that are one act: of one rule, name and party.
#[derive(Debug)]
struct Group {
    rule: RuleId,
    name: Option<String>,
    whose: Whose,
    values: Values,
    /// The number of the value that was added last.
    last: u64,
}

impl Group {
    fn has(&self, detection: &Detection) -> bool {
        (self.rule, &self.name, &self.whose) == (detection.rule, &detection.name, &detection.whose)
    }
}

/// What became of a detection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kept {
    /// It is kept, at this index.
    New(usize),
    /// The same is there, or one at least as severe, or there is no room.
    Not,
    /// The operator's options exclude it.
    Excluded,
}

impl Detections {
    /// All so far.
    pub(super) fn all(&self) -> &[Detection] {
        &self.found
    }

    /// Those since the last call, each with all values of its rule since then. Without weak ones in a document of many members:
    /// lowered they would still add up.
    pub(super) fn take(&mut self) -> Vec<Detection> {
        let is_document = self.members > confidence::FORM;
        let counts = |(detection, field): &(&Detection, &FoundIn)| {
            !(is_document && field.is_member && (field.is_line || detection.confidence == Confidence::Low))
        };
        let new = self.found.iter().zip(&self.fields).skip(self.taken).filter(counts);
        let mut new: Vec<_> = new.map(|(detection, _)| detection.clone()).collect();
        self.taken = self.found.len();
        self.is_spread = false;
        for group in &mut self.groups {
            if new.iter().any(|detection| group.has(detection)) {
                let values = group.values.take();
                let own = new.iter_mut().filter(|detection| group.has(detection));
                own.for_each(|detection| detection.values.clone_from(&values));
            }
        }
        new
    }

    /// Sets the severity of the detection at `index`, whatever rule and operator say.
    pub(super) fn set_severity(&mut self, index: usize, severity: Severity) {
        if let Some(detection) = self.found.get_mut(index) {
            detection.severity = severity;
        }
    }

    /// Another field is looked at.
    pub(super) fn begin_field(&mut self, field: Field<'_>) {
        self.members += u32::from(is_member(field));
        self.lines.begin(field);
        self.block.begin(field);
        self.field = self.field.wrapping_add(1);
        self.matched.clear();
    }

    /// Another value is looked at: the next calls of [`Detections::keep`] have the same.
    pub(super) fn begin_value(&mut self) {
        self.value += 1;
        self.hash = None;
        self.since = self.value;
        self.values_only = None;
    }

    /// The value that is looked at, for [`Detections::begin_rest`].
    pub(super) fn value_number(&self) -> u64 {
        self.value
    }

    /// What is looked at now is the whole of which the values after number `part` were parts: a rule that matched in one of them
    /// gets no further value.
    pub(super) fn begin_rest(&mut self, part: u64) {
        self.begin_value();
        self.since = part + 1;
    }

    /// Did a rule match in a value after number `part`?
    pub(super) fn has_matched_since(&self, part: u64) -> bool {
        self.groups.iter().any(|group| group.last > part)
    }

    /// What is looked at now is another part of the whole of which the values after number `part` were parts: rules that matched
    /// in one of them get its value too, and there are no other detections of it.
    pub(super) fn begin_values_only(&mut self, part: u64) {
        self.begin_value();
        self.values_only = Some(part);
    }

    /// How many values were added so far: that costs more than to find them.
    pub(super) fn hashed(&self) -> u64 {
        self.hashed
    }

    /// The rules that matched since [`Detections::take_matched`].
    pub(super) fn matched(&self) -> &[RuleId] {
        &self.matched
    }

    /// The rules that matched since the last call.
    pub(super) fn take_matched(&mut self) -> Vec<RuleId> {
        std::mem::take(&mut self.matched)
    }

    /// These rules matched, too.
    pub(super) fn add_matched(&mut self, mut rules: Vec<RuleId>) {
        self.matched.append(&mut rules);
    }

    /// The name of `field` matched these rules: its value is a part of what identifies the act, or an extraction letter by
    /// letter would be one act for ever.
    pub(super) fn add_named_value(&mut self, rules: &[RuleId], field: Field<'_>) {
        let place = detection::target(field.target, HIDDEN);
        let value = Hash::of(&[field.name, field.value]);
        let is_own =
            |group: &&mut Group| group.name.is_none() && group.whose == Whose::Exchange && rules.contains(&group.rule);
        for group in self.groups.iter_mut().filter(is_own) {
            group.values.add(field.target, &place, value);
        }
    }

    /// Keeps a detection of this rule, unless the same is kept already, the operator excludes it, or more severe ones take
    /// all places. Its value is counted among the rule's values in any case.
    pub(super) fn keep(
        &mut self,
        rules: &RuleSet,
        id: RuleId,
        field: Field<'_>,
        reason: &'static str,
        value: &[u8],
        note: Note,
    ) -> Kept {
        let is_own = |group: &&Group| (group.rule, &group.name, &group.whose) == (id, &note.name, &note.whose);
        let last = self.groups.iter().find(is_own).map(|group| group.last);
        if last.is_some_and(|last| last >= self.since) || self.values_only.is_some_and(|part| last <= Some(part)) {
            return Kept::Not;
        }
        let rule = rules.rule(id);
        let Some(change) = rules.options.change(&rule, field, value, self.scope) else {
            return Kept::Excluded;
        };
        if !self.matched.contains(&id) {
            self.matched.push(id);
        }
        // A name that matched is a payload, however plain: `class.module.classLoader`.
        let target = detection::target(field.target, if is_name(field) { HIDDEN } else { field.name });
        let Note { whose, name, severity, shape } = note;
        let written = change.severity.or(severity);
        let (severity, confidence) = confidence::weigh(&rule, field, shape, self.block.is_code, written);
        let most = if rule.category.is_of_the_answer() { DETECTIONS + ANSWERED } else { DETECTIONS };
        let detection = Detection {
            rule: id,
            severity,
            confidence,
            shape,
            points: change.points,
            target,
            reason,
            value: Vec::new(),
            values: Vec::new(),
            whose,
            name,
        };
        let is_known = !self.add_value(&detection, field, value);
        if self.values_only.is_some() {
            return Kept::Not;
        }
        let Some(place) = self.place(&detection, is_known, most) else { return Kept::Not };
        let detection = Detection { value: identity(value), ..detection };
        let is_line = self.lines.is_line && !rule.firm;
        let found_in = FoundIn { number: self.field, is_member: is_member(field), is_line };
        match (self.found.get_mut(place), self.fields.get_mut(place)) {
            (Some(displaced), Some(field)) => (*displaced, *field) = (detection, found_in),
            _ => {
                self.found.push(detection);
                self.fields.push(found_in);
            }
        }
        Kept::New(place)
    }

    /// Adds the value to those of the detection's rule. Returns false if it is there.
    fn add_value(&mut self, detection: &Detection, field: Field<'_>, value: &[u8]) -> bool {
        let known = self.groups.iter_mut().position(|group| group.has(detection));
        let at = known.unwrap_or_else(|| {
            let Detection { rule, name, whose, .. } = detection;
            let (name, whose) = (name.clone(), whose.clone());
            self.groups.push(Group { rule: *rule, name, whose, values: Values::default(), last: 0 });
            self.groups.len() - 1
        });
        let Some(group) = self.groups.get_mut(at) else { return false };
        group.last = self.value;
        self.hashed += 1;
        group.values.add(field.target, &detection.target, *self.hash.get_or_insert_with(|| Hash::of(&[value])))
    }

    /// Where the detection is to stand: at the end, or in place of a milder one that was not taken yet. None: it is not kept.
    fn place(&mut self, new: &Detection, is_known: bool, most: usize) -> Option<usize> {
        let end = self.found.len();
        let is_own = |known: &Detection| (known.rule, &known.name, &known.whose) == (new.rule, &new.name, &new.whose);
        let waiting = || self.found.iter().enumerate().skip(self.taken);
        let own = || waiting().filter(|(_, known)| is_own(known));
        let milder = |(at, known): (usize, &Detection)| (known.severity < new.severity).then_some(at);
        if let Some(same) = own().find(|(_, known)| known.target == new.target) {
            // What lies inside a field is judged with the field: the strings of a pasted document are pasted, too.
            return milder(same).filter(|at| self.fields.get(*at).is_none_or(|field| field.number != self.field));
        }
        if is_known {
            return None;
        }
        if own().count() >= OF_ONE_RULE {
            return own().min_by_key(|(_, known)| known.severity).and_then(milder);
        }
        if end < most {
            return Some(end);
        }
        // All places are taken: one of a rule that has several gives way to the first of another, else a milder one.
        if own().next().is_none() && !self.is_spread {
            let is_kin = |one: &Detection, other: &Detection| {
                (one.rule, &one.name, &one.whose) == (other.rule, &other.name, &other.whose)
            };
            let has_more = |known: &Detection| waiting().filter(|(_, other)| is_kin(known, other)).count() > 1;
            let spare = waiting().filter(|(_, known)| has_more(known)).min_by_key(|(_, known)| known.severity);
            if let Some((at, _)) = spare {
                return Some(at);
            }
            self.is_spread = true;
        }
        self.found
            .iter()
            .enumerate()
            .skip(self.taken)
            .min_by_key(|(_, known)| known.severity)
            .and_then(|(at, known)| (known.severity < new.severity).then_some(at))
    }
}

/// Is it a member of a document or of a form?
fn is_member(field: Field<'_>) -> bool {
    matches!(field.target, Target::Form | Target::Json | Target::Xml)
}
