//! What does a byte cost that a verifier reads? The dearest shapes for each, by which `detect::cost` weighs them.

use std::hint::black_box;
use std::time::{Duration, Instant};

use user_risk_filter::detect::matcher::Verifier;
use user_risk_filter::detect::verify;
use user_risk_filter::detect::verify::subject::{Effort, Subject};
use user_risk_filter::read::target::Target;

use crate::signs::SIGNS;

/// The dearest shapes that are printed of each verifier.
const SHOWN: usize = 4;

/// Prints what a byte of the dearest shapes costs in each verifier, in nanoseconds; of all that are known, or of these.
pub(crate) fn table(size: usize, signs: &[&str]) {
    let signs = if signs.is_empty() { SIGNS } else { signs };
    for verifier in Verifier::ALL {
        let mut costs: Vec<_> = signs.iter().map(|sign| (cost(*verifier, sign, size), *sign)).collect();
        costs.sort_by(|(one, _), (other, _)| other.total_cmp(one));
        let worst: Vec<_> = costs.iter().take(SHOWN).map(|(cost, sign)| format!("{cost:.1} {sign:?}")).collect();
        println!("{:12} {}", format!("{verifier:?}"), worst.join("  "));
    }
}

fn cost(verifier: Verifier, sign: &str, size: usize) -> f64 {
    let view: Vec<u8> = sign.bytes().cycle().take(size).collect();
    let effort = Effort::default();
    let once = || {
        let start = Instant::now();
        let subject = Subject::new(&view, Target::Form, b"q", &effort);
        verify::run(verifier, &subject, &mut |evidence| _ = black_box(evidence));
        start.elapsed()
    };
    let best = (0..3).map(|_| once()).min().unwrap_or(Duration::ZERO);
    best.as_secs_f64() * 1e9 / size as f64
}
