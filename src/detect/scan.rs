//! What in this exchange looks harmful? Takes fields as they stream and runs gate, views and verifiers on them.

use super::address::of_link;
use super::argv::Argv;
use super::budget::Budget;
use super::cost;
use super::detection::{Detection, Note, Whose, is_name};
use super::detections::{Detections, Kept};
use super::gate::{self, Class, Gate};
use super::named::Named;
use super::rule::RuleId;
use super::rule_set::RuleSet;
use super::signal::Signal;
use super::trace::Trace;
use crate::decode::{Views, escape, has_empty_tag, path, percent};
use crate::exchange::head::Head;
use crate::read::base64;
use crate::read::field::Field;
use crate::read::inside;
use crate::read::target::Target;
use crate::text::byte_set::ByteSet;

/// More operations of GraphQL than clients put into one request by themselves.
const OPERATIONS: u32 = 20;
/// A shorter name, in bytes, is not matched against the rules.
const NAMED: usize = 6;

/// The scan of one exchange. A trace observes its steps; the engine uses none, at no cost.
#[derive(Debug, Default)]
pub struct Scan<T = ()> {
    pub(super) found: Detections,
    unseen: u64,
    /// The most bytes of this field that a cap kept from being looked at.
    pub(super) cut: usize,
    pub(super) views: Views,
    /// Is a string inside a container being looked at?
    pub(super) inside: bool,
    /// Is a whole JSON document being looked at, whose strings are looked at by themselves?
    pub(super) is_document: bool,
    /// Is a document of XML being looked at, whose texts are looked at by themselves?
    pub(super) is_tagged: bool,
    /// The name that matched in the field before, if this field may hold its value.
    named: Option<Box<Named>>,
    argv: Argv,
    /// So many operations of GraphQL came in one body.
    operations: u32,
    pub(super) budget: Budget,
    /// Did the budget keep something of this field from being looked at, and was that noted for the exchange?
    pub(super) is_short: bool,
    is_noted: bool,
    pub(super) trace: T,
}

impl Scan {
    /// A scan that has seen nothing. Allocates nothing until something looks harmful.
    pub fn new() -> Self {
        Self::default()
    }
}

impl<T: Trace> Scan<T> {
    /// A scan that has seen nothing, observed by `trace`.
    pub fn traced(trace: T) -> Self {
        let (found, views, budget) = (Detections::default(), Views::default(), Budget::default());
        Self {
            found,
            unseen: 0,
            cut: 0,
            views,
            inside: false,
            is_document: false,
            is_tagged: false,
            named: None,
            argv: Argv::default(),
            operations: 0,
            budget,
            is_short: false,
            is_noted: false,
            trace,
        }
    }

    /// The trace.
    pub fn into_trace(self) -> T {
        self.trace
    }

    /// Begins the request with this head: the options for its route and host apply from here on.
    pub fn begin(&mut self, rules: &RuleSet, head: &Head) {
        self.found.scope = rules.options.scope(head);
    }

    /// So many bytes of the request arrived, from which the next fields come: they earn what looking at those may cost.
    pub fn arrived(&mut self, bytes: usize) {
        self.budget.arrive(bytes);
    }

    /// What looking at the exchange has cost so far, in nanoseconds as far as can be told beforehand: at most a constant, and a
    /// share for each byte that arrived.
    pub fn work(&self) -> u64 {
        self.budget.spent()
    }

    /// Looks at a field. Where the budget is spent it only goes through the gate; what would have been looked at counts as unseen,
    /// and the exchange gets a detection of `protocol.work`.
    pub fn push(&mut self, rules: &RuleSet, field: Field<'_>) {
        self.budget.begin(on_the_wire(field));
        self.found.begin_field(field);
        if self.named.is_some() {
            self.value_of_name(field);
        }
        if let Some(evidence) = self.argv.push(field) {
            self.found.begin_value();
            self.evidence(rules, field, evidence, field.value);
        }
        if field.name == b"query" && field.target == Target::Json && inside::is_graphql(field.value) {
            self.operations += 1;
            if self.operations == OPERATIONS {
                self.note(rules, Signal::Operations, Field { value: b"", ..field }, Whose::Exchange);
            }
        }
        self.value(rules, field);
        if base64::is_likely(field.value) && field.target != Target::Path {
            let mut plain = Vec::new();
            let coded = field.encoded && percent::decode(field.value, &mut plain);
            if let Some(text) = base64::text(if coded { &plain } else { field.value }) {
                let target = if is_file(field, &text) { Target::Upload } else { field.target };
                self.value(rules, Field { target, value: &text, encoded: false, ..field });
                if base64::is_likely(&text) && base64::text(&text).is_some() {
                    self.cut = self.cut.max(text.len());
                }
            }
        }
        if !self.found.matched().is_empty() && is_name(field) {
            let rules = self.found.matched().to_vec();
            self.named = Some(Box::new(Named::new(field, rules)));
        }
        self.unseen += std::mem::take(&mut self.cut) as u64;
        if std::mem::take(&mut self.is_short) && !std::mem::replace(&mut self.is_noted, true) {
            self.note(rules, Signal::WorkSpent, Field { value: b"", ..field }, Whose::Exchange);
        }
        self.budget.end();
    }

    /// Adds the field to the values of the rules that its name matched, where the name came just before it.
    fn value_of_name(&mut self, field: Field<'_>) {
        match &self.named {
            Some(named) if named.has(field) => self.found.add_named_value(&named.rules, field),
            _ => self.named = None,
        }
    }

    pub(super) fn value(&mut self, rules: &RuleSet, field: Field<'_>) {
        self.trace.field(field);
        self.found.begin_value();
        for rule in Gate::whole(field.value.trim_ascii()) {
            self.add(rules, rule, field, None, field.value, None);
        }
        let is_named = field.name.len() >= NAMED && field.name != field.value && !is_usual(field);
        if field.target.has_names() && is_named {
            // A name is a payload's place too (`class.module.classLoader…=`); what is no name comes as a value anyway.
            let name = Field { value: field.name, ..field };
            let before = self.found.take_matched();
            self.found.begin_value();
            for rule in Gate::whole(field.name.trim_ascii()) {
                self.add(rules, rule, name, None, field.name, None);
            }
            if rules.gate.wants_plain(field.name) {
                self.look_at(rules, name, ByteSet::of(field.name));
            }
            if !self.found.matched().is_empty() {
                let by_name = self.found.take_matched();
                self.found.add_named_value(&by_name, field);
                self.found.add_matched(by_name);
            }
            self.found.add_matched(before);
        }
        let marks = ByteSet::of(field.value);
        let class = gate::class(marks, plus_is_blank(field));
        let fires = || match has_more(field, marks) {
            true => rules.gate.fires(field.value),
            false => rules.gate.fires_at(field.target, field.value),
        };
        let by_class = || match class {
            // `..name`, `c:name`: what a filter of slashes leaves. Names are shown only if they are odd.
            Class::Plain => {
                let odd = matches!(field.value, [b'.', b'.', ..] | [_, b':', ..]);
                rules.gate.wants_plain(field.value)
                    || (odd || is_name(field) || field.target == Target::Filename) && fires()
            }
            // A path may have parameters and empty segments that hide what it names.
            Class::Signs => {
                let hides = field.target == Target::Path && hides(field.value, marks);
                fires() || hides || has_empty_tag(field.value, marks)
            }
            Class::Coded => true,
        };
        let suspect = of_link(field).map_or_else(by_class, |link| rules.gate.fires_at(field.target, link));
        let suspect = suspect || rules.options.own.fires(field.value);
        if suspect {
            self.look_at(rules, field, marks);
        }
    }

    /// All detections so far.
    pub fn detections(&self) -> &[Detection] {
        self.found.all()
    }

    /// Adds bytes of values that a cap elsewhere kept from being looked at.
    pub fn skip(&mut self, bytes: u64) {
        self.unseen += bytes;
    }

    /// Would [`Scan::take_unseen`] return more than zero?
    pub fn has_unseen(&self) -> bool {
        self.unseen > 0
    }

    /// How many bytes of values were not looked at since the last call, or not by all that read their language, as a value
    /// holds more than a cap allows.
    pub fn take_unseen(&mut self) -> u64 {
        std::mem::take(&mut self.unseen)
    }

    /// The detections since the last call.
    pub fn take(&mut self) -> Vec<Detection> {
        self.found.take()
    }

    /// Keeps a match, unless the same is kept already, more severe ones take all places, or the options exclude it.
    pub(super) fn keep(
        &mut self,
        rules: &RuleSet,
        id: RuleId,
        field: Field<'_>,
        reason: &'static str,
        value: &[u8],
        note: Note,
    ) -> Kept {
        let hashed = self.found.hashed();
        let kept = self.found.keep(rules, id, field, reason, value, note);
        self.budget.charge((self.found.hashed() - hashed) * cost::MATCH);
        if kept == Kept::Excluded {
            self.trace.excluded(&rules.rule(id));
        }
        kept
    }
}

/// Is a text that was coded in Base64 a file: of some lines, in a member of a body? A payload that is coded to hide is one line.
fn is_file(field: Field<'_>, text: &[u8]) -> bool {
    const LINES: usize = 3;
    matches!(field.target, Target::Json | Target::Form | Target::Xml)
        && text.iter().filter(|byte| **byte == b'\n').count() >= LINES
}

/// Is it a header that nearly every request has? Its name says nothing.
fn is_usual(field: Field<'_>) -> bool {
    field.target == Target::Header
        && matches!(
            field.name,
            b"referer" | b"origin" | b"user-agent" | b"x-forwarded-for" | b"x-forwarded-proto" | b"x-real-ip"
        )
}

/// May `+` be a blank? In a segment too: applications decode both alike, and payloads try it.
pub(super) fn plus_is_blank(field: Field<'_>) -> bool {
    field.encoded && (field.target.plus_is_blank() || field.target == Target::Segment)
}

/// How many bytes of the request are the field's alone. A name in JSON comes again with each value under it.
fn on_the_wire(field: Field<'_>) -> usize {
    let has_own_name = matches!(field.target, Target::Query | Target::Form | Target::Cookie | Target::Header);
    field.value.len() + if has_own_name { field.name.len() } else { 0 }
}

/// Does a value without coding have views beyond its lower-case form: an address, a container, a number that spells a sign, a
/// path? Those may match at targets where the value itself does not.
fn has_more(field: Field<'_>, marks: ByteSet) -> bool {
    let is_path = matches!(field.target, Target::Path | Target::Segment);
    marks.has(ByteSet::QUESTION.and(ByteSet::QUOTE))
        || marks.has(ByteSet::X) && escape::has_number(field.value)
        || marks.has(ByteSet::SLASH) && path::has_empty(field.value)
        || is_path && marks.has(ByteSet::SEMICOLON)
}

/// Does a path have parameters or empty segments, which its view leaves out?
fn hides(path: &[u8], marks: ByteSet) -> bool {
    marks.has(ByteSet::SEMICOLON) || path::has_empty(path)
}
