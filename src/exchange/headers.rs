//! Which headers are there? In their order, duplicates kept, bytes as the proxy has them.

use std::ops::Range;

/// Headers in their order, duplicates kept, names in lower case as the proxy hands them over.
///
/// One buffer holds all bytes: a request has a dozen headers and more, and this is on the way of every request.
#[derive(Clone, Debug, Default)]
pub struct Headers {
    bytes: Vec<u8>,
    entries: Vec<(Range<usize>, Range<usize>)>,
}

impl Headers {
    /// Headers from the proxy's serialisation of a map (proxy-wasm ABI 0.2): a 32-bit count, a pair of 32-bit lengths
    /// for each entry, then each name and value followed by a NUL; all numbers little-endian. Entries that the buffer
    /// does not hold are left out.
    pub fn from_serialized(bytes: Vec<u8>) -> Self {
        let number = |at: usize| -> Option<usize> {
            let word = bytes.get(at..at.checked_add(4)?)?.try_into().ok()?;
            usize::try_from(u32::from_le_bytes(word)).ok()
        };
        let count = number(0).unwrap_or(0).min(bytes.len() / 8);
        let mut entries = Vec::with_capacity(count);
        let mut at = 4 + count * 8;
        for entry in 0..count {
            let (Some(name), Some(value)) = (number(4 + entry * 8), number(8 + entry * 8)) else { break };
            let value_at = at.saturating_add(name).saturating_add(1);
            let end = value_at.saturating_add(value);
            if end > bytes.len() {
                break;
            }
            entries.push((at..at + name, value_at..end));
            at = end + 1;
        }
        Self { bytes, entries }
    }

    /// Each header, in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&[u8], &[u8])> {
        self.entries.iter().map(|(name, value)| (self.slice(name), self.slice(value)))
    }

    /// Every value of the header `name` (in lower case), in order.
    pub fn all<'a>(&'a self, name: &'a str) -> impl DoubleEndedIterator<Item = &'a [u8]> {
        self.iter().filter(move |(key, _)| *key == name.as_bytes()).map(|(_, value)| value)
    }

    /// The last value of the header `name` (in lower case): proxies append what they vouch for.
    pub fn last<'a>(&'a self, name: &'a str) -> Option<&'a [u8]> {
        // On the way of every request some times: most names differ in length already.
        for (key, value) in self.entries.iter().rev() {
            if key.len() == name.len() && self.slice(key) == name.as_bytes() {
                return Some(self.slice(value));
            }
        }
        None
    }

    /// The first value of the header `name` (in lower case), which is all that most readers of an answer know.
    pub fn first<'a>(&'a self, name: &str) -> Option<&'a [u8]> {
        let is_it = |entry: &&(Range<usize>, Range<usize>)| self.slice(&entry.0) == name.as_bytes();
        self.entries.iter().find(is_it).map(|(_, value)| self.slice(value))
    }

    /// The status of an answer with these headers.
    pub fn status(&self) -> Option<u16> {
        std::str::from_utf8(self.last(":status")?).ok()?.parse().ok()
    }

    /// How many headers there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// How many bytes names and values have together.
    pub fn size(&self) -> usize {
        self.entries.iter().map(|(name, value)| name.len() + value.len()).sum()
    }

    /// Are there none?
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    fn slice(&self, range: &Range<usize>) -> &[u8] {
        self.bytes.get(range.clone()).unwrap_or_default()
    }
}

impl<N: AsRef<[u8]>, V: AsRef<[u8]>> FromIterator<(N, V)> for Headers {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        let mut headers = Self::default();
        for (name, value) in pairs {
            let start = headers.bytes.len();
            headers.bytes.extend_from_slice(name.as_ref());
            let middle = headers.bytes.len();
            headers.bytes.extend_from_slice(value.as_ref());
            headers.entries.push((start..middle, middle..headers.bytes.len()));
        }
        headers
    }
}

/// Is it a token (RFC 9110, section 5.6.2), as the names of headers and cookies are?
pub(crate) fn is_token(name: &str) -> bool {
    let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !name.is_empty() && name.bytes().all(token)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::head::Head;

    fn serialized(pairs: &[(&[u8], &[u8])]) -> Vec<u8> {
        let mut bytes = (pairs.len() as u32).to_le_bytes().to_vec();
        for (name, value) in pairs {
            bytes.extend((name.len() as u32).to_le_bytes());
            bytes.extend((value.len() as u32).to_le_bytes());
        }
        for (name, value) in pairs {
            bytes.extend([name, &b"\0"[..], value, b"\0"].concat());
        }
        bytes
    }

    #[test]
    fn reads_what_the_proxy_serialises() {
        let headers = Headers::from_serialized(serialized(&[
            (b":path", b"/a"),
            (b"x-bin", b"\xff\0\xfe"),
            (b"x", b""),
            (b"x", b"2"),
        ]));
        assert_eq!(headers.len(), 4);
        assert_eq!(headers.last("x-bin"), Some(&b"\xff\0\xfe"[..]));
        assert_eq!(headers.last("x"), Some(&b"2"[..]));
        assert_eq!(headers.all("x").count(), 2);
        assert_eq!(Head::new(headers).request_target(), b"/a");
    }

    #[test]
    fn a_broken_serialisation_is_cut_not_trusted() {
        let whole = serialized(&[(b"a", b"1"), (b"b", b"2")]);
        for cut in 0..whole.len() {
            let headers = Headers::from_serialized(whole[..cut].to_vec());
            assert!(headers.iter().all(|(name, value)| name.len() + value.len() <= cut));
        }
        assert!(Headers::from_serialized(vec![0xff; 64]).is_empty());
    }
}
