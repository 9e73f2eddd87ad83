//! Does a header's value fit the header's grammar? What fits holds no payload and is not scanned; what does not fit always is.
//!
//! Looser than RFC 9110, since clients are: it names the signs that a header may hold and what may stand behind a semicolon.

use crate::text::byte_set::ByteSet;

/// What the values of a header are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Grammar {
    /// Names and numbers, and the signs that join them: dates, identifiers, lengths.
    Words,
    /// Items between commas, each with parameters behind semicolons; strings in quotation marks.
    List,
}

impl Grammar {
    /// That of the header of this name, if there is one that is known.
    pub(super) fn of(name: &[u8]) -> Option<Self> {
        let starts = |start: &[u8]| name.starts_with(start);
        let is_list = match name.first() {
            Some(b'a') => starts(b"accept"),
            Some(b'c') => starts(b"cache-control") || starts(b"content-encoding") || starts(b"content-type"),
            Some(b'i') => matches!(name, b"if-match" | b"if-none-match"),
            Some(b'k') => name == b"keep-alive",
            Some(b'p') => starts(b"pragma") || name == b"priority",
            Some(b'r') => starts(b"range"),
            Some(b's') => starts(b"sec-"),
            Some(b't') => matches!(name, b"te" | b"tracestate"),
            Some(b'x') => starts(b"x-envoy-"),
            _ => false,
        };
        if is_list {
            return Some(Self::List);
        }
        let is_words = matches!(
            name,
            b"connection"
                | b"content-length"
                | b"date"
                | b"dnt"
                | b"expect"
                | b"if-modified-since"
                | b"if-unmodified-since"
                | b"traceparent"
                | b"upgrade"
                | b"upgrade-insecure-requests"
                | b"x-request-id"
        );
        is_words.then_some(Self::Words)
    }

    /// Does the value fit? Costs one pass.
    pub(super) fn fits(self, value: &[u8]) -> bool {
        match self {
            Self::Words => value.iter().all(|byte| is_word(*byte)) && !climbs(value),
            Self::List => is_list(value),
        }
    }
}

const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b'-' | b'_' | b'.' | b':' | b',' | b'/' | b'+' | b'=' | b'@')
}

/// Which bytes stand in a list outside strings and parameters. A table, since every header of every request is asked.
static IN_LIST: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        #[expect(clippy::indexing_slicing, reason = "checked by the compiler: this runs at compile time")]
        {
            table[byte] = is_word(byte as u8) || matches!(byte as u8, b'*' | b'!' | b'#' | b'^' | b'~' | b'?');
        }
        byte += 1;
    }
    table
};

fn is_in_list(byte: u8) -> bool {
    IN_LIST.get(usize::from(byte)).copied().unwrap_or_default()
}

/// Two dots in a row: a step up the directories.
fn climbs(value: &[u8]) -> bool {
    memchr::memchr_iter(b'.', value).any(|at| value.get(at + 1) == Some(&b'.'))
}

/// `text/html;q=0.8, "a;b";v="8", W/"5f-3"`.
fn is_list(value: &[u8]) -> bool {
    let mut rest = value;
    while let Some(at) = rest.iter().position(|byte| !is_in_list(*byte)) {
        let after = rest.get(at + 1..).unwrap_or_default();
        let behind = match rest.get(at) {
            Some(b';') => parameter(after),
            Some(b'"') => string(after),
            _ => None,
        };
        let Some(behind) = behind else { return false };
        rest = behind;
    }
    !climbs(value)
}

/// What follows the name of a parameter, which has a value or ends the list; none if something else stands there.
fn parameter(after: &[u8]) -> Option<&[u8]> {
    let rest = after.trim_ascii_start();
    let length = rest
        .iter()
        .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'*'))
        .count();
    let after = rest.get(length..)?;
    match after.first() {
        Some(b'=' | b':') if length > 0 => Some(after),
        None | Some(b';') if length == 0 => Some(after),
        _ => None,
    }
}

/// What follows a string in quotation marks; none if it does not end or holds a sign that no string of such a header has, or a
/// path or an option behind a blank, as a command has them.
fn string(after: &[u8]) -> Option<&[u8]> {
    let end = after.iter().position(|byte| *byte == b'"')?;
    let (inside, rest) = after.split_at(end);
    let is_usual = |byte: &u8| byte.is_ascii_graphic() && !b"'|&>".contains(byte) || *byte == b' ';
    let is_argument = |pair: &[u8]| matches!(pair, [b' ' | b';', b'/' | b'-']);
    let fits =
        inside.iter().all(is_usual) && !ByteSet::of(inside).has(ByteSet::RARE) && !inside.windows(2).any(is_argument);
    if fits { rest.get(1..) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_that_fit_are_told_from_others() {
        let rows: &[(&str, &str, bool)] = &[
            ("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", true),
            ("traceparent", "00-${jndi:ldap://x}", false),
            ("x-request-id", "7d4f0b3c-0d0a-4a54-9d5e-0c8d0e1f2a3b", true),
            ("x-request-id", "1' or '1'='1", false),
            ("x-request-id", "../../../x", false),
            ("date", "Tue, 15 Nov 1994 08:12:31 GMT", true),
            ("date", "$(id)", false),
            ("te", "trailers, deflate;q=0.5", true),
            ("te", "trailers;id", false),
            ("if-none-match", "W/\"5f3-5a1b\", \"abc;gzip\", *", true),
            ("if-none-match", "\"<script>\"", false),
            ("if-none-match", "\"a\"; cat /srv/x", false),
            ("tracestate", "dd=s:2;o:rum;t.dm:-4,es=s:1", true),
            ("accept", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8,application/signed-exchange;v=b3", true),
            ("accept", "text/html;id", false),
            ("accept", "'or 1=1", false),
            ("content-type", "multipart/form-data; boundary=\"----x?y\"; charset=utf-8;", true),
            ("content-type", "%{(#a='x')}", false),
            ("sec-ch-ua", "\"Not;A=Brand\";v=\"99\", \"(Not(A:Brand\";v=\"8\"", true),
            ("sec-ch-ua", "\"; cat /srv/x\";v=\"8\"", false),
            ("range", "bytes=0-99,-5", true),
            ("priority", "u=1, i", true),
            ("keep-alive", "timeout=5, max=100", true),
        ];
        for (name, value, expected) in rows {
            let fits = Grammar::of(name.as_bytes()).is_some_and(|grammar| grammar.fits(value.as_bytes()));
            assert_eq!(fits, *expected, "{name}: {value}");
        }
        assert_eq!(Grammar::of(b"referer"), None);
    }
}
