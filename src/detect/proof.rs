//! What in an answer proves that an attack has worked? Finds the texts that are listed in `rules/answer.toml`.
//!
//! The rule files list them under `answer`. They are not part of the gate: a request is never compared with them.

use super::category::Category;
use super::rule::RuleId;

include!(concat!(env!("OUT_DIR"), "/proofs.rs"));

/// The longest telltale, in bytes.
pub const LONGEST: usize = 64;

/// A rule about answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proof {
    /// The rule.
    pub rule: RuleId,
    /// One bit for each category.
    proves: u64,
    /// Does it count only where the answer's status says that it failed?
    pub failed: bool,
}

impl Proof {
    /// Does it show that an attack of this category has worked?
    pub fn proves(&self, category: Category) -> bool {
        self.proves & 1 << category as u8 != 0
    }
}

/// Is there an answer that shows that an attack of this category has worked?
pub fn is_provable(category: Category) -> bool {
    PROOFS.iter().any(|proof| proof.proves(category))
}

/// Shows each telltale in a text in lower case, and where it ends.
pub fn telltales(low: &[u8], hit: &mut dyn FnMut(Proof, &'static [u8], usize)) {
    for (at, start) in low.windows(3).enumerate() {
        let [a, b, c] = *start else { continue };
        let slot = slot(a, b, c);
        if STARTS.get(slot / 64).is_none_or(|bits| bits >> (slot % 64) & 1 == 0) {
            continue;
        }
        let from = TELLTALES.partition_point(|(text, _)| *text < start);
        let alike = TELLTALES.get(from..).unwrap_or_default().iter().take_while(|(text, _)| text.starts_with(start));
        for (text, proof) in alike {
            if low.get(at..).is_some_and(|rest| rest.starts_with(text))
                && let Some(proof) = PROOFS.get(*proof)
            {
                hit(*proof, text, at + text.len());
            }
        }
    }
}

/// Where the first three bytes of a telltale are noted: nearly no place of an answer gets further.
const fn slot(a: u8, b: u8, c: u8) -> usize {
    (a as usize * 181 + b as usize * 37 + c as usize) % 2048
}

static STARTS: [u64; 32] = {
    let mut starts = [0; 32];
    let mut rest = TELLTALES;
    while let [(text, _), tail @ ..] = rest {
        if let [a, b, c, ..] = **text {
            let slot = slot(a, b, c);
            #[expect(clippy::indexing_slicing, reason = "checked by the compiler: this runs at compile time")]
            {
                starts[slot / 64] |= 1 << (slot % 64);
            }
        }
        rest = tail;
    }
    starts
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::rule_set::RuleSet;

    include!(concat!(env!("OUT_DIR"), "/answers.rs"));

    #[test]
    fn rules_find_their_examples_and_leave_their_counter_examples_alone() {
        let rules = RuleSet::builtin();
        let mut wrong = Vec::new();
        for (rule, matches, harmless) in ANSWERS {
            for (text, expected) in
                matches.iter().map(|text| (text, true)).chain(harmless.iter().map(|text| (text, false)))
            {
                let mut found = Vec::new();
                telltales(text.to_ascii_lowercase().as_bytes(), &mut |proof, _, _| {
                    found.push(rules.rule(proof.rule).id)
                });
                if found.contains(rule) != expected {
                    wrong.push(format!("{rule}: {text:?} has {found:?}"));
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        assert_eq!(ANSWERS.len(), PROOFS.len());
    }

    #[test]
    fn every_telltale_is_found_wherever_it_stands() {
        for (text, _) in TELLTALES {
            assert!(text.len() <= LONGEST);
            for around in ["", "x", "aaaa"] {
                let body = [around.as_bytes(), text, around.as_bytes()].concat();
                let mut found = false;
                telltales(&body, &mut |_, known, end| found |= known == *text && end == around.len() + text.len());
                assert!(found, "{}", text.escape_ascii());
            }
        }
    }
}
