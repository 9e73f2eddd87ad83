//! Is it an injection into SPARQL, the language of RDF stores?
//!
//! After SPARQL 1.1 (W3C, 2013): a group `{ … }` of triples, UNION, FILTER, SERVICE, and the updates DROP, CLEAR, INSERT DATA,
//! DELETE WHERE. An injected query closes a string, an address or a group and goes on with one of them.

use super::words::{Words, behind_breakout};
use crate::detect::verify::bytes::find;

/// Does the value break out into a triple of variables, another group or an update?
pub(super) fn is_injected(view: &[u8]) -> bool {
    let Some(rest) = behind_breakout(view) else { return false };
    // In what it closes, signs that end triples may follow: `" . }`, `> }`.
    let start = rest.iter().position(|byte| !b"'\")>}] .;@".contains(byte)).unwrap_or(rest.len());
    let (signs, rest) = rest.split_at(start);
    let closes = signs.iter().any(|byte| b".};".contains(byte)) || view.iter().take(PREFIX).any(|byte| *byte == b'}');
    let mut words = Words(rest);
    match words.next() {
        Some(b"union" | b"minus" | b"optional") => words.next() == Some(b"{"),
        Some(b"filter") => closes && words.next() == Some(b"(") && rest.contains(&b'?'),
        Some(b"service") => closes && words.next() == Some(b"<"),
        Some(b"drop" | b"clear") => {
            closes && matches!(words.next(), Some(b"all" | b"graph" | b"default" | b"silent" | b"named"))
        }
        Some(b"insert" | b"delete") => closes && matches!(words.next(), Some(b"data" | b"where" | b"{")),
        Some(b"select" | b"construct" | b"ask") => {
            closes && find(rest, 0, b"where").is_some() && find(rest, 0, b"?").is_some()
        }
        Some(b"?") => is_triple(rest),
        _ => false,
    }
}

/// As far as the sign is looked for that closes a group, in bytes.
const PREFIX: usize = 32;

/// `?s ?p ?o`: three variables, or names with a colon between variables, one behind the other.
fn is_triple(text: &[u8]) -> bool {
    let mut parts = text.split(u8::is_ascii_whitespace).filter(|part| !part.is_empty());
    let is_variable =
        |part: &[u8]| matches!(part, [b'?', name @ ..] if name.first().is_some_and(u8::is_ascii_alphabetic));
    let is_term = |part: &[u8]| is_variable(part) || part == b"a" || part.contains(&b':');
    parts.next().is_some_and(is_variable) && parts.next().is_some_and(is_term) && parts.next().is_some_and(is_term)
}
