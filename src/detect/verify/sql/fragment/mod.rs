//! Is a short value a fragment of SQL, which only makes sense inside a statement?
//!
//! A value in a field is whole; a payload is the middle of a statement. So what gives a short one away is its edge: a
//! call, a comparison or a string that is open at the end, an operator between two quotes, a cast. As in libinjection's
//! fingerprints (2012) the kinds of a few tokens decide; unlike there, each shape is a pattern with what prose lacks.

pub(super) mod any_length;
mod clause;
mod condition;
mod cut_off;
mod dialect;
mod quotes;
mod value;

use super::pattern;
use super::tokens::TokenStream;
use crate::detect::matcher::Evidence;
use value::{Row, Value};

/// Longer values are texts, in bytes.
pub(super) const LONGEST: usize = 96;
/// … or have more tokens than that.
const TOKENS: usize = 40;

/// All of these are asked about a value of few tokens; what costs most comes last.
pub(super) const TABLES: &[&[Row]] =
    &[cut_off::PATTERNS, quotes::PATTERNS, condition::PATTERNS, clause::PATTERNS, dialect::PATTERNS];

pub(super) fn fragment(tokens: &TokenStream<'_>) -> Option<Evidence> {
    pattern::evidence(any_length::PATTERNS, |when| when(tokens)).or_else(|| {
        if tokens.view.len() > LONGEST || tokens.len() > TOKENS {
            return None;
        }
        let value = Value::of(tokens)?;
        TABLES.iter().find_map(|table| pattern::evidence(table, |when| when(&value)))
    })
}
