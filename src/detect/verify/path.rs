//! Is it path traversal? Counts the steps up, and looks where they lead.

use super::bytes::{find, has_any};
use super::path_confusion;
use super::server_file;
use super::subject::Subject;
use super::unpublished::{self, RESOURCES};
use crate::detect::matcher::Evidence;
use crate::detect::verify::word_list::WordList;
use crate::read::target::Target;

/// Files and directories that payloads climb to; each after a slash.
#[rustfmt::skip]
const TARGETS: &[&[u8]] = &[
    b"etc/", b"proc/", b"windows/", b"winnt/", b"boot.ini", b"win.ini", b"web-inf/", b"meta-inf/", b"var/log",
    b"var/www", b"usr/", b"root/", b"home/", b".ssh", b"wp-config", b"web.config", b".env", b".git", b".htpasswd",
    b".htaccess", b"id_rsa", b"autoexec.bat", b"inetpub", b"apache", b"php.ini", b"my.cnf", b"config.php", b"system32",
    b"xampp", b"tomcat",
];

/// Folders that stand beside each other in a project.
static FOLDERS: WordList = WordList::new(
    "app assets build common core dist docs include lib libs modules packages scripts shared src static test tests tools types utils \
     vendor",
);

/// Steps as no text shows them: spelled for a filter, or more than a project is deep.
const UNUSUAL: &[&[u8]] =
    &[b"..\\", b"..//", b"...", b"../../../../../../../", b"master.key", b"run/secrets", b"serviceaccount/token"];
/// A text with so many line breaks has several lines.
const LINES: usize = 3;

/// Reports steps up the directories, known targets of them, and names that no site publishes. Reads the view once.
pub(super) fn verify(subject: &Subject<'_>, found: &mut dyn FnMut(Evidence)) {
    let view = subject.view;
    if subject.target != Target::Path && odd_dots(view) {
        found(Evidence::PathDots);
    }
    if subject.target == Target::Path {
        unpublished::look(view, found);
    }
    if path_confusion::is_confused_at(subject.target, view) {
        found(Evidence::PathConfused);
    }
    if matches!(subject.target, Target::Query | Target::Form | Target::Cookie) && server_file::is_asked(subject) {
        found(Evidence::PathSource);
    }
    let Steps { count, lead, target } = steps(view);
    if count == 0 {
        return;
    }
    found(Evidence::PathStep);
    // XStream's reference to an element further out.
    if subject.target == Target::Xml && view.iter().all(|byte| matches!(byte, b'.' | b'/')) {
        return;
    }
    if !target && subject.rounds <= 1 && !subject.odd && subject.target.in_document() && of_project(subject.name, view)
    {
        return;
    }
    if target {
        found(Evidence::PathTarget);
    }
    // A browser takes the steps of a path itself: what still has one was not sent by any.
    let sent = subject.target == Target::Path && !is_part(view);
    if sent || lead && count == 1 && !resource(view) && !leads_back(subject) {
        found(Evidence::PathLead);
    }
    // A path has no line breaks: a text of several lines is a script, a page or a manual, whose paths are its own.
    let in_text = !target
        && subject.target.in_body()
        && view.trim_ascii().iter().filter(|byte| **byte == b'\n').count() >= LINES
        && view.trim_ascii().contains(&b' ')
        && !has_any(view, UNUSUAL);
    let in_text = in_text || !target && subject.target.in_body() && subject.rounds <= 1 && is_told(subject.name, view);
    if (count >= 3 || (count == 2 && (lead || subject.target == Target::Path))) && !in_text {
        found(Evidence::PathClimb);
    }
    if subject.rounds > 1 || subject.odd || view.windows(3).any(|part| part == b"..;") {
        found(Evidence::PathCoded);
    }
}

/// `/.....x`, `/././././x`, `........etc`, `??\\??\\??\\x`: rows of dots as tools try them, and prose does not write them.
fn odd_dots(view: &[u8]) -> bool {
    let name = view.len() <= 8192 && !view.iter().any(|byte| byte.is_ascii_whitespace());
    let dots = |text: &[u8]| text.iter().take_while(|byte| **byte == b'.').count();
    let slash = matches!(view.first(), Some(b'/' | b'\\'));
    let inside = view.get(usize::from(slash)..).unwrap_or_default();
    let count = dots(inside);
    let after = inside.get(count).copied();
    let row = after.is_some_and(|byte| byte.is_ascii_alphabetic() || b"/\\{".contains(&byte))
        && count >= if slash { 3 } else { 6 };
    let segments = || view.split(|byte| matches!(byte, b'/' | b'\\'));
    let selves = segments().filter(|segment| *segment == b".").count();
    let marks = segments().filter(|segment| matches!(*segment, b"??" | b"?.")).count();
    // As long as a server takes, so that what it appends falls off.
    let letter = inside.first().copied();
    let padding = slash
        && inside.len() >= 200
        && letter
            .is_some_and(|letter| letter.is_ascii_alphabetic() && inside.iter().take(200).all(|byte| *byte == letter));
    name && (row || padding || (slash && count >= 64) || selves >= 4 || marks >= 3)
}

/// `../img/logo.png`, `../guide/intro.html#setup`, as pages and style sheets name what belongs to them.
fn resource(view: &[u8]) -> bool {
    let view = view.split(|byte| byte.is_ascii_whitespace() || *byte == b'#').next().unwrap_or_default();
    let last = view.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    let kind = last.rsplit(|byte| *byte == b'.').next().filter(|kind| kind.len() + 1 < last.len());
    view.starts_with(b"../")
        && view.iter().all(|byte| byte.is_ascii_alphanumeric() || b"/._-@".contains(byte))
        && kind.is_some_and(|kind| RESOURCES.has(kind) || matches!(kind, b"htm" | b"html"))
}

/// `redirect=./../adm/index.php?sid=1`: the page that a log-in leads back to, as phpBB names it.
fn leads_back(subject: &Subject<'_>) -> bool {
    static RETURNS: WordList = WordList::new("back goto next redirect redirect_to return return_to returnto");
    let path = subject.view.split(|byte| *byte == b'?').next().unwrap_or_default();
    let page = path.strip_prefix(b"./../").or_else(|| path.strip_prefix(b"../")).unwrap_or_default();
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"/._-".contains(byte);
    matches!(subject.target, Target::Query | Target::Form)
        && RETURNS.has(&subject.name.to_ascii_lowercase())
        && page.first().is_some_and(u8::is_ascii_alphanumeric)
        && page.iter().all(is_plain)
        && (page.ends_with(b".php") || page.ends_with(b".html"))
}

/// Does the path end in a part of a page? Build tools and browsers' tools send such paths unresolved.
fn is_part(view: &[u8]) -> bool {
    let last = view.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    let kind = last.rsplit(|byte| *byte == b'.').next().filter(|kind| kind.len() < last.len());
    kind.is_some_and(|kind| RESOURCES.has(kind) || matches!(kind, b"js" | b"mjs" | b"ts" | b"tsx" | b"map"))
}

/// `../../packages/a/src/b.ts`: a few plain steps, then directories or a file with a kind, as configurations and states of tools
/// name what lies beside them.
fn of_project(name: &[u8], view: &[u8]) -> bool {
    const STEPS: usize = 5;
    const FAR: usize = 12;
    const SOURCE_KINDS: &[&[u8]] = &[b".ts", b".tsx", b".js", b".jsx", b".mjs", b".vue", b".scss"];
    let mut rest = view.strip_prefix(b"./").unwrap_or(view);
    let mut steps = 0;
    while let Some(after) = rest.strip_prefix(b"../") {
        rest = after;
        steps += 1;
    }
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"/._-@+*".contains(byte);
    // A map of a program names its sources, however far away they lie.
    let is_source = name.ends_with(b"sources") && SOURCE_KINDS.iter().any(|kind| rest.ends_with(kind));
    let most = if is_source { FAR } else { STEPS };
    (1..=most).contains(&steps)
        && rest.first().is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'@')
        && rest.iter().all(is_name)
        && (rest.iter().any(|byte| matches!(byte, b'/' | b'.')) || steps > 1 && rest.len() > 2 || FOLDERS.has(rest))
        && find(rest, 0, b"..").is_none()
        && !server_file::is_own(rest)
}

/// `run it with node ../../scripts/run.mjs`: does a sentence name a project's file?
fn is_told(name: &[u8], view: &[u8]) -> bool {
    let Some(at) = find(view, 0, b"../") else { return false };
    let (before, path) = view.split_at(at);
    let end = path.iter().position(|byte| b" ,)`\"'\n".contains(byte)).unwrap_or(path.len());
    let (path, after) = path.split_at(end);
    let words = before
        .split(|byte| *byte == b' ')
        .filter(|word| word.iter().filter(|byte| byte.is_ascii_alphabetic()).count() > 1);
    let opens = matches!(before.last(), Some(b' ' | b'`' | b'"' | b'\'' | b'('));
    opens && words.count() >= 3 && of_project(name, path) && find(after, 0, b"..").is_none()
}

struct Steps {
    count: u32,
    /// Is one of them before any name?
    lead: bool,
    /// Does a known file follow?
    target: bool,
}

fn steps(view: &[u8]) -> Steps {
    let mut steps = Steps { count: 0, lead: false, target: false };
    let mut ellipses = 0;
    let mut named = false;
    // Steps of the path that a segment belongs to: a text may hold several.
    let mut joined = false;
    let mut at = 0;
    let mut segments = view.split(|byte| matches!(byte, b'/' | b'\\')).peekable();
    while let Some(segment) = segments.next() {
        let (start, first, last) = (at, at == 0, segments.peek().is_none());
        at += segment.len() + 1;
        if is_step(segment, first, last) {
            // A row of `...` is what some filters let through; a single one is an ellipsis.
            // What a filter that takes out `../` leaves of `..././`: counts at once.
            ellipses += u32::from(segment == b"...") * (1 + u32::from(segments.peek() == Some(&&b"."[..])));
            steps.count += u32::from(segment != b"..." || ellipses > 1);
            joined = true;
            steps.lead |= !named && (segment != b"..." || ellipses > 1) && (!first || segment.starts_with(b".."));
        } else if !(segment == b"." || (first && segment.is_empty())) {
            named = true;
            let rest = view.get(start..).unwrap_or_default();
            steps.target |= joined && TARGETS.iter().any(|target| starts_with_path(rest, target));
            joined &= !segment.contains(&b'\n') && segment.iter().filter(|byte| **byte == b' ').count() < 3;
        }
    }
    steps
}

/// `..`, also with what decoders drop (`..;`, `....`, a NUL), at the end of a first segment (`file=..`) or before a sign.
fn is_step(segment: &[u8], first: bool, last: bool) -> bool {
    let name = segment.split(|byte| matches!(byte, b';' | 0 | b'?' | b'#')).next().unwrap_or_default();
    let dots = name.iter().rev().take_while(|byte| **byte == b'.').count();
    let before = name.len().checked_sub(dots + 1).and_then(|at| name.get(at)).copied();
    let stands = match before {
        None => true,
        Some(byte) => first && matches!(byte, b'=' | b':' | b' ' | b'"' | b'\'' | b'(' | b'>' | b',' | b'\n'),
    };
    // `...` and more are not steps, but what a filter leaves of them is: `....//`. An ellipsis stands alone or last.
    stands && (dots == 2 || (matches!(dots, 3 | 4) && !last)) && !(first && last)
}

/// Does the text start with this path, whichever slashes it has?
fn starts_with_path(text: &[u8], path: &[u8]) -> bool {
    text.len() >= path.len()
        && text.iter().zip(path).all(|(byte, expected)| byte == expected || (*byte == b'\\' && *expected == b'/'))
}
