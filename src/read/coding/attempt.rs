//! Which codings are tried for what a header declares, and with which bytes may each start?

use super::{gzip, inflate, zstd};

/// A coding that may be tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Attempt {
    Gzip,
    Zlib,
    Deflate,
    Brotli,
    Zstd,
}

/// The codings to try in turn for a token of `content-encoding`: none for one that changes nothing, nothing for one that is not
/// undone.
pub(super) fn attempts(token: &[u8]) -> Option<&'static [Attempt]> {
    use Attempt::{Brotli, Deflate, Gzip, Zlib, Zstd};
    let token = token.to_ascii_lowercase();
    let name = token.strip_prefix(b"x-").unwrap_or(&token);
    Some(match name {
        b"gzip" => &[Gzip, Zlib, Zstd],
        b"deflate" => &[Zlib, Deflate, Gzip],
        b"br" => &[Brotli, Gzip, Zstd],
        b"zstd" => &[Zstd, Gzip],
        b"compress" | b"exi" | b"pack200-gzip" | b"dcb" | b"dcz" | b"aes128gcm" => return None,
        // Servers ignore what they don't know, such as a charset in the wrong header.
        _ => &[],
    })
}

impl Attempt {
    /// Can a stream of this coding start with these bytes? Nothing, if more are needed and `last` is not set.
    pub(super) fn fits(self, first: &[u8], last: bool) -> Option<bool> {
        let starts = |magic: &[u8]| match () {
            () if first.starts_with(magic) => Some(true),
            () if magic.starts_with(first) && !last => None,
            () => Some(false),
        };
        match (self, first) {
            (Self::Gzip, _) => starts(&gzip::MAGIC),
            (Self::Zstd, [byte, ..]) if byte & 0xf0 == zstd::SKIPPABLE[0] => {
                first.get(1..).and_then(|rest| match zstd::SKIPPABLE.get(1..) {
                    Some(magic) if rest.starts_with(magic) => Some(true),
                    Some(magic) if magic.starts_with(rest) && !last => None,
                    _ => Some(false),
                })
            }
            (Self::Zstd, _) => starts(&zstd::MAGIC),
            (Self::Zlib, [_, _, ..]) => inflate::fits(first, true, last),
            (Self::Deflate, [_, ..]) => inflate::fits(first, false, last),
            (Self::Brotli, [_, ..]) => Some(true),
            _ => last.then_some(false),
        }
    }
}
