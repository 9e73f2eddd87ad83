//! Which tags does a value have, as a browser sees them?
//!
//! After the tokenisation states of the HTML standard (WHATWG, 13.2.5.6 "Tag open state" to 13.2.5.40 "Self-closing
//! start tag state"), without the content model: every `<` may start a tag, as nobody knows where the value will stand.

use crate::detect::verify::host::is_domain;
use memchr::{memchr, memmem};

/// A start tag.
#[derive(Debug)]
pub(super) struct Tag<'a> {
    pub(super) name: &'a [u8],
    /// Names and values as they stand, at most [`ATTRIBUTES`].
    pub(super) attributes: Vec<(&'a [u8], &'a [u8])>,
    /// Where its text ends in the value.
    pub(super) end: usize,
    /// Was that for a cap?
    is_cut: bool,
    /// Does it end with its own sign, and has it nothing that browsers read otherwise: a back-quote is none of their quotation marks,
    /// and a `<` is a part of a name?
    is_whole: bool,
}

/// Attributes with which editors embed a video or a map.
#[rustfmt::skip]
const PLAIN: &[&[u8]] = &[
    b"src", b"width", b"height", b"title", b"class", b"id", b"style", b"name", b"loading", b"allow", b"allowfullscreen", b"frameborder", b"scrolling",
    b"referrerpolicy", b"sandbox", b"type", b"media", b"lang", b"dir", b"align", b"border", b"marginwidth", b"marginheight", b"charset", b"content",
    b"property", b"itemprop", b"rel", b"href", b"sizes", b"hreflang", b"crossorigin", b"as", b"integrity",
    b"scoped",
];

impl Tag<'_> {
    /// Is it a script that holds data? The first attribute of a name counts.
    pub(super) fn is_data(&self) -> bool {
        let kind = self.attributes.iter().find(|(name, _)| *name == b"type");
        let loads = self.attributes.iter().any(|(name, _)| matches!(*name, b"src" | b"href" | b"xlink:href"));
        !loads && kind.is_some_and(|(_, value)| DATA.contains(value))
    }

    /// Is it an end tag without attributes?
    pub(super) fn ends(&self, view: &[u8]) -> bool {
        let text = view.get(..self.end).and_then(|text| text.strip_suffix(b">")).unwrap_or_default();
        self.attributes.is_empty() && text.strip_suffix(self.name).is_some_and(|text| text.ends_with(b"</"))
    }

    /// `<object width="425" height="344">`: is it an object that loads nothing itself?
    pub(super) fn is_frame(&self) -> bool {
        let shapes =
            |(name, _): &(&[u8], &[u8])| matches!(*name, b"width" | b"height" | b"class" | b"id" | b"style" | b"align");
        self.name == b"object" && self.attributes.iter().all(shapes)
    }

    /// `<base target="_blank">`: says where links open, and not where they lead.
    pub(super) fn is_target(&self) -> bool {
        self.name == b"base" && self.is_whole && self.attributes.iter().all(|(name, _)| *name == b"target")
    }

    /// `<import namespace="x" schemaLocation="x.xsd">`: one of a schema or a description of a service, which loads nothing by a name that
    /// others load by.
    pub(super) fn is_of_schema(&self) -> bool {
        let loads = [&b"href"[..], b"resource", b"project", b"file", b"location", b"implementation", b"src"];
        self.is_whole && self.has(&[b"namespace", b"schemalocation"]) && !self.has(&loads)
    }

    /// Has it one of these attributes?
    fn has(&self, names: &[&[u8]]) -> bool {
        self.attributes.iter().any(|(name, _)| names.contains(name))
    }

    /// Does a link load what it leads to? One that only says where something is (Atom's, GPX's; `rel="canonical"`) does not.
    fn loads(&self) -> bool {
        const LOADS: &[&[u8]] =
            &[b"stylesheet", b"import", b"load", b"prefetch", b"prerender", b"manifest", b"&", b"\\"];
        let relation = self.attributes.iter().filter(|(name, _)| *name == b"rel").map(|(_, value)| *value);
        let is_odd = self.attributes.iter().any(|(name, value)| *name == b"href" && !is_address(value));
        is_odd || relation.into_iter().any(|value| LOADS.iter().any(|loads| memmem::find(value, loads).is_some()))
    }

    /// `<iframe width="480" height="360" …>`: does a frame take room on the page, as videos and maps do? What only runs needs none.
    fn is_seen(&self) -> bool {
        let number = |value: &[u8]| std::str::from_utf8(value).ok().and_then(|value| value.parse::<u32>().ok());
        let is_size = |value: &[u8]| match value.strip_suffix(b"%") {
            Some(part) => number(part).is_some_and(|part| (20..=100).contains(&part)),
            None => number(value.strip_suffix(b"px").unwrap_or(value)).is_some_and(|size| (50..=2000).contains(&size)),
        };
        let values = |wanted: &[u8]| {
            self.attributes.iter().filter(|(name, _)| *name == wanted).map(|(_, value)| *value).collect::<Vec<_>>()
        };
        let is_one = |name: &[u8]| matches!(values(name)[..], [size] if is_size(size));
        let hides = [&b"position"[..], b"opacity", b"z-index", b"display", b"visibility", b"transform", b"clip"];
        let is_hidden = |style: &&[u8]| {
            hides.iter().any(|property| memmem::find(style, property).is_some()) || style.contains(&b'\\')
        };
        self.is_whole && is_one(b"width") && is_one(b"height") && !values(b"style").iter().any(is_hidden)
    }

    /// `<link rel="stylesheet" type="text/css" href="//x.example/a.css">`: a style and nothing else?
    fn is_style(&self, address: &[u8]) -> bool {
        let path = address.split(|byte| matches!(byte, b'?' | b'#')).next().unwrap_or_default();
        let mut relations = self.attributes.iter().filter(|(name, _)| *name == b"rel").map(|(_, value)| *value);
        self.name == b"link"
            && self.is_whole
            && self.attributes.len() > 2
            && path.ends_with(b".css")
            && relations.next() == Some(b"stylesheet")
            && relations.next().is_none()
    }

    /// Is it one that editors of pages write: a frame with another site's page, a style, a link to one, what a page says of itself?
    pub(super) fn is_of_editors(&self) -> bool {
        let is_of_site = |value: &[u8]| {
            let path = value.strip_prefix(b"/").unwrap_or(value);
            !path.starts_with(b"/") && !value.iter().any(|byte| b":\\&@".contains(byte))
        };
        let is_usual = |value: &[u8]| {
            let is_frame = || self.name == b"iframe" && self.is_seen();
            let is_else = || {
                let rest = value.strip_prefix(b"http:").unwrap_or(value).strip_prefix(b"//").unwrap_or_default();
                let host = rest.split(|byte| matches!(byte, b'/' | b'?' | b'#')).next().unwrap_or_default();
                is_domain(host) && (is_frame() || self.is_style(rest))
            };
            value.starts_with(b"https://") && !value.contains(&b'@')
                || is_else()
                || matches!(self.name, b"link" | b"iframe") && is_of_site(value)
        };
        let is_plain = |(name, value): &(&[u8], &[u8])| {
            let plain = PLAIN.contains(name) || name.starts_with(b"data-") || name.starts_with(b"aria-");
            // In a mail that is quoted-printable `=` is `=3D`.
            let said = value.strip_prefix(b"3d").unwrap_or(value);
            let said = said.strip_prefix(b"\"").and_then(|said| said.strip_suffix(b"\"")).unwrap_or(said);
            let says = *name == b"http-equiv" && SAYS.contains(&said);
            says || plain && (!matches!(*name, b"src" | b"href") || is_usual(value))
        };
        // A picture that moves, but not its links and handlers; a document of the site's own.
        let moves = |(name, value): &(&[u8], &[u8])| {
            !name.starts_with(b"on")
                && *name != b"href"
                && *name != b"xlink:href"
                && (*name != b"attributename" || !value.starts_with(b"on") && !value.ends_with(b"href"))
                && !value.iter().any(|byte| b":\\&".contains(byte))
        };
        let shows = |(name, value): &(&[u8], &[u8])| {
            let is_site = value.starts_with(b"/") && !value.starts_with(b"//") && !value.contains(&b'\\');
            *name == b"data" && value.ends_with(b".pdf") && is_site
                || PLAIN.contains(name)
                || name.starts_with(b"data-") && matches!(*value, b"true" | b"false")
        };
        match self.name {
            b"animate" | b"set" => self.attributes.iter().all(moves),
            b"object" => self.attributes.iter().all(shows),
            // What has no part in HTTP says something about the page; what has no address loads nothing.
            b"meta" if !self.has(&[b"http-equiv"]) => true,
            b"link" | b"embed" if !self.has(&[b"href", b"src", b"code", b"imagesrcset"]) => true,
            b"link" if self.is_whole && !self.loads() => true,
            // It holds a part of a page; what that is made of is looked at by itself.
            b"foreignobject" => self.is_whole && !self.has(&[b"href", b"xlink:href", b"src"]),
            b"iframe" | b"style" | b"link" | b"meta" => self.attributes.iter().all(is_plain),
            _ => false,
        }
    }
}

/// `https://x.example/`, `/a/b`, `a.html`: nothing that runs.
fn is_address(value: &[u8]) -> bool {
    let path = value.strip_prefix(b"https:").or_else(|| value.strip_prefix(b"http:")).unwrap_or(value);
    path.len() < value.len() || !path.iter().any(|byte| matches!(byte, b':' | b'&' | b'\\'))
}

/// Headers that a page may say of itself, and none that leads anywhere.
const SAYS: &[&[u8]] = &[
    b"content-type",
    b"x-ua-compatible",
    b"pragma",
    b"cache-control",
    b"expires",
    b"content-language",
    b"content-style-type",
    b"imagetoolbar",
    b"x-dns-prefetch-control",
];

/// Types of a script that no browser runs, as pages and mails hold data in them (HTML's living standard, 4.12.1, "data block").
const DATA: &[&[u8]] =
    &[b"application/ld+json", b"application/json", b"text/template", b"text/x-template", b"speculationrules"];

/// No harmless tag has more attributes.
const ATTRIBUTES: usize = 64;
/// The bytes of a tag that are read.
const LONGEST: usize = 2048;

/// Passes each start tag of the view to `found`; returns the number of bytes behind the first tag that a cap cut off, or 0.
pub(super) fn tags<'a>(view: &'a [u8], found: &mut dyn FnMut(&Tag<'a>)) -> usize {
    let mut at = 0;
    // Tags inside tags are looked for too (`<<script>`, `<a title="<script>`): a tag's first bytes are searched again,
    // but only so many times.
    let mut budget = view.len() * 2 + LONGEST;
    let mut left = 0;
    while let Some(next) = view.get(at..).and_then(|rest| memchr(b'<', rest)) {
        let open = at + next + 1;
        at = open;
        let Some(tag) = read(view, open) else { continue };
        found(&tag);
        if tag.is_cut {
            left = left.max(view.len() - tag.end);
        }
        budget = budget.saturating_sub(tag.end - open);
        if budget == 0 {
            left = left.max(tag.end - open);
            at = tag.end;
        }
    }
    left
}

fn read(view: &[u8], open: usize) -> Option<Tag<'_>> {
    let limit = view.len().min(open + LONGEST);
    let text = view.get(..limit)?;
    let mut at = skip(text, open, |byte| byte == 0 || byte == b'/');
    let end = skip(text, at, |byte| !blank(byte) && !matches!(byte, b'/' | b'>' | b'<' | b'"' | b'\'' | b'='));
    let name = text.get(at..end)?;
    if !name.first()?.is_ascii_alphabetic() {
        return None;
    }
    let mut attributes = Vec::new();
    let mut is_whole = true;
    at = end;
    loop {
        at = skip(text, at, |byte| blank(byte) || matches!(byte, b'/' | b'"' | b'\'' | b';' | b','));
        match text.get(at) {
            None => return Some(Tag { name, attributes, end: at, is_cut: limit < view.len(), is_whole: false }),
            Some(b'>') => return Some(Tag { name, attributes, end: at + 1, is_cut: false, is_whole }),
            Some(b'<') => return Some(Tag { name, attributes, end: at, is_cut: false, is_whole: false }),
            Some(_) if attributes.len() >= ATTRIBUTES => {
                return Some(Tag { name, attributes, end: at, is_cut: true, is_whole: false });
            }
            Some(_) => {}
        }
        let key_end = skip(text, at + 1, |byte| !blank(byte) && !matches!(byte, b'/' | b'>' | b'='));
        let key = text.get(at..key_end)?;
        let equals = skip(text, key_end, blank);
        if text.get(equals) != Some(&b'=') {
            attributes.push((key, &b""[..]));
            at = key_end;
            continue;
        }
        let start = skip(text, equals + 1, blank);
        let (from, to, next) = match text.get(start) {
            Some(quote @ (b'"' | b'\'' | b'`')) => {
                let to = skip(text, start + 1, |byte| byte != *quote);
                is_whole &= *quote != b'`' && to < text.len();
                (start + 1, to, to + 1)
            }
            _ => {
                let to = skip(text, start, |byte| !blank(byte) && byte != b'>');
                (start, to, to)
            }
        };
        attributes.push((key, text.get(from..to).unwrap_or_default()));
        at = next.min(limit);
    }
}

/// The first position from `at` on whose byte does not belong.
fn skip(text: &[u8], at: usize, belongs: impl Fn(u8) -> bool) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    at.min(text.len()) + rest.iter().position(|byte| !belongs(*byte)).unwrap_or(rest.len())
}

/// White space, and the control characters that some browsers took for it.
fn blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c | 0)
}
