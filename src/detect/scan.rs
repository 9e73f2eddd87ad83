//! What was detected in this exchange? Takes fields as they stream and keeps the detections.

use super::category::Severity;
use super::gate::{self, Class, Gate, Verifiers};
use super::matcher::{Evidence, Verifier};
use super::rule::{Rule, RuleId};
use super::verify;
use crate::decode::{Views, percent};
use crate::read::place::Place;
use crate::read::{Field, base64, inside, is_plain_name};
use std::hash::{DefaultHasher, Hasher as _};

/// So many detections of one exchange are kept, and so many of one rule: what fills the places of one rule hides no other.
pub const DETECTIONS: usize = 128;
const OF_ONE_RULE: usize = 3;
/// The longest value that a detection keeps for its fingerprint, in bytes.
pub const VALUE: usize = 1024;
/// The longest name in a detection's place, in bytes.
const NAME: usize = 64;
/// A shorter name, in bytes, spells nothing.
const NAMED: usize = 6;
/// A text in a body that is longer than this, in bytes, is likely to be pasted.
const PASTED: usize = 512;

/// The rules, ready to be used.
#[derive(Debug)]
pub struct RuleSet {
    gate: Gate,
}

impl RuleSet {
    /// The rules that are built in.
    pub fn builtin() -> Self {
        Self { gate: Gate::builtin() }
    }

    /// The rule of a detection.
    pub fn rule(&self, id: RuleId) -> &Rule {
        static NONE: Rule = Rule {
            id: "none",
            category: super::category::Category::Test,
            severity: Severity::Low,
            appsensor: "",
            summary: "",
            places: crate::read::place::Places::of(&[]),
            names: &[],
            firm: false,
        };
        self.rules().get(usize::from(id.0)).unwrap_or(&NONE)
    }

    /// The rule of this name.
    pub fn by_id(&self, id: &str) -> Option<&Rule> {
        self.rules().iter().find(|rule| rule.id == id)
    }

    /// All rules, in the order of their numbers.
    pub fn rules(&self) -> &[Rule] {
        Gate::rules()
    }
}

/// A rule matched at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detection {
    /// The rule.
    pub rule: RuleId,
    /// How bad it is here: as the rule says, or one step less inside a long text.
    pub severity: Severity,
    /// Where: `query:id`, `path`; safe to print.
    pub place: String,
    /// What was seen, in words; never the value.
    pub reason: &'static str,
    /// The decoded value that matched, of a long one a start and a hash: for the act's fingerprint, never to be shown. Of an
    /// address with a query it is the parameter's value, so that it is the same in a Referer.
    pub value: Vec<u8>,
}

/// The scan of one exchange.
#[derive(Debug, Default)]
pub struct Scan {
    found: Vec<Detection>,
    taken: usize,
    views: Views,
    /// Is it the inside of a value that is looked at?
    inside: bool,
}

impl Scan {
    /// A scan that has seen nothing. Allocates nothing until something looks harmful.
    pub fn new() -> Self {
        Self::default()
    }

    /// Looks at a field.
    pub fn push(&mut self, rules: &RuleSet, field: Field<'_>) {
        if self.found.len() >= DETECTIONS {
            return;
        }
        self.value(rules, field);
        if base64::is_likely(field.value) && field.place != Place::Path {
            let mut plain = Vec::new();
            let coded = field.encoded && percent::decode(field.value, &mut plain);
            if let Some(text) = base64::text(if coded { &plain } else { field.value }) {
                self.value(rules, Field { value: &text, encoded: false, ..field });
            }
        }
    }

    fn value(&mut self, rules: &RuleSet, field: Field<'_>) {
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
        if ![&views.low, &views.deep, &views.path].into_iter().any(|view| rules.gate.fires(view)) {
            return;
        }
        if is_address(&views.plain) {
            // An address is taken apart first, so that a payload in it has the same value wherever the address stands.
            let once = once_decoded(field);
            for value in parameters(&once) {
                views.of(value, true, false);
                self.match_views(rules, field, views);
            }
            views.of(field.value, plus, is_path);
        }
        self.match_views(rules, field, views);
        if !self.inside && inside::is_container(&views.plain) {
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
            let fired = rules.gate.run(view, &mut |rule| self.add(rules, rule, field, None, &views.plain));
            self.verify(rules, field, views, view, is_path, fired);
        }
        if views.rounds > 1 && self.found.len() > before {
            self.evidence(rules, field, Evidence::ProtocolCoded, &views.plain);
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
            };
            verify::run(verifier, &subject, &mut |evidence| self.evidence(rules, field, evidence, &views.plain));
        }
    }

    fn evidence(&mut self, rules: &RuleSet, field: Field<'_>, evidence: Evidence, value: &[u8]) {
        if let Some(rule) = Gate::rule_of(evidence) {
            self.add(rules, rule, field, Some(evidence), value);
        }
    }

    fn add(&mut self, rules: &RuleSet, rule: u16, field: Field<'_>, evidence: Option<Evidence>, value: &[u8]) {
        let id = RuleId(rule);
        let rule = rules.rule(id);
        let named = rule.names.is_empty() || rule.names.iter().any(|name| name.as_bytes() == field.name);
        if !rule.places.has(field.place) || !named || self.found.len() >= DETECTIONS {
            return;
        }
        let place = place(field);
        let mut same = self.found.iter().filter(|known| known.rule == id);
        if same.clone().any(|known| known.place == place) || same.nth(OF_ONE_RULE - 1).is_some() {
            return;
        }
        let pasted = field.place.in_body() && field.value.len() > PASTED && !rule.firm;
        self.found.push(Detection {
            rule: id,
            severity: if pasted { milder(rule.severity) } else { rule.severity },
            place,
            reason: evidence.map_or(rule.summary, Evidence::reason),
            value: identity(value),
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

/// The place of a field, for people and records.
fn place(field: Field<'_>) -> String {
    let name = field.name.get(..field.name.len().min(NAME)).unwrap_or_default();
    if name.is_empty() {
        return field.place.slug().to_owned();
    }
    // What is no name may be the payload itself, and places stand in the log.
    let name = if is_plain_name(name) { name.escape_ascii().to_string() } else { "{}".to_owned() };
    format!("{}:{name}", field.place.slug())
}

/// Is it a name that is shown as a value?
fn is_name(field: Field<'_>) -> bool {
    !field.value.is_empty() && field.name.ends_with(field.value)
}

/// Does a path hold what folding takes away?
fn hides(path: &[u8]) -> bool {
    path.contains(&b';') || path.windows(2).any(|pair| pair == b"//" || pair == b"/.")
}

/// Is it an address or a path with a query?
fn is_address(value: &[u8]) -> bool {
    let start = value.get(..value.len().min(64)).unwrap_or_default();
    value.contains(&b'?') && (value.starts_with(b"/") || start.windows(3).any(|part| part == b"://"))
}

/// The value as the application would see it: one layer of coding undone where the wire has one.
fn once_decoded(field: Field<'_>) -> Vec<u8> {
    let mut once = field.value.to_vec();
    if field.encoded {
        if field.place.plus_is_blank() {
            once.iter_mut().filter(|byte| **byte == b'+').for_each(|byte| *byte = b' ');
        }
        let mut decoded = Vec::with_capacity(once.len());
        if percent::decode(&once, &mut decoded) {
            once = decoded;
        }
    }
    once
}

/// The values of the parameters in an address.
fn parameters(address: &[u8]) -> impl Iterator<Item = &[u8]> {
    let query = address.splitn(2, |byte| *byte == b'?').nth(1).unwrap_or_default();
    let pairs = query.splitn(crate::read::PARAMETERS, |byte| *byte == b'&');
    pairs.filter_map(|pair| pair.splitn(2, |byte| *byte == b'=').nth(1)).filter(|value| !value.is_empty())
}
