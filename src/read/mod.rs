//! Where can a payload sit? Takes a request apart into fields as it streams: each has a target, a name and a value.
//!
//! Only the coding of the container is undone here (JSON's escapes, a part's Base64); percent-coding stays, and
//! [`Field::encoded`] says so. Every byte is shown at least once: what follows after a cap is shown as one field.

mod as_sent;
pub mod base64;
mod body;
mod charset;
pub(crate) mod coding;
mod content;
mod ebcdic;
pub mod field;
mod form;
mod header;
pub mod inside;
mod json;
mod jwt;
mod magic;
mod mark;
mod multipart;
mod pairs;
mod path;
mod piece;
mod quoted;
mod repeat;
mod runs;
mod sampled;
mod shape;
pub mod target;
mod utf7;
mod xml;

use crate::exchange::head::Head;
use crate::exchange::headers::Headers;
use field::Field;
use memchr::memchr;
use target::Target;

/// Passes the fields of a request's head to `sink`: method, path, segments, query, cookies, headers. Returns the number of
/// bytes of values that a cap kept from being joined with others of the same name.
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

/// A body that unpacks to more than so many times its size is a bomb, if so many bytes or more come out.
const EXPANSION: usize = 100;
const EXPANDED: usize = 64 * 1024;

/// Passes the fields of the headers that follow a request's body to `sink`.
pub fn trailers(trailers: &Headers, sink: &mut dyn FnMut(Field<'_>)) {
    header::fields(trailers, sink);
}

/// Reads a body as it streams: unpacked, in UTF-8, by its real shape where that contradicts the declared type.
///
/// Holds a few KiB however long a value is; each layer of a packed body adds its decoder's window.
#[derive(Debug)]
pub struct Body {
    coding: coding::Coding,
    charset: charset::Charset,
    /// Undoes the Base64 of gRPC-Web's text form.
    base64: Option<base64::Decoder>,
    reader: body::BodyReader,
    as_sent: as_sent::AsSent,
    packed: u64,
    /// How many bytes arrived, and how many came out of the codings.
    arrived: usize,
    unpacked: usize,
}

impl Body {
    /// A reader for the body of the request with this head. It takes `limit` bytes apart and looks at the last bytes of a
    /// longer body. For a packed body the limit counts unpacked bytes, and nothing beyond it is unpacked.
    pub fn new(head: &Head, limit: usize) -> Self {
        let header = |name| head.headers().last(name).unwrap_or_default();
        // An archive that is uploaded as one is not unpacked by the server.
        let encodings = head.headers().all("content-encoding");
        let coding = coding::Coding::new(encodings, limit, !shape::claims_binary(header("content-type")));
        let charset = charset::Charset::of(header("content-type"));
        let base64 = shape::has(header("content-type"), b"grpc-web-text").then(base64::Decoder::default);
        let (content_type, from_elsewhere) = (header("content-type"), head.is_from_elsewhere());
        let reader = body::BodyReader::new(content_type, limit, from_elsewhere);
        let declared = as_sent::Declared {
            coding: coding.is_declared(),
            charset: charset.is_declared(),
            base64: base64.is_some(),
            is_form: reader.is_form(),
            takes_anything: reader.takes_anything(),
            is_of_text: reader.is_of_text(),
        };
        Self {
            coding,
            charset,
            base64,
            reader,
            as_sent: as_sent::AsSent::new(declared, content_type, limit, from_elsewhere),
            packed: 0,
            arrived: 0,
            unpacked: 0,
        }
    }

    /// Takes the next bytes of the body.
    pub fn push(&mut self, chunk: &[u8], sink: &mut dyn FnMut(Field<'_>)) {
        self.as_sent.push(chunk, false, sink);
        self.unpack(chunk, false, sink);
    }

    /// Shows what has come of a text or of data that goes on, though it is not much yet. Forms, JSON and parts show each value
    /// as it ends.
    pub fn show_open(&mut self, sink: &mut dyn FnMut(Field<'_>)) {
        self.reader.show_open(sink);
        self.as_sent.show_open(sink);
    }

    /// Of a body that goes on, and is within its limit, `limit` bytes more are taken apart.
    pub fn renew(&mut self, limit: usize) {
        self.reader.renew(limit);
        self.as_sent.renew(limit);
    }

    /// Ends the body: shows what is still open, and the tail.
    pub fn finish(&mut self, sink: &mut dyn FnMut(Field<'_>)) {
        self.unpack(b"", true, sink);
        let (base64, reader) = (&mut self.base64, &mut self.reader);
        self.charset.push(b"", true, &mut |text| push_plain(base64, text, reader, sink));
        reader.finish(sink);
        self.as_sent.finish(sink);
    }

    /// The number of bytes that were not looked at: between the limit and the tail, or packed and not unpacked. Exact after
    /// `finish`.
    pub fn skipped(&self) -> u64 {
        self.packed + self.reader.skipped()
    }

    /// The number of bytes of values that a cap kept from being joined with others of the same name. Exact after `finish`.
    pub fn unjoined(&self) -> u64 {
        self.reader.unjoined()
    }

    /// Has it unpacked to more than a hundred times what arrived? What people send unpacks to three to thirty times its size.
    pub fn expands(&self) -> bool {
        self.unpacked > EXPANDED && self.unpacked / EXPANSION > self.arrived
    }

    fn unpack(&mut self, chunk: &[u8], last: bool, sink: &mut dyn FnMut(Field<'_>)) {
        self.arrived += chunk.len();
        let (charset, base64, reader, unpacked) =
            (&mut self.charset, &mut self.base64, &mut self.reader, &mut self.unpacked);
        let left = self.coding.push(chunk, last, &mut |bytes| {
            *unpacked += bytes.len();
            charset.push(bytes, false, &mut |text| push_plain(base64, text, reader, sink));
            !reader.is_full()
        });
        self.packed += left;
    }
}

/// Takes the next bytes of a body, out of its Base64 if it has one. Each message may have a padding of its own.
fn push_plain(
    base64: &mut Option<base64::Decoder>,
    bytes: &[u8],
    reader: &mut body::BodyReader,
    sink: &mut dyn FnMut(Field<'_>),
) {
    let Some(decoder) = base64 else { return reader.push(bytes, sink) };
    let mut plain = Vec::with_capacity(bytes.len() / 4 * 3 + 3);
    for (number, part) in bytes.split(|byte| *byte == b'=').enumerate() {
        if number > 0 {
            *decoder = base64::Decoder::default();
        }
        decoder.push(part, &mut plain);
    }
    reader.push(&plain, sink);
}

#[cfg(test)]
mod tests;
