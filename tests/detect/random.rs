//! Is a random value no attack? A part of what `cargo bench --bench random` measures.

use user_risk_filter::detect::rule_set::RuleSet;

#[allow(dead_code, unreachable_pub, reason = "the measurement uses all of it")]
#[path = "../../benches/random/values.rs"]
mod values;

use values::{KINDS, Random, points, request};

#[test]
fn random_values_are_no_attacks() {
    let rules = RuleSet::builtin();
    for (kind, count) in KINDS.iter().filter(|(kind, _)| !kind.ends_with("another name")) {
        // A thousand values of each kind, ten files.
        let count = count / 100;
        let mut random = Random(2);
        for number in 0..count.clamp(10, 1000) {
            let (head, body) = request(kind, &mut random);
            let (points, found) = points(&rules, &head, &body);
            assert!(points < 3, "{kind}, number {number}: {found:?}");
        }
    }
}
