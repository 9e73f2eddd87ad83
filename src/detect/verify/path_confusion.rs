//! Is a path spelled so that a proxy and the server behind it read different paths?
//!
//! What one takes for a parameter, an end or a step, the other takes for a name (O. Tsai, "Breaking Parser Logic", 2018): empty
//! parameters (`/a;/b`, `/a;.js`), a coded question mark before an ending, a name that starts with two dots, what Windows drops.

use super::bytes::find;
use super::word_list::WordList;
use crate::read::target::Target;

/// Endings of programs and pages behind a server.
static PROGRAMS: WordList = WordList::new("asp aspx cfm cgi do jsp jspx php");
/// Endings that caches and filters let pass.
static PASSED: WordList =
    WordList::new("asp aspx css do gif htm html ico jpg js json jsp jspx php png svg txt woff2 xml");

/// Is a request's path read in two ways, or a path in a parameter?
pub(super) fn is_confused_at(target: Target, view: &[u8]) -> bool {
    match target {
        Target::Path => is_confused(view),
        Target::Query => view.starts_with(b"/") && view.len() <= 256 && has_empty_parameter(view),
        _ => false,
    }
}

/// Is a path, in lower case and decoded, read in two ways?
fn is_confused(path: &[u8]) -> bool {
    let name = path.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    has_empty_parameter(path)
        || cut_by_question(path)
        || path.split(|byte| *byte == b'/').any(is_joined_step)
        || is_dropped(name)
}

/// `/a;/b`, `/users;.jsp`: a parameter without a name. Reads the path once.
fn has_empty_parameter(path: &[u8]) -> bool {
    let (mut before, mut slashes, mut list) = (b' ', 0_usize, List::default());
    for (at, byte) in path.iter().enumerate() {
        let rest = path.get(at + 1..).unwrap_or_default();
        let leads = || slashes > 0 && rest.starts_with(b"/") && rest.len() > 1 && !list.is_one();
        let ends = || rest.strip_prefix(b".").is_some_and(|ending| PASSED.has(ending));
        if *byte == b';' && before.is_ascii_alphanumeric() && (leads() || ends()) {
            return true;
        }
        list.read(*byte);
        slashes += usize::from(*byte == b'/');
        before = *byte;
    }
    false
}

/// `/wh=60,60;/`: what a segment has so far of a list, whose end the sign is; of a name it would be a parameter.
#[derive(Default)]
struct List {
    equals: bool,
    comma: bool,
    sign: bool,
}

impl List {
    fn read(&mut self, byte: u8) {
        match byte {
            b'/' => *self = Self::default(),
            b'=' => self.equals = true,
            b',' => self.comma |= self.equals,
            b';' => self.sign = true,
            _ => {}
        }
    }

    fn is_one(&self) -> bool {
        self.equals && self.comma && !self.sign
    }
}

/// `/index.php?.php/x`: what stands behind a question mark that was coded.
fn cut_by_question(path: &[u8]) -> bool {
    find(path, 0, b"?.").is_some_and(|at| {
        let ending = path.get(at + 2..).unwrap_or_default();
        let length = ending.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
        path.starts_with(b"/") && PASSED.has(ending.get(..length).unwrap_or_default())
    })
}

/// `..cfide`: a step up, and a name joined to it.
fn is_joined_step(segment: &[u8]) -> bool {
    matches!(segment, [b'.', b'.', next, _, ..] if next.is_ascii_alphabetic())
}

/// `x.php.`, `x.asp `, `x.jsp::$data`: what Windows takes for the file without its end.
fn is_dropped(name: &[u8]) -> bool {
    let end = name.iter().rposition(|byte| !b". ".contains(byte)).map_or(0, |at| at + 1);
    let (kept, dropped) = name.split_at(end);
    let stream = kept.strip_suffix(b"::$data");
    let file = stream.unwrap_or(kept);
    let ending = file.rsplit(|byte| *byte == b'.').next().unwrap_or_default();
    stream.is_some() || !dropped.is_empty() && ending.len() < file.len() && PROGRAMS.has(ending)
}

#[cfg(test)]
mod tests {
    use super::is_confused;

    #[test]
    fn what_two_servers_read_differently() {
        for (path, is) in [
            ("/hax/..cfide/x.cfc", true),
            ("/client/index.php?.php/users.php", true),
            ("/app/rest/users;.jsp", true),
            ("/control/forgot;/export", true),
            ("/index.php::$data", true),
            ("/x.php.", true),
            ("/x.asp ", true),
            ("/a;jsessionid=5/b", false),
            ("/a/b;v=1.2", false),
            ("/a/wh=60,60;/b", false),
            ("/a=1/b;/c", true),
            ("/a..b/c", false),
            ("/wiki/etc.", false),
            ("/../x", false),
            ("/a/...", false),
        ] {
            assert_eq!(is_confused(path.as_bytes()), is, "{path}");
        }
    }
}
