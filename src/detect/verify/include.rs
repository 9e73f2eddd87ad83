//! Is it remote file inclusion? An address of a script where the name of a file belongs.

use super::bytes::find;
use super::subject::Subject;
use crate::detect::browsed::is_browsed;
use crate::detect::matcher::Evidence;
use crate::detect::verify::word_list::WordList;
use crate::read::target::Target;

/// Schemes of addresses that can be included.
const SCHEMES: &[&[u8]] = &[b"http://", b"https://", b"ftp://", b"ftps://", b"//"];
/// What a script includes.
static SCRIPTS: WordList = WordList::new("bak cgi dat inc log php php3 php4 php5 phtml pl sh tpl txt");
/// Names that web shells go by.
const SHELLS: WordList =
    WordList::new("b374k backdoor c100 c99 c99shell cmd evil fx29id phpshell r57 r57shell shell webshell wso");
/// Parts of the names of parameters that hold addresses anyway.
#[rustfmt::skip]
const ADDRESSES: &[&[u8]] = &[
    b"ref", b"link", b"href", b"src", b"redir", b"return", b"next", b"back", b"image", b"img", b"goto", b"dest", b"continue", b"loc", b"dl", b"page_url",
    b"callback", b"origin", b"target", b"feed", b"website", b"homepage", b"action", b"api", b"hook",
];
/// Parts of the names of parameters that hold files and directories.
#[rustfmt::skip]
const FILES: &[&[u8]] = &[
    b"path", b"dir", b"root", b"inc", b"file", b"lib", b"conf", b"cfg", b"tpl", b"templ", b"theme", b"lang", b"skin", b"mod", b"plug", b"script", b"base",
    b"global", b"admin", b"include", b"load", b"class", b"rep", b"pth", b"folder", b"header", b"footer", b"menu", b"content", b"layout", b"style",
];

/// Words that have the letters of those, and not their meaning.
const OTHER_WORDS: &[&[u8]] = &[b"payload", b"redirect", b"redir", b"description", b"descr"];

/// Names of parameters that say where the browser goes, is or was.
#[rustfmt::skip]
const GOES: &[&[u8]] = &[
    b"redirect_uri", b"redirect_url", b"redirecturi", b"redirecturl", b"post_logout_redirect_uri", b"relaystate", b"return_to", b"returnto", b"returnurl", b"return_url",
    b"next", b"continue", b"goto", b"service", b"callback", b"dl", b"dr", b"referrer", b"referer", b"origin", b"website", b"homepage", b"success_url", b"cancel_url",
];

/// Reports an address of a script or web shell, or of a file on another host, where a file's name belongs. Looks at the view as
/// one address, so a text with blanks is none.
pub(super) fn verify(subject: &Subject<'_>, found: &mut dyn FnMut(Evidence)) {
    if !matches!(subject.target, Target::Query | Target::Form | Target::Cookie | Target::Json) {
        return;
    }
    let view = subject.view.trim_ascii();
    if view.split(u8::is_ascii_whitespace).any(includes_shell) {
        found(Evidence::IncludeCut);
    }
    if view.iter().any(u8::is_ascii_whitespace) {
        // A text, not an address.
        return;
    }
    // A share of a Windows network.
    let share = view.strip_prefix(b"\\\\").and_then(|share| share.rsplit(|byte| *byte == b'.').next());
    if share.is_some_and(|kind| [&b"php"[..], b"inc", b"phtml", b"dll", b"so"].contains(&kind)) {
        found(Evidence::IncludeScheme);
    }
    // A share of a machine on the internet: its server is told the user's hash.
    let host =
        view.strip_prefix(b"\\\\").and_then(|share| share.split(|byte| *byte == b'\\').next()).unwrap_or_default();
    let named = host.len() > 3
        && host.contains(&b'.')
        && host.iter().all(|byte| byte.is_ascii_alphanumeric() || b".-@".contains(byte));
    if named && view.len() > host.len() + 3 {
        found(Evidence::IncludeScheme);
    }
    let Some(rest) = SCHEMES.iter().find_map(|scheme| view.strip_prefix(*scheme)) else {
        let files = [&b"ftp:"[..], b"url:", b"jar:", b"netdoc:"].iter().any(|scheme| view.starts_with(scheme));
        let host = view.strip_prefix(b"file://").and_then(<[u8]>::first).is_some_and(u8::is_ascii_alphanumeric);
        if files && view.windows(2).any(|pair| pair == b":/") || host {
            found(Evidence::IncludeScheme);
        }
        return;
    };
    // Of a member in a document its own name counts, not the names of those around it.
    let name = match subject.target {
        Target::Json => subject.name.rsplit(|byte| *byte == b'.').next().unwrap_or_default(),
        _ => subject.name,
    };
    let has = |parts: &[&[u8]]| {
        parts.iter().any(|part| name.windows(part.len()).any(|window| window.eq_ignore_ascii_case(part)))
    };
    // `payload` holds no `load`, `redirect_to` no `dir`, `description_url` no `script`.
    let rest_of_name = OTHER_WORDS.iter().fold(name.to_ascii_lowercase(), |name, word| without(name, word));
    let names_file = FILES.iter().any(|part| find(&rest_of_name, 0, part).is_some());
    // What the application appends becomes a query, or is cut off.
    let cut = rest.iter().position(|byte| matches!(byte, 0 | b'?'));
    let ends = cut.is_some_and(|cut| cut + 1 == rest.len() || rest.get(cut) == Some(&0));
    let path = rest.split(|byte| matches!(byte, b'?' | b'#' | 0)).next().unwrap_or_default();
    let script = path.rsplit(|byte| *byte == b'/').next().filter(|last| last.len() < path.len());
    let kind = script.and_then(|last| last.iter().rposition(|byte| *byte == b'.').and_then(|dot| last.get(dot + 1..)));
    let is_script = kind.is_some_and(|kind| SCRIPTS.has(kind));
    // The content of a document is no file's; that of a page's address is a page.
    let is_content = subject.target == Target::Json
        && name.eq_ignore_ascii_case(b"content")
        && matches!(kind, Some(b"php" | b"asp" | b"aspx" | b"jsp"));
    let names_file = names_file && !is_content;
    let stem = script.and_then(|last| last.split(|byte| *byte == b'.').next());
    let shell = stem.is_some_and(|stem| SHELLS.has(stem));
    if !shell && GOES.iter().any(|known| name.eq_ignore_ascii_case(known)) {
        // Where a browser goes, a server includes nothing.
        return;
    }
    if view.starts_with(b"ftp") {
        found(Evidence::IncludeScheme);
    }
    // In a body an address that ends in `?` is one that a program wrote, with nothing to ask for.
    if ends && (is_script || names_file && !subject.target.in_body()) || shell {
        found(Evidence::IncludeCut);
    } else if is_script && !is_browsed(path) {
        let address =
            name.windows(3).any(|part| part.eq_ignore_ascii_case(b"url") || part.eq_ignore_ascii_case(b"uri"));
        let numeric = path
            .split(|byte| *byte == b'/')
            .next()
            .is_some_and(|host| host.iter().all(|byte| byte.is_ascii_hexdigit() || b".:[]".contains(byte)));
        if numeric || names_file || !has(ADDRESSES) && !address && kind == Some(b"txt") {
            found(Evidence::IncludeScript);
        }
    } else if [&b"path]"[..], b"dir]", b"root]"].iter().any(|part| name.to_ascii_lowercase().ends_with(part)) {
        // `_CONF[path]=…`: an entry of a script's settings.
        found(Evidence::IncludeScript);
    }
}

fn without(mut name: Vec<u8>, word: &[u8]) -> Vec<u8> {
    if let Some(at) = find(&name, 0, word) {
        name.drain(at..at + word.len());
    }
    name
}

/// `/a.php?page=http://x.example/shell.txt`: a path of the site whose parameter is the address of a web shell.
fn includes_shell(word: &[u8]) -> bool {
    let Some(query) = word.strip_prefix(b"/").and_then(|path| path.split(|byte| *byte == b'?').nth(1)) else {
        return false;
    };
    query.split(|byte| *byte == b'&').any(|pair| {
        let value = pair.split(|byte| *byte == b'=').nth(1).unwrap_or_default();
        let address = SCHEMES.iter().find_map(|scheme| value.strip_prefix(*scheme)).unwrap_or_default();
        let name = address.rsplit(|byte| *byte == b'/').next().filter(|name| name.len() < address.len());
        let mut parts = name.unwrap_or_default().split(|byte| *byte == b'.');
        parts.next().is_some_and(|stem| SHELLS.has(stem)) && parts.next().is_some_and(|kind| SCRIPTS.has(kind))
    })
}
