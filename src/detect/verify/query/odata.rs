//! Is it an injection into an OData filter?
//!
//! Comparisons are words there (OData 4.01, part 2, 5.1.1): `eq ne gt ge lt le`, joined by `and`, `or`, `not`. Nobody compares a
//! literal with a literal but for a condition that is always true; and a string is closed only to say another condition.

use super::words::{Words, behind_breakout};

/// Does the value compare two literals, joined to another condition (`a eq 1 or 1 eq 1`), or close a string and join any
/// comparison to it (`x' or name ne '`)?
pub(super) fn is_injected(view: &[u8]) -> bool {
    let words: Vec<&[u8]> = Words(view).collect();
    if words.iter().any(|word| is_logic(word)) && compares(&words, is_literal) {
        return true;
    }
    let behind: Vec<&[u8]> = behind_breakout(view).map(|rest| Words(rest).collect()).unwrap_or_default();
    let start = behind.iter().position(|word| *word != b")").unwrap_or_default();
    let rest = behind.get(start..).unwrap_or_default();
    rest.first().is_some_and(|word| is_logic(word)) && compares(rest, |_| true)
}

/// Is there a comparison of such a left side with a literal, where an operand begins?
fn compares(words: &[&[u8]], is_left: fn(&[u8]) -> bool) -> bool {
    words.windows(3).enumerate().any(|(at, three)| {
        let begins = at
            .checked_sub(1)
            .and_then(|at| words.get(at))
            .is_none_or(|word| is_logic(word) || matches!(*word, b"not" | b"(" | b":"));
        let [left, operator, right] = three else { return false };
        begins && is_comparison(operator) && is_left(left) && is_literal(right)
    })
}

fn is_logic(word: &[u8]) -> bool {
    matches!(word, b"or" | b"and")
}

fn is_comparison(word: &[u8]) -> bool {
    matches!(word, b"eq" | b"ne" | b"gt" | b"ge" | b"lt" | b"le")
}

fn is_literal(word: &[u8]) -> bool {
    matches!(word.first(), Some(b'\'' | b'0'..=b'9')) || matches!(word, b"true" | b"false" | b"null")
}
