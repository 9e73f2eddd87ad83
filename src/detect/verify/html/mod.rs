//! Is it cross-site scripting? Reads tags as a browser does, and what breaks out of an attribute or a string.

mod code;
mod member;
mod names;
mod plain;
mod script_url;
mod tag;

use super::bytes::{find, has_any};
use super::subject::Subject;
use crate::detect::matcher::Evidence;
use crate::detect::verify::word_list::WordList;
use crate::read::target::Target;
use std::cell::OnceCell;
use tag::{Tag, tags};

/// Elements that load or embed what the application did not write.
static EMBEDS: WordList = WordList::new(
    "animate applet base bgsound embed fencedframe foreignobject frame frameset iframe ilayer import isindex layer \
     link marquee meta object plaintext portal set style vmlframe xml xss",
);

/// Elements of a page that a value has no business to bring.
static KNOWN: WordList = WordList::new(
    "a audio b body button div font form h1 image img input math p select source span svg table td textarea video",
);

/// Reports tags that run script or load foreign content, and script that needs no tag. Reads each tag up to a cap of bytes and
/// attributes; what a cap left is noted as unread.
pub(super) fn verify(subject: &Subject<'_>, found: &mut dyn FnMut(Evidence)) {
    let view = subject.view;
    let in_text = subject.target.in_body() && !matches!(view.trim_ascii_start(), [b'"' | b'\'' | b'>' | b'/', ..]);
    // Reports of pages hold their elements.
    let in_document = in_text && matches!(subject.target, Target::Json | Target::Xml);
    let mut in_data = false;
    // `<itunes:link href="x">`: an element of another language, unless the document binds its prefix to that of pages.
    let binds = OnceCell::new();
    let is_bound = || *binds.get_or_init(|| has_any(view, &[b"1999/xhtml", b"2000/svg", b"xmlns:svg", b"xmlns:html"]));
    let is_foreign = |tag: &Tag<'_>| {
        let local = tag.name.iter().position(|byte| *byte == b':').and_then(|at| tag.name.get(at + 1..));
        matches!(local, Some(b"link" | b"object" | b"frame" | b"meta" | b"base")) && !is_bound()
    };
    subject.leave(tags(view, &mut |tag| {
        if in_text && is_step(tag) && !is_bound() {
            return;
        }
        // What ends a script that holds data is no script either.
        if tag.name == b"script" && std::mem::replace(&mut in_data, tag.is_data()) && tag.ends(view) {
            return;
        }
        of_tag(view, tag, in_document, &mut |evidence| {
            let is_harmless = in_text && evidence == Evidence::HtmlEmbed && (tag.is_of_editors() || is_foreign(tag));
            if !is_harmless {
                found(evidence);
            }
        });
    }));
    if code::handler_after_attribute(view, in_document) || code::attribute_after_quote(view) {
        found(Evidence::HtmlBreakout);
    }
    // Tags are read as they stand; of script what only pushes its words apart is left out.
    let plain = plain::script(view);
    let view = plain.as_deref().unwrap_or(view);
    if code::breaks_out(view) {
        found(Evidence::HtmlBreak);
    }
    if code::after_string(view) {
        found(Evidence::HtmlCode);
    }
    if member::computed(view) {
        found(Evidence::HtmlMember);
    }
    if code::bare_call(view, subject.marks) {
        found(Evidence::HtmlCall);
    }
    // A picture that a body brings along; a script in it is found as a tag.
    let is_picture = subject.target.in_body() && view.starts_with(b"data:image/svg");
    if !is_picture && script_url::runs_script(view) && !script_url::calls_page(view) {
        found(Evidence::HtmlUrlValue);
    }
}

/// `<bpmn:script>`: a step of a process (BPMN 2.0, 10.3.3, "Script Task"), which no browser runs.
fn is_step(tag: &Tag<'_>) -> bool {
    matches!(tag.name, b"bpmn:script" | b"bpmn2:script" | b"semantic:script") && tag.attributes.is_empty()
}

/// Has a link a scheme or a host, or characters spelled as entities, which may be one?
fn leads_elsewhere(link: &[u8]) -> bool {
    let is_entity = |after: &[u8]| {
        let name = after.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
        let (name, after) = after.split_at(name);
        name.is_empty() && after.starts_with(b"#") || after.starts_with(b";") && !name.is_empty() && name != b"amp"
    };
    let has_entity = || link.split(|byte| *byte == b'&').skip(1).any(is_entity);
    // A browser drops blanks and controls, and takes a backslash for a slash.
    let slashes =
        link.iter().filter(|byte| **byte > b' ').take_while(|byte| matches!(byte, b'/' | b'\\')).take(2).count();
    link.contains(&b':') || slashes == 2 || has_entity()
}

fn of_tag(view: &[u8], tag: &Tag<'_>, in_document: bool, found: &mut dyn FnMut(Evidence)) {
    let local = tag.name.rsplit(|byte| *byte == b':').next().unwrap_or_default();
    if local == b"script" && !tag.is_data() {
        let inside = view.get(tag.end..(tag.end + 256).min(view.len())).unwrap_or_default();
        let source = tag.attributes.iter().any(|(name, _)| matches!(*name, b"src" | b"href" | b"xlink:href"));
        let strong = source || inside.iter().any(|byte| b"(=`;".contains(byte)) || inside.starts_with(b"</script");
        found(if strong { Evidence::HtmlScript } else { Evidence::HtmlScriptTag });
    }
    for (name, value) in &tag.attributes {
        let is_handler = name.len() > 3 && name.starts_with(b"on") && name.iter().all(u8::is_ascii_alphanumeric);
        if is_handler && !value.is_empty() && !(in_document && script_url::calls_own(value)) {
            found(Evidence::HtmlHandler);
        }
        if *name == b"style" && code::style_runs(value) {
            found(Evidence::HtmlStyle);
        }
        if KNOWN.has(local)
            && matches!(*name, b"style" | b"href" | b"src" | b"formaction" | b"action" | b"ping")
            && !value.is_empty()
            // A link within the site is a text's; what carries a payload leads elsewhere.
            && (*name != b"href" || leads_elsewhere(value))
        {
            found(Evidence::HtmlMarkup);
        }
        // Netscape's script entities.
        if value.starts_with(b"&{") {
            found(Evidence::HtmlUrl);
        }
        if *name == b"datasrc" {
            found(Evidence::HtmlEmbed);
        }
        let hidden = find(value, 0, b"javascript:").is_some_and(|at| (1..32).contains(&at) && at + 11 < value.len());
        if *name == b"srcdoc" || hidden || script_url::runs_script(value) {
            found(Evidence::HtmlUrl);
        }
    }
    if local == b"style" && code::style_runs(view.get(tag.end..(tag.end + 512).min(view.len())).unwrap_or_default()) {
        found(Evidence::HtmlStyle);
    }
    let refers = !tag.attributes.is_empty() && !tag.is_frame();
    // `<xs:import namespace="x">`: a schema's.
    let is_away = |value: &[u8]| [&b"ftp:"[..], b"jar:", b"\\\\", b"//"].iter().any(|start| value.starts_with(start));
    let is_schema = local == b"import"
        && (tag.name != local || tag.is_of_schema())
        && !tag.attributes.iter().any(|(_, value)| is_away(value));
    if EMBEDS.has(local) && refers && !is_schema && !tag.is_target() {
        found(Evidence::HtmlEmbed);
    }
}
