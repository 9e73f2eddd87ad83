//! What do template engines keep for themselves, and what of it do pages show?

use crate::detect::verify::bytes::word_after;
use crate::detect::verify::word_list::WordList;

/// What the template engine keeps for itself.
pub(super) static OBJECTS: WordList = WordList::new(
    "_context _self app application config cycler debug dump g get_flashed_messages handler joiner lipsum namespace \
     request self settings url_for",
);
/// What is not shown by its name.
pub(super) const SECRETS: &[&[u8]] = &[b"secret", b"key", b"password", b"token"];

/// What pages ask of the template's objects every day: a parameter, an address, a block of their own.
pub(super) fn is_usual(object: &[u8], after: &[u8]) -> bool {
    const PARTS: &[&[u8]] =
        &[b"form", b"args", b"values", b"path", b"method", b"endpoint", b"url", b"user", b"title", b"name"];
    let member = after.strip_prefix(b".").map(word_after).unwrap_or_default();
    match object {
        b"request" | b"g" | b"app" => PARTS.contains(&member),
        // `{{ config(materialized='table') }}`: of a model of dbt's; Flask's is no function.
        b"url_for" => after.starts_with(b"("),
        b"config" => after.starts_with(b"(") || is_of_site(after.trim_ascii()),
        b"self" => !member.is_empty() && !member.contains(&b'_') && after.get(member.len() + 1..) == Some(b"()"),
        _ => false,
    }
}

/// `{{ config.plugins.email.from }}`: what Grav's pages ask of the site and its plugins. Flask's has no such parts.
fn is_of_site(after: &[u8]) -> bool {
    let path = [&b".plugins."[..], b".site.", b".theme."].iter().find_map(|part| after.strip_prefix(*part));
    path.is_some_and(|path| {
        path.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'))
            && !SECRETS.iter().any(|secret| path.windows(secret.len()).any(|part| part == *secret))
    })
}
