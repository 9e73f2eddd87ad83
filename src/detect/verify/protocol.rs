//! Is it malformed on purpose? Control characters where none belong.

use super::subject::Subject;
use crate::detect::matcher::Evidence;
use crate::read::target::Target;

/// Fewer bytes are no random ones.
const OCTETS: usize = 8;

/// Reports NUL, control characters and line breaks outside bodies. Reads the view once.
pub(super) fn verify(subject: &Subject<'_>, found: &mut dyn FnMut(Evidence)) {
    let view = subject.view;
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
