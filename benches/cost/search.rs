//! Which shape costs most? Climbs from the known signs to dearer ones, by time or by charged work for each byte that arrives.

use std::time::Instant;

use user_risk_filter::detect::rule_set::RuleSet;

use crate::hostile::{At, Case, FORM, JSON, SIGNS, TEXT, XML, case};

/// How large a body is that is tried, in bytes: so large that the constant part of the budget is spent early.
const SIZE: usize = 256 << 10;
/// The longest part that is repeated, in bytes.
const LONGEST: usize = 48;
/// So many of the best are kept and changed further.
const KEPT: usize = 8;

/// Tries so many shapes, and prints the dearest: nanoseconds and charged work for each byte. The same each time but for the clock.
pub(crate) fn climb(rules: &RuleSet, tries: usize) {
    let places: [(At, &str, &str); 4] = [(TEXT, "", ""), (FORM, "", "&a="), (JSON, "[", ","), (XML, "<a>", "<b>")];
    // xorshift64: Marsaglia, Xorshift RNGs, 2003.
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state >> 33).unwrap_or_default() % below.max(1)
    };
    let mut best: Vec<(f64, f64, String, usize)> = Vec::new();
    for number in 0..tries {
        let (mut part, place) = match best.get(random(best.len())).filter(|_| number >= 4 * SIGNS.len()) {
            Some((_, _, part, place)) => (part.clone(), *place),
            None => (String::new(), number % places.len()),
        };
        match random(3) {
            0 if part.len() > 4 => part = part.chars().skip(random(4)).collect(),
            1 => part.insert_str(0, SIGNS[random(SIGNS.len())]),
            _ => part.push_str(SIGNS[if number < 4 * SIGNS.len() { number / 4 } else { random(SIGNS.len()) }]),
        }
        if part.is_empty() || part.len() > LONGEST {
            continue;
        }
        let (at, first, behind) = places[place];
        let whole = if behind == "," {
            format!("{},", serde_json::Value::from(part.as_str()))
        } else {
            format!("{part}{behind}")
        };
        let (time, work) = cost(&case(at, first, &whole, SIZE), rules);
        best.push((time, work, part, place));
        best.sort_by(|one, other| other.0.total_cmp(&one.0));
        best.dedup_by(|one, other| one.2 == other.2);
        best.truncate(KEPT);
    }
    let (harmless, _) = cost(&case(TEXT, "", crate::hostile::HARMLESS.2, SIZE), rules);
    println!("{:>8} {:>6} {:>8}", "ns/byte", "×", "charged");
    for (time, work, part, place) in best {
        println!("{time:8.1} {:6.1} {work:8.1} {:?} {part:?}", time / harmless, places[place].0);
    }
}

fn cost(case: &Case, rules: &RuleSet) -> (f64, f64) {
    let start = Instant::now();
    let looked = case.look(rules);
    let time = start.elapsed().as_secs_f64() * 1e9;
    (time / case.size as f64, looked.work as f64 / case.size as f64)
}
