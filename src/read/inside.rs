//! Which strings lie inside a value that is itself JSON, XML or a GraphQL document?

use super::json::Json;
use super::target::Target;
use super::xml::Xml;
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

/// Is it a whole document of XML: tags from its start to its end, of which the last closes the first? Reads it once.
pub fn is_xml(value: &[u8]) -> bool {
    let value = value.trim_ascii();
    let root = match value.strip_prefix(b"<?xml") {
        Some(rest) => {
            memchr::memmem::find(rest, b"?>").and_then(|end| rest.get(end + 2..)).unwrap_or_default().trim_ascii_start()
        }
        None => value,
    };
    let name = root.strip_prefix(b"<").unwrap_or_default();
    let name = name.get(..name.iter().position(|byte| b" \t\r\n/>".contains(byte)).unwrap_or(0)).unwrap_or_default();
    let closes = value
        .strip_suffix(b">")
        .map(<[u8]>::trim_ascii_end)
        .and_then(|text| text.strip_suffix(name))
        .is_some_and(|text| text.ends_with(b"</"));
    let is_page = PAGE.iter().any(|known| name.eq_ignore_ascii_case(known));
    !name.is_empty() && !is_page && closes && has_tags(root)
}

/// Elements of pages: what they hold is a text for people, and is judged as one.
#[rustfmt::skip]
const PAGE: &[&[u8]] = &[
    b"a", b"article", b"b", b"blockquote", b"body", b"center", b"code", b"details", b"dialog", b"div", b"dl", b"em", b"fieldset", b"figure", b"font", b"footer", b"form", b"h1", b"h2",
    b"h3", b"h4", b"h5", b"header", b"html", b"i", b"iframe", b"li", b"main", b"math", b"nav", b"ol", b"p", b"pre", b"s", b"section", b"small", b"span", b"strong", b"style", b"sub", b"sup",
    b"table", b"tbody", b"td", b"textarea", b"tr", b"u", b"ul", b"video", b"script", b"svg",
];

/// Does each `<` open or close a tag, a comment or a section of characters, as in XML?
pub fn has_tags(value: &[u8]) -> bool {
    // Of a longer text a piece may end inside a tag.
    const PIECE: usize = 3584;
    let is_open = memchr::memrchr(b'<', value) > memchr::memrchr(b'>', value);
    if is_open && value.len() < PIECE {
        return false;
    }
    memchr::memchr_iter(b'<', value).all(|at| {
        let next = value.get(at + 1..).unwrap_or_default();
        next.first().is_none_or(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'/' | b'_'))
            || [&b"!--"[..], b"![CDATA[", b"![cdata[", b"!DOCTYPE", b"!doctype", b"?xml"]
                .iter()
                .any(|sign| next.starts_with(sign))
    })
}

/// Shows the texts and attributes of a document of XML, each with its name.
pub fn texts(value: &[u8], show: &mut dyn FnMut(&[u8], &[u8])) {
    let mut xml = Xml::default();
    let mut sink = |field: super::field::Field<'_>| show(field.name, field.value);
    xml.read(value, &mut sink);
    xml.end(&mut sink);
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
