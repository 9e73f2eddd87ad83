//! Which parts does a multipart body have: names, filenames, contents?
//!
//! RFC 7578 and RFC 2046, read as the laxest server does: bare LF ends a line, a boundary need not be the declared one, a
//! part need not be closed. Lines are told apart as they stream; a line without an end is passed on in pieces.

use super::base64::Decoder;
use super::field::{Field, NAME, PARAMETERS, is_name};
use super::piece::Piece;
use super::target::Target;

/// A line longer than this, in bytes, is no delimiter and no header.
const LINE: usize = 1024;

/// A multipart body as it streams.
#[derive(Debug, Default)]
pub(super) struct Multipart {
    /// `--boundary`, from the body's first line that can be one: the declared one may be quoted, or a lie.
    delimiter: Vec<u8>,
    state: State,
    line: Vec<u8>,
    /// Is `line` the rest of a line whose start was passed on?
    within: bool,
    /// The length of the last line's end in a content: it belongs to the delimiter if one follows.
    held: usize,
    header: Vec<u8>,
    name: Vec<u8>,
    target: Option<Target>,
    is_file: bool,
    decoder: Option<Decoder>,
    content: Piece,
    parts: usize,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Outside,
    Headers,
    Content,
}

impl Multipart {
    /// A reader that starts in the middle of a body.
    pub(super) fn within(&self) -> Self {
        Self { delimiter: self.delimiter.clone(), state: State::Content, within: true, ..Self::default() }
    }

    pub(super) fn read(&mut self, bytes: &[u8], sink: &mut dyn FnMut(Field<'_>)) {
        let mut rest = bytes;
        while !rest.is_empty() {
            let room = LINE.saturating_sub(self.line.len()).max(1);
            let near = rest.get(..room.min(rest.len())).unwrap_or_default();
            let end = near.iter().position(|byte| *byte == b'\n').map(|at| at + 1);
            let (run, after) = rest.split_at(end.unwrap_or(near.len()));
            self.line.extend_from_slice(run);
            rest = after;
            if end.is_some() || self.line.len() >= LINE {
                self.line(end.is_some(), sink);
            }
        }
    }

    /// The body has ended, closed or not.
    pub(super) fn end(&mut self, sink: &mut dyn FnMut(Field<'_>)) {
        if !self.line.is_empty() {
            self.line(false, sink);
        }
        self.end_part(sink);
    }

    /// A line, or a piece of one that does not end yet.
    fn line(&mut self, ends: bool, sink: &mut dyn FnMut(Field<'_>)) {
        let line = std::mem::take(&mut self.line);
        let starts = !std::mem::replace(&mut self.within, !ends);
        let text = line.strip_suffix(b"\n").unwrap_or(&line);
        let text = text.strip_suffix(b"\r").filter(|_| ends).unwrap_or(text);
        if starts && self.is_delimiter(text) {
            self.end_part(sink);
            self.parts += 1;
            let closes = text.get(self.delimiter.len()..).is_some_and(|after| after.starts_with(b"--"));
            self.state = if closes { State::Outside } else { State::Headers };
            return;
        }
        match self.state {
            State::Headers if text.is_empty() && starts => {
                self.take_header(sink);
                self.state = State::Content;
            }
            State::Headers => {
                if !(text.starts_with(b" ") || text.starts_with(b"\t")) && starts {
                    self.take_header(sink);
                }
                let room = (2 * LINE).saturating_sub(self.header.len());
                let (near, far) = text.split_at(text.len().min(room));
                self.header.extend_from_slice(near);
                // What no server takes for a header is a text all the same.
                let name = &self.name;
                self.content.extend(far, &mut |value| sink(field(Target::Text, name, value)));
            }
            State::Content | State::Outside => {
                let held = std::mem::replace(&mut self.held, line.len() - text.len());
                self.show(b"\r\n".get(2 - held.min(2)..).unwrap_or_default(), sink);
                self.show(text, sink);
            }
        }
    }

    fn is_delimiter(&mut self, text: &[u8]) -> bool {
        if self.delimiter.is_empty() && self.state == State::Outside && text.len() > 2 && text.starts_with(b"--") {
            self.delimiter = text.trim_ascii_end().to_vec();
        }
        !self.delimiter.is_empty() && self.parts < PARAMETERS && text.starts_with(&self.delimiter)
    }

    fn show(&mut self, bytes: &[u8], sink: &mut dyn FnMut(Field<'_>)) {
        if bytes.is_empty() {
            return;
        }
        let mut plain = Vec::new();
        let bytes = match &mut self.decoder {
            Some(decoder) => {
                decoder.push(bytes, &mut plain);
                &plain
            }
            None => bytes,
        };
        if self.target.is_none() && self.state == State::Content {
            // A file's content is text or it is not; the first line tells.
            let binary =
                bytes.iter().any(|byte| *byte < 9 || (14..27).contains(byte)) || bytes.starts_with(b"\xff\xd8");
            self.target = Some(match (self.is_file, binary) {
                (false, _) => Target::Form,
                (true, false) => Target::Upload,
                (true, true) => Target::Binary,
            });
        }
        let (target, name) = (self.target.unwrap_or(Target::Text), &self.name);
        self.content.extend(bytes, &mut |value| sink(field(target, name, value)));
    }

    fn end_part(&mut self, sink: &mut dyn FnMut(Field<'_>)) {
        self.take_header(sink);
        let (target, name) = (self.target.unwrap_or(Target::Text), &self.name);
        if self.target.is_some() || !self.content.bytes().is_empty() {
            self.content.end(&mut |value| sink(field(target, name, value)));
        }
        self.content.clear();
        self.name.clear();
        (self.target, self.is_file, self.decoder, self.held) = (None, false, None, 0);
    }

    /// A header of a part is whole.
    fn take_header(&mut self, sink: &mut dyn FnMut(Field<'_>)) {
        let header = std::mem::take(&mut self.header);
        let Some(colon) = header.iter().position(|byte| *byte == b':') else {
            if !header.is_empty() {
                sink(field(Target::Text, b"", &header));
            }
            return;
        };
        let (name, value) = header.split_at(colon);
        let value = value.get(1..).unwrap_or_default().trim_ascii();
        match name.trim_ascii().to_ascii_lowercase().as_slice() {
            b"content-disposition" => self.disposition(value, sink),
            b"content-transfer-encoding" if value.eq_ignore_ascii_case(b"base64") => {
                self.decoder = Some(Decoder::default());
            }
            name if value.iter().any(|byte| b"$<({'`|".contains(byte)) => sink(field(Target::Form, name, value)),
            _ => {}
        }
    }

    fn disposition(&mut self, value: &[u8], sink: &mut dyn FnMut(Field<'_>)) {
        let mut filenames = Vec::new();
        parameters(value, &mut |key, value| {
            if key.eq_ignore_ascii_case(b"name") {
                let name = value.get(..value.len().min(NAME)).unwrap_or_default();
                self.name = name.to_vec();
                if !is_name(&value) {
                    sink(field(Target::Form, name, &value));
                }
            } else if key.len() >= 8 && key.get(..8).is_some_and(|key| key.eq_ignore_ascii_case(b"filename")) {
                // RFC 8187: `UTF-8''na%C3%AFve`.
                let value = value.strip_prefix(b"UTF-8''").map(<[u8]>::to_vec).unwrap_or(value);
                filenames.push(value);
            }
        });
        for filename in &filenames {
            self.is_file |= !filename.is_empty();
            sink(Field { target: Target::Filename, name: &self.name, value: filename, encoded: true });
        }
    }
}

/// The parameters of a header: `form-data; name="a\"b"; filename=c`.
fn parameters(value: &[u8], parameter: &mut dyn FnMut(&[u8], Vec<u8>)) {
    let mut rest = value;
    while let Some(at) = rest.iter().position(|byte| *byte == b';') {
        rest = rest.get(at + 1..).unwrap_or_default().trim_ascii_start();
        let Some(equals) = rest.iter().position(|byte| matches!(byte, b'=' | b';')) else { return };
        let (key, after) = rest.split_at(equals);
        let Some(after) = after.strip_prefix(b"=").map(<[u8]>::trim_ascii_start) else { continue };
        let quote = after.first().copied().filter(|byte| matches!(byte, b'"' | b'\''));
        let mut text = Vec::new();
        let mut escaped = false;
        let mut length = usize::from(quote.is_some());
        for byte in after.get(length..).unwrap_or_default() {
            match (byte, quote) {
                (b'"' | b'\\', Some(_)) if escaped => {
                    text.pop();
                }
                (byte, Some(quote)) if *byte == quote => break,
                (b';', None) => break,
                _ => {}
            }
            escaped = *byte == b'\\' && !escaped;
            text.push(*byte);
            length += 1;
        }
        parameter(key.trim_ascii(), text);
        rest = after.get(length..).unwrap_or_default();
    }
}

fn field<'a>(target: Target, name: &'a [u8], value: &'a [u8]) -> Field<'a> {
    Field { target, name, value, encoded: false }
}
