//! On which route was it? Its name if the operator gave it one, else a template without anybody's data.

use std::borrow::Cow;

use crate::exchange::head::path_of;
use crate::text::untrusted;

/// The most of a route's name that is kept, in characters.
const LONGEST: usize = 64;

/// How many segments of a path make the route's label.
const SEGMENTS: usize = 3;

/// The label of a route: its `name`, else the first three segments of `target`'s path, with `{}` for each that is not
/// `[a-z._-]{1,24}` or is only dots: `/users/{}/orders`. No label has a way up in it: a notice with `../` would be refused by
/// a receiver behind a firewall.
pub fn label(name: &[u8], target: &[u8]) -> String {
    if !name.is_empty() {
        let name = untrusted::clean_bytes(name, LONGEST);
        let segments: Vec<_> = name.split('/').map(|segment| if is_dots(segment) { "{}" } else { segment }).collect();
        return segments.join("/");
    }
    let mut segments = path_of(target).split(|byte| *byte == b'/').filter(|segment| !segment.is_empty());
    let label: String = segments.by_ref().take(SEGMENTS).flat_map(|segment| ["/".into(), template(segment)]).collect();
    if label.is_empty() { "/".to_owned() } else { label }
}

fn template(segment: &[u8]) -> Cow<'_, str> {
    let plain = |byte: &u8| byte.is_ascii_lowercase() || b"._-".contains(byte);
    match std::str::from_utf8(segment) {
        Ok(text) if segment.len() <= 24 && segment.iter().all(plain) && !is_dots(text) => text.into(),
        _ => "{}".into(),
    }
}

/// Is it `.`, `..` or more of them?
fn is_dots(segment: &str) -> bool {
    !segment.is_empty() && segment.bytes().all(|byte| byte == b'.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_holds_no_ones_data() {
        let rows = [
            ("", "/search?q=1", "/search"),
            ("", "/users/42/orders/7", "/users/{}/orders"),
            ("", "/", "/"),
            ("", "", "/"),
            ("", "//a//b", "/a/b"),
            ("", "/a%2f/B/abcdefghijklmnopqrstuvwxyz", "/{}/{}/{}"),
            ("checkout", "/users/42", "checkout"),
            // A receiver behind a firewall refuses a notice that has a way up in it.
            ("", "/static/../etc/passwd", "/static/{}/etc"),
            ("", "/./a/...", "/{}/a/{}"),
            ("../../etc", "/a", "{}/{}/etc"),
            ("a/./b", "/a", "a/{}/b"),
            ("a..b/.well-known", "/a", "a..b/.well-known"),
        ];
        for (name, target, expected) in rows {
            assert_eq!(label(name.as_bytes(), target.as_bytes()), expected);
        }
    }
}
