//! Which parts of a text are code within a sentence, between back-quotes?
//!
//! CommonMark 0.31, section 6.1 (code spans), with one or three back-quotes (chats). The shell's substitution is joined to what it is put into, or
//! stands alone.

use std::ops::Range;

/// A longer span, in bytes, is none.
const LONGEST: usize = 200;
/// What nobody shows without need.
pub(super) const WANTED: &[&[u8]] = &[
    b"/etc/",
    b"/dev/",
    b"/proc/",
    b"$(",
    b"|sh",
    b"| sh",
    b"| bash",
    b"whoami",
    b"sleep",
    b"nslookup",
    b"ping ",
    b"wget ",
    b"curl ",
    b"http",
];

/// Spans of several words behind a word and a blank.
pub(super) fn parts(view: &[u8]) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let mut at = 0;
    // `-h `x``: an option and what it is told, no sentence.
    if matches!(view.trim_ascii_start(), [b'-', next, ..] if next.is_ascii_alphabetic()) {
        return parts;
    }
    while let Some(open) = next(view, at) {
        let rest = view.get(open..).unwrap_or_default();
        let ticks = if rest.starts_with(b"```") && rest.get(3) != Some(&b'`') { 3 } else { 1 };
        let close = if ticks == 1 { next(view, open + 1) } else { closing(view, open + ticks) };
        let Some(close) = close else { break };
        at = close + ticks;
        let inside = view.get(open + ticks..close).unwrap_or_default();
        let before = view.get(..open).unwrap_or_default();
        let after = view.get(at).copied().unwrap_or(b' ');
        // `[`npm star`](/commands/star)`: the label of a link.
        // `(`a`/`b`)`: one of several names; `` `a`.`b` ``: a column by its table.
        let joins = |sign: u8| matches!(sign, b'/' | b'.');
        let is_listed =
            matches!(before, [.., b'`', sign] if joins(*sign)) || joins(after) && view.get(at + 1) == Some(&b'`');
        let is_label = before.last() == Some(&b'[') && after == b']';
        let follows = match before.trim_ascii_end().last() {
            // A sentence that begins with it.
            None => view.get(at + 1).is_some_and(u8::is_ascii_alphabetic) && after == b' ' && !inside.contains(&b'/'),
            // (`a`/`b`): another of several.
            Some(sign) if joins(*sign) && before.ends_with(&[b'`', *sign]) => {
                parts.last().is_some_and(|part: &Range<usize>| part.end + 1 == open)
            }
            Some(last) => {
                let is_apart = before.last().is_some_and(|byte| matches!(byte, b' ' | b'(' | b'\n'));
                is_apart && (last.is_ascii_alphanumeric() || b">).,:(".contains(last))
            }
        };
        let goes_on = after == b' ' && view.get(at + 1).is_some_and(u8::is_ascii_alphabetic);
        let is_code = inside.len() <= LONGEST
            && (inside.first().is_some_and(|byte| byte.is_ascii_alphanumeric() || is_label)
                || goes_on && is_plain_php(inside))
            && (inside.contains(&b' ') || is_label || is_listed)
            && !inside.contains(&b'\n')
            && (is_request(inside) && goes_on
                || !WANTED.iter().any(|wanted| memchr::memmem::find(inside, wanted).is_some()));
        if (follows || is_label) && is_code && !after.is_ascii_alphanumeric() {
            parts.push(open..at);
        }
    }
    parts
}

/// `<?php echo $row["name"]; ?>`: code that only shows something. Without a call, a request's variable or another file it is of no use
/// to anybody, wherever it is written.
fn is_plain_php(inside: &[u8]) -> bool {
    let used = [&b"("[..], b"$_", b"${", b"$$", b"include", b"require", b"globals"];
    inside.starts_with(b"<?")
        && inside.ends_with(b"?>")
        && !used.iter().any(|word| memchr::memmem::find(inside, word).is_some())
}

/// ``use `curl -X POST https://x.example | jq .` to …``: a request that documents of an interface show, and what formats its answer.
fn is_request(inside: &[u8]) -> bool {
    let mut stages = inside.split(|byte| *byte == b'|');
    let plain = !inside.iter().any(|byte| b";&$<>".contains(byte));
    plain
        && stages.next().is_some_and(|first| first.starts_with(b"curl "))
        && stages.all(|next| next.trim_ascii() == b"jq" || next.trim_ascii_start().starts_with(b"jq "))
}

/// Where the three back-quotes stand that close a span.
fn closing(view: &[u8], at: usize) -> Option<usize> {
    memchr::memmem::find(view.get(at..)?, b"```").map(|found| at + found)
}

fn next(view: &[u8], at: usize) -> Option<usize> {
    memchr::memchr(b'`', view.get(at..)?).map(|found| at + found)
}
