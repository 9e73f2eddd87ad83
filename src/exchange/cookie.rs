//! Which cookies are there? One reader for the request's and the answer's, after RFC 6265.
//!
//! Of several cookies with one name the first counts: browsers send the one with the longest path first (section 5.4), and
//! most servers take it. Of several `set-cookie` headers the last counts, as it does for browsers (section 5.3).

use crate::exchange::headers::Headers;

/// The values of the request's cookies of this name that are not empty, in order.
pub fn all<'a>(headers: &'a Headers, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
    let pairs = headers.all("cookie").flat_map(|cookies| cookies.split(|byte| *byte == b';'));
    pairs.filter_map(move |pair| value(pair, name))
}

/// The request's cookie of this name, if it is not empty.
pub fn of_request<'a>(headers: &'a Headers, name: &'a str) -> Option<&'a [u8]> {
    all(headers, name).next()
}

/// The cookie of this name that the answer sets, if it is not empty.
pub fn of_answer<'a>(answer: &'a Headers, name: &'a str) -> Option<&'a [u8]> {
    let pairs = answer.all("set-cookie").filter_map(|cookie| cookie.split(|byte| *byte == b';').next());
    pairs.filter_map(|pair| value(pair, name)).next_back()
}

/// The value of the pair if it has this name: without the white space around it and one pair of quotes (section 4.1.1).
fn value<'a>(pair: &'a [u8], name: &str) -> Option<&'a [u8]> {
    let (found, value) = pair.split_at_checked(pair.iter().position(|byte| *byte == b'=')?)?;
    let value = value.get(1..)?.trim_ascii();
    let value = value.strip_prefix(b"\"").and_then(|value| value.strip_suffix(b"\"")).unwrap_or(value);
    (found.trim_ascii() == name.as_bytes() && !value.is_empty()).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_request_the_first_counts_and_of_an_answer_the_last() {
        let rows = [
            ("a=1; sid=x", Some("x")),
            ("sid=x; sid=y", Some("x")),
            ("sid=; sid=y", Some("y")),
            ("sid=", None),
            ("sid", None),
            ("asid=1; sidx=2", None),
            ("sid=a=b;c=d", Some("a=b")),
            (" sid = x ;", Some("x")),
            ("sid=\"x\"", Some("x")),
            ("sid=\"", Some("\"")),
        ];
        for (cookies, expected) in rows {
            let headers = Headers::from_iter([("cookie", cookies)]);
            assert_eq!(of_request(&headers, "sid"), expected.map(str::as_bytes), "{cookies}");
        }
        let lines = Headers::from_iter([("cookie", "a=1"), ("cookie", "sid=x"), ("cookie", "sid=y")]);
        assert_eq!(all(&lines, "sid").collect::<Vec<_>>(), [b"x", b"y"]);
        let answer = Headers::from_iter([
            ("set-cookie", "sid=old; Path=/"),
            ("set-cookie", "sid=new; HttpOnly"),
            ("set-cookie", "a=1"),
        ]);
        assert_eq!(of_answer(&answer, "sid"), Some(&b"new"[..]));
    }
}
