//! Where can a payload sit? Takes a request apart into fields, a place with its name and value, as it streams.
//!
//! Nothing is decoded here but what belongs to the container (JSON's escapes); percent-coding stays, [`Field::encoded`]
//! says so. Every byte is shown at least once: where a cap ends the taking apart, the rest is one field.

pub mod base64;
mod body;
mod charset;
pub(crate) mod coding;
mod form;
mod header;
pub mod inside;
mod json;
mod jwt;
mod multipart;
mod pairs;
mod path;
mod piece;
mod repeat;
mod shape;
pub mod target;
mod xml;

use crate::exchange::head::Head;
use memchr::memchr;
use target::Target;

/// How many parameters, cookies or matrix parameters of one request are taken apart; the rest is shown as one field.
pub const PARAMETERS: usize = 512;
/// How much of the end of a body is looked at when it is longer than the limit, in bytes.
pub const TAIL: usize = 4096;
/// How much of a name is kept, in bytes.
const NAME: usize = 256;

/// One place of a request with what the client put there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field<'a> {
    /// What kind of place it is.
    pub target: Target,
    /// Its name as on the wire: of the parameter, the header, the cookie; `user.name` in JSON; empty if it has none.
    pub name: &'a [u8],
    /// The bytes.
    pub value: &'a [u8],
    /// Are the bytes percent-coded on the wire?
    pub encoded: bool,
}

/// Is it made of what names are made of?
fn is_plain_name(name: &[u8]) -> bool {
    name.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'[' | b']' | b'@'))
}

/// Is it no more than a name? If not, it is a payload's place too, and is shown as a value: so are the names of
/// operators (`$ne`) and of prototypes.
fn is_name(name: &[u8]) -> bool {
    let starts = |part: &[u8]| matches!(part.first(), Some(b'p' | b'P'));
    is_plain_name(name) && !name.windows(5).any(|part| starts(part) && part.eq_ignore_ascii_case(b"proto"))
}

/// Shows the fields of a request's head: method, path, segments, query, cookies, headers. Says how many bytes of values were
/// not joined with those of the same name, as there were too many.
pub fn head(head: &Head, sink: &mut dyn FnMut(Field<'_>)) -> u64 {
    sink(Field { target: Target::Method, name: b"", value: head.method(), encoded: false });
    let target = head.request_target();
    let target = memchr(b'#', target).and_then(|end| target.get(..end)).unwrap_or(target);
    let (path, query) = match memchr(b'?', target) {
        Some(at) => (target.get(..at).unwrap_or_default(), target.get(at + 1..).unwrap_or_default()),
        None => (target, &b""[..]),
    };
    path::fields(path, sink);
    let unjoined = pairs::query(query, head.is_from_elsewhere(), sink);
    header::fields(head.headers(), sink);
    unjoined as u64
}

/// Reads a body as it streams: unpacked, in UTF-8, by its real shape where that contradicts the declared type.
///
/// It never holds more than a few KiB, however long a value is; the window of a packed body is 32 KiB more.
#[derive(Debug)]
pub struct Body {
    coding: coding::Coding,
    charset: charset::Charset,
    reader: body::BodyReader,
    packed: u64,
}

impl Body {
    /// A reader of the body of the request with this head, which takes `limit` bytes apart and looks at the [`TAIL`] of
    /// a longer one. Of a packed body the limit counts what comes out, and nothing beyond is unpacked.
    pub fn new(head: &Head, limit: usize) -> Self {
        let header = |name| head.headers().last(name).unwrap_or_default();
        Self {
            coding: coding::Coding::new(header("content-encoding")),
            charset: charset::Charset::default(),
            reader: body::BodyReader::new(header("content-type"), limit, head.is_from_elsewhere()),
            packed: 0,
        }
    }

    /// Takes the next bytes of the body.
    pub fn push(&mut self, chunk: &[u8], sink: &mut dyn FnMut(Field<'_>)) {
        self.unpack(chunk, false, sink);
    }

    /// The body has ended: shows what is still open, and the tail.
    pub fn finish(&mut self, sink: &mut dyn FnMut(Field<'_>)) {
        self.unpack(b"", true, sink);
        let reader = &mut self.reader;
        self.charset.push(b"", true, &mut |text| reader.push(text, sink));
        reader.finish(sink);
    }

    /// How many bytes were never looked at, as they lie between the limit and the tail, or are packed beyond the limit.
    /// Exact after `finish`.
    pub fn skipped(&self) -> u64 {
        self.packed + self.reader.skipped()
    }

    /// How many bytes of values were not joined with those of the same name, as there were too many. Exact after `finish`.
    pub fn unjoined(&self) -> u64 {
        self.reader.unjoined()
    }

    fn unpack(&mut self, chunk: &[u8], last: bool, sink: &mut dyn FnMut(Field<'_>)) {
        let (charset, reader) = (&mut self.charset, &mut self.reader);
        let left = self.coding.push(chunk, last, &mut |bytes| {
            charset.push(bytes, false, &mut |text| reader.push(text, sink));
            !reader.is_full()
        });
        self.packed += left as u64;
    }
}

#[cfg(test)]
mod tests;
