//! Is it malformed on purpose? Control characters where none belong, letters spelled as numbers.

use super::bytes::find;
use super::subject::Subject;
use crate::detect::matcher::Evidence;
use crate::read::target::Target;

/// Fewer bytes are no random ones.
const OCTETS: usize = 8;

/// Reports NUL, control characters and line breaks outside bodies. Reads the view once.
pub(super) fn verify(subject: &Subject<'_>, found: &mut dyn FnMut(Evidence)) {
    let view = subject.view;
    if is_escaped(view) {
        found(Evidence::ProtocolEscaped);
    }
    if subject.target.in_body() {
        // A text or a file in a body has lines, and a binary one anything.
        return;
    }
    let is_control = |byte: &u8| byte.is_ascii_control() && !matches!(byte, 0 | b'\t' | b'\n' | b'\r');
    // A cookie of random octets has any of them.
    let is_octets = subject.target == Target::Cookie && view.len() >= OCTETS && {
        view.iter().filter(|byte| is_control(byte) || !byte.is_ascii()).count() * 4 > view.len()
    };
    // What reads up to the NUL reads a text there.
    let first = view.iter().position(|byte| *byte == 0);
    let is_printable = |before: &[u8]| before.len() > 3 && before.iter().all(|byte| (b' '..0x7f).contains(byte));
    // A few octets are no text that something reads up to the NUL: `moodleid1_=%e9%c7%00`.
    let before = first.and_then(|at| view.get(..at)).unwrap_or_default();
    let of_path = |byte: &u8| b"/\\.<%".contains(byte);
    let few = before.len() < OCTETS && !view.iter().any(of_path) && std::str::from_utf8(before).is_err();
    let is_octets = is_octets || subject.target == Target::Cookie && few;
    if is_octets && !first.and_then(|at| view.get(..at)).is_some_and(is_printable) {
        return;
    }
    if first.is_some() {
        found(Evidence::ProtocolNul);
    }
    if view.iter().any(is_control) {
        found(Evidence::ProtocolControl);
    }
    let breaks = view.iter().any(|byte| matches!(byte, b'\r' | b'\n'));
    if breaks && matches!(subject.target, Target::Path | Target::Header | Target::Cookie) {
        found(Evidence::ProtocolControl);
    }
}

/// `\\u0073\\u0079\\u0073`: letters of ASCII one behind the other, each spelled as its number, which no program writes so.
fn is_escaped(view: &[u8]) -> bool {
    const LETTERS: usize = 8;
    let is_escape = |escape: &&[u8]| matches!(escape, [b'\\', b'u', b'0', b'0', b'2'..=b'7', digit, ..] if digit.is_ascii_hexdigit());
    let is_letter = |escape: &&[u8]| escape.get(4).is_some_and(|digit| *digit > b'3');
    let mut at = 0;
    while let Some(first) = find(view, at, b"\\u00") {
        let row = view.get(first..).unwrap_or_default().chunks(6).take_while(is_escape);
        if row.clone().filter(is_letter).count() >= LETTERS {
            return true;
        }
        at = first + (6 * row.count()).max(4);
    }
    false
}
