//! Do the rules find what they say, and leave the rest alone?

mod caps;
mod detections;
mod documents;
mod evasions;
mod everyday;
mod examples;
mod files;
mod gate;
mod hostile;
mod markup;
mod reported;
mod textbook;

use super::detection::Detection;
use super::rule_set::RuleSet;
use super::scan::Scan;
use crate::exchange::head::Head;
use crate::read;
use crate::read::field::Field;
use crate::read::target::Target;

/// An example of a rule file, with the first target at which the rule looks.
struct Example {
    rule: &'static str,
    target: Target,
    name: &'static str,
    matches: &'static [&'static str],
    harmless: &'static [&'static str],
}

include!(concat!(env!("OUT_DIR"), "/examples.rs"));

/// Scans an example: a request line (`GET /a?b=c`), or else a value at the first place where its rule looks.
fn scan(rules: &RuleSet, target: Target, name: &str, example: &str) -> Vec<Detection> {
    let mut scan = Scan::new();
    match example.split_once(' ') {
        Some((method @ ("GET" | "POST"), target)) if target.starts_with('/') => {
            let head = Head::new([(":method", method), (":path", target)].into_iter().collect());
            read::head(&head, &mut |field| scan.push(rules, field));
        }
        _ => scan.push(rules, Field { target, name: name.as_bytes(), value: example.as_bytes(), encoded: false }),
    }
    scan.take()
}
