//! Does a path name what no site publishes: hidden files, programs of old servers, copies, keys, inner views?

use super::bytes::find;
use crate::detect::matcher::Evidence;
use crate::detect::verify::word_list::WordList;

/// Hidden names that servers and frameworks publish on purpose.
static PUBLIC: WordList = WordList::new(
    "ajax api assets attachments auth css files form ghost github imaging js lp magnolia netlify next nuxt proxy \
     redirects resources rest rum static storybook well-known ws",
);

/// Kinds of files that pages are made of.
pub(super) static RESOURCES: WordList =
    WordList::new("avif css gif ico jpeg jpg mp3 mp4 png scss svg ttf vue webp woff woff2");

/// What people call a copy of a whole site or of its database.
static SITES: WordList = WordList::new(
    "1 123 admin app backup backups bak bck bkp code config copy data database db db-backup db_backup dbdump dev \
     drupal dump env ftp full home htdocs html joomla laravel localhost mysql mysqldump old prod public public_html \
     root server site source sql src test users web webroot website wordpress wp wp-config www wwwroot",
);
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

/// Reports what the path of a request, in lower case, names.
pub(super) fn look(path: &[u8], found: &mut dyn FnMut(Evidence)) {
    for (is_so, evidence) in [
        (hidden(path), Evidence::PathHidden),
        (program(path), Evidence::PathProgram),
        (copy(path), Evidence::PathCopy),
        (secret(path), Evidence::PathSecret),
        (actuator(path), Evidence::PathActuator),
    ] {
        if is_so {
            found(evidence);
        }
    }
}

/// Does the path start in a hidden file or directory? Not in one of those that are meant to be public.
fn hidden(view: &[u8]) -> bool {
    let Some(name) = view.strip_prefix(b"/.") else { return false };
    let name = name.split(|byte| matches!(byte, b'/' | b';' | b'?')).next().unwrap_or_default();
    // `/.element/js/app.js`: what pages load.
    let (folders, last) = view.iter().rposition(|byte| *byte == b'/').map_or((view, view), |at| view.split_at(at));
    let mut folders = folders.split(|byte| *byte == b'/').skip(2).peekable();
    let kind = last.rsplit(|byte| *byte == b'.').next().filter(|kind| kind.len() + 1 < last.len()).unwrap_or_default();
    let is_published = folders.peek().is_some()
        && (RESOURCES.has(kind) || kind == b"js")
        && view.iter().all(|byte| byte.is_ascii_alphanumeric() || b"/._-@^+".contains(byte))
        && !folders.any(|folder| folder.contains(&b'.') && !folder.starts_with(b"@") && !is_version(folder));
    name.first().is_some_and(u8::is_ascii_alphanumeric) && !PUBLIC.has(name) && !is_published
}

/// `2.0`
fn is_version(name: &[u8]) -> bool {
    name.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.')
}

/// `/counter.exe`: sites that offer downloads say so in the name, or keep them in a directory.
fn program(view: &[u8]) -> bool {
    if let Some(end) = find(view, 0, b".exe/") {
        // `/bin/query.exe/dn`: the language of a timetable (HAFAS), as many railways serve it.
        let timetables = [&b"/bin/query"[..], b"/bin/stboard", b"/bin/traininfo", b"/bin/ajax-getstop", b"/bin/help"];
        let is_timetable = view.get(..end).is_some_and(|name| timetables.contains(&name));
        let is_language =
            view.len() == end + b".exe/".len() + 2 && view.iter().rev().take(2).all(u8::is_ascii_alphabetic);
        return !(is_timetable && is_language);
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
