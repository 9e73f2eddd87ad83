//! How is an unpacked body in UTF-8 taken apart? By its real shape up to a limit; beyond it only the tail is read.

use super::content::Content;
use super::field::{Field, RAW};
use super::form::Form;
use super::json::{self, Json};
use super::mark::Shown;
use super::multipart::Multipart;
use super::multipart::parameter::{boundaries, is_plain};
use super::piece::Piece;
use super::shape::{self, Shape};
use super::target::Target;
use super::xml::Xml;

/// How much of the end of a body is looked at when it is longer than the limit, in bytes.
pub(super) const TAIL: usize = 4096;

/// A body as it streams.
#[derive(Debug)]
pub(super) struct BodyReader {
    declared: Shape,
    /// Did another site's page send it?
    from_elsewhere: bool,
    parser: Parser,
    /// How many bytes from the start may still be taken apart.
    room: usize,
    /// The newest bytes beyond the limit, at most twice [`TAIL`].
    tail: Vec<u8>,
    beyond: u64,
    unjoined: usize,
    /// How many bytes of a multipart body came after the last part that is told apart.
    over: usize,
}

#[derive(Debug)]
enum Parser {
    /// The first bytes, until they show the shape.
    Undecided(Vec<u8>),
    Form(Form),
    Json(Box<Json>),
    Multipart(Box<Multipart>),
    /// Texts and attributes, and the raw text beside them: declarations and whole tags are evidence too.
    Xml(Box<(Xml, Piece)>),
    Text(Piece),
    Binary(Box<Content>),
    /// The limit is reached: what was open has been shown.
    Closed,
}

impl BodyReader {
    pub(super) fn new(content_type: &[u8], limit: usize, from_elsewhere: bool) -> Self {
        let declared = shape::declared(content_type);
        let boundaries = if declared == Shape::Multipart { boundaries(content_type) } else { Vec::new() };
        // Before the first delimiter anything may stand.
        let parser = match boundaries.is_empty() {
            true => Parser::Undecided(Vec::new()),
            false => Parser::Multipart(Box::new(Multipart::new(boundaries, is_plain(content_type, b"boundary")))),
        };
        Self { declared, from_elsewhere, parser, room: limit, tail: Vec::new(), beyond: 0, unjoined: 0, over: 0 }
    }

    /// A form, whatever it begins with.
    pub(super) fn form(limit: usize, from_elsewhere: bool) -> Self {
        let (declared, parser) = (Shape::Form, Parser::of(Shape::Form, from_elsewhere));
        Self { declared, from_elsewhere, parser, room: limit, tail: Vec::new(), beyond: 0, unjoined: 0, over: 0 }
    }

    /// Is it declared to be a form?
    pub(super) fn is_form(&self) -> bool {
        self.declared == Shape::Form
    }

    /// Is it declared to be a form or parts, whose readers begin with anything?
    pub(super) fn takes_anything(&self) -> bool {
        matches!(self.declared, Shape::Form | Shape::Multipart)
    }

    /// Is it declared to be in a format of text?
    pub(super) fn is_of_text(&self) -> bool {
        self.takes_anything() || matches!(self.declared, Shape::Json | Shape::Xml)
    }

    /// Takes the next bytes of the body.
    pub(super) fn push(&mut self, chunk: &[u8], sink: &mut dyn FnMut(Field<'_>)) {
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

    /// Shows what is open of a text or of data; the body goes on.
    pub(super) fn show_open(&mut self, sink: &mut dyn FnMut(Field<'_>)) {
        if let Parser::Undecided(first) = &mut self.parser {
            let first = std::mem::take(first);
            let Some(shape) = shape::of(&first, self.declared, true).filter(|_| !first.is_empty()) else { return };
            self.decide(shape);
            self.parser.read(&first, self.declared, sink);
        }
        match &mut self.parser {
            Parser::Text(piece) => piece.show_open(&mut |value| sink(text(value))),
            Parser::Xml(both) => both.1.show_open(&mut |value| sink(raw_text(value))),
            Parser::Binary(content) => content.show_open(&mut |shown, value| sink(binary(shown, value))),
            _ => {}
        }
    }

    /// Takes `limit` bytes more apart, unless the limit was reached.
    pub(super) fn renew(&mut self, limit: usize) {
        if self.beyond == 0 {
            self.room = limit;
        }
    }

    /// The body has ended: shows what is still open, and the tail.
    pub(super) fn finish(&mut self, sink: &mut dyn FnMut(Field<'_>)) {
        self.close(sink);
        self.tail.drain(..self.tail.len().saturating_sub(TAIL));
        if self.tail.is_empty() {
            return;
        }
        let tail = std::mem::take(&mut self.tail);
        self.beyond -= tail.len() as u64;
        if self.declared == Shape::Json {
            return json::tail(&tail, sink);
        }
        let mut parser = match std::mem::replace(&mut self.parser, Parser::Closed) {
            Parser::Multipart(parts) => Parser::Multipart(Box::new(parts.within())),
            Parser::Binary(content) => Parser::Binary(Box::new(content.continued())),
            _ => Parser::of(self.declared, self.from_elsewhere),
        };
        parser.read(&tail, self.declared, sink);
        self.end_parser(&mut parser, sink);
    }

    /// Is the limit reached?
    pub(super) fn is_full(&self) -> bool {
        self.room == 0
    }

    /// The number of bytes that were not looked at: between the limit and the tail, or read as text behind too many parts.
    /// Exact after `finish`.
    pub(super) fn skipped(&self) -> u64 {
        self.beyond.saturating_sub(self.tail.len().min(TAIL) as u64) + self.over as u64
    }

    /// How many bytes of values were not joined with those of the same name, as there were too many. Exact after `finish`.
    pub(super) fn unjoined(&self) -> u64 {
        self.unjoined as u64
    }

    fn read(&mut self, bytes: &[u8], sink: &mut dyn FnMut(Field<'_>)) {
        let Parser::Undecided(first) = &mut self.parser else {
            return self.parser.read(bytes, self.declared, sink);
        };
        let known = first.len();
        first.extend_from_slice(bytes.get(..bytes.len().min(shape::ENOUGH)).unwrap_or_default());
        let Some(shape) = shape::of(first, self.declared, false) else { return };
        let mut first = std::mem::take(first);
        first.truncate(known);
        self.decide(shape);
        self.parser.read(&first, self.declared, sink);
        self.parser.read(bytes, self.declared, sink);
    }

    fn close(&mut self, sink: &mut dyn FnMut(Field<'_>)) {
        if let Parser::Undecided(first) = &mut self.parser {
            let first = std::mem::take(first);
            if !first.is_empty() {
                self.decide(shape::of(&first, self.declared, true).unwrap_or(Shape::Text));
                self.parser.read(&first, self.declared, sink);
            }
        }
        let mut parser = std::mem::replace(&mut self.parser, Parser::Closed);
        self.end_parser(&mut parser, sink);
        if matches!(parser, Parser::Multipart(_) | Parser::Binary(_)) {
            self.parser = parser;
        }
    }

    fn end_parser(&mut self, parser: &mut Parser, sink: &mut dyn FnMut(Field<'_>)) {
        let (unjoined, over) = parser.end(sink);
        self.unjoined += unjoined;
        self.over += over;
    }

    fn decide(&mut self, shape: Shape) {
        self.parser = Parser::of(shape, self.from_elsewhere);
        // The tail has the real shape too. JSON that turns out not to be any goes on as what was declared.
        if shape != Shape::Json || self.declared == Shape::Text {
            self.declared = shape;
        }
    }
}

impl Parser {
    fn of(shape: Shape, from_elsewhere: bool) -> Self {
        match shape {
            Shape::Form => Self::Form(Form::new(from_elsewhere)),
            Shape::Json => Self::Json(Box::default()),
            Shape::Multipart => Self::Multipart(Box::new(Multipart::new(Vec::new(), false))),
            Shape::Xml => Self::Xml(Box::default()),
            Shape::Text => Self::Text(Piece::default()),
            Shape::Binary => Self::Binary(Box::new(Content::claimed_binary())),
            Shape::Data => Self::Binary(Box::new(Content::data())),
        }
    }

    fn read(&mut self, bytes: &[u8], declared: Shape, sink: &mut dyn FnMut(Field<'_>)) {
        match self {
            Self::Form(form) => form.read(bytes, sink),
            Self::Json(json) => {
                let read = json.read(bytes, sink);
                let Some(rest) = bytes.get(read..).filter(|rest| !rest.is_empty()) else { return };
                // Not JSON after all, or nested too deep: what was read has been shown, the rest goes by the declared type.
                let word = json.take_word();
                json.end(sink);
                let shape =
                    if matches!(declared, Shape::Form | Shape::Binary | Shape::Data) { declared } else { Shape::Text };
                *self = Self::of(shape, false);
                self.read(&word, declared, sink);
                self.read(rest, declared, sink);
            }
            Self::Multipart(parts) => parts.read(bytes, sink),
            Self::Xml(both) => {
                let (xml, raw) = both.as_mut();
                xml.read(bytes, sink);
                raw.extend(bytes, &mut |value| sink(raw_text(value)));
            }
            Self::Text(piece) => piece.extend(bytes, &mut |value| sink(text(value))),
            Self::Binary(content) => content.push(bytes, &mut |shown, value| sink(binary(shown, value))),
            Self::Undecided(_) | Self::Closed => {}
        }
    }

    /// Ends the body; returns the number of bytes of values that were not joined with others, and of those behind the last part.
    fn end(&mut self, sink: &mut dyn FnMut(Field<'_>)) -> (usize, usize) {
        match self {
            Self::Form(form) => return (form.finish(sink), 0),
            Self::Json(json) => json.end(sink),
            Self::Multipart(parts) => return (0, parts.end(sink)),
            Self::Xml(both) => {
                both.0.end(sink);
                both.1.end(&mut |value| sink(raw_text(value)));
            }
            Self::Text(piece) => piece.end(&mut |value| sink(text(value))),
            Self::Binary(content) => content.end(&mut |shown, value| sink(binary(shown, value))),
            Self::Undecided(_) | Self::Closed => {}
        }
        (0, 0)
    }
}

fn text(value: &[u8]) -> Field<'_> {
    Field { target: Target::Text, name: b"", value, encoded: false }
}

fn raw_text(value: &[u8]) -> Field<'_> {
    Field { name: RAW, ..text(value) }
}

fn binary(shown: Shown, value: &[u8]) -> Field<'_> {
    let target = match shown {
        Shown::Text => Target::Text,
        Shown::Start => Target::Binary,
        Shown::Mark => Target::Upload,
    };
    Field::plain(target, b"", value)
}
