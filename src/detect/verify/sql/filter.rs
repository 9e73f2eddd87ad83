//! Is the value a whole condition of a query, in a member that holds one by its name?
//!
//! OGC's CQL, RSQL, OData, CAML's texts and interfaces of databases take conditions from their clients. A payload continues a condition
//! that an application began; such a value begins with a name and an operator itself.

use crate::detect::verify::bytes::has_any;
use crate::detect::verify::subject::Subject;
use crate::detect::verify::word_list::WordList;
use crate::read::target::Target;

/// Names of members that hold a condition.
static NAMES: WordList = WordList::new(
    "condition conditions constraint cql cql_filter cqltext criteria expr expression filter filterbyformula filters jql predicate where",
);
/// Operators that are words.
static OPERATORS: WordList = WordList::new("between contains eq ge gt has ilike in is le like lt ne not startswith");

/// Is it one? Reads the name, and of the view no more than it has to.
pub(super) fn is_filter(subject: &Subject<'_>) -> bool {
    let takes = matches!(subject.target, Target::Json | Target::Xml | Target::Query | Target::Form);
    let last = subject.name.rsplit(|byte| matches!(byte, b'.' | b':' | b'$')).next().unwrap_or_default();
    takes && !subject.is_name && NAMES.has(&last.to_ascii_lowercase()) && is_condition(subject.view)
}

/// `csw:title like 'a%' and (b > 2 or c = 'd')`: a name, an operator, quotes in pairs, and nothing that cuts a statement.
fn is_condition(view: &[u8]) -> bool {
    let start = view.iter().position(|byte| !matches!(byte, b'(' | b' ')).unwrap_or(view.len());
    let text = view.get(start..).unwrap_or_default();
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b"_.:".contains(byte);
    let end = text.iter().position(|byte| !is_part(byte)).unwrap_or(text.len());
    let (name, rest) = quoted_name(text).unwrap_or_else(|| text.split_at(end));
    let rest = rest.trim_ascii_start();
    let word = rest.iter().position(|byte| !byte.is_ascii_alphabetic()).unwrap_or(rest.len());
    let compares =
        rest.first().is_some_and(|byte| b"=!<>~".contains(byte)) || OPERATORS.has(rest.get(..word).unwrap_or_default());
    let even = |quote: u8| view.iter().filter(|byte| **byte == quote).count() % 2 == 0;
    name.first().is_some_and(u8::is_ascii_alphabetic)
        && compares
        && even(b'\'')
        && even(b'"')
        && !has_any(view, &[b"--", b"/*", b";", b"#", b"select", b"union"])
}

/// `"request type" = …`: a name of several words, as JQL has it in quotes.
fn quoted_name(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let inside = text.strip_prefix(b"\"")?;
    let end = inside.iter().position(|byte| !byte.is_ascii_alphanumeric() && *byte != b' ')?;
    let (name, rest) = inside.split_at(end);
    Some((name, rest.strip_prefix(b"\"")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_begins_itself() {
        for (view, expected) in [
            ("csw:anytext like '%water%' and dct:modified > '2020' or title = 'a'", true),
            ("(name = \"a\" or name = \"b\") and not archived", true),
            ("status eq 'open' or prio gt 2", true),
            ("1 or 1=1", false),
            ("x' or '1'='1", false),
            ("name = 'x' or 1=1--", false),
            ("name = 'x' union select 1", false),
            ("name = 'x", false),
            ("'x' or 'y'", false),
            ("\"request type\" = \"a b\" or \"type\" = \"c\"", true),
            ("\" or \"1\"=\"1", false),
            ("\"x\"=\"x\" or \"1\"=\"1", false),
        ] {
            assert_eq!(is_condition(view.as_bytes()), expected, "{view}");
        }
    }
}
