//! What does an application read that undoes nothing: no coding, no character encoding, no Base64?
//!
//! Most don't. Whoever declares a body to be packed, or begins it with the mark of UTF-16, would otherwise choose what is looked at.

use super::body::BodyReader;
use super::charset;
use super::coding;
use super::field::Field;

/// So many bytes tell whether the body is read as it was sent.
const MARK: usize = 16;

/// What the head says of the body, and of what has to be undone.
#[derive(Clone, Copy, Debug)]
pub(super) struct Declared {
    /// A coding: gzip and its kin.
    pub(super) coding: bool,
    /// A character encoding that is converted.
    pub(super) charset: bool,
    /// The Base64 of gRPC-Web's text form.
    pub(super) base64: bool,
    /// Besides, a form or parts, whose readers begin with anything.
    pub(super) takes_anything: bool,
    /// Or these or another format of text.
    pub(super) is_of_text: bool,
}

/// The body as it was sent, where something of it is undone; otherwise nothing, as the other reader reads the same.
#[derive(Debug)]
pub(super) enum AsSent {
    /// Not enough has come to tell.
    Undecided {
        declared: Declared,
        first: Vec<u8>,
        /// What a reader of its own is made of.
        content_type: Vec<u8>,
        limit: usize,
        from_elsewhere: bool,
    },
    Odd(Box<BodyReader>),
    /// Nothing is undone, or no application could read what is not.
    Plain,
}

impl AsSent {
    pub(super) fn new(declared: Declared, content_type: &[u8], limit: usize, from_elsewhere: bool) -> Self {
        Self::Undecided { declared, first: Vec::new(), content_type: content_type.to_vec(), limit, from_elsewhere }
    }

    /// Takes the next bytes; `last` ends the body.
    pub(super) fn push(&mut self, chunk: &[u8], last: bool, sink: &mut dyn FnMut(Field<'_>)) {
        match self {
            Self::Plain => {}
            Self::Odd(reader) => reader.push(chunk, sink),
            Self::Undecided { declared, first, .. } => {
                let known = first.len();
                first.extend_from_slice(chunk.get(..chunk.len().min(MARK)).unwrap_or_default());
                if first.len() < MARK && !last {
                    return;
                }
                let is_odd = declared.is_odd(first);
                first.truncate(known);
                let undecided = std::mem::replace(self, Self::Plain);
                if let Self::Undecided { first, content_type, limit, from_elsewhere, .. } = undecided
                    && is_odd
                {
                    let mut reader = BodyReader::new(&content_type, limit, from_elsewhere);
                    reader.push(&first, sink);
                    reader.push(chunk, sink);
                    *self = Self::Odd(Box::new(reader));
                }
            }
        }
    }

    /// The reader, if there is one that reads anything.
    pub(super) fn reader(&mut self) -> Option<&mut BodyReader> {
        match self {
            Self::Odd(reader) => Some(reader),
            Self::Undecided { .. } | Self::Plain => None,
        }
    }
}

impl Declared {
    /// May an application read the bytes that begin so as they are, and something else than what comes out of them? Readers of
    /// forms and of parts take anything for the first name; others want a text from its first byte on.
    fn is_odd(self, first: &[u8]) -> bool {
        let is_text = first.iter().all(|byte| matches!(byte, b'\t' | b'\n' | b'\r' | b' '..=b'~'));
        let is_base64 = first.iter().all(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(byte));
        self.charset
            || self.coding && (self.takes_anything || is_text)
            || self.base64 && (self.is_of_text || !is_base64)
            || self.takes_anything && (coding::is_marked(first) || charset::is_marked(first))
    }
}
