//! How much does V8 inline into a function, and what does it take to use that up?
//!
//! Envoy runs V8 without its baseline compiler (`--no-liftoff`). There are no counts of calls then by which V8 could tell what pays
//! to inline; so whatever a function calls first is put into it, until what was put in is twice as long as the function itself,
//! five times in a module of small functions (V8 14.6: `InliningTree::NoLiftoffBudget` in src/wasm/inlining-tree.h, `should_inline` in
//! src/wasm/turboshaft-graph-interface.cc). LLVM has inlined what pays; V8 added the allocator, panics and the like, and compiled twice
//! as much code at each start.

/// Bytes of the shortest call of a function whose index takes two bytes.
const CALL: usize = 3;

/// The most calls of fillers in a function. An engine that does not inline makes them: with five, the module takes two percent more
/// instructions there, and a thirty-second of the budget is left.
const CALLS: usize = 5;

/// The budget that V8 gives the smallest function (`--wasm-inlining-min-budget`); a function below that is small.
const LEAST: usize = 50;

/// V8's budget for inlining in a module.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Growth(f64);

impl Growth {
    /// For a module with functions of so many bytes.
    pub fn of(bodies: &[usize]) -> Self {
        const LOW: f64 = 2.0;
        const HIGH: f64 = 5.0;
        let small = bodies.iter().filter(|body| **body < LEAST).count() as f64 / bodies.len().max(1) as f64;
        let scale = ((small - 0.25) / 0.25).clamp(0.0, 1.0);
        Self(LOW * (1.0 - scale) + HIGH * scale)
    }

    /// What may be inlined into a function of so many bytes: each function that is shorter than what is left of it.
    pub fn budget(self, body: usize) -> usize {
        LEAST.max((self.0 * body as f64) as usize)
    }

    /// The lengths of the fillers that a function of so many bytes has to call first, and what is left of its budget then.
    pub fn fillers(self, body: usize) -> (Vec<usize>, usize) {
        let mut left = self.budget(body + CALLS * CALL);
        let mut fillers = Vec::new();
        while fillers.len() < CALLS
            && let Some(filler) = lengths().rev().find(|length| *length < left)
        {
            fillers.push(filler);
            left -= filler;
        }
        (fillers, left)
    }
}

/// The exponent of the shortest filler's length.
pub const SHORTEST: u32 = 5;

/// The lengths that fillers have: powers of two, so that five of them do for functions of up to 32 KiB.
pub fn lengths() -> impl DoubleEndedIterator<Item = usize> {
    (SHORTEST..=15).map(|exponent| 1 << exponent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thirty_second_of_the_budget_is_left_at_most() {
        let growth = Growth::of(&[1_000]);
        for body in 10..32_000 {
            let (fillers, left) = growth.fillers(body);
            let whole = growth.budget(body + CALLS * CALL);
            assert_eq!(fillers.iter().sum::<usize>() + left, whole);
            assert!(left <= (whole / 32).max(32), "{left} of {whole} are left of a function of {body}");
        }
    }

    #[test]
    fn many_small_functions_make_a_larger_budget() {
        let module = |small: usize| Growth::of(&[[40].repeat(small), [400].repeat(100 - small)].concat()).budget(1_000);
        assert_eq!([0, 25, 40, 50, 90].map(module), [2_000, 2_000, 3_800, 5_000, 5_000]);
        assert_eq!(Growth::of(&[400]).budget(3), 50);
    }
}
