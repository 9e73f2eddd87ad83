//! How is a scan shown? As JSON, or as text with a few lines for each field.

use std::fmt;

use serde::Serialize;
use serde_json::Value;
use user_risk_filter::detect::detection;
use user_risk_filter::detect::matcher::Evidence;
use user_risk_filter::detect::rule_set::RuleSet;
use user_risk_filter::detect::trace::{Decoded, FieldTrace, Look, ScanTrace, verifier_name};
use user_risk_filter::plugin::config::Config;
use user_risk_filter::text::untrusted::clean_bytes;

use crate::request::{Detected, Judged, Unseen};
use crate::terminal::{BAD, FAINT, HEADING};

/// The most of a value that is shown, in characters.
const LONGEST: usize = 400;

/// What is shown of a request.
#[derive(Serialize)]
pub(super) struct Account<'a> {
    points: Value,
    exchange_cap: Value,
    detections: Vec<Counted<'a>>,
    /// The number of fields in the request, shown or not.
    fields_seen: usize,
    #[serde(skip_serializing_if = "Unseen::is_nothing")]
    unseen: Unseen,
    fields: Vec<FieldAccount<'a>>,
}

#[derive(Serialize)]
struct Counted<'a> {
    points: Value,
    #[serde(flatten)]
    detected: Detected<'a>,
}

#[derive(Serialize)]
struct FieldAccount<'a> {
    target: String,
    value: String,
    decoded: Vec<DecodedAccount<'a>>,
}

#[derive(Serialize)]
struct DecodedAccount<'a> {
    percent_rounds: u8,
    odd_spelling: bool,
    views: Vec<View<'a>>,
    /// Empty if it contains no literal of any rule.
    gate: Vec<LookAccount<'a>>,
    /// What was found without the gate.
    beside: Vec<Seen<'a>>,
    excluded: &'a [String],
}

#[derive(Serialize)]
struct View<'a> {
    view: &'a str,
    text: String,
}

#[derive(Serialize)]
struct LookAccount<'a> {
    view: &'a str,
    literals: Vec<Literal<'a>>,
    verifiers: Vec<VerifierAccount<'a>>,
}

#[derive(Serialize)]
struct Literal<'a> {
    literal: String,
    calls: &'a str,
}

#[derive(Serialize)]
struct VerifierAccount<'a> {
    verifier: String,
    saw: Vec<Seen<'a>>,
}

#[derive(Serialize)]
struct Seen<'a> {
    evidence: &'a str,
    reason: &'a str,
    rule: Option<&'a str>,
}

impl<'a> Account<'a> {
    /// The account of a request: of all its fields, or only of those in which the gate or a rule found something.
    pub(super) fn new(
        rules: &'a RuleSet,
        config: &Config,
        judged: &'a Judged,
        trace: &'a ScanTrace,
        all: bool,
    ) -> Self {
        let detected: Vec<_> = judged.detections.iter().map(|(detection, _)| detection.target.as_str()).collect();
        let fields = trace.fields.iter().filter(|field| {
            let stopped = field.decoded.iter().any(|decoded| decoded.looks.iter().any(is_stopped));
            all || stopped || detected.contains(&target(field).as_str())
        });
        let counted = judged
            .detections
            .iter()
            .map(|(detection, points)| Counted { points: points.to_json(), detected: Detected::new(rules, detection) });
        Self {
            points: judged.points().to_json(),
            exchange_cap: config.risk.exchange_cap().to_json(),
            detections: counted.collect(),
            fields_seen: trace.fields.len(),
            unseen: judged.unseen,
            fields: fields.map(|field| FieldAccount::new(rules, field)).collect(),
        }
    }
}

fn is_stopped(look: &Look) -> bool {
    !look.literals.is_empty() || !look.verifiers.is_empty()
}

fn target(field: &FieldTrace) -> String {
    detection::target(field.target, &field.name)
}

impl<'a> FieldAccount<'a> {
    fn new(rules: &'a RuleSet, field: &'a FieldTrace) -> Self {
        // A URL is decoded before its parameters are, and scanned after them.
        let stopped = field.decoded.iter().any(|decoded| !decoded.looks.is_empty());
        let looked = field.decoded.iter().filter(|decoded| !stopped || !decoded.looks.is_empty());
        let decoded = looked.map(|decoded| DecodedAccount::new(rules, decoded)).collect();
        Self { target: target(field), value: clean_bytes(&field.value, LONGEST), decoded }
    }
}

impl<'a> DecodedAccount<'a> {
    fn new(rules: &'a RuleSet, decoded: &'a Decoded) -> Self {
        let view = |(name, text): &'a (&'static str, Vec<u8>)| View { view: name, text: clean_bytes(text, LONGEST) };
        let look = |look: &'a Look| LookAccount {
            view: decoded.views.iter().find(|(_, text)| *text == look.view).map_or("plain", |(name, _)| name),
            literals: look
                .literals
                .iter()
                .map(|(literal, calls)| Literal { literal: clean_bytes(literal, LONGEST), calls })
                .collect(),
            verifiers: look
                .verifiers
                .iter()
                .map(|(verifier, saw)| VerifierAccount { verifier: verifier_name(*verifier), saw: seen(rules, saw) })
                .collect(),
        };
        Self {
            percent_rounds: decoded.rounds,
            odd_spelling: decoded.odd,
            views: decoded.views.iter().map(view).collect(),
            gate: decoded.looks.iter().filter(|look| is_stopped(look)).map(look).collect(),
            beside: seen(rules, &decoded.beside),
            excluded: &decoded.excluded,
        }
    }
}

fn seen<'a>(rules: &'a RuleSet, evidence: &[Evidence]) -> Vec<Seen<'a>> {
    let seen = |one: &Evidence| Seen {
        evidence: one.name(),
        reason: one.reason(),
        rule: rules.of_evidence(*one).map(|rule| rule.id),
    };
    evidence.iter().map(seen).collect()
}

impl fmt::Display for Account<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for field in &self.fields {
            writeln!(f, "{HEADING}{}{HEADING:#}  {}", field.target, field.value)?;
            if field.decoded.is_empty() {
                writeln!(f, "  {FAINT}nothing in it is encoded, and it contains no literal of the gate{FAINT:#}")?;
            }
            for decoded in &field.decoded {
                write!(f, "{decoded}")?;
            }
            writeln!(f)?;
        }
        let shown = self.fields.len();
        writeln!(f, "{FAINT}{shown} of {} fields shown{FAINT:#}", self.fields_seen)?;
        let Unseen { body_bytes_skipped: body, value_bytes_skipped: values } = self.unseen;
        if body > 0 {
            writeln!(f, "{BAD}{body} bytes{BAD:#} of the body were not scanned: it is longer than detect.body_limit")?;
        }
        if values > 0 {
            writeln!(
                f,
                "{BAD}{values} bytes{BAD:#} of values were not scanned, or not by every verifier: a cap was reached"
            )?;
        }
        let style = if self.detections.is_empty() { HEADING } else { BAD };
        write!(f, "{style}{} points{style:#}, taken alone; a request adds at most {}", self.points, self.exchange_cap)?;
        for Counted { points, detected } in &self.detections {
            let Detected { rule, severity, confidence, target, reason, .. } = detected;
            write!(
                f,
                "\n  {:>3}  {rule}  {severity}, {confidence} confidence  {target}  {reason}",
                points.to_string()
            )?;
            if let Some(shape) = detected.shown_as {
                write!(f, "; only low, as the value shows it as a {shape}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for DecodedAccount<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for view in &self.views {
            write!(f, "  {FAINT}{:<10}{FAINT:#} {}", view.view, view.text)?;
            match (view.view, self.percent_rounds) {
                ("plain", rounds @ 1..) => write!(f, "  {FAINT}(percent-coded × {rounds}){FAINT:#}")?,
                _ if self.odd_spelling => write!(f, "  {FAINT}(ASCII in an odd spelling){FAINT:#}")?,
                _ => {}
            }
            writeln!(f)?;
        }
        if self.gate.is_empty() {
            writeln!(f, "  {FAINT}{:<10} contains no literal{FAINT:#}", "gate")?;
        }
        for look in &self.gate {
            let literal = |literal: &Literal<'_>| format!("`{}` → {}", literal.literal, literal.calls);
            let literals: Vec<_> = look.literals.iter().map(literal).collect();
            writeln!(f, "  {FAINT}{:<10}{FAINT:#} {} {FAINT}in {}{FAINT:#}", "gate", literals.join(", "), look.view)?;
            for VerifierAccount { verifier, saw } in &look.verifiers {
                if saw.is_empty() {
                    writeln!(f, "  {FAINT}{verifier:<10} saw nothing{FAINT:#}")?;
                }
                for seen in saw {
                    writeln!(f, "  {FAINT}{verifier:<10}{FAINT:#} {BAD}{}{BAD:#} {seen}", seen.reason)?;
                }
            }
        }
        for rule in self.excluded {
            writeln!(f, "  {FAINT}{:<10} {rule}, by the configuration{FAINT:#}", "excluded")?;
        }
        for seen in &self.beside {
            writeln!(f, "  {FAINT}{:<10}{FAINT:#} {BAD}{}{BAD:#} {seen}", "beside", seen.reason)?;
        }
        Ok(())
    }
}

impl fmt::Display for Seen<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "→ {}", self.rule.unwrap_or(self.evidence))
    }
}
