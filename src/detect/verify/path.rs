//! Is it path traversal? Counts the steps up, and looks where they lead.

use super::bytes::{find, has_any};
use super::path_confusion;
use super::server_file;
use super::subject::Subject;
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

/// Hidden names that servers and frameworks publish on purpose.
static PUBLIC: WordList = WordList::new(
    "ajax api assets attachments auth css files form ghost github imaging js magnolia netlify next nuxt proxy \
     redirects resources rest static storybook well-known",
);

/// Kinds of files that pages are made of.
static RESOURCES: WordList = WordList::new("avif css gif ico jpeg jpg mp3 mp4 png scss svg ttf vue webp woff woff2");

/// What people call a copy of a whole site or of its database.
static SITES: WordList = WordList::new(
    "1 123 admin app backup backups bak bck bkp code config copy data database db db-backup db_backup dbdump dev \
     drupal dump env ftp full home htdocs html joomla laravel localhost mysql mysqldump old prod public public_html \
     root server site source sql src test users web webroot website wordpress wp wp-config www wwwroot",
);
/// Steps as no text shows them: spelled for a filter, or more than a project is deep.
const UNUSUAL: &[&[u8]] =
    &[b"..\\", b"..//", b"...", b"../../../../../../../", b"master.key", b"run/secrets", b"serviceaccount/token"];
/// A text with so many line breaks has several lines.
const LINES: usize = 3;
/// A key that somebody looks for lies so deep at most.
const KEYS: usize = 4;
/// Kinds of archives and of dumps.
#[rustfmt::skip]
const ARCHIVES: &[&[u8]] = &[
    b".zip", b".tar", b".tar.gz", b".tgz", b".tar.bz2", b".tar.xz", b".rar", b".7z", b".gz", b".bz2", b".sql", b".sql.gz", b".sql.zip", b".sql.bz2", b".mdb", b".sqlite", b".sqlite3", b".bak",
    b".sql.tar.gz", b".dump", b".old",
];
/// Kinds of files: a server shows copies of them as they are.
static SOURCES: WordList = WordList::new(
    "asax ashx asp aspx cfg cfm cgi cnf conf config cs do env htaccess htm html inc ini java js json jsp jspx mjs php \
     php5 php7 pl properties py rb sh sql toml tpl ts twig txt vb xml yaml yml",
);
/// What a copy of a file has behind its name.
const COPIES: &[&[u8]] = &[
    b".bak", b".old", b".orig", b".save", b".swp", b".swo", b"~", b".bkp", b".backup", b"_bak", b"_old", b".bak1",
    b".1",
];

/// Reports steps up the directories, known targets of them, and names that no site publishes. Reads the view once.
pub(super) fn verify(subject: &Subject<'_>, found: &mut dyn FnMut(Evidence)) {
    let view = subject.view;
    if subject.target != Target::Path && odd_dots(view) {
        found(Evidence::PathDots);
    }
    if subject.target == Target::Path && hidden(view) {
        found(Evidence::PathHidden);
    }
    if subject.target == Target::Path && program(view) {
        found(Evidence::PathProgram);
    }
    if subject.target == Target::Path && copy(view) {
        found(Evidence::PathCopy);
    }
    if subject.target == Target::Path && secret(view) {
        found(Evidence::PathSecret);
    }
    if subject.target == Target::Path && actuator(view) {
        found(Evidence::PathActuator);
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
    if !target && subject.rounds <= 1 && !subject.odd && subject.target.in_document() && of_project(view) {
        return;
    }
    if target {
        found(Evidence::PathTarget);
    }
    // A browser takes the steps of a path itself: what still has one was not sent by any.
    let sent = subject.target == Target::Path && !is_part(view);
    if sent || lead && count == 1 && !resource(view) {
        found(Evidence::PathLead);
    }
    // A path has no line breaks: a text of several lines is a script, a page or a manual, whose paths are its own.
    let in_text = !target
        && subject.target.in_body()
        && view.trim_ascii().iter().filter(|byte| **byte == b'\n').count() >= LINES
        && view.trim_ascii().contains(&b' ')
        && !has_any(view, UNUSUAL);
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

/// `../img/logo.png`, as pages and style sheets name what belongs to them.
fn resource(view: &[u8]) -> bool {
    let view = view.split(u8::is_ascii_whitespace).next().unwrap_or_default();
    let last = view.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    let kind = last.rsplit(|byte| *byte == b'.').next().filter(|kind| kind.len() + 1 < last.len());
    view.starts_with(b"../")
        && view.iter().all(|byte| byte.is_ascii_alphanumeric() || b"/._-@".contains(byte))
        && kind.is_some_and(|kind| RESOURCES.has(kind) || matches!(kind, b"htm" | b"html"))
}

/// Does the path end in a part of a page? Build tools and browsers' tools send such paths unresolved.
fn is_part(view: &[u8]) -> bool {
    let last = view.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    let kind = last.rsplit(|byte| *byte == b'.').next().filter(|kind| kind.len() < last.len());
    kind.is_some_and(|kind| RESOURCES.has(kind) || matches!(kind, b"js" | b"mjs" | b"ts" | b"tsx" | b"map"))
}

/// `../../packages/a/src/b.ts`: a few plain steps, then directories or a file with a kind, as configurations and states of tools
/// name what lies beside them.
fn of_project(view: &[u8]) -> bool {
    const STEPS: usize = 5;
    const FAR: usize = 12;
    let mut rest = view.strip_prefix(b"./").unwrap_or(view);
    let mut steps = 0;
    while let Some(after) = rest.strip_prefix(b"../") {
        rest = after;
        steps += 1;
    }
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"/._-@+*".contains(byte);
    // A file of a program's source, which a map of another names, may lie further away.
    let most = if is_part(view) { FAR } else { STEPS };
    (1..=most).contains(&steps)
        && rest.first().is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'@')
        && rest.iter().all(is_name)
        && (rest.iter().any(|byte| matches!(byte, b'/' | b'.')) || rest.len() > 2)
        && find(rest, 0, b"..").is_none()
        && !server_file::is_own(rest)
}

/// Does the path start in a hidden file or directory? Not in one of those that are meant to be public.
fn hidden(view: &[u8]) -> bool {
    let Some(name) = view.strip_prefix(b"/.") else { return false };
    let name = name.split(|byte| matches!(byte, b'/' | b';' | b'?')).next().unwrap_or_default();
    // `/.element/js/app.js`, `/.ws?v=5`: what pages load, and ends of services of two letters.
    let is_published = is_part(view) || name.ends_with(b".");
    name.first().is_some_and(u8::is_ascii_alphanumeric) && name.len() > 2 && !PUBLIC.has(name) && !is_published
}

/// `/counter.exe`: sites that offer downloads say so in the name, or keep them in a directory.
fn program(view: &[u8]) -> bool {
    if let Some(end) = find(view, 0, b".exe/") {
        // `/bin/query.exe/dn`: the language of a timetable, as many railways serve it.
        let is_language = view.starts_with(b"/bin/") && view.len() <= end + b".exe/".len() + 3;
        return !is_language;
    }
    let name = view.strip_prefix(b"/").and_then(|name| name.strip_suffix(b".exe")).unwrap_or_default();
    let offers = [
        &b"setup"[..],
        b"install",
        b"update",
        b"client",
        b"download",
        b"launch",
        b"agent",
        b"app",
        b"desktop",
        b"tool",
    ];
    let letters = name.iter().filter(|byte| byte.is_ascii_alphabetic()).count();
    letters >= 3
        && name.len() <= letters + 2
        && name.len() <= 12
        && name.iter().all(u8::is_ascii_alphanumeric)
        && !offers.iter().any(|offer| find(name, 0, offer).is_some())
}

/// `/site.tar.gz`, `/config.json.bak`: what an administrator leaves and nobody links to.
fn copy(view: &[u8]) -> bool {
    let name = view.strip_prefix(b"/").unwrap_or_default();
    let kept = [&b"backup/"[..], b"backups/", b"bak/", b"old/", b"dump/", b"dumps/", b"sql/", b"db/"];
    let inside = kept.iter().find_map(|directory| name.strip_prefix(*directory)).unwrap_or(name);
    let site = ARCHIVES
        .iter()
        .filter_map(|kind| inside.strip_suffix(*kind))
        .any(|stem| SITES.has(stem) || stem.starts_with(b".") && stem.len() < 4);
    let last = name.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    let stem = COPIES.iter().find_map(|kind| last.strip_suffix(*kind)).unwrap_or_default();
    let dot = stem.iter().rposition(|byte| *byte == b'.');
    site || dot.is_some_and(|dot| dot > 0 && stem.get(dot + 1..).is_some_and(|kind| SOURCES.has(kind)))
}

/// `/ssl/private.pem`, `/credentials.yml`: certificates are public, and `.key` is a kind of slides as well.
fn secret(view: &[u8]) -> bool {
    let last = view.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    let Some(dot) = last.iter().rposition(|byte| *byte == b'.') else { return false };
    let (stem, kind) = last.split_at(dot);
    let has = |part: &[u8]| find(stem, 0, part).is_some();
    let root = view.len() == last.len() + 1;
    let private = has(b"priv") || [&b"server"[..], b"ssl", b"tls", b"host", b"domain", b"cert"].contains(&stem);
    let data =
        [&b".json"[..], b".yml", b".yaml", b".xml", b".txt", b".csv", b".ini", b".cfg", b".conf", b".sql", b".db"];
    let words = has(b"credential") || has(b"passwd") || has(b"secrets") || stem == b"passwords" || stem == b"password";
    match kind {
        b".ppk" | b".kdbx" | b".jks" | b".keystore" | b".pfx" | b".p12" => true,
        // Tests and certificates of a project lie deep.
        b".pem" => (has(b"priv") || has(b"key")) && view.iter().filter(|byte| **byte == b'/').count() <= KEYS,
        b".key" => private,
        kind => root && words && data.contains(&kind),
    }
}

/// `/actuator/` and a name that monitoring does not ask for.
fn actuator(view: &[u8]) -> bool {
    let Some(at) = find(view, 0, b"/actuator/") else { return false };
    let rest = view.get(at + 10..).unwrap_or_default();
    let name = rest.split(|byte| !byte.is_ascii_alphanumeric() && *byte != b'-').next().unwrap_or_default();
    !name.is_empty() && name != b"health" && name != b"info"
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
