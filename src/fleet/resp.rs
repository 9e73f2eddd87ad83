//! How are commands written and replies read? RESP2, the protocol of Redis and Valkey.
//!
//! Source: <https://redis.io/docs/latest/develop/reference/protocol-spec/>. Read by own code, because what arrives may be cut
//! anywhere, and because the crate for it (`redis-protocol`) descends into arrays as deep as the bytes say: 64 KiB of `*1` would
//! overflow the module's stack, and so end the VM. Here a reply borrows the bytes that arrived, and nothing is nested deeper
//! than [`DEEPEST`].

/// A stream's entry stands in an array of fields, in an array, in the array of all entries, in a script's reply.
const DEEPEST: u8 = 5;

/// The longest line, in bytes: a refusal.
const LINE: usize = 1024;

/// A reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Reply<'a> {
    /// `+OK`
    Simple(&'a [u8]),
    /// `-ERR …`
    Error(&'a [u8]),
    /// `:1`
    Integer(i64),
    /// `$3 …`; none: there is none.
    Bulk(Option<&'a [u8]>),
    /// `*2 …`; an array that is none counts as empty.
    Array(Vec<Reply<'a>>),
}

/// Why no further reply can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unread {
    /// The bytes end before the reply does.
    Ended,
    /// They are no reply.
    Garbage,
}

/// Adds a command.
pub(super) fn write(out: &mut Vec<u8>, arguments: &[&[u8]]) {
    out.extend(format!("*{}\r\n", arguments.len()).bytes());
    for argument in arguments {
        out.extend(format!("${}\r\n", argument.len()).bytes());
        out.extend_from_slice(argument);
        out.extend_from_slice(b"\r\n");
    }
}

/// Takes the next reply off the bytes.
///
/// # Errors
/// They end before, or are no reply; what is left then means nothing.
pub(super) fn read<'a>(bytes: &mut &'a [u8]) -> Result<Reply<'a>, Unread> {
    nested(bytes, DEEPEST)
}

fn nested<'a>(bytes: &mut &'a [u8], deepest: u8) -> Result<Reply<'a>, Unread> {
    let line = line(bytes)?;
    let Some((kind, rest)) = line.split_first() else { return Err(Unread::Garbage) };
    Ok(match kind {
        b'+' => Reply::Simple(rest),
        b'-' => Reply::Error(rest),
        b':' => Reply::Integer(number(rest)?),
        b'$' => Reply::Bulk(match usize::try_from(number(rest)?) {
            Ok(length) => Some(bulk(bytes, length)?),
            Err(_) => None,
        }),
        b'*' if deepest > 0 => {
            // Nothing is reserved for what is only promised: as many elements are read as there are bytes for.
            let mut elements = Vec::new();
            for _ in 0..number(rest)? {
                elements.push(nested(bytes, deepest - 1)?);
            }
            Reply::Array(elements)
        }
        _ => return Err(Unread::Garbage),
    })
}

fn line<'a>(bytes: &mut &'a [u8]) -> Result<&'a [u8], Unread> {
    match memchr::memchr(b'\n', bytes.get(..bytes.len().min(LINE)).unwrap_or_default()) {
        Some(end) => {
            let (line, rest) = bytes.split_at_checked(end + 1).ok_or(Unread::Ended)?;
            *bytes = rest;
            line.strip_suffix(b"\r\n").ok_or(Unread::Garbage)
        }
        None if bytes.len() < LINE => Err(Unread::Ended),
        None => Err(Unread::Garbage),
    }
}

fn bulk<'a>(bytes: &mut &'a [u8], length: usize) -> Result<&'a [u8], Unread> {
    let end = length.checked_add(2).ok_or(Unread::Garbage)?;
    let (whole, rest) = bytes.split_at_checked(end).ok_or(Unread::Ended)?;
    *bytes = rest;
    whole.strip_suffix(b"\r\n").ok_or(Unread::Garbage)
}

fn number(digits: &[u8]) -> Result<i64, Unread> {
    std::str::from_utf8(digits).ok().and_then(|digits| digits.parse().ok()).ok_or(Unread::Garbage)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(mut bytes: &[u8]) -> (Vec<Reply<'_>>, Option<Unread>) {
        let mut replies = Vec::new();
        while !bytes.is_empty() {
            match read(&mut bytes) {
                Ok(reply) => replies.push(reply),
                Err(why) => return (replies, Some(why)),
            }
        }
        (replies, None)
    }

    #[test]
    fn replies_are_read_whole_or_not_at_all() {
        use Reply::{Array, Bulk, Error, Integer, Simple};
        let rows: [(&[u8], Vec<Reply<'_>>, Option<Unread>); 14] = [
            (b"+OK\r\n:-3\r\n", vec![Simple(b"OK"), Integer(-3)], None),
            (b"-ERR no\r\n", vec![Error(b"ERR no")], None),
            (b"$4\r\n\r\n\x00\xff\r\n", vec![Bulk(Some(b"\r\n\x00\xff"))], None),
            (b"$-1\r\n$0\r\n\r\n", vec![Bulk(None), Bulk(Some(b""))], None),
            (
                b"*2\r\n:1\r\n*1\r\n$1\r\na\r\n*-1\r\n",
                vec![Array(vec![Integer(1), Array(vec![Bulk(Some(b"a"))])]), Array(vec![])],
                None,
            ),
            (b":1\r\n$3\r\nab", vec![Integer(1)], Some(Unread::Ended)),
            (b"*3\r\n:1\r\n", vec![], Some(Unread::Ended)),
            (b":1\r\n:", vec![Integer(1)], Some(Unread::Ended)),
            (b"HTTP/1.1 400 Bad Request\r\n", vec![], Some(Unread::Garbage)),
            (b":one\r\n", vec![], Some(Unread::Garbage)),
            (b"+OK\n", vec![], Some(Unread::Garbage)),
            (b"$1\r\nabc\r\n", vec![], Some(Unread::Garbage)),
            (b"*9223372036854775807\r\n", vec![], Some(Unread::Ended)),
            (b"$9223372036854775807\r\n", vec![], Some(Unread::Ended)),
        ];
        for (bytes, replies, why) in rows {
            assert_eq!(all(bytes), (replies, why), "{}", bytes.escape_ascii());
        }
        assert_eq!(all(&b"*1\r\n".repeat(16 * 1024)), (vec![], Some(Unread::Garbage)), "deep arrays are no reply");
        assert_eq!(all(&[b'x'; 2 * LINE]), (vec![], Some(Unread::Garbage)));
    }

    #[test]
    fn commands_are_binary_safe() {
        let mut out = Vec::new();
        write(&mut out, &[b"SET", b"k\r\n", &[0, 255]]);
        assert_eq!(out, b"*3\r\n$3\r\nSET\r\n$3\r\nk\r\n\r\n$2\r\n\x00\xff\r\n");
    }
}
