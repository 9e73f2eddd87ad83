//! Is a request's path the console's, however it is spelled?

use crate::decode::percent;
use crate::exchange::head::path_of;

/// How a request's path compares with the console's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathMatch {
    /// Another path.
    Other,
    /// The console's, letter by letter.
    Exact,
    /// The console's after normalisation (decoding, `..`, `//`). A proxy behind this one may normalise it, and may have its own
    /// console there, so such a path must not get through.
    Disguised,
}

/// How often a path is decoded: one that is encoded more often is no server's path.
const ROUNDS: usize = 3;

impl PathMatch {
    /// Compares the path of a request target with the console's `path`.
    pub fn of(target: &[u8], path: &str) -> Self {
        let plain = path_of(target);
        let is_below = |rest: &[u8]| rest.first().is_none_or(|byte| *byte == b'/');
        let rest = plain.strip_prefix(path.as_bytes()).filter(|rest| is_below(rest));
        // What follows must be unambiguous too, or it may lead elsewhere: `/.user-risk/../shop`.
        if rest.is_some_and(|rest| !is_odd(rest)) {
            return Self::Exact;
        }
        if rest.is_none() && !is_odd(plain) && !is_alike(plain, path) {
            return Self::Other;
        }
        let normalised = normalised(plain);
        let own = path.split('/').filter(|segment| !segment.is_empty());
        let mut segments = normalised.iter();
        let all = own
            .into_iter()
            .all(|own| segments.next().is_some_and(|segment| segment.eq_ignore_ascii_case(own.as_bytes())));
        // A path that begins with the console's is the console's for a server that does not normalise.
        if all || rest.is_some() { Self::Disguised } else { Self::Other }
    }
}

/// Can a console have this path? It must be below the root, and every server must read it alike.
pub fn is_unambiguous(path: &str) -> bool {
    let segments = normalised(path.as_bytes());
    let whole: Vec<u8> = segments.iter().flat_map(|segment| [b"/", segment.as_slice()].concat()).collect();
    !segments.is_empty() && whole == path.as_bytes() && !path.contains(['?', '#'])
}

/// Is there anything in it that servers read differently?
fn is_odd(path: &[u8]) -> bool {
    path.iter().any(|byte| b"%\\;\0".contains(byte)) || path.windows(2).any(|pair| pair == b"//" || pair == b"/.")
}

fn is_alike(path: &[u8], own: &str) -> bool {
    path.get(..own.len()).is_some_and(|start| start.eq_ignore_ascii_case(own.as_bytes()))
}

/// The segments for a server that decodes and normalises as much as it can.
fn normalised(path: &[u8]) -> Vec<Vec<u8>> {
    let (mut path, mut decoded) = (path.to_vec(), Vec::new());
    for _ in 0..ROUNDS {
        if !percent::decode(&path, &mut decoded) {
            break;
        }
        std::mem::swap(&mut path, &mut decoded);
    }
    let mut segments: Vec<Vec<u8>> = Vec::new();
    for segment in path.split(|byte| b"/\\".contains(byte)) {
        let name = segment.split(|byte| b";\0".contains(byte)).next().unwrap_or_default();
        match name {
            b"" | b"." => {}
            b".." => {
                segments.pop();
            }
            name => segments.push(name.to_vec()),
        }
    }
    segments
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_is_recognised_however_it_is_spelled() {
        let rows = [
            ("/.user-risk", PathMatch::Exact),
            ("/.user-risk/incidents?a=/../b", PathMatch::Exact),
            ("/.user-risk?x", PathMatch::Exact),
            ("/", PathMatch::Other),
            ("/.user-risks", PathMatch::Other),
            ("/.well-known/x", PathMatch::Other),
            ("/shop?next=/.user-risk", PathMatch::Other),
            ("/shop/.user-risk", PathMatch::Other),
            ("/shop/%2e%2e/a", PathMatch::Other),
            ("/%2euser-risk/incidents", PathMatch::Disguised),
            ("/%252euser-risk/incidents", PathMatch::Disguised),
            ("//.user-risk", PathMatch::Disguised),
            ("/\\.user-risk", PathMatch::Disguised),
            ("/./.user-risk", PathMatch::Disguised),
            ("/shop/../.user-risk/incidents", PathMatch::Disguised),
            ("/shop/%2e%2e%2f.user%2Drisk", PathMatch::Disguised),
            ("/.user-risk;a=b/incidents", PathMatch::Disguised),
            ("/x;/..;a/.user-risk", PathMatch::Disguised),
            ("/.USER-risk/incidents", PathMatch::Disguised),
            ("/.user-risk%2fincidents", PathMatch::Disguised),
            ("/.user-risk/../.user-risk/incidents", PathMatch::Disguised),
            ("/.user-risk/../shop", PathMatch::Disguised),
            ("", PathMatch::Other),
            ("*", PathMatch::Other),
        ];
        for (target, expected) in rows {
            assert_eq!(PathMatch::of(target.as_bytes(), "/.user-risk"), expected, "{target}");
        }
        for (path, expected) in [("/.user-risk", true), ("/a/b", true), ("/", false), ("a", false), ("/a/", false)] {
            assert_eq!(is_unambiguous(path), expected, "{path}");
        }
        assert_eq!(PathMatch::of(b"/ops//risk/user", "/ops/risk"), PathMatch::Disguised);
    }
}
