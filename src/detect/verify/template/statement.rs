//! Does a statement between `{%` and `%}` do more than lay out a page?

use super::object::{OBJECTS, SECRETS, is_usual};
use crate::detect::verify::bytes::{find, has_any, is_word, word_after, word_before};
use crate::detect::verify::word_list::WordList;

/// Ends of the names of templates.
#[rustfmt::skip]
const TEMPLATES: &[&[u8]] = &[b".html", b".htm", b".j2", b".jinja", b".twig", b".tpl", b".txt", b".njk", b".md", b".liquid", b".xml"];

/// A condition of a page's template is no longer, in bytes.
const CONDITION: usize = 128;
/// Filters of Jinja's that change a number or a text.
static FILTERS: WordList = WordList::new("abs count default float int length list lower round string title upper");

/// `a.b | int(0) > 4`, `a in ['b', 'c']`: is nothing called but filters, and nothing indexed?
fn only_filters(expression: &[u8]) -> bool {
    let mut signs = expression.iter().enumerate().filter(|(_, byte)| matches!(byte, b'(' | b'['));
    signs.all(|(at, byte)| {
        let before = expression.get(..at).unwrap_or_default();
        if *byte == b'[' {
            return before.ends_with(b" in ");
        }
        let name = word_before(before);
        let lead = before.get(..before.len() - name.len()).unwrap_or_default().trim_ascii_end();
        FILTERS.has(name) && lead.ends_with(b"|") || name.is_empty() && !lead.ends_with(b")") && !lead.ends_with(b"]")
    })
}

/// Does a statement do more than lay out a page: load, print or ask for the machine, or try what is always so?
pub(super) fn reaches(statement: &[u8]) -> bool {
    let word = word_after(statement);
    let rest = statement.get(word.len()..).unwrap_or_default().trim_ascii();
    match word {
        b"if" | b"while" | b"with" | b"set" | b"for" => {
            let listed = find(rest, 0, b" in ").and_then(|at| rest.get(at + 4..));
            let value = listed.unwrap_or_else(|| rest.rsplit(|byte| *byte == b'=').next().unwrap_or_default());
            let value = value.trim_ascii_start();
            let value = value.strip_prefix(b"not ").unwrap_or(value);
            let object = word_after(value);
            // `{% if request.user.is_staff %}`: of a page's own template.
            let after = value.get(object.len()..).unwrap_or_default();
            let is_plain = after.iter().all(|byte| is_word(*byte) || *byte == b'.' || *byte == b' ' || *byte == b'-');
            let mut members = after.split(|byte| !is_word(*byte)).filter(|member| !member.is_empty());
            let is_own = |member: &[u8]| member.starts_with(b"_") || member == b"delete" || has_any(member, SECRETS);
            let usual = object == b"request"
                && is_plain
                && is_usual(object, after)
                && after.iter().filter(|byte| **byte == b'.').count() <= 3
                && !members.any(is_own);
            let constant = matches!(rest.split(u8::is_ascii_whitespace).next(), Some(b"true" | b"false" | b"none"));
            // `{% if (state.state in x) %}`: what stands in parentheses may be a variable.
            let is_comparison = rest.strip_prefix(b"(").is_some_and(|inside| {
                word == b"if"
                    && inside.len() <= CONDITION
                    && inside.first().is_some_and(u8::is_ascii_alphabetic)
                    && !matches!(word_after(inside), b"true" | b"false" | b"none")
                    && only_filters(inside)
                    && !inside.split(|byte| !is_word(*byte)).any(|word| OBJECTS.has(word) && word.len() > 1)
                    && !has_any(inside, SECRETS)
            });
            let tried = word == b"if"
                && !is_comparison
                && (constant || rest.first().is_some_and(|byte| byte.is_ascii_digit() || b"'\"(".contains(byte)));
            // `{% set a = config.get('materialized') %}`: a model of dbt's asks for a setting of its own.
            let setting = value.strip_prefix(b"config.get(").unwrap_or_default();
            let asks = !setting.is_empty() && !has_any(setting, SECRETS);
            tried || OBJECTS.has(object) && object.len() > 1 && rest.contains(&b'.') && !asks && !usual
        }
        b"include" | b"extends" | b"import" | b"from" | b"load" => {
            let file = rest.strip_prefix(b"\"").or_else(|| rest.strip_prefix(b"'"));
            // Django's `load` names libraries, of which one shows what the site's staff did; `include` takes a variable too.
            let first = word_after(rest);
            let name = rest.iter().take_while(|byte| is_word(**byte) || **byte == b'.').count();
            let alone = rest.get(name..).is_some_and(|rest| {
                let rest = rest.trim_ascii_start();
                rest.is_empty() || rest == b"-" || rest.starts_with(b"with ") || rest.starts_with(b"ignore ")
            });
            let is_named = match word {
                b"load" => first != b"log",
                b"include" => !OBJECTS.has(first) && alone,
                _ => false,
            };
            // Templates stand below their own directory.
            let leaves = |file: &[u8]| {
                let beside = file.strip_prefix(b"./").filter(|file| has_any(file, TEMPLATES));
                let file = beside.unwrap_or(file);
                file.starts_with(b"/") || file.starts_with(b".") || find(file, 0, b"://").is_some()
            };
            !rest.is_empty() && file.map_or(first.is_empty() || !is_named, leaves)
        }
        b"block" | b"macro" | b"raw" | b"endif" | b"endfor" | b"call" => false,
        _ => true,
    }
}
