//! Is it an open redirect? Looks for addresses that a filter takes for a path and a browser for another host.
//!
//! After the states of the WHATWG URL standard's basic parser: backslashes count as slashes, tabs and line breaks are
//! dropped, and any number of slashes may follow a special scheme.

use super::bytes::find;
use super::host::is_domain;
use super::subject::Subject;
use crate::detect::matcher::Evidence;
use crate::detect::verify::word_list::WordList;
use crate::read::target::Target;

/// Ends of names of files, not of hosts.
static FILES: WordList = WordList::new(
    "asp aspx conf css dll do exe gif htm html ico ini jpeg jpg js json jsp local log map mp4 pdf php png svg txt \
     webp woff xml zip",
);

/// Reports an address that leads to another host while it looks like a path. Looks at the start of the view.
pub(super) fn verify(subject: &Subject<'_>, found: &mut dyn FnMut(Evidence)) {
    let whole = subject.view.trim_ascii();
    if subject.target == Target::Path {
        // Its first segment, as the server sends it back in a redirect.
        let (slashes, odd, rest) = run(whole);
        if slashes > 0 && goes(rest) && (odd || slashes > 1 && hides(rest)) {
            found(Evidence::RedirectOdd);
        }
        return;
    }
    if matches!(subject.target, Target::Header | Target::Text | Target::Method) || whole.len() > 1024 {
        return;
    }
    let (slashes, odd, rest) = run(whole);
    if slashes > 0 && !whole.get(..slashes).unwrap_or_default().contains(&b'/') {
        // A computer's name on a Windows network.
        return;
    }
    let scheme = [&b"https:"[..], b"http:", b"ftp:"].into_iter().find(|scheme| rest.starts_with(scheme));
    if let Some(scheme) = scheme {
        let (after, odd_after, rest) = run(rest.get(scheme.len()..).unwrap_or_default());
        // In a document a single slash is what a program made of two when it joined paths.
        let joined = after == 1 && subject.target == Target::Json;
        let odd = odd || odd_after || slashes > 0 || after != 2 && !joined;
        // An IPv4 address inside one of IPv6.
        let mapped =
            rest.starts_with(b"[") && rest.split(|byte| *byte == b']').next().is_some_and(|host| host.contains(&b'.'));
        // `http://x.example//`: two parts of an address, joined.
        let is_joined = scheme.starts_with(b"http") && rest.strip_suffix(b"//").is_some_and(is_domain);
        if goes(rest) && (odd || mapped || hides(rest) && !is_joined) || hides_user(rest) {
            found(Evidence::RedirectOdd);
        }
    } else if slashes == 2 && !odd && (part(rest) || is_deep(rest)) {
        // What a page consists of, or a place on a server that the page names itself.
    } else if slashes >= 2 && goes(rest) {
        // Two plain slashes are how pages name their own servers; three, or another sign, is a trick.
        found(if odd || slashes > 2 || hides(rest) { Evidence::RedirectOdd } else { Evidence::RedirectRelative });
    } else if slashes == 1 && odd && goes(rest) || slashes < 2 && lookalike(rest) {
        found(Evidence::RedirectOdd);
    }
}

/// The slashes that it starts with, whether there are backslashes or what browsers drop among them, and the rest.
fn run(text: &[u8]) -> (usize, bool, &[u8]) {
    let end = text.iter().position(|byte| !b"/\\\t\r\n".contains(byte)).unwrap_or(text.len());
    let (run, rest) = text.split_at(end);
    let slashes = run.iter().filter(|byte| matches!(byte, b'/' | b'\\')).count();
    let odd = run.contains(&b'\\') || slashes < run.len();
    // `;@host`, `:@host`: an empty user.
    let user = [&b";@"[..], b":@"].into_iter().find_map(|user| rest.strip_prefix(user));
    (slashes, odd || user.is_some(), user.unwrap_or(rest))
}

/// Does it start with a host?
fn goes(rest: &[u8]) -> bool {
    let end = rest.iter().position(|byte| b"/?#\\".contains(byte)).unwrap_or(rest.len());
    let authority = rest.get(..end).unwrap_or_default();
    let host = authority.rsplit(|byte| *byte == b'@').next().unwrap_or_default();
    // The ideographic full stop is one (UTS #46).
    if host.starts_with(b"[") || find(host, 1, b"\xe3\x80\x82").is_some() {
        return true;
    }
    let name = host.split(|byte| *byte == b':').next().unwrap_or_default();
    let last = name.rsplit(|byte| *byte == b'.').next().unwrap_or_default();
    let is_name = name.iter().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(byte) || *byte >= 0x80);
    let numeric = !last.is_empty() && last.iter().all(u8::is_ascii_digit) || last.starts_with(b"0x");
    let top = last.len() >= 2
        && last.len() < name.len()
        && last.iter().all(|byte| byte.is_ascii_alphabetic() || *byte >= 0x80);
    is_name && (numeric && (name.len() >= 8 || authority.contains(&b'@')) || top && !FILES.has(last))
        || authority.starts_with(b"javascript:")
}

/// Is it the address of a script, a style or a picture?
fn part(rest: &[u8]) -> bool {
    let path = rest.split(|byte| matches!(byte, b'?' | b'#')).next().unwrap_or_default();
    let last = path.rsplit(|byte| *byte == b'/').next().filter(|last| last.len() < path.len()).unwrap_or_default();
    [&b".js"[..], b".css", b".png", b".jpg", b".svg", b".gif", b".webp"].iter().any(|kind| last.ends_with(kind))
}

/// `x.example/sync/dsp/video/77`: does it lead far into a server? Who shows that a redirect is open leads to its door.
fn is_deep(rest: &[u8]) -> bool {
    let mut segments = rest.split(|byte| *byte == b'/');
    let is_plain = |segment: &[u8]| {
        let is_letter = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._=$,".contains(byte);
        !segment.is_empty() && !segment.starts_with(b".") && segment.iter().all(is_letter)
    };
    segments.next().is_some_and(is_domain) && segments.take(3).filter(|segment| is_plain(segment)).count() == 3
}

/// Is the path behind the host nothing but dots and slashes, or does a backslash end the host?
fn hides(rest: &[u8]) -> bool {
    let Some(end) = rest.iter().position(|byte| b"/?#\\".contains(byte)) else { return false };
    let tail = rest.get(end..).unwrap_or_default();
    tail.starts_with(b"\\")
        || tail.starts_with(b"#@")
        || tail.starts_with(b"#.")
        || tail.starts_with(b"?@")
        || tail.strip_prefix(b"/.").is_some_and(goes)
        || matches!(tail, [b'?' | b'#', host @ ..] if host.contains(&b'.') && host.iter().all(|byte| byte.is_ascii_alphanumeric() || b".-".contains(byte)) && goes(host))
        // `http://x.example/.` ends a sentence, `http://x.example/...` leaves the rest out.
        || tail.len() > 1 && tail != b"/." && tail != b"/..." && tail.iter().all(|byte| b"/\\.".contains(byte))
}

/// Is there a user before a numeric host, or one with signs at which parsers disagree where the host starts?
fn hides_user(rest: &[u8]) -> bool {
    let end = rest.iter().position(|byte| b"/?#".contains(byte)).unwrap_or(rest.len());
    let Some(at) = rest.get(..end).and_then(|authority| authority.iter().rposition(|byte| *byte == b'@')) else {
        return false;
    };
    let host = rest.get(at + 1..end).unwrap_or_default();
    let user = rest.get(..at).unwrap_or_default();
    let digits = host.first().is_some_and(|byte| byte.is_ascii_digit() || *byte == b'[');
    !user.is_empty() && goes(host) && (digits || user.iter().any(|byte| b"\\<>^`\"".contains(byte)))
}

/// A full-width or half-width mark that some take for a slash or drop, then nothing but a host.
fn lookalike(rest: &[u8]) -> bool {
    matches!(rest, [0xe3, 0x80..=0x83, _, host @ ..] | [0xef, 0xbd, _, host @ ..] if host.is_ascii() && !host.contains(&b'/') && goes(host))
}
