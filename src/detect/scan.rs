//! What was detected in this exchange? Takes fields as they stream and keeps the detections.

use super::address::{is_address, once_decoded, parameters};
use super::category::Severity;
use super::gate::{self, Class, Gate, Verifiers};
use super::matcher::{Evidence, Verifier};
use super::options::Scope;
use super::rule::RuleId;
use super::rule_set::RuleSet;
use super::signal::Signal;
use super::trace::Trace;
use super::verify;
use crate::decode::{Views, percent};
use crate::exchange::Head;
use crate::points::Points;
use crate::read::place::Place;
use crate::read::{Field, base64, inside};
use std::cell::Cell;
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
/// A shorter name, in bytes, spells nothing.
const NAMED: usize = 6;
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
    pub place: String,
    /// What was seen, in words; never the value.
    pub reason: &'static str,
    /// The decoded value that matched, of a long one a start and a hash: for the act's fingerprint, never to be shown. Of an
    /// address with a query it is the parameter's value, so that it is the same in a Referer.
    pub value: Vec<u8>,
    /// Whom it is held against.
    pub whose: Whose,
    /// The name under which it is counted, if the rule's id is not enough: an application names its events itself, and
    /// what an answer proves is told by what it proves.
    pub name: Option<String>,
}

/// What a watcher adds to a detection.
#[derive(Clone, Debug, Default)]
pub struct Note {
    /// Whom it is held against.
    pub whose: Whose,
    /// The name under which it is counted instead of the rule's id.
    pub name: Option<String>,
    /// How bad it is, if not as the rule says; the operator has the last word.
    pub severity: Option<Severity>,
}

/// Whom a detection is held against: nobody scores for somebody else.
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

/// The scan of one exchange. Its trace sees what it does; the engine has none, and pays nothing for it.
#[derive(Debug, Default)]
pub struct Scan<T = ()> {
    found: Vec<Detection>,
    taken: usize,
    unseen: u64,
    /// How many bytes of this field a cap kept from being looked at, at most.
    cut: usize,
    views: Views,
    /// Is it the inside of a value that is looked at?
    inside: bool,
    scope: Scope,
    trace: T,
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
            found: Vec::new(),
            taken: 0,
            unseen: 0,
            cut: 0,
            views: Views::default(),
            inside: false,
            scope: Scope::default(),
            trace,
        }
    }

    /// What the trace has seen.
    pub fn into_trace(self) -> T {
        self.trace
    }

    /// The request with this head begins: what the operator wrote for its route or host holds.
    pub fn begin(&mut self, rules: &RuleSet, head: &Head) {
        self.scope = rules.options.scope(head);
    }

    /// Looks at a field.
    pub fn push(&mut self, rules: &RuleSet, field: Field<'_>) {
        if self.found.len() >= DETECTIONS {
            self.unseen += field.value.len() as u64;
            return;
        }
        self.value(rules, field);
        if base64::is_likely(field.value) && field.place != Place::Path {
            let mut plain = Vec::new();
            let coded = field.encoded && percent::decode(field.value, &mut plain);
            if let Some(text) = base64::text(if coded { &plain } else { field.value }) {
                self.value(rules, Field { value: &text, encoded: false, ..field });
                if base64::is_likely(&text) && base64::text(&text).is_some() {
                    self.cut = self.cut.max(text.len());
                }
            }
        }
        self.unseen += std::mem::take(&mut self.cut) as u64;
    }

    fn value(&mut self, rules: &RuleSet, field: Field<'_>) {
        self.trace.field(field);
        for rule in Gate::whole(field.value) {
            self.add(rules, rule, field, None, field.value);
        }
        if field.place.has_names() && field.name.len() >= NAMED && field.name != field.value {
            // A name is a payload's place too (`class.module.classLoader…=`); what is no name comes as a value anyway.
            let name = Field { value: field.name, ..field };
            for rule in Gate::whole(field.name) {
                self.add(rules, rule, name, None, field.name);
            }
            if rules.gate.wants_plain(field.name) {
                self.look_at(rules, name);
            }
        }
        let class = gate::class(field.value, plus_is_blank(field));
        let suspect = match class {
            // `..name`, `c:name`: what a filter of slashes leaves. Names are shown only if they are odd.
            Class::Plain => {
                let odd = matches!(field.value, [b'.', b'.', ..] | [_, b':', ..]);
                rules.gate.wants_plain(field.value)
                    || (odd || is_name(field) || field.place == Place::Filename) && rules.gate.fires(field.value)
            }
            // A path may have parameters and empty segments that hide what it names.
            Class::Signs => rules.gate.fires(field.value) || (field.place == Place::Path && hides(field.value)),
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
        &self.found
    }

    /// A cap elsewhere kept so many bytes of values from being looked at.
    pub fn skip(&mut self, bytes: u64) {
        self.unseen += bytes;
    }

    /// Is there something for [`Scan::take_unseen`] to tell?
    pub fn has_unseen(&self) -> bool {
        self.unseen > 0
    }

    /// How many bytes of values were not looked at since the last call, or not by all that read their language: all places
    /// for detections were taken, or a value holds more than a cap allows.
    pub fn take_unseen(&mut self) -> u64 {
        std::mem::take(&mut self.unseen)
    }

    /// The detections since the last call.
    pub fn take(&mut self) -> Vec<Detection> {
        let new = self.found.get(self.taken..).unwrap_or_default().to_vec();
        self.taken = self.found.len();
        new
    }

    fn look(&mut self, rules: &RuleSet, field: Field<'_>, views: &mut Views) {
        let plus = plus_is_blank(field);
        let is_path = matches!(field.place, Place::Path | Place::Segment);
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
            inside::strings(&outer, field.place, &mut |value| {
                self.value(rules, Field { value, encoded: false, ..field });
            });
            self.inside = false;
        }
    }

    fn match_views(&mut self, rules: &RuleSet, field: Field<'_>, views: &Views) {
        let before = self.found.len();
        for (view, is_path) in [(&views.low, false), (&views.deep, false), (&views.path, true)] {
            self.trace.view(rules, view);
            let fired = rules.gate.run(view, &mut |rule| self.add(rules, rule, field, None, &views.plain));
            self.verify(rules, field, views, view, is_path, fired);
            rules.options.own.run(view, &mut |own| {
                // Bounded by the number of rules, which fits.
                let rule = u16::try_from(Gate::rules().len() + own).unwrap_or(u16::MAX);
                self.add(rules, rule, field, None, &views.plain);
            });
        }
        if views.rounds > 1 && self.found.len() > before {
            self.evidence(rules, field, Evidence::ProtocolCoded, &views.plain);
        }
        if views.odd && self.found.len() > before {
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
        for verifier in Verifier::ALL.iter().copied().filter(|verifier| fired.has(*verifier)) {
            if is_path && verifier != Verifier::Path {
                continue;
            }
            let subject = verify::Subject {
                view,
                place: field.place,
                name: field.name,
                is_name: is_name(field),
                rounds: views.rounds,
                odd: views.odd,
                unread: &unread,
            };
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
        let before = self.found.len();
        let note = Note { whose, ..Note::default() };
        self.keep(rules, id, field, RuleSet::reason(id, None), field.value, note);
        let kept = self.found.get_mut(before);
        let is_kept = kept.is_some();
        if let (Some(kept), Some(severity)) = (kept, severity) {
            kept.severity = severity;
        }
        Some(is_kept)
    }

    /// The answer holds what this rule looks for there; `name` says what it proves.
    pub fn prove(&mut self, rules: &RuleSet, rule: RuleId, name: String) {
        let field = Field { place: Place::Answer, name: b"", value: b"", encoded: false };
        let note = Note { name: Some(name), ..Note::default() };
        self.keep(rules, rule, field, RuleSet::reason(rule, None), b"", note);
    }

    fn add(&mut self, rules: &RuleSet, rule: u16, field: Field<'_>, evidence: Option<Evidence>, value: &[u8]) {
        let id = RuleId(rule);
        if rules.looks_at(id, &rules.rule(id), field) {
            self.keep(rules, id, field, RuleSet::reason(id, evidence), value, Note::default());
        }
    }

    fn keep(&mut self, rules: &RuleSet, id: RuleId, field: Field<'_>, reason: &'static str, value: &[u8], note: Note) {
        let rule = rules.rule(id);
        let most = if rule.category.is_of_the_answer() { DETECTIONS + ANSWERED } else { DETECTIONS };
        if self.found.len() >= most {
            return;
        }
        // A name that matched is a payload, however plain: `class.module.classLoader`.
        let place = place(field.place, if is_name(field) { UNTOLD } else { field.name });
        let Note { whose, name, severity } = note;
        // What has a name is no more than the watcher lets through.
        let mut same = self.found.iter().filter(|known| known.rule == id && known.name == name && known.whose == whose);
        if same.clone().any(|known| known.place == place) || same.nth(OF_ONE_RULE - 1).is_some() {
            return;
        }
        let Some(change) = rules.options.change(&rule, field, self.scope) else {
            self.trace.excluded(&rule);
            return;
        };
        let severity = change.severity.or(severity).unwrap_or(rule.severity);
        let pasted = field.place.in_body() && field.value.len() > PASTED && !rule.firm;
        self.found.push(Detection {
            rule: id,
            severity: if pasted { milder(severity) } else { severity },
            points: change.points,
            place,
            reason,
            value: identity(value),
            whose,
            name,
        });
    }
}

/// May `+` be a blank? In a segment too: applications decode both alike, and payloads try it.
fn plus_is_blank(field: Field<'_>) -> bool {
    field.encoded && (field.place.plus_is_blank() || field.place == Place::Segment)
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
pub fn place(place: Place, name: &[u8]) -> String {
    if name.is_empty() {
        return place.slug().to_owned();
    }
    let is_told = name.len() <= NAME && name.iter().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(byte));
    let name = if is_told { name } else { UNTOLD };
    format!("{}:{}", place.slug(), name.escape_ascii())
}

/// Is it a name that is shown as a value?
fn is_name(field: Field<'_>) -> bool {
    !field.value.is_empty() && field.name.ends_with(field.value)
}

/// Does a path hold what folding takes away?
fn hides(path: &[u8]) -> bool {
    path.contains(&b';') || path.windows(2).any(|pair| pair == b"//" || pair == b"/.")
}
