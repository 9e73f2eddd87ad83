//! Which parameters does a query have, and which cookies does a header hold?

use super::field::{Field, PARAMETERS, is_name};
use super::jwt;
use super::repeat::Repeats;
use super::target::Target;
use memchr::memchr;

/// The parameters of a query: `a=1&b=2`. Where another site's page led here, their names are shown apart. Says how many
/// bytes of values were not joined with those of the same name, as there were too many.
pub(super) fn query(query: &[u8], from_elsewhere: bool, sink: &mut dyn FnMut(Field<'_>)) -> usize {
    let mut repeats = Repeats::default();
    let mut room = PARAMETERS;
    split(query, b'&', &mut |pair| {
        let (name, value) = show(Target::Query, pair, sink);
        repeats.add(name, value);
        after_semicolons(Target::Query, value, &mut room, sink);
        if from_elsewhere {
            arrived(name, sink);
        }
    });
    repeats.show(Target::Query, sink)
}

/// The cookies of one header: `a=1; b=2`.
pub(super) fn cookies(header: &[u8], sink: &mut dyn FnMut(Field<'_>)) {
    split(header, b';', &mut |pair| {
        let (name, value) = show(Target::Cookie, pair.trim_ascii(), sink);
        jwt::fields(value, sink);
        if let Some(plain) = unquoted(value) {
            sink(Field { target: Target::Cookie, name, value: &plain, encoded: true });
        }
    });
}

/// `"1\' \157r 1=1"` without its backslashes, as servers read a string in quotes (RFC 2109; octal numbers are Python's). None if it
/// has none.
fn unquoted(value: &[u8]) -> Option<Vec<u8>> {
    let inside = value.strip_prefix(b"\"").filter(|inside| inside.contains(&b'\\'))?;
    let mut rest = inside.strip_suffix(b"\"").unwrap_or(inside);
    let mut plain = Vec::with_capacity(rest.len());
    while let Some((byte, after)) = rest.split_first() {
        rest = match rest {
            [b'\\', a @ b'0'..=b'3', b @ b'0'..=b'7', c @ b'0'..=b'7', after @ ..] => {
                plain.push((a - b'0') << 6 | (b - b'0') << 3 | (c - b'0'));
                after
            }
            [b'\\', byte, after @ ..] => {
                plain.push(*byte);
                after
            }
            _ => {
                plain.push(*byte);
                after
            }
        };
    }
    Some(plain)
}

/// The name of a parameter that came from another site's page.
pub(super) fn arrived(name: &[u8], sink: &mut dyn FnMut(Field<'_>)) {
    sink(Field { target: Target::Arrival, name, value: name, encoded: true });
}

/// Parameters behind a `;`, which some servers take for a separator as well: `a=1;b=2`. Of one request there is `room` for so
/// many; the value itself has been shown whole.
pub(super) fn after_semicolons(target: Target, value: &[u8], room: &mut usize, sink: &mut dyn FnMut(Field<'_>)) {
    if memchr(b';', value).is_none() {
        return;
    }
    for pair in value.split(|byte| *byte == b';').skip(1) {
        if *room == 0 {
            return;
        }
        let name = pair.split(|byte| *byte == b'=').next().unwrap_or_default();
        if !name.is_empty()
            && name.len() < pair.len()
            && name.iter().all(|byte| byte.is_ascii_alphanumeric() || b"_-.[]$".contains(byte))
        {
            *room -= 1;
            show(target, pair, sink);
        }
    }
}

/// A pair as a field; what has no `=` is a value without a name.
fn show<'a>(target: Target, pair: &'a [u8], sink: &mut dyn FnMut(Field<'_>)) -> (&'a [u8], &'a [u8]) {
    let (name, value) = match memchr(b'=', pair) {
        Some(at) => (pair.get(..at).unwrap_or_default(), pair.get(at + 1..).unwrap_or_default()),
        None => (&b""[..], pair),
    };
    if !is_name(name) {
        sink(Field { target, name, value: name, encoded: true });
    }
    sink(Field { target, name, value, encoded: true });
    (name, value)
}

/// Each part between separators that is not empty; after [`PARAMETERS`] of them all the rest at once.
pub(super) fn split(bytes: &[u8], separator: u8, part: &mut dyn FnMut(&[u8])) {
    let mut rest = bytes;
    for _ in 1..PARAMETERS {
        let Some(end) = memchr(separator, rest) else { break };
        let (one, after) = rest.split_at(end);
        if !one.is_empty() {
            part(one);
        }
        rest = after.get(1..).unwrap_or_default();
    }
    if !rest.is_empty() {
        part(rest);
    }
}
