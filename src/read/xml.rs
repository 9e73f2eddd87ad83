//! Which texts and attributes does an XML body have?
//!
//! A streaming scanner after XML 1.0. It checks tokens, not the grammar. CDATA sections and comments don't interrupt a text,
//! so a payload cannot be spread over them. Character references stay: the views undo them. Declarations (DOCTYPE, entities)
//! are left to the raw text, which is shown as well.

use super::field::{Field, NAME};
use super::piece::Piece;
use super::target::Target;

/// An XML body as it streams.
#[derive(Debug, Default)]
pub(super) struct Xml {
    state: State,
    /// The element that opened last.
    element: Vec<u8>,
    attribute: Vec<u8>,
    /// Has a blank ended the attribute's name?
    named: bool,
    /// The start of what follows a `<`, or the last bytes before an end that has several.
    mark: Vec<u8>,
    text: Piece,
    value: Piece,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Text,
    /// After `<`: not yet clear what it is.
    Open,
    /// Inside a tag, between or in the names of attributes.
    Tag,
    /// Inside an attribute's value, with this quote.
    Value(u8),
    Cdata,
    Comment,
    /// `<!…>`, `<?…>`, `</…>`.
    Other,
}

impl Xml {
    pub(super) fn read(&mut self, bytes: &[u8], sink: &mut dyn FnMut(Field<'_>)) {
        let mut rest = bytes;
        while let Some((byte, after)) = rest.split_first() {
            let stop = match self.state {
                State::Text => b'<',
                State::Value(quote) => quote,
                _ => {
                    self.step(*byte, sink);
                    rest = after;
                    continue;
                }
            };
            let at = rest.iter().position(|byte| *byte == stop).unwrap_or(rest.len());
            let (run, after) = rest.split_at(at);
            let (piece, name) = match stop {
                b'<' => (&mut self.text, &self.element),
                _ => (&mut self.value, &self.attribute),
            };
            piece.extend(run, &mut |value| sink(field(name, value)));
            if let Some((_, after)) = after.split_first() {
                if stop == b'<' {
                    self.mark.clear();
                    self.state = State::Open;
                } else {
                    self.end_value(sink);
                    self.state = State::Tag;
                }
                rest = after;
            } else {
                rest = after;
            }
        }
    }

    /// The body has ended.
    pub(super) fn end(&mut self, sink: &mut dyn FnMut(Field<'_>)) {
        self.end_value(sink);
        self.end_text(sink);
    }

    fn step(&mut self, byte: u8, sink: &mut dyn FnMut(Field<'_>)) {
        match self.state {
            State::Open => self.open(byte, sink),
            State::Tag => match byte {
                b'>' => self.state = State::Text,
                b'"' | b'\'' => self.state = State::Value(byte),
                b'=' => self.named = false,
                byte if byte.is_ascii_whitespace() || byte == b'/' => self.named = true,
                _ => {
                    // A blank ends a name only if another follows.
                    if std::mem::take(&mut self.named) {
                        self.attribute.clear();
                    }
                    if self.attribute.len() < NAME {
                        self.attribute.push(byte);
                    }
                }
            },
            State::Cdata => {
                self.mark.push(byte);
                match self.mark.as_slice() {
                    b"]" | b"]]" => {}
                    b"]]>" => self.state = State::Text,
                    other => {
                        // Of `]]]` the last two may still be the end.
                        let keep = other.iter().rev().take(2).take_while(|byte| **byte == b']').count();
                        let (shown, kept) = other.split_at(other.len() - keep);
                        let name = &self.element;
                        self.text.extend(shown, &mut |value| sink(field(name, value)));
                        self.mark = kept.to_vec();
                    }
                }
            }
            State::Comment => {
                self.mark.push(byte);
                if self.mark.ends_with(b"-->") {
                    self.state = State::Text;
                } else if self.mark.len() > 2 {
                    self.mark.drain(..self.mark.len() - 2);
                }
            }
            State::Other if byte == b'>' => self.state = State::Text,
            State::Other | State::Text | State::Value(_) => {}
        }
    }

    fn open(&mut self, byte: u8, sink: &mut dyn FnMut(Field<'_>)) {
        self.mark.push(byte);
        let is_prefix = |whole: &[u8]| whole.starts_with(&self.mark);
        match self.mark.as_slice() {
            b"![CDATA[" => {
                self.mark.clear();
                self.state = State::Cdata;
            }
            b"!--" => {
                self.mark.clear();
                self.state = State::Comment;
            }
            b"/" => {
                self.end_text(sink);
                self.state = State::Other;
            }
            [b'!', ..] if is_prefix(b"![CDATA[") || is_prefix(b"!--") => {}
            [b'!' | b'?', ..] => self.state = if byte == b'>' { State::Text } else { State::Other },
            [.., b'>' | b'/' | b' ' | b'\t' | b'\r' | b'\n'] => {
                self.end_text(sink);
                self.mark.pop();
                self.element.clear();
                self.element.extend_from_slice(&self.mark);
                self.attribute.clear();
                self.state = if byte == b'>' { State::Text } else { State::Tag };
            }
            // No name is that long.
            mark if mark.len() >= NAME => self.state = State::Tag,
            _ => {}
        }
    }

    fn end_text(&mut self, sink: &mut dyn FnMut(Field<'_>)) {
        let name = &self.element;
        self.text.end(&mut |value| {
            if !value.trim_ascii().is_empty() {
                sink(field(name, value));
            }
        });
    }

    fn end_value(&mut self, sink: &mut dyn FnMut(Field<'_>)) {
        let name = &self.attribute;
        self.value.end(&mut |value| {
            if !value.is_empty() {
                sink(field(name, value));
            }
        });
        self.attribute.clear();
    }
}

fn field<'a>(name: &'a [u8], value: &'a [u8]) -> Field<'a> {
    Field { target: Target::Xml, name, value, encoded: false }
}
