//! What did the scan see at each step? For `riskctl explain`; the engine uses no trace, at no cost.

use super::matcher::{Evidence, Verifier};
use super::probe::Probe;
use super::rule::{Rule, RuleId};
use super::rule_set::RuleSet;
use crate::decode::Views;
use crate::read::field::Field;
use crate::read::target::Target;

/// Observes the steps of a scan, in order.
pub trait Trace {
    /// A field is looked at; what follows is about it.
    fn field(&mut self, _field: Field<'_>) {}

    /// It was decoded, or a parameter of the address in it was.
    fn views(&mut self, _views: &Views) {}

    /// It was decoded, and what came out holds nothing that could mean anything.
    fn idle(&mut self, _rules: &RuleSet, _views: &Views) {}

    /// One of its views goes through the gate.
    fn view(&mut self, _rules: &RuleSet, _view: &[u8]) {}

    /// A verifier reads that view.
    fn verifier(&mut self, _verifier: Verifier) {}

    /// A rule matched, but the operator does not want to know.
    fn excluded(&mut self, _rule: &Rule<'_>) {}

    /// Evidence was found: by the verifier that was named last since the view, if any.
    fn evidence(&mut self, _evidence: Evidence) {}
}

/// No trace.
impl Trace for () {}

/// All that happened, field by field.
#[derive(Debug, Default)]
pub struct ScanTrace {
    /// The fields in the order of the request.
    pub fields: Vec<FieldTrace>,
}

/// What happened to one field.
#[derive(Debug)]
pub struct FieldTrace {
    /// What kind of place it is.
    pub target: Target,
    /// Its name, as on the wire.
    pub name: Vec<u8>,
    /// Its value, as on the wire.
    pub value: Vec<u8>,
    /// What it was decoded to: the value first or last, the parameters of an address by themselves.
    pub decoded: Vec<Decoded>,
}

/// A value as it was decoded.
#[derive(Debug)]
pub struct Decoded {
    /// How often percent-coding was undone.
    pub rounds: u8,
    /// Was ASCII spelled in an odd way?
    pub odd: bool,
    /// The views: percent-coding undone, in lower case; then, where they differ, with entities and escapes undone, and
    /// as a path.
    pub views: Vec<(&'static str, Vec<u8>)>,
    /// The views that went through the gate to the verifiers.
    pub looks: Vec<Look>,
    /// Rules that matched, but are off or excluded here.
    pub excluded: Vec<String>,
    /// The evidence that no verifier found but the value as a whole.
    pub beside: Vec<Evidence>,
}

/// A view that went through the gate.
#[derive(Debug)]
pub struct Look {
    /// The view.
    pub view: Vec<u8>,
    /// Each literal of the gate in it, with what it calls for: a verifier (`sql`) or a rule.
    pub literals: Vec<(Vec<u8>, String)>,
    /// What each verifier saw.
    pub verifiers: Vec<(Verifier, Vec<Evidence>)>,
}

impl Trace for ScanTrace {
    fn field(&mut self, field: Field<'_>) {
        let (name, value) = (field.name.to_vec(), field.value.to_vec());
        self.fields.push(FieldTrace { target: field.target, name, value, decoded: Vec::new() });
    }

    fn views(&mut self, views: &Views) {
        let named = [("plain", &views.low), ("unescaped", &views.deep), ("path", &views.path)];
        let shown = named.into_iter().filter(|(_, view)| !view.is_empty());
        self.push(views, shown.map(|(name, view)| (name, view.clone())).collect());
    }

    fn idle(&mut self, rules: &RuleSet, views: &Views) {
        let low = views.plain.to_ascii_lowercase();
        self.push(views, vec![("plain", low.clone())]);
        self.view(rules, &low);
    }

    fn view(&mut self, rules: &RuleSet, view: &[u8]) {
        let mut literals: Vec<(Vec<u8>, String)> = Vec::new();
        let Some(target) = self.fields.last().map(|field| field.target) else { return };
        rules.gate.literals(target, view, |literal, probe| {
            let calls = match probe {
                Probe::Gate(verifier) | Probe::GateWord(verifier) | Probe::GateFront(verifier) => {
                    verifier_name(verifier)
                }
                Probe::Rule(rule, _) => rules.rule(RuleId(rule)).id.to_owned(),
            };
            let line = (literal.to_vec(), calls);
            if !literals.contains(&line) {
                literals.push(line);
            }
        });
        if let Some(decoded) = self.decoded() {
            decoded.looks.push(Look { view: view.to_vec(), literals, verifiers: Vec::new() });
        }
    }

    fn verifier(&mut self, verifier: Verifier) {
        if let Some(look) = self.decoded().and_then(|decoded| decoded.looks.last_mut()) {
            look.verifiers.push((verifier, Vec::new()));
        }
    }

    fn excluded(&mut self, rule: &Rule<'_>) {
        if let Some(decoded) = self.decoded()
            && !decoded.excluded.iter().any(|id| id == rule.id)
        {
            decoded.excluded.push(rule.id.to_owned());
        }
    }

    fn evidence(&mut self, evidence: Evidence) {
        let Some(decoded) = self.decoded() else { return };
        let last = decoded.looks.last_mut().and_then(|look| look.verifiers.last_mut());
        let seen = match last {
            Some((verifier, seen)) if *verifier == evidence.verifier() => seen,
            _ => &mut decoded.beside,
        };
        if !seen.contains(&evidence) {
            seen.push(evidence);
        }
    }
}

impl ScanTrace {
    fn push(&mut self, decoded: &Views, views: Vec<(&'static str, Vec<u8>)>) {
        if let Some(field) = self.fields.last_mut() {
            let (rounds, odd) = (decoded.rounds, decoded.odd);
            let (looks, excluded, beside) = (Vec::new(), Vec::new(), Vec::new());
            field.decoded.push(Decoded { rounds, odd, views, looks, excluded, beside });
        }
    }

    fn decoded(&mut self) -> Option<&mut Decoded> {
        self.fields.last_mut()?.decoded.last_mut()
    }
}

/// The name of a verifier: that of its file, `sql`.
pub fn verifier_name(verifier: Verifier) -> String {
    format!("{verifier:?}").to_ascii_lowercase()
}
