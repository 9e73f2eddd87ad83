//! Is it path traversal? Counts the steps up, and looks where they lead.

use super::Subject;
use super::bytes::find;
use crate::detect::matcher::Evidence;
use crate::read::place::Place;

/// Files and directories that payloads climb to; each after a slash.
#[rustfmt::skip]
const TARGETS: &[&[u8]] = &[
    b"etc/", b"proc/", b"windows/", b"winnt/", b"boot.ini", b"win.ini", b"web-inf/", b"meta-inf/", b"var/log",
    b"var/www", b"usr/", b"root/", b"home/", b".ssh", b"wp-config", b"web.config", b".env", b".git", b".htpasswd",
    b".htaccess", b"id_rsa", b"autoexec.bat", b"inetpub", b"apache", b"php.ini", b"my.cnf", b"config.php", b"system32",
    b"xampp", b"tomcat",
];

/// Hidden names that servers and frameworks publish on purpose.
#[rustfmt::skip]
const PUBLIC: &[&[u8]] = &[
    b"well-known", b"netlify", b"rest", b"resources", b"imaging", b"magnolia", b"auth", b"api", b"proxy", b"static", b"assets",
    b"next", b"nuxt", b"js", b"css", b"redirects", b"form", b"ajax", b"ghost", b"github", b"attachments", b"files", b"storybook",
];

/// Reads the view as a path.
pub(super) fn verify(subject: &Subject<'_>, found: &mut dyn FnMut(Evidence)) {
    let view = subject.view;
    if subject.place != Place::Path && odd_dots(view) {
        found(Evidence::PathDots);
    }
    if subject.place == Place::Path && hidden(view) {
        found(Evidence::PathHidden);
    }
    if subject.place == Place::Path && program(view) {
        found(Evidence::PathProgram);
    }
    if subject.place == Place::Path && actuator(view) {
        found(Evidence::PathActuator);
    }
    let Steps { count, lead, target } = steps(view);
    if count == 0 {
        return;
    }
    found(Evidence::PathStep);
    if target {
        found(Evidence::PathTarget);
    }
    if lead && count == 1 {
        found(Evidence::PathLead);
    }
    if count >= 3 || (count == 2 && (lead || subject.place == Place::Path)) {
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
    name && (row || (slash && count >= 64) || selves >= 4 || marks >= 3)
}

/// Does the path start in a hidden file or directory? Not in one of those that are meant to be public.
fn hidden(view: &[u8]) -> bool {
    let Some(name) = view.strip_prefix(b"/.") else { return false };
    let name = name.split(|byte| matches!(byte, b'/' | b';' | b'?')).next().unwrap_or_default();
    name.first().is_some_and(u8::is_ascii_alphanumeric) && !PUBLIC.contains(&name)
}

/// `/counter.exe`: sites that offer downloads say so in the name, or keep them in a directory.
fn program(view: &[u8]) -> bool {
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
            steps.lead |= !named && (segment != b"..." || ellipses > 1) && (!first || segment.starts_with(b".."));
        } else if !(segment == b"." || (first && segment.is_empty())) {
            named = true;
            let rest = view.get(start..).unwrap_or_default();
            steps.target |= steps.count > 0 && TARGETS.iter().any(|target| starts_with_path(rest, target));
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
