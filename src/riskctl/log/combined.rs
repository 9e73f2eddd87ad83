//! The combined and common log formats, as nginx and Apache write them, and what people append to them.
//!
//! Source: Apache's `mod_log_config` (`%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-agent}i"`) and nginx's `combined`. Both escape
//! quotes and bytes that are not printable (`\"`, `\x22`). Debian's `vhost_combined` puts the host before the line. Of further
//! columns in quotes the first may be `x-forwarded-for`, as in nginx's example `main`.

use std::net::IpAddr;

use super::columns::{Columns, nearest, request_line, split_url};
use super::entry::Entry;
use super::time;
use super::unread::{NO_REQUEST, NO_TIME, OTHER_SHAPE, Unread};

/// Reads a line.
pub(super) fn read(line: &[u8], columns: &Columns) -> Result<Entry, Unread> {
    let line = String::from_utf8_lossy(line);
    let (before, rest) = line.split_once(" [").ok_or(OTHER_SHAPE)?;
    let (moment, rest) = rest.split_once("] \"").ok_or(OTHER_SHAPE)?;
    let (host, address, user) = who(before).ok_or(OTHER_SHAPE)?;
    let time = time::common(moment).or_else(|| time::any(moment)).ok_or(NO_TIME)?;
    let (request, rest) = quoted(rest).ok_or(OTHER_SHAPE)?;
    let mut rest = rest.trim_start().splitn(3, ' ');
    let status = rest.next().and_then(|status| status.parse().ok()).ok_or(OTHER_SHAPE)?;
    let (_bytes, rest) = (rest.next(), rest.next().unwrap_or_default());
    let request = unescaped(request);
    let text = String::from_utf8_lossy(&request);
    let (method, target) = request_line(&text).ok_or(NO_REQUEST)?;
    let (asked, target) = split_url(target.to_owned());
    let mut entry = Entry {
        time,
        method: method.as_bytes().to_vec(),
        target: target.into_bytes(),
        address: Some(address.to_owned()),
        status: Some(status),
        user: user.filter(|user| *user != "-").map(|user| String::from_utf8_lossy(&unescaped(user)).into_owned()),
        ..Entry::default()
    };
    entry.add_header("host", asked.as_deref().or(host).unwrap_or_default().as_bytes());
    let fields = all_quoted(rest);
    for (name, value) in ["referer", "user-agent", "x-forwarded-for"].into_iter().zip(&fields) {
        entry.add_header(name, value);
    }
    if columns.is_address("x-forwarded-for") {
        entry.address = entry.header("x-forwarded-for").and_then(|list| nearest(&String::from_utf8_lossy(list)));
    }
    Ok(entry)
}

/// The host, if the line names it, the client's address, and the user, who may have spaces in the name.
fn who(before: &str) -> Option<(Option<&str>, &str, Option<&str>)> {
    let (first, rest) = before.split_once(' ')?;
    let second = rest.split(' ').next()?;
    let is_address = |text: &str| text.parse::<IpAddr>().is_ok();
    let (host, address, rest) = match !is_address(first) && is_address(second) {
        true => (Some(first), second, rest.get(second.len() + 1..)?),
        false => (None, first, rest),
    };
    // The identity that identd would tell comes first; nobody has asked it for decades.
    Some((host, address, rest.split_once(' ').map(|(_, user)| user)))
}

/// What stands before the next quote that is not escaped, and what stands behind it.
fn quoted(text: &str) -> Option<(&str, &str)> {
    let mut is_escaped = false;
    let end = text.bytes().position(|byte| {
        let is_end = byte == b'"' && !is_escaped;
        is_escaped = byte == b'\\' && !is_escaped;
        is_end
    })?;
    Some((text.get(..end)?, text.get(end + 1..)?))
}

/// The texts of all columns in quotes.
fn all_quoted(mut text: &str) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    while let Some((inside, rest)) = text.split_once('"').and_then(|(_, rest)| quoted(rest)) {
        found.push(unescaped(inside));
        text = rest;
    }
    found
}

/// The bytes that were escaped, as they were.
fn unescaped(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        let (byte, used) = match (first, after) {
            (b'\\', [b'x' | b'X', high, low, ..]) => match (hex(*high), hex(*low)) {
                (Some(high), Some(low)) => (high << 4 | low, 3),
                _ => (b'\\', 0),
            },
            (b'\\', [b'n', ..]) => (b'\n', 1),
            (b'\\', [b'r', ..]) => (b'\r', 1),
            (b'\\', [b't', ..]) => (b'\t', 1),
            (b'\\', [escaped @ (b'"' | b'\\'), ..]) => (*escaped, 1),
            (byte, _) => (*byte, 0),
        };
        bytes.push(byte);
        rest = rest.get(used..).unwrap_or_default();
    }
    bytes
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, unread};
    use super::*;

    #[test]
    fn nginx_apache_and_their_relatives_are_read() {
        let rows = [
            (
                "nginx",
                r#"192.0.2.7 - - [02/Jan/2026:03:04:05 +0000] "GET /search?q=1%27 HTTP/1.1" 200 612 "https://shop.example/" "Mozilla/5.0 (X11)""#,
                "2026-01-02T03:04:05.000Z GET /search?q=1%27 200 192.0.2.7 referer=https://shop.example/ \
                 user-agent=Mozilla/5.0 (X11)",
            ),
            (
                "nginx, escapes",
                r#"2001:db8::1 - anna [02/Jan/2026:03:04:05 +0000] "GET /?q=\x22<a>\x5C HTTP/1.1" 200 0 "-" "a \x22b\x22""#,
                "2026-01-02T03:04:05.000Z GET /?q=\"<a>\\ 200 2001:db8::1 user=anna user-agent=a \"b\"",
            ),
            (
                "nginx, main",
                r#"10.0.0.1 - - [02/Jan/2026:03:04:05 +0000] "GET / HTTP/1.1" 200 0 "-" "a" "203.0.113.9, 192.0.2.7""#,
                "2026-01-02T03:04:05.000Z GET / 200 10.0.0.1 user-agent=a x-forwarded-for=203.0.113.9, 192.0.2.7",
            ),
            (
                "apache, common, a name with a space",
                r#"127.0.0.1 - frank miller [10/Oct/2000:13:55:36 -0700] "GET /apache_pb.gif HTTP/1.0" 200 2326"#,
                "2000-10-10T20:55:36.000Z GET /apache_pb.gif 200 127.0.0.1 user=frank miller",
            ),
            (
                "apache, escapes",
                r#"192.0.2.7 - - [02/Jan/2026:03:04:05 +0000] "GET /a b HTTP/1.1" 404 - "-" "say \"hi\" \\""#,
                "2026-01-02T03:04:05.000Z GET /a b 404 192.0.2.7 user-agent=say \"hi\" \\",
            ),
            (
                "debian's vhost_combined",
                r#"shop.example:443 192.0.2.7 - - [02/Jan/2026:03:04:05 +0000] "GET / HTTP/1.1" 200 5 "-" "-""#,
                "2026-01-02T03:04:05.000Z GET / 200 192.0.2.7 :authority=shop.example:443",
            ),
            (
                "a whole URL, as a proxy gets it",
                r#"192.0.2.7 - - [02/Jan/2026:03:04:05 +0000] "GET http://a.example?x=1#y HTTP/1.1" 400 5 "-" "-""#,
                "2026-01-02T03:04:05.000Z GET /?x=1 400 192.0.2.7 :authority=a.example",
            ),
        ];
        rows.iter().for_each(|(name, line, expected)| check(name, read, line, expected));
        let columns = Columns::new("x-user-id", None, Some("x-forwarded-for"));
        let entry = read(rows[2].1.as_bytes(), &columns).unwrap();
        assert_eq!(entry.address.as_deref(), Some("192.0.2.7"), "the last one is the one that a proxy vouches for");
    }

    #[test]
    fn lines_that_are_none_are_told_apart() {
        let rows = [
            ("", OTHER_SHAPE),
            ("192.0.2.7 - - [now] \"GET / HTTP/1.1\" 200 5", NO_TIME),
            ("192.0.2.7 - - [02/Jan/2026:03:04:05 +0000] \"GET / HTTP/1.1", OTHER_SHAPE),
            ("192.0.2.7 - - [02/Jan/2026:03:04:05 +0000] \"\\x16\\x03\\x01\" 400 150 \"-\" \"-\"", NO_REQUEST),
            ("192.0.2.7 - - [02/Jan/2026:03:04:05 +0000] \"-\" 408 0 \"-\" \"-\"", NO_REQUEST),
        ];
        rows.iter().for_each(|(line, expected)| unread(read, line, expected));
    }
}
