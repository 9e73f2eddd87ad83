//! Did the attack work? The beginning of the answer to an attack, searched for what only its success would show.
//!
//! What stands in the request itself proves nothing: pages show what was asked for. So a telltale counts only if no value
//! that was detected holds it, nor the request's target, and only for detections whose whole value is known.

use crate::decode::percent;
use crate::detect::detection::{Detection, VALUE, Whose};
use crate::detect::proof::{self, Proof};
use crate::detect::rule_set::RuleSet;
use crate::detect::scan::Scan;
use crate::exchange::head::Head;
use crate::exchange::proxy::Proxy;
use crate::read::coding::Coding;

/// So much of an answer's body is looked at, in bytes: as it travels, and as it is unpacked.
pub const MOST: usize = 16 * 1024;
/// So much of an answer's headers is looked at, in bytes.
const HEADERS: usize = 4096;
/// So many telltales of an answer are compared with what was asked: pages may show whatever a client sends.
const TELLTALES: usize = 16;

/// The answer to an attack, as it streams.
#[derive(Debug)]
pub struct AnswerScan {
    coding: Coding,
    text: Text,
    packed: usize,
    failed: bool,
}

/// What has come out of the answer.
#[derive(Debug, Default)]
struct Text {
    left: usize,
    /// How many telltales may still come.
    hits: usize,
    /// In lower case: the last bytes that were searched, in which a telltale may begin, and those that come.
    low: Vec<u8>,
    found: Vec<(Proof, &'static [u8])>,
}

impl AnswerScan {
    /// The answer's headers are there. None if no detection has a success that could be seen: then the proxy isn't
    /// asked for anything.
    pub fn begin(head: &Head, scan: &mut Scan, rules: &RuleSet, proxy: &dyn Proxy) -> Option<Self> {
        if !scan.detections().iter().any(|one| is_whole(one) && proof::is_provable(rules.rule(one.rule).category)) {
            return None;
        }
        let answer = proxy.answer();
        let failed = proxy.status().is_some_and(|status| status >= 500);
        let coding = Coding::new(answer.all("content-encoding"), MOST, true);
        let text = Text { left: HEADERS, hits: TELLTALES, ..Text::default() };
        let mut reader = Self { coding, text, packed: MOST, failed };
        for (_, value) in answer.iter() {
            reader.text.push(value);
            reader.text.push(b"\n");
        }
        reader.note(head, scan, rules);
        reader.text = Text { left: MOST, hits: reader.text.hits, ..Text::default() };
        Some(reader)
    }

    /// Is there more to be looked at?
    pub fn wants_more(&self) -> bool {
        self.packed > 0 && self.text.left > 0
    }

    /// The next bytes of the answer's body.
    pub fn push(&mut self, bytes: &[u8], head: &Head, scan: &mut Scan, rules: &RuleSet) {
        let bytes = bytes.get(..bytes.len().min(self.packed)).unwrap_or_default();
        self.packed -= bytes.len();
        self.unpack(bytes, false, head, scan, rules);
    }

    /// The answer has ended.
    pub fn finish(&mut self, head: &Head, scan: &mut Scan, rules: &RuleSet) {
        self.unpack(b"", true, head, scan, rules);
    }

    fn unpack(&mut self, bytes: &[u8], last: bool, head: &Head, scan: &mut Scan, rules: &RuleSet) {
        let text = &mut self.text;
        self.coding.push(bytes, last, &mut |bytes| {
            text.push(bytes);
            text.left > 0
        });
        self.note(head, scan, rules);
    }

    /// Notes what was found, if it proves what was detected.
    fn note(&mut self, head: &Head, scan: &mut Scan, rules: &RuleSet) {
        if self.text.found.is_empty() {
            return;
        }
        let targets = targets(head);
        for (proof, text) in std::mem::take(&mut self.text.found) {
            let said = targets.iter().chain(scan.detections().iter().map(|one| &one.value));
            if proof.failed && !self.failed || said.into_iter().any(|value| holds(value, text)) {
                continue;
            }
            let category = |one: &Detection| rules.rule(one.rule).category;
            let proven = scan.detections().iter().filter(|one| is_whole(one) && proof.proves(category(one)));
            if let Some(worst) = proven.max_by_key(|one| one.severity) {
                let name = format!("{}.{}", rules.rule(proof.rule).id, category(worst).slug());
                scan.prove(rules, proof.rule, name);
            }
        }
    }
}

impl Text {
    fn push(&mut self, bytes: &[u8]) {
        let bytes = bytes.get(..bytes.len().min(self.left)).unwrap_or_default();
        self.left -= bytes.len();
        let searched = self.low.len();
        self.low.extend(bytes.iter().map(u8::to_ascii_lowercase));
        let Self { hits, low, found, .. } = self;
        proof::telltales(low, &mut |proof, text, end| {
            if end > searched && *hits > 0 && !found.iter().any(|(_, known)| *known == text) {
                *hits -= 1;
                found.push((proof, text));
            }
        });
        self.low.drain(..self.low.len().saturating_sub(proof::LONGEST - 1));
    }
}

/// Is it an attack of this exchange, of which the whole value is known?
fn is_whole(detection: &Detection) -> bool {
    detection.whose == Whose::Exchange && detection.value.len() <= VALUE
}

/// What was asked for: as it came, and decoded.
fn targets(head: &Head) -> [Vec<u8>; 2] {
    let blank = |byte: &u8| if *byte == b'+' { b' ' } else { *byte };
    let target: Vec<u8> = head.request_target().iter().map(blank).collect();
    let mut plain = Vec::new();
    percent::decode(&target, &mut plain);
    [target, plain]
}

fn holds(value: &[u8], text: &[u8]) -> bool {
    value.windows(text.len()).any(|part| part.eq_ignore_ascii_case(text))
}
