//! How often is a random value taken for an attack? `cargo bench --bench random` prints it for each kind of value.
//!
//! It must be below 1 in 10,000 at 3 points, and below 1 in 100,000 at 5. `-- --print COUNT` prints so many requests of each kind
//! as lines for `riskctl scan` instead.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    unreachable_pub,
    reason = "a measurement"
)]

mod values;

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::Instant;

use base64::Engine as _;
use user_risk_filter::detect::rule_set::RuleSet;
use values::{KINDS, Random, points, request};

/// How much dearer than copying it may a file be that is no text?
const MOST: f64 = 3.0;

fn main() {
    let arguments: Vec<_> = std::env::args().collect();
    if let Some(at) = arguments.iter().position(|argument| argument == "--print") {
        return print(arguments[at + 1].parse().unwrap());
    }
    let rules = RuleSet::builtin();
    println!("{:38}{:>9}{:>12}{:>12}  rules", "", "requests", "3 points", "5 points");
    for (kind, count) in KINDS {
        let mut random = Random(1);
        let (mut three, mut five) = (0, 0);
        let mut by_rule: BTreeMap<String, usize> = BTreeMap::new();
        for _ in 0..*count {
            let (head, body) = request(kind, &mut random);
            let (points, found) = points(&rules, &head, &body);
            three += usize::from(points >= 3);
            five += usize::from(points >= 5);
            if points >= 3 {
                found.into_iter().for_each(|rule| *by_rule.entry(rule).or_default() += 1);
            }
        }
        let mut worst: Vec<_> = by_rule.into_iter().collect();
        worst.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let worst: Vec<_> = worst.iter().take(5).map(|(rule, count)| format!("{rule} {count}")).collect();
        println!("{kind:38}{count:>9}{three:>12}{five:>12}  {}", worst.join(", "));
    }
    cost(&rules);
}

/// What a MiB of a PNG file costs, as a body and in a form, in copies of it.
fn cost(rules: &RuleSet) {
    for kind in ["a PNG file as a body", "a PNG file in a form"] {
        let (head, body) = request(kind, &mut Random(3));
        let file: Vec<u8> = body.iter().copied().cycle().take(1 << 20).collect();
        let file =
            if kind.ends_with("body") { file } else { [&body[..512], &Random(4).octets((1 << 20) - 512)].concat() };
        let best = |run: &mut dyn FnMut()| {
            let once = |_| {
                let start = Instant::now();
                run();
                start.elapsed()
            };
            (0..50).map(once).min().unwrap()
        };
        let mut copy = Vec::with_capacity(file.len());
        let copying = best(&mut || {
            copy.clear();
            file.chunks(16 * 1024).for_each(|chunk| copy.extend_from_slice(black_box(chunk)));
            black_box(&copy);
        });
        let reading = best(&mut || {
            black_box(points(rules, &head, black_box(&file)));
        });
        let times = reading.as_secs_f64() / copying.as_secs_f64();
        println!("1 MiB of {kind}: {reading:?}, copying {copying:?}: {times:.1} times (at most {MOST})");
    }
}

fn print(count: usize) {
    for (kind, _) in KINDS {
        let mut random = Random(1);
        for number in 0..count {
            let (head, body) = request(kind, &mut random);
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            let headers: Vec<_> = head
                .headers()
                .iter()
                .filter(|(name, _)| name[0] != b':')
                .map(|(name, value)| [text(name), text(value)])
                .collect();
            let body = base64::engine::general_purpose::STANDARD.encode(body);
            println!(
                "{}",
                serde_json::json!({"id": format!("{kind}|{number}"), "class": kind, "label": "benign", "request": {
                    "method": text(head.method()), "path": text(head.request_target()), "headers": headers, "body_b64": body,
                }})
            );
        }
    }
}
