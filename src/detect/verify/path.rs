//! Is it path traversal? Counts the steps up, and looks where they lead.

use super::Subject;
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

/// Reads the view as a path.
pub(super) fn verify(subject: &Subject<'_>, found: &mut dyn FnMut(Evidence)) {
    let view = subject.view;
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
            ellipses += u32::from(segment == b"...");
            steps.count += u32::from(segment != b"..." || ellipses > 1);
            steps.lead |= !named && segment != b"..." && (!first || segment.starts_with(b".."));
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
