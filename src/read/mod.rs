//! Where can a payload sit? Takes a request apart into fields, a place with its name and value, as it streams.
//!
//! Nothing is decoded here but what belongs to the container (JSON's escapes); percent-coding stays, [`Field::encoded`]
//! says so. Every byte is shown at least once: where a cap ends the taking apart, the rest is one field.

mod form;
mod header;
mod json;
mod pairs;
mod path;
mod piece;
pub mod place;
mod shape;

use crate::exchange::Head;
use piece::Piece;
use place::Place;
use shape::Shape;

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
    pub place: Place,
    /// Its name as on the wire: of the parameter, the header, the cookie; `user.name` in JSON; empty if it has none.
    pub name: &'a [u8],
    /// The bytes.
    pub value: &'a [u8],
    /// Are the bytes percent-coded on the wire?
    pub encoded: bool,
}

/// Is it no more than a name? If not, it is a payload's place too, and is shown as a value.
fn is_name(name: &[u8]) -> bool {
    name.iter().all(|byte| byte.is_ascii_alphanumeric() || b"_-.[]$@".contains(byte))
}

/// Shows the fields of a request's head: method, path, segments, query, cookies, headers.
pub fn head(head: &Head, sink: &mut dyn FnMut(Field<'_>)) {
    sink(Field { place: Place::Method, name: b"", value: head.method(), encoded: false });
    let target = head.target();
    let target = target.split(|byte| *byte == b'#').next().unwrap_or_default();
    let (path, query) = match target.iter().position(|byte| *byte == b'?') {
        Some(at) => (target.get(..at).unwrap_or_default(), target.get(at + 1..).unwrap_or_default()),
        None => (target, &b""[..]),
    };
    path::fields(path, sink);
    pairs::query(query, sink);
    header::fields(head.headers(), sink);
}

/// Reads a body as it streams: a form, JSON or text, by its real shape where that contradicts the declared type.
///
/// It never holds more than a few KiB, however long a value is.
#[derive(Debug)]
pub struct Body {
    declared: Shape,
    reader: Reader,
    /// How many bytes from the start may still be taken apart.
    room: usize,
    /// The newest bytes beyond the limit, at most twice [`TAIL`].
    tail: Vec<u8>,
    beyond: u64,
}

#[derive(Debug)]
enum Reader {
    /// The first bytes, until they tell the shape.
    Undecided(Vec<u8>),
    Form(form::Form),
    Json(Box<json::Json>),
    Text(Piece),
    /// The limit is reached: what was open has been shown.
    Closed,
}

impl Body {
    /// A reader of the body of the request with this head, which takes `limit` bytes apart and looks at the [`TAIL`] of
    /// a longer one.
    pub fn new(head: &Head, limit: usize) -> Self {
        Self {
            declared: shape::declared(head.headers().last("content-type").unwrap_or_default()),
            reader: Reader::Undecided(Vec::new()),
            room: limit,
            tail: Vec::new(),
            beyond: 0,
        }
    }

    /// Takes the next bytes of the body.
    pub fn push(&mut self, chunk: &[u8], sink: &mut dyn FnMut(Field<'_>)) {
        let (near, far) = chunk.split_at(chunk.len().min(self.room));
        self.room -= near.len();
        if !near.is_empty() {
            self.read(near, sink);
        }
        if far.is_empty() {
            return;
        }
        if self.beyond == 0 {
            self.close(sink);
        }
        self.beyond += far.len() as u64;
        self.tail.extend_from_slice(far.get(far.len().saturating_sub(TAIL)..).unwrap_or_default());
        if self.tail.len() > 2 * TAIL {
            self.tail.drain(..self.tail.len() - TAIL);
        }
    }

    /// The body has ended: shows what is still open, and the tail.
    pub fn finish(&mut self, sink: &mut dyn FnMut(Field<'_>)) {
        self.close(sink);
        self.tail.drain(..self.tail.len().saturating_sub(TAIL));
        if self.tail.is_empty() {
            return;
        }
        let tail = std::mem::take(&mut self.tail);
        self.beyond -= tail.len() as u64;
        let mut reader = match self.declared {
            Shape::Form => Reader::Form(form::Form::default()),
            _ => Reader::Text(Piece::default()),
        };
        reader.read(&tail, self.declared, sink);
        reader.end(sink);
    }

    /// How many bytes were never looked at, as they lie between the limit and the tail. Exact after `finish`.
    pub fn skipped(&self) -> u64 {
        self.beyond.saturating_sub(self.tail.len().min(TAIL) as u64)
    }

    fn read(&mut self, bytes: &[u8], sink: &mut dyn FnMut(Field<'_>)) {
        let Reader::Undecided(first) = &mut self.reader else {
            return self.reader.read(bytes, self.declared, sink);
        };
        let known = first.len();
        first.extend_from_slice(bytes.get(..bytes.len().min(shape::ENOUGH)).unwrap_or_default());
        let Some(shape) = shape::of(first, self.declared, false) else { return };
        let mut first = std::mem::take(first);
        first.truncate(known);
        self.decide(shape);
        self.reader.read(&first, self.declared, sink);
        self.reader.read(bytes, self.declared, sink);
    }

    fn close(&mut self, sink: &mut dyn FnMut(Field<'_>)) {
        if let Reader::Undecided(first) = &mut self.reader {
            let first = std::mem::take(first);
            if !first.is_empty() {
                self.decide(shape::of(&first, self.declared, true).unwrap_or(Shape::Text));
                self.reader.read(&first, self.declared, sink);
            }
        }
        self.reader.end(sink);
        self.reader = Reader::Closed;
    }

    fn decide(&mut self, shape: Shape) {
        self.reader = Reader::of(shape);
        // A form in disguise: the tail is one too.
        if shape == Shape::Form {
            self.declared = shape;
        }
    }
}

impl Reader {
    fn of(shape: Shape) -> Self {
        match shape {
            Shape::Form => Self::Form(form::Form::default()),
            Shape::Json => Self::Json(Box::default()),
            Shape::Text => Self::Text(Piece::default()),
        }
    }

    fn read(&mut self, bytes: &[u8], declared: Shape, sink: &mut dyn FnMut(Field<'_>)) {
        match self {
            Self::Form(form) => form.read(bytes, sink),
            Self::Json(json) => {
                let read = json.read(bytes, sink);
                let Some(rest) = bytes.get(read..).filter(|rest| !rest.is_empty()) else { return };
                // Not JSON after all, or too deep: what it was so far has been shown, the rest goes by the declared type.
                json.end(sink);
                *self = Self::of(if declared == Shape::Form { Shape::Form } else { Shape::Text });
                self.read(rest, declared, sink);
            }
            Self::Text(piece) => piece.extend(bytes, &mut |value| sink(text(value))),
            Self::Undecided(_) | Self::Closed => {}
        }
    }

    fn end(&mut self, sink: &mut dyn FnMut(Field<'_>)) {
        match self {
            Self::Form(form) => form.end(sink),
            Self::Json(json) => json.end(sink),
            Self::Text(piece) => piece.end(&mut |value| sink(text(value))),
            Self::Undecided(_) | Self::Closed => {}
        }
    }
}

fn text(value: &[u8]) -> Field<'_> {
    Field { place: Place::Text, name: b"", value, encoded: false }
}

#[cfg(test)]
mod tests;
