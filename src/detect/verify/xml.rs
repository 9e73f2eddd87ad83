//! Is it an attack on an XML parser? Reads declarations of entities and document types, XInclude, and style sheets.
//!
//! After XML 1.0 (sections 2.8 and 4.2), XInclude 1.1 and XSLT 1.0.

use super::bytes::{find, has_any};
use super::host::of_host;
use super::subject::Subject;
use crate::detect::matcher::Evidence;

/// So many declarations of one view are read.
const DECLARATIONS: usize = 64;
/// Whose document types everybody names, and no parser needs to load.
#[rustfmt::skip]
const KNOWN: &[&[u8]] = &[
    b"w3.org/", b"apple.com/", b"sun.com/", b"oracle.com/", b"apache.org/", b"hibernate.org/", b"sourceforge.net/", b"jboss.org/",
    b"jboss.com/", b"springframework.org/", b"mybatis.org/", b"ibatis.com/", b"oasis-open.org/", b"puppycrawl.com/",
    b"checkstyle.org/", b"opensymphony.com/", b"netscape.com/", b"wapforum.org/", b"openmobilealliance.org/", b"google.com/",
    b"ncbi.nlm.nih.gov/", b"loc.gov/", b"gnome.org/", b"freedesktop.org/", b"eclipse.org/", b"gnustep.org/", b"jdom.org/",
];
/// Functions of style sheets that reach beyond the document.
#[rustfmt::skip]
const FUNCTIONS: &[&[u8]] = &[
    b"php:function", b"msxsl:script", b"document('", b"document(\"", b"unparsed-text(", b"java.lang.runtime", b"exsl:document",
    b"ms:script", b"system-property(", b"xalan://java", b"<script", b"xalan/redirect", b":document href=",
];

/// Reports entities, document types, XIncludes and style sheets that load or run something. Reads up to a cap of declarations;
/// the rest is noted as unread.
pub(super) fn verify(subject: &Subject<'_>, found: &mut dyn FnMut(Evidence)) {
    let view = subject.view;
    let mut at = 0;
    for _ in 0..DECLARATIONS {
        let Some(start) = find(view, at, b"<!") else { break };
        at = start + 2;
        let rest = view.get(at..).unwrap_or_default();
        if let Some(rest) = rest.strip_prefix(b"entity") {
            entity(rest, found);
        } else if let Some(rest) = rest.strip_prefix(b"doctype") {
            doctype(rest, found);
        }
    }
    if find(view, at, b"<!").is_some() {
        subject.leave(view.len() - at);
    }
    // MTOM refers to parts of its message by `cid:`; anything else is loaded.
    let part = find(view, 0, b"xop:include ").and_then(|at| view.get(at..(at + 256).min(view.len())));
    let loads = part.is_some_and(|part| {
        has_any(part, &[b"href=\"file:", b"href='file:", b"href=\"http", b"href='http", b"href=\"ftp"])
    });
    if loads {
        found(Evidence::XmlInclude);
    }
    if has_any(view, &[b"/xinclude"]) && has_any(view, &[b"include "]) && has_any(view, &[b"href"]) {
        found(Evidence::XmlInclude);
    }
    let style = has_any(view, &[b"<xsl:", b"/xsl/transform"]);
    if style && (has_any(view, FUNCTIONS) || includes(view)) {
        found(Evidence::XmlStyle);
    }
    if points_away(view) {
        found(Evidence::XmlDtd);
    }
}

/// `name SYSTEM "uri"`, `% name PUBLIC "id" "uri"`, `name "value"`.
fn entity(declaration: &[u8], found: &mut dyn FnMut(Evidence)) {
    let mut words = words(declaration);
    let Some(name) = words.next().and_then(|word| if word == b"%" { words.next() } else { Some(word) }) else { return };
    if name.iter().any(|byte| b"<>\"'".contains(byte)) {
        return;
    }
    match words.next() {
        Some(b"system" | b"public") if words.next().is_some_and(is_quoted) => found(Evidence::XmlEntity),
        // Lax parsers want no blank before the quote.
        Some(word) if [&b"system"[..], b"public"].iter().any(|key| word.strip_prefix(*key).is_some_and(is_quoted)) => {
            found(Evidence::XmlEntity);
        }
        Some(value) if is_quoted(value) => {
            found(Evidence::XmlInternal);
            let declared = declaration.split(|byte| *byte == b'>').next().unwrap_or_default();
            if references(declared) >= 2 {
                found(Evidence::XmlBomb);
            }
        }
        _ => {}
    }
}

/// `name SYSTEM "uri"`, `name PUBLIC "id" "uri"`.
fn doctype(declaration: &[u8], found: &mut dyn FnMut(Evidence)) {
    let Some(kind) = words(declaration).nth(1).filter(|word| matches!(*word, b"system" | b"public")) else { return };
    let Some(address) = quoted(declaration, if kind == b"system" { 0 } else { 1 }) else { return };
    // An address without a scheme: of the same scheme, or a share of Windows.
    if address.starts_with(b"//") || address.starts_with(b"\\\\") {
        if !has_any(address.get(..address.len().min(64)).unwrap_or_default(), KNOWN) {
            found(Evidence::XmlDtd);
        }
        return;
    }
    let Some(colon) = find(address, 0, b":/") else { return };
    let host = address.get(colon + 1..).unwrap_or_default();
    if has_any(host.get(..host.len().min(64)).unwrap_or_default(), KNOWN) {
        return;
    }
    let is_named = |identifier: &[u8]| is_formal(identifier, address);
    let is_public = kind == b"public" && quoted(declaration, 0).is_some_and(is_named) && is_on_the_web(address);
    found(if is_public { Evidence::XmlPublic } else { Evidence::XmlDtd });
}

/// `-//Owner//DTD Name 1.0//EN`: a formal public identifier (ISO 8879, 10.2), by which documents of a kind name their definition.
/// Some leave the class out, and keep the definition at home: `-//Jetty//Configure//EN` at `jetty.org`.
fn is_formal(identifier: &[u8], address: &[u8]) -> bool {
    let registered = identifier.strip_prefix(b"-//").or_else(|| identifier.strip_prefix(b"+//")).unwrap_or_default();
    let mut parts = registered.split(|byte| *byte == b'/');
    let (owner, gap, name) = (parts.next(), parts.next(), parts.next());
    let (second_gap, language) = (parts.next(), parts.next());
    let apart = [gap, second_gap].iter().all(|gap| gap.is_some_and(<[u8]>::is_empty)) && parts.next().is_none();
    let owner = owner.unwrap_or_default();
    let host = address.splitn(4, |byte| *byte == b'/').nth(2).unwrap_or_default();
    let is_at_home = || owner.len() > 3 && host.split(|byte| *byte == b'.').any(|part| part == owner);
    apart
        && !owner.is_empty()
        && name.is_some_and(|name| name.starts_with(b"dtd ") || !name.is_empty() && is_at_home())
        && language.is_some_and(|language| language.len() == 2)
}

/// `https://x.example/y.dtd`: a file of definitions at a public name.
fn is_on_the_web(address: &[u8]) -> bool {
    let rest = address.strip_prefix(b"https://").or_else(|| address.strip_prefix(b"http://")).unwrap_or_default();
    let host = rest.split(|byte| *byte == b'/').next().unwrap_or_default();
    let is_name = host.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'));
    let top = host.rsplit(|byte| *byte == b'.').next().unwrap_or_default();
    let is_public = host.contains(&b'.') && top.len() > 1 && top.iter().all(u8::is_ascii_alphabetic);
    is_name && is_public && of_host(host).is_none() && address.ends_with(b".dtd")
}

/// The nth text between quotes of a declaration; what would end one may stand inside.
fn quoted(declaration: &[u8], nth: usize) -> Option<&[u8]> {
    let mut rest = declaration;
    for number in 0..=nth {
        let open = rest.iter().position(|byte| matches!(byte, b'"' | b'\'' | b'>' | b'['))?;
        let quote = rest.get(open).filter(|byte| !matches!(byte, b'>' | b'['))?;
        let inside = rest.get(open + 1..)?;
        let end = inside.iter().position(|byte| byte == quote).unwrap_or(inside.len());
        if number == nth {
            return inside.get(..end);
        }
        rest = inside.get(end + 1..)?;
    }
    None
}

/// `<xsl:include href="http://…">`, `<t:import href='file:…'>`.
fn includes(view: &[u8]) -> bool {
    [&b":include "[..], b":import "].iter().any(|element| {
        find(view, 0, element).and_then(|at| view.get(at..)).is_some_and(|rest| {
            let tag = rest.split(|byte| *byte == b'>').next().unwrap_or_default();
            has_any(tag, &[b"href"]) && has_any(tag, &[b"://", b"file:", b"\"//", b"'//"])
        })
    })
}

/// A style sheet or a schema on another machine's share, or in a file, that the document asks the parser to load.
fn points_away(view: &[u8]) -> bool {
    const AWAY: &[&[u8]] = &[b"\"file:", b"'file:", b" file:", b"//127.", b"//localhost", b"//169.254.", b"//[::1]"];
    const WEB: &[&[u8]] = &[b"\"http:", b"\"https:", b"'http:"];
    /// No document has more of them.
    const SHEETS: usize = 16;
    let mut at = 0;
    for number in 0.. {
        let Some(start) = find(view, at, b"<?xml-stylesheet") else { break };
        let end = find(view, start, b"?>").unwrap_or(view.len());
        let sheet = view.get(start..end).unwrap_or_default();
        if number == SHEETS || has_any(sheet, AWAY) || has_any(sheet, WEB) && !is_css(sheet) {
            return true;
        }
        at = end;
    }
    let schemas = find(view, 0, b"schemalocation=").and_then(|at| view.get(at..)).unwrap_or_default();
    has_any(schemas.split(|byte| *byte == b'>').next().unwrap_or_default(), AWAY)
}

/// `<?xml-stylesheet href="…" type="text/css"`: how a page looks, which no parser loads.
fn is_css(sheet: &[u8]) -> bool {
    let assigns = |at: usize| sheet.get(at + 4..).is_some_and(|rest| rest.trim_ascii_start().starts_with(b"="));
    let types = sheet.windows(4).enumerate().filter(|(at, word)| *word == b"type" && assigns(*at)).count();
    let at = find(sheet, 0, b" type=\"text/css\"").or_else(|| find(sheet, 0, b" type='text/css'"));
    let outside = |at: usize| {
        let before = sheet.get(..at).unwrap_or_default();
        [b'"', b'\''].iter().all(|quote| before.iter().filter(|byte| *byte == quote).count() % 2 == 0)
    };
    types == 1 && at.is_some_and(outside)
}

fn words(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).take(8)
}

fn is_quoted(word: &[u8]) -> bool {
    matches!(word.first(), Some(b'"' | b'\''))
}

/// How many other entities a value names: `&a;&a;`, `%a;`.
fn references(value: &[u8]) -> usize {
    let mut count = 0;
    for part in value.split(|byte| matches!(byte, b'&' | b'%')).skip(1) {
        let name = part.iter().take_while(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(byte)).count();
        count += usize::from(name > 0 && part.get(name) == Some(&b';'));
    }
    count
}
