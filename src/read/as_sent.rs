//! What does an application read that undoes nothing: no coding, no character encoding, no Base64; and one that takes a form for a
//! form, whatever it looks like?
//!
//! Most do. Whoever declares a body to be packed, or begins it with the mark of UTF-16 or with a delimiter of parts, would otherwise
//! choose what is looked at.

use super::body::BodyReader;
use super::charset;
use super::coding;
use super::field::Field;
use super::runs::{Runs, is_text};
use super::shape::{self, Shape};

/// So many bytes tell whether the body is read a second time.
const MARK: usize = shape::ENOUGH;

/// What the head says of the body, and of what has to be undone.
#[derive(Clone, Copy, Debug)]
pub(super) struct Declared {
    /// A coding: gzip and its kin.
    pub(super) coding: bool,
    /// A character encoding that is converted.
    pub(super) charset: bool,
    /// The Base64 of gRPC-Web's text form.
    pub(super) base64: bool,
    /// Besides, a form,
    pub(super) is_form: bool,
    /// or parts: readers of both begin with anything,
    pub(super) takes_anything: bool,
    /// or these or another format of text.
    pub(super) is_of_text: bool,
}

/// How is it read a second time?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum How {
    Whole,
    /// What is text in it: packed octets spell anything by chance, and no payload.
    Texts,
    /// A form that looks like XML: whole, but for values with tags, which the other reader shows.
    Document,
}

/// The second reader of a body, where there has to be one.
#[derive(Debug)]
pub(super) enum AsSent {
    /// Not enough has come to tell.
    Undecided {
        declared: Declared,
        first: Vec<u8>,
        /// What a reader is made of.
        content_type: Vec<u8>,
        limit: usize,
        from_elsewhere: bool,
    },
    Read(Box<Second>),
    /// Nothing is undone, or no application could read what is not.
    Not,
}

#[derive(Debug)]
pub(super) struct Second {
    how: How,
    runs: Runs,
    reader: BodyReader,
}

impl AsSent {
    pub(super) fn new(declared: Declared, content_type: &[u8], limit: usize, from_elsewhere: bool) -> Self {
        Self::Undecided { declared, first: Vec::new(), content_type: content_type.to_vec(), limit, from_elsewhere }
    }

    /// Takes the next bytes; `last` ends the body.
    pub(super) fn push(&mut self, chunk: &[u8], last: bool, sink: &mut dyn FnMut(Field<'_>)) {
        match self {
            Self::Not => {}
            Self::Read(second) => second.push(chunk, sink),
            Self::Undecided { declared, first, .. } => {
                let known = first.len();
                first.extend_from_slice(chunk.get(..chunk.len().min(MARK)).unwrap_or_default());
                if first.len() < MARK && !last {
                    return;
                }
                let how = declared.how(first);
                first.truncate(known);
                let undecided = std::mem::replace(self, Self::Not);
                let Self::Undecided { declared, first, content_type, limit, from_elsewhere } = undecided else {
                    return;
                };
                let Some(how) = how else { return };
                // A form is one here, whatever it looks like.
                let reader = match declared.is_form {
                    true => BodyReader::form(limit, from_elsewhere),
                    false => BodyReader::new(&content_type, limit, from_elsewhere),
                };
                let mut second = Second { how, runs: Runs::default(), reader };
                second.push(&first, sink);
                second.push(chunk, sink);
                *self = Self::Read(Box::new(second));
            }
        }
    }

    /// Shows what has come of a text that goes on.
    pub(super) fn show_open(&mut self, sink: &mut dyn FnMut(Field<'_>)) {
        if let Self::Read(second) = self {
            second.reader.show_open(sink);
        }
    }

    /// Of a body that goes on, `limit` bytes more are taken apart.
    pub(super) fn renew(&mut self, limit: usize) {
        if let Self::Read(second) = self {
            second.reader.renew(limit);
        }
    }

    /// The body has ended.
    pub(super) fn finish(&mut self, sink: &mut dyn FnMut(Field<'_>)) {
        self.push(b"", true, sink);
        if let Self::Read(second) = self {
            second.reader.finish(&mut second.how.shown(sink));
        }
    }
}

impl Second {
    fn push(&mut self, bytes: &[u8], sink: &mut dyn FnMut(Field<'_>)) {
        let (reader, mut sink) = (&mut self.reader, self.how.shown(sink));
        match self.how {
            How::Texts => self.runs.push(bytes, &mut |run| reader.push(run, &mut sink)),
            How::Whole | How::Document => reader.push(bytes, &mut sink),
        }
    }
}

impl How {
    /// What is shown of what the second reader reads.
    fn shown(self, sink: &mut dyn FnMut(Field<'_>)) -> impl FnMut(Field<'_>) {
        move |field| {
            let is_markup = self == Self::Document && field.value.iter().any(|byte| matches!(byte, b'<' | b'>'));
            if !is_markup {
                sink(field);
            }
        }
    }
}

impl Declared {
    /// May an application read the bytes that begin so as they are, and something else than what comes out of them? Readers of
    /// forms and of parts take anything for the first name; others want a text from its first byte on.
    fn how(self, first: &[u8]) -> Option<How> {
        let is_text = first.iter().all(|byte| is_text(*byte));
        let is_base64 = first.iter().all(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(byte));
        let looks = shape::of(first, Shape::Form, true);
        match () {
            () if self.charset => Some(How::Whole),
            () if self.base64 && (self.is_of_text || !is_base64) => Some(How::Whole),
            () if self.takes_anything && (self.coding || coding::is_marked(first) || charset::is_marked(first)) => {
                Some(How::Texts)
            }
            () if self.coding && is_text => Some(How::Whole),
            () if self.is_form && looks == Some(Shape::Multipart) => Some(How::Whole),
            () if self.is_form && looks == Some(Shape::Xml) => Some(How::Document),
            () => None,
        }
    }
}
