//! What of this exchange looks harmful? Takes fields as they stream, and has everything looked at that the gate wants.

use super::address::{is_address, once_decoded, parameters};
use super::category::Severity;
use super::detection::{Detection, Note, Whose, is_name};
use super::detections::{Detections, Kept};
use super::gate::{self, Class, Gate};
use super::literal::Verifiers;
use super::matcher::{Evidence, Verifier};
use super::rule::RuleId;
use super::rule_set::RuleSet;
use super::signal::Signal;
use super::trace::Trace;
use super::verify;
use crate::decode::{Views, escape, path, percent};
use crate::exchange::head::Head;
use crate::read::target::Target;
use crate::read::{Field, base64, inside};
use crate::text::byte_set::ByteSet;
use std::cell::Cell;

/// A shorter name, in bytes, spells nothing.
const NAMED: usize = 6;

/// The scan of one exchange. Its trace sees what it does; the engine has none, and pays nothing for it.
#[derive(Debug, Default)]
pub struct Scan<T = ()> {
    found: Detections,
    unseen: u64,
    /// How many bytes of this field a cap kept from being looked at, at most.
    cut: usize,
    views: Views,
    /// Is it the inside of a value that is looked at?
    inside: bool,
    /// The name that matched in the field before, if this field may hold its value.
    named: Option<Box<Named>>,
    trace: T,
}

/// A name that matched, as an operator of a query language does, and the rules that it matched.
#[derive(Debug)]
struct Named {
    target: Target,
    name: Vec<u8>,
    rules: Vec<RuleId>,
}

impl Scan {
    /// A scan that has seen nothing. Allocates nothing until something looks harmful.
    pub fn new() -> Self {
        Self::default()
    }
}

impl<T: Trace> Scan<T> {
    /// A scan that has seen nothing, and is seen by `trace`.
    pub fn traced(trace: T) -> Self {
        Self {
            found: Detections::default(),
            unseen: 0,
            cut: 0,
            views: Views::default(),
            inside: false,
            named: None,
            trace,
        }
    }

    /// What the trace has seen.
    pub fn into_trace(self) -> T {
        self.trace
    }

    /// The request with this head begins: what the operator wrote for its route or host holds.
    pub fn begin(&mut self, rules: &RuleSet, head: &Head) {
        self.found.scope = rules.options.scope(head);
    }

    /// Looks at a field.
    pub fn push(&mut self, rules: &RuleSet, field: Field<'_>) {
        self.found.begin_field();
        if self.named.is_some() {
            self.value_of_name(field);
        }
        self.value(rules, field);
        if base64::is_likely(field.value) && field.target != Target::Path {
            let mut plain = Vec::new();
            let coded = field.encoded && percent::decode(field.value, &mut plain);
            if let Some(text) = base64::text(if coded { &plain } else { field.value }) {
                self.value(rules, Field { value: &text, encoded: false, ..field });
                if base64::is_likely(&text) && base64::text(&text).is_some() {
                    self.cut = self.cut.max(text.len());
                }
            }
        }
        if !self.found.matched().is_empty() && is_name(field) {
            let rules = self.found.matched().to_vec();
            self.named = Some(Box::new(Named { target: field.target, name: field.name.to_vec(), rules }));
        }
        self.unseen += std::mem::take(&mut self.cut) as u64;
    }

    /// Adds the field to the values of the rules that its name matched, where the name came just before it.
    fn value_of_name(&mut self, field: Field<'_>) {
        let is_its = |named: &Named| named.target == field.target && named.name == field.name && !is_name(field);
        match &self.named {
            Some(named) if is_its(named) => self.found.add_named_value(&named.rules, field),
            _ => self.named = None,
        }
    }

    fn value(&mut self, rules: &RuleSet, field: Field<'_>) {
        self.trace.field(field);
        self.found.begin_value();
        for rule in Gate::whole(field.value) {
            self.add(rules, rule, field, None, field.value);
        }
        if field.target.has_names() && field.name.len() >= NAMED && field.name != field.value {
            // A name is a payload's place too (`class.module.classLoader…=`); what is no name comes as a value anyway.
            let name = Field { value: field.name, ..field };
            let before = self.found.take_matched();
            self.found.begin_value();
            for rule in Gate::whole(field.name) {
                self.add(rules, rule, name, None, field.name);
            }
            if rules.gate.wants_plain(field.name) {
                self.look_at(rules, name);
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
        let suspect = match class {
            // `..name`, `c:name`: what a filter of slashes leaves. Names are shown only if they are odd.
            Class::Plain => {
                let odd = matches!(field.value, [b'.', b'.', ..] | [_, b':', ..]);
                rules.gate.wants_plain(field.value)
                    || (odd || is_name(field) || field.target == Target::Filename) && fires()
            }
            // A path may have parameters and empty segments that hide what it names.
            Class::Signs => fires() || (field.target == Target::Path && hides(field.value, marks)),
            Class::Coded => true,
        };
        let suspect = suspect || rules.options.own.fires(field.value);
        if suspect {
            self.look_at(rules, field);
        }
    }

    fn look_at(&mut self, rules: &RuleSet, field: Field<'_>) {
        let mut views = std::mem::take(&mut self.views);
        self.look(rules, field, &mut views);
        self.views = views;
    }

    /// All detections so far.
    pub fn detections(&self) -> &[Detection] {
        self.found.all()
    }

    /// A cap elsewhere kept so many bytes of values from being looked at.
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

    fn look(&mut self, rules: &RuleSet, field: Field<'_>, views: &mut Views) {
        let plus = plus_is_blank(field);
        let is_path = matches!(field.target, Target::Path | Target::Segment);
        views.of(field.value, plus, is_path);
        self.trace.views(views);
        if views.more {
            self.cut = self.cut.max(views.plain.len());
        }
        if ![&views.low, &views.deep, &views.path].into_iter().any(|view| rules.fires(view)) {
            return;
        }
        if is_address(&views.plain) {
            // An address is taken apart first, so that a payload in it has the same value wherever the address stands.
            let once = once_decoded(field);
            for value in parameters(&once) {
                views.of(value, true, false);
                self.trace.views(views);
                self.match_views(rules, field, views);
            }
            views.of(field.value, plus, is_path);
            self.trace.views(views);
        }
        self.match_views(rules, field, views);
        if self.inside && inside::is_container(&views.plain) {
            self.cut = self.cut.max(views.plain.len());
        } else if inside::is_container(&views.plain) {
            self.inside = true;
            let outer = std::mem::take(&mut views.plain);
            inside::strings(&outer, field.target, &mut |value| {
                self.value(rules, Field { value, encoded: false, ..field });
            });
            self.inside = false;
        }
    }

    fn match_views(&mut self, rules: &RuleSet, field: Field<'_>, views: &Views) {
        let before = self.found.matched().len();
        self.found.begin_value();
        for (view, is_path) in [(&views.low, false), (&views.deep, false), (&views.path, true)] {
            self.trace.view(rules, view);
            if view.is_empty() {
                continue;
            }
            let fired =
                rules.gate.run(field.target, view, &mut |rule| self.add(rules, rule, field, None, &views.plain));
            if !fired.is_empty() {
                self.verify(rules, field, views, view, is_path, fired);
            }
            rules.options.own.run(view, &mut |own| {
                // Bounded by the number of rules, which fits.
                let rule = u16::try_from(Gate::rules().len() + own).unwrap_or(u16::MAX);
                self.add(rules, rule, field, None, &views.plain);
            });
        }
        if views.rounds > 1 && self.found.matched().len() > before {
            self.evidence(rules, field, Evidence::ProtocolCoded, &views.plain);
        }
        if views.odd && self.found.matched().len() > before {
            self.evidence(rules, field, Evidence::ProtocolOverlong, &views.plain);
        }
    }

    fn verify(
        &mut self,
        rules: &RuleSet,
        field: Field<'_>,
        views: &Views,
        view: &[u8],
        is_path: bool,
        fired: Verifiers,
    ) {
        let unread = Cell::new(0);
        let subject = verify::Subject {
            is_name: is_name(field),
            rounds: views.rounds,
            odd: views.odd,
            ..verify::Subject::new(view, field.target, field.name, &unread)
        };
        for verifier in Verifier::ALL {
            let verifier = *verifier;
            if !fired.has(verifier) || is_path && verifier != Verifier::Path {
                continue;
            }
            self.trace.verifier(verifier);
            verify::run(verifier, &subject, &mut |evidence| self.evidence(rules, field, evidence, &views.plain));
        }
        self.cut = self.cut.max(unread.get());
    }

    fn evidence(&mut self, rules: &RuleSet, field: Field<'_>, evidence: Evidence, value: &[u8]) {
        self.trace.evidence(evidence);
        if let Some(rule) = Gate::rule_of(evidence) {
            self.add(rules, rule, field, Some(evidence), value);
        }
    }

    /// A watcher noticed something at this field, which is held against `whose`.
    pub fn note(&mut self, rules: &RuleSet, signal: Signal, field: Field<'_>, whose: Whose) {
        self.note_as(rules, signal, field, Note { whose, ..Note::default() });
    }

    /// A watcher noticed something at this field that has a name of its own.
    pub fn note_as(&mut self, rules: &RuleSet, signal: Signal, field: Field<'_>, note: Note) {
        if let Some(rule) = Gate::rule_of_signal(signal) {
            self.found.begin_value();
            self.keep(rules, RuleId(rule), field, signal.reason(), field.value, note);
        }
    }

    /// A detection that was made elsewhere, for a simulation; whether the options let it count. None: there is no such rule.
    pub fn replay(
        &mut self,
        rules: &RuleSet,
        rule: &str,
        severity: Option<Severity>,
        field: Field<'_>,
        whose: Whose,
    ) -> Option<bool> {
        let id = RuleId(u16::try_from(rules.rules().position(|known| known.id == rule)?).ok()?);
        let note = Note { whose, ..Note::default() };
        self.found.begin_value();
        let kept = self.keep(rules, id, field, RuleSet::reason(id, None), field.value, note);
        if let (Some(severity), Kept::New(index)) = (severity, kept) {
            self.found.set_severity(index, severity);
        }
        Some(matches!(kept, Kept::New(_)))
    }

    /// The answer holds what this rule looks for there; `name` says what it proves.
    pub fn prove(&mut self, rules: &RuleSet, rule: RuleId, name: String) {
        let field = Field { target: Target::Answer, name: b"", value: b"", encoded: false };
        let note = Note { name: Some(name), ..Note::default() };
        self.found.begin_value();
        self.keep(rules, rule, field, RuleSet::reason(rule, None), b"", note);
    }

    fn add(&mut self, rules: &RuleSet, rule: u16, field: Field<'_>, evidence: Option<Evidence>, value: &[u8]) {
        let id = RuleId(rule);
        if rules.looks_at(id, &rules.rule(id), field) {
            self.keep(rules, id, field, RuleSet::reason(id, evidence), value, Note::default());
        }
    }

    fn keep(
        &mut self,
        rules: &RuleSet,
        id: RuleId,
        field: Field<'_>,
        reason: &'static str,
        value: &[u8],
        note: Note,
    ) -> Kept {
        let kept = self.found.keep(rules, id, field, reason, value, note);
        if kept == Kept::Excluded {
            self.trace.excluded(&rules.rule(id));
        }
        kept
    }
}

/// May `+` be a blank? In a segment too: applications decode both alike, and payloads try it.
fn plus_is_blank(field: Field<'_>) -> bool {
    field.encoded && (field.target.plus_is_blank() || field.target == Target::Segment)
}

/// Is there more to look at than the value in lower case, if nothing in it is coded? What lies in it or becomes of it may mean
/// something that no part of the value means where it stands.
fn has_more(field: Field<'_>, marks: ByteSet) -> bool {
    let is_path = matches!(field.target, Target::Path | Target::Segment);
    marks.has(ByteSet::QUESTION.and(ByteSet::QUOTE))
        || marks.has(ByteSet::X) && escape::has_number(field.value)
        || marks.has(ByteSet::SLASH) && path::has_empty(field.value)
        || is_path && marks.has(ByteSet::SEMICOLON)
}

/// Does a path hold what folding takes away?
fn hides(path: &[u8], marks: ByteSet) -> bool {
    marks.has(ByteSet::SEMICOLON) || path::has_empty(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Signs and words of which the gate has literals, for some places or for all.
    #[rustfmt::skip]
    const PARTS: &[&str] = &[
        "(", ")", "*", "'", "\"", "<", ">", "=", ";", "?", "/", "//", "/.", "../", "://", "http:", "{", "}", "[", "]", "$", "$(", "`", "|", "!", "#",
        "--", "0x2e", "x", "a", "1", " ", " or ", "select ", "union ", "chr", "script", "on", "alert(1)", "etc/passwd", "id", "cat ", "ext::", "|(", "\":\"",
    ];

    proptest! {
        #[test]
        fn what_the_gate_lets_out_holds_nothing(
            parts in prop::collection::vec(prop::sample::select(PARTS), 1..8),
            target in prop::sample::select(Target::ALL),
            name in prop::sample::select(&["", "q", "file"][..]),
        ) {
            let rules = RuleSet::builtin();
            let value = parts.concat();
            let field = Field { target, name: name.as_bytes(), value: value.as_bytes(), encoded: true };
            let mut scan = Scan::new();
            scan.value(&rules, field);
            let found = scan.detections().len();
            if gate::class(ByteSet::of(field.value), plus_is_blank(field)) != Class::Plain && rules.gate.fires(field.value) {
                scan.look_at(&rules, field);
            }
            prop_assert_eq!(scan.detections().get(found..), Some(&[][..]), "{:?}", value);
        }
    }
}
