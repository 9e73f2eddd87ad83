//! A value that is itself a URL: is it an ordinary link, and else which parameters does it have, so that a payload in it is the same
//! wherever the URL stands?

use super::verify::host::of_host;
use crate::decode::percent;
use crate::read::field::{Field, PARAMETERS};
use crate::read::target::Target;
use memchr::{memchr, memmem};

/// Of an ordinary link to a page what stands behind its scheme, in a header in which browsers tell where a request comes from. The
/// scheme and its slashes mean nothing there, and nothing in it is encoded or hides a name of a path.
pub(super) fn of_link(field: Field<'_>) -> Option<&[u8]> {
    if field.target != Target::Header || !matches!(field.name, b"referer" | b"origin") {
        return None;
    }
    let rest = field.value.strip_prefix(b"https://").or_else(|| field.value.strip_prefix(b"http://"))?;
    let mut before = b'/';
    for byte in rest {
        let fits = match byte {
            b'/' | b'.' => !matches!(before, b'/' | b'.'),
            b'-' | b'_' | b':' | b'?' | b'=' | b'&' => true,
            _ => byte.is_ascii_alphanumeric(),
        };
        if !fits {
            return None;
        }
        before = *byte;
    }
    let end = rest.iter().position(|byte| matches!(byte, b'/' | b'?')).unwrap_or(rest.len());
    of_host(rest.get(..end)?).is_none().then_some(rest)
}

/// Is it an address or a path with a query?
pub(super) fn is_address(value: &[u8]) -> bool {
    let Some(query) = memchr(b'?', value) else { return false };
    let before = value.get(..query.min(64)).unwrap_or_default();
    // `<?xml …>`, `why? see http://…`: a text.
    let has_scheme =
        || memmem::find(before, b"://").is_some_and(|at| !before.get(..at).unwrap_or_default().contains(&b'<'));
    value.starts_with(b"/") || has_scheme()
}

/// The value as the application would see it: one layer of coding undone where the wire has one.
pub(super) fn once_decoded(field: Field<'_>) -> Vec<u8> {
    let mut once = field.value.to_vec();
    if field.encoded {
        if field.target.plus_is_blank() {
            once.iter_mut().filter(|byte| **byte == b'+').for_each(|byte| *byte = b' ');
        }
        let mut decoded = Vec::with_capacity(once.len());
        if percent::decode(&once, &mut decoded) {
            once = decoded;
        }
    }
    once
}

/// What stands before the query of an address.
pub(super) fn before_query(address: &[u8]) -> &[u8] {
    address.split(|byte| *byte == b'?').next().unwrap_or_default()
}

/// The values of the parameters in an address.
pub(super) fn parameters(address: &[u8]) -> impl Iterator<Item = &[u8]> {
    let query = address.splitn(2, |byte| *byte == b'?').nth(1).unwrap_or_default();
    let pairs = query.splitn(PARAMETERS, |byte| *byte == b'&');
    pairs.filter_map(|pair| pair.splitn(2, |byte| *byte == b'=').nth(1)).filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_told_from_what_may_hold_a_payload() {
        let rows: &[(&str, &str, Option<&str>)] = &[
            (
                "referer",
                "https://shop.example/a-b/c_d.html?page=2&sort=price",
                Some("shop.example/a-b/c_d.html?page=2&sort=price"),
            ),
            ("origin", "http://shop.example:8080", Some("shop.example:8080")),
            ("referer", "", None),
            ("referer", "https://shop.example/%27", None),
            ("referer", "https://shop.example//a", None),
            ("referer", "https://shop.example/../a", None),
            ("referer", "https://shop.example/.a", None),
            ("referer", "https://shop.example/a;b", None),
            ("referer", "https://user@shop.example/", None),
            ("referer", "https://169.254.169.254/latest", None),
            ("referer", "http://2852039166/", None),
            ("referer", "ldap://shop.example/a", None),
            ("x-api-version", "https://shop.example/", None),
        ];
        for (name, value, expected) in rows {
            let link = of_link(Field::plain(Target::Header, name.as_bytes(), value.as_bytes()));
            assert_eq!(link, expected.map(str::as_bytes), "{name}: {value}");
        }
        assert_eq!(of_link(Field::plain(Target::Query, b"referer", b"https://shop.example/")), None);
    }
}
