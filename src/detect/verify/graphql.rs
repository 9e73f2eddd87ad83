//! Is it an abuse of GraphQL? Questions about the schema, fields nested too deep, one field asked for under many names.
//!
//! GraphQL, October 2021: sections 2.7 (aliases) and 4 (introspection). Nothing but braces and names is read.

use super::bytes::{find, has_any, word_after};
use super::subject::Subject;
use crate::detect::matcher::Evidence;
use crate::read::inside::is_graphql;

/// Deeper than any page needs.
const DEPTH: u32 = 15;
/// More names for one field than any page needs.
const ALIASES: usize = 20;

/// Reports questions about the schema, depth and aliases of a view that is a document. Reads the view once.
pub(super) fn verify(subject: &Subject<'_>, found: &mut dyn FnMut(Evidence)) {
    let view = subject.view;
    if !is_graphql(view) {
        return;
    }
    // A document of JSON is asked member by member, but for those that hold another one in a text.
    let is_json = view.trim_ascii_start().starts_with(b"{\"") && !has_any(view, &[b"{\\\"", b"'{"]);
    if has_any(view, &[b"__schema", b"__type("]) && has_any(view, &[b"fields", b"types", b"name", b"kind"]) {
        found(Evidence::GraphqlSchema);
    }
    let (mut depth, mut deepest) = (0_u32, 0);
    for byte in view {
        match byte {
            b'{' => depth += 1,
            b'}' => depth = depth.saturating_sub(1),
            // Not JSON, not code.
            b'"' if depth > 3 && deepest == 0 => return,
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    if deepest > DEPTH && !is_json {
        found(Evidence::GraphqlDepth);
    }
    if is_json {
        return;
    }
    if aliases(view) >= ALIASES || directives(view) >= ALIASES || repeats(view) >= REPEATS {
        found(Evidence::GraphqlAlias);
    }
    if spreads_itself(view) {
        found(Evidence::GraphqlDepth);
    }
}

/// The same field, one behind the other, so often.
const REPEATS: usize = 60;
/// So many fragments are looked at.
const FRAGMENTS: usize = 16;

/// How often does one field stand behind itself: `{ a a a a }`?
fn repeats(view: &[u8]) -> usize {
    let (mut most, mut count) = (0, 0);
    let mut before: &[u8] = b"";
    for word in view.split(|byte| byte.is_ascii_whitespace() || *byte == b',').filter(|word| !word.is_empty()) {
        count = if word == before { count + 1 } else { 1 };
        before = word;
        most = most.max(count);
    }
    most
}

/// Does a fragment lead back to itself: `fragment a on Q { ...b } fragment b on Q { ...a }`?
fn spreads_itself(view: &[u8]) -> bool {
    let mut fragments: Vec<(&[u8], &[u8])> = Vec::new();
    let mut at = 0;
    while let Some(start) = find(view, at, b"fragment ")
        && fragments.len() < FRAGMENTS
    {
        let rest = view.get(start + 9..).unwrap_or_default();
        let end = find(rest, 0, b"fragment ").unwrap_or(rest.len());
        fragments.push((word_after(rest), rest.get(..end).unwrap_or_default()));
        at = start + 9;
    }
    fragments.iter().any(|(name, _)| reaches(&fragments, name))
}

/// Does a chain of spreads from the fragment come back to it? Each fragment is visited once.
fn reaches(fragments: &[(&[u8], &[u8])], name: &[u8]) -> bool {
    let mut seen = [false; FRAGMENTS];
    let mut waiting = vec![name];
    while let Some(next) = waiting.pop() {
        let Some((place, (_, body))) = fragments.iter().enumerate().find(|(_, (known, _))| *known == next) else {
            continue;
        };
        let Some(seen) = seen.get_mut(place).filter(|seen| !**seen) else { continue };
        *seen = true;
        let mut at = 0;
        while let Some(dots) = find(body, at, b"...") {
            at = dots + 3;
            let spread = word_after(body.get(at..).unwrap_or_default().trim_ascii_start());
            if spread == name {
                return true;
            }
            waiting.push(spread);
        }
    }
    false
}

/// Types that a schema names again and again.
const TYPES: &[&[u8]] = &[b"int", b"string", b"float", b"boolean", b"id", b"true", b"false", b"null"];

/// How often is the first directive said: `@a@a@a`? Servers check each.
fn directives(view: &[u8]) -> usize {
    let mut names = view.split(|byte| *byte == b'@').skip(1).map(|part| {
        let length = part.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
        part.get(..length).unwrap_or_default()
    });
    let Some(first) = names.next().filter(|name| !name.is_empty()) else { return 0 };
    1 + names.filter(|name| *name == first).count()
}

/// How often the field that is first asked for under another name is so: `a: login(…) b: login(…)`.
fn aliases(view: &[u8]) -> usize {
    let mut count = 0;
    let mut field: &[u8] = b"";
    for part in view.split(|byte| *byte == b':').skip(1) {
        let part = part.trim_ascii_start();
        let length = part.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
        let (name, after) = part.split_at(length);
        let next = after.trim_ascii_start().first();
        let plain = matches!(next, Some(b'}' | b',' | b'_' | b'a'..=b'z')) && !TYPES.contains(&name);
        if length == 0 || !(plain || matches!(next, Some(b'(' | b'{'))) {
            continue;
        }
        if field.is_empty() {
            field = name;
        }
        count += usize::from(field == name);
    }
    count
}
