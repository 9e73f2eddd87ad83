//! What is a pattern of SQL injection? A named condition, the evidence it gives, an example and a counter-example.
//!
//! Patterns stand in tables. A table is asked at one position (or about a whole value) with a context that was computed
//! once; its rows have no order: where several match they give the same evidence, so rows may be moved, added and removed
//! on their own. What one row must leave to another is part of its condition. tests.rs checks that, and every example.

use crate::detect::matcher::Evidence;

/// A row of a table. `When` is a function pointer that takes the context of that table.
#[cfg_attr(not(test), expect(dead_code, reason = "names and examples are for readers and for the tests"))]
pub(super) struct Pattern<When> {
    pub(super) name: &'static str,
    pub(super) evidence: Evidence,
    /// A value in which the verifier finds this pattern.
    pub(super) example: &'static str,
    /// A similar value about which this pattern is asked too, in which its evidence is not found.
    pub(super) counter_example: &'static str,
    pub(super) when: When,
}

/// The evidence of the rows that match; `matches` applies a row's condition to the context.
pub(super) fn evidence<When>(table: &'static [Pattern<When>], matches: impl Fn(&When) -> bool) -> Option<Evidence> {
    #[cfg(test)]
    asked::record(table, &matches);
    table.iter().find(|pattern| matches(&pattern.when)).map(|pattern| pattern.evidence)
}

/// Which patterns were asked: only in tests.
#[cfg(test)]
pub(super) mod asked {
    use std::cell::RefCell;
    use std::collections::BTreeMap;

    use crate::detect::verify::sql::pattern::Pattern;

    thread_local! {
        static ASKED: RefCell<Option<BTreeMap<&'static str, bool>>> = const { RefCell::new(None) };
    }

    /// The names of the patterns that are asked meanwhile, and whether each matched anywhere.
    pub(in super::super) fn during(run: impl FnOnce()) -> BTreeMap<&'static str, bool> {
        ASKED.set(Some(BTreeMap::new()));
        run();
        ASKED.take().unwrap()
    }

    /// Asks all rows instead of the first that matches. Those that match have to agree, or the table had an order.
    pub(super) fn record<When>(table: &'static [Pattern<When>], matches: impl Fn(&When) -> bool) {
        let mut found: Option<&Pattern<When>> = None;
        for pattern in table {
            let is = matches(&pattern.when);
            if let Some(other) = found.filter(|other| is && other.evidence != pattern.evidence) {
                panic!("both match, and differ: {} and {}", other.name, pattern.name);
            }
            found = if is { Some(pattern) } else { found };
            ASKED.with_borrow_mut(|asked| {
                if let Some(asked) = asked {
                    *asked.entry(pattern.name).or_default() |= is;
                }
            });
        }
    }
}
