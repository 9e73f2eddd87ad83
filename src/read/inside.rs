//! Which strings lie inside a value that is itself JSON or a GraphQL document?

use super::json::Json;
use super::target::Target;
use memchr::memchr;

/// Is it likely to be a container?
pub fn is_container(value: &[u8]) -> bool {
    let value = value.trim_ascii_start();
    let json = matches!(value.first(), Some(b'{' | b'['));
    memchr(b'"', value).is_some() && (json || is_graphql(value))
}

/// Is it a whole JSON document, by RFC 8259? Then nothing but its strings and names can carry a payload.
pub fn is_document(value: &[u8]) -> bool {
    serde_json::from_slice::<serde::de::IgnoredAny>(value).is_ok()
}

/// Shows the strings inside, one level deep.
pub fn strings(value: &[u8], target: Target, show: &mut dyn FnMut(&[u8])) {
    let mut json = Json::default();
    let mut sink = |field: super::field::Field<'_>| show(field.value);
    let read = json.read(value, &mut sink);
    if read == value.len() {
        return json.end(&mut sink);
    }
    if target != Target::Text {
        literals(value, show);
    }
}

/// Does it start as a GraphQL document does (GraphQL, October 2021, section 2.2)?
pub fn is_graphql(value: &[u8]) -> bool {
    let value = value.trim_ascii_start();
    memchr(b'{', value).is_some()
        && [&b"{"[..], b"query", b"mutation", b"subscription", b"fragment"].iter().any(|word| value.starts_with(word))
}

/// The string literals of a GraphQL document, whose escapes are JSON's.
fn literals(document: &[u8], show: &mut dyn FnMut(&[u8])) {
    let mut inside = false;
    let mut start = 0;
    let mut escaped = false;
    for (at, byte) in document.iter().enumerate() {
        if *byte == b'"' && !escaped {
            if inside && at > start {
                show(document.get(start..at).unwrap_or_default());
            }
            inside = !inside;
            start = at + 1;
        }
        escaped = *byte == b'\\' && !escaped;
    }
}
