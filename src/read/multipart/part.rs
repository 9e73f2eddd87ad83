//! Which fields does one part of a multipart body have: its name, its filename, its headers, its content?

use super::parameter::{boundaries, is_plain, parameters};
use crate::read::base64::Decoder;
use crate::read::content::Content;
use crate::read::field::{Field, NAME, is_name};
use crate::read::mark::Shown;
use crate::read::quoted::Quoted;
use crate::read::shape;
use crate::read::target::Target;

/// The most bytes of one header; what is longer no server takes for a header, and is text.
const HEADER: usize = 16 * 1024;

/// A part as it streams.
#[derive(Debug, Default)]
pub(super) struct Part {
    /// The name of the part around this one, which it has if it names none.
    pub(super) outer: Vec<u8>,
    name: Vec<u8>,
    header: Vec<u8>,
    is_file: bool,
    /// May a server take it for a field, or for a piece of one: by its delimiter, or by a header that not all read alike?
    is_doubtful: bool,
    /// Has it said what it is, if only a first time?
    is_disposed: bool,
    /// The file's name, and the type that its content is declared to have, if that is a picture.
    filename: Vec<u8>,
    picture: Vec<u8>,
    /// Does a header say that it is a request, one of a batch? One with a name is a field of a form all the same.
    is_request: bool,
    /// Does a header say that it is text?
    is_declared_text: bool,
    /// The boundaries that its content type declares.
    pub(super) boundaries: Vec<Vec<u8>>,
    transfer: Transfer,
    content: Content,
    /// The content with its transfer encoding undone.
    decoded: Content,
    /// A file's content as a field's, if it is that for some servers.
    as_field: Option<Content>,
    /// Has it a content, if only an empty one?
    has_content: bool,
}

#[derive(Debug, Default)]
enum Transfer {
    #[default]
    Plain,
    Base64(Decoder),
    Quoted(Quoted),
}

impl Part {
    /// A part inside one of this name, or behind it.
    pub(super) fn of(outer: Vec<u8>, is_doubtful: bool) -> Self {
        Self { outer, is_doubtful, ..Self::default() }
    }

    /// Is the content a file's for one server and a field's for another? What is decoded is read by those who read mail.
    fn is_either(&self) -> bool {
        self.is_file && self.is_doubtful && matches!(self.transfer, Transfer::Plain)
    }

    /// The same part, from somewhere in the middle of its content on.
    pub(super) fn continued(&self) -> Self {
        let (name, content) = (self.name.clone(), self.content.continued());
        let as_field = self.as_field.as_ref().map(Content::continued);
        Self { name, content, as_field, is_file: self.is_file, has_content: true, ..Self::default() }
    }

    pub(super) fn name(&self) -> &[u8] {
        if self.name.is_empty() { &self.outer } else { &self.name }
    }

    /// Takes a line of a header, or a piece of one. Does it start a header? Else it goes on with the last one.
    pub(super) fn header(&mut self, text: &[u8], starts: bool, sink: &mut dyn FnMut(Field<'_>)) {
        if starts {
            self.end_header(sink);
        }
        let room = HEADER.saturating_sub(self.header.len());
        let (near, far) = text.split_at(text.len().min(room));
        self.header.extend_from_slice(near);
        let name = if self.name.is_empty() { &self.outer } else { &self.name };
        if !far.is_empty() {
            self.content.push(far, &mut |_, value| sink(Field::plain(Target::Text, name, value)));
        }
    }

    /// The headers have ended: what follows is the content.
    pub(super) fn begin(&mut self, sink: &mut dyn FnMut(Field<'_>)) {
        self.end_header(sink);
        self.has_content = true;
        if !self.picture.is_empty() && !is_picture(&self.filename) {
            let both = [self.filename.as_slice(), b"; ", &self.picture].concat();
            sink(Field::plain(Target::Filename, self.name(), &both));
        }
        // A field of a form stays text, whatever it claims: applications read it as such.
        if self.is_file && !self.is_declared_text {
            if self.content.is_empty() {
                self.content = Content::claimed_binary();
            }
            self.decoded = Content::claimed_binary();
        }
        self.as_field = self.is_either().then(Content::default);
    }

    /// Takes bytes of the content.
    pub(super) fn push(&mut self, bytes: &[u8], sink: &mut dyn FnMut(Field<'_>)) {
        if bytes.is_empty() {
            return;
        }
        let name = if self.name.is_empty() { &self.outer } else { &self.name };
        let is_text = self.is_request && name.is_empty();
        let (has_content, is_file) = (self.has_content && !is_text, self.is_file);
        let mut show = |shown, value: &[u8]| sink(Field::plain(target(has_content, is_file, shown), name, value));
        self.content.push(bytes, &mut show);
        let mut plain = Vec::new();
        match &mut self.transfer {
            Transfer::Plain => {}
            Transfer::Base64(decoder) => decoder.push(bytes, &mut plain),
            Transfer::Quoted(decoder) => decoder.push(bytes, &mut plain),
        }
        if !plain.is_empty() {
            self.decoded.push(&plain, &mut show);
        }
        if let Some(as_field) = &mut self.as_field {
            as_field
                .push(bytes, &mut |shown, value| sink(Field::plain(target(has_content, false, shown), name, value)));
        }
    }

    /// The part has ended.
    pub(super) fn end(&mut self, sink: &mut dyn FnMut(Field<'_>)) {
        self.end_header(sink);
        let name = if self.name.is_empty() { &self.outer } else { &self.name };
        let is_text = self.is_request && name.is_empty();
        let (has_content, is_file) = (self.has_content && !is_text, self.is_file);
        let mut show = |shown, value: &[u8]| sink(Field::plain(target(has_content, is_file, shown), name, value));
        if !self.content.is_empty() {
            self.content.end(&mut show);
        }
        if let Transfer::Quoted(decoder) = &mut self.transfer {
            let mut plain = Vec::new();
            decoder.end(&mut plain);
            self.decoded.push(&plain, &mut show);
        }
        if !self.decoded.is_empty() {
            self.decoded.end(&mut show);
        }
        if let Some(as_field) = self.as_field.as_mut().filter(|as_field| !as_field.is_empty()) {
            as_field.end(&mut |shown, value| sink(Field::plain(target(has_content, false, shown), name, value)));
        }
    }

    /// A header is whole.
    fn end_header(&mut self, sink: &mut dyn FnMut(Field<'_>)) {
        let header = std::mem::take(&mut self.header);
        let Some(colon) = header.iter().position(|byte| *byte == b':') else {
            if !header.is_empty() {
                sink(Field::plain(Target::Text, b"", &header));
            }
            return;
        };
        let (name, value) = header.split_at(colon);
        let is_odd = name.iter().any(|byte| *byte <= b' ');
        let value = value.get(1..).unwrap_or_default().trim_ascii();
        // Some servers drop NUL and blanks in a name.
        let name: Vec<u8> = name.iter().filter(|byte| **byte > b' ').map(u8::to_ascii_lowercase).collect();
        match name.as_slice() {
            b"content-disposition" => {
                let is_second = std::mem::replace(&mut self.is_disposed, true);
                self.is_doubtful |= is_odd || is_second || !is_plain(value, b"filename");
                self.disposition(value, sink);
            }
            b"content-type" => {
                self.is_declared_text = shape::is_text_type(value);
                // As OData and Google put them.
                self.is_request = value.get(..16).is_some_and(|kind| kind.eq_ignore_ascii_case(b"application/http"));
                self.boundaries = boundaries(value);
                if value.get(..6).is_some_and(|start| start.eq_ignore_ascii_case(b"image/")) && value.len() < NAME {
                    self.picture = value.to_ascii_lowercase();
                }
                if !is_usual(value) {
                    sink(Field::plain(Target::Form, &name, value));
                }
            }
            b"content-transfer-encoding" if value.eq_ignore_ascii_case(b"base64") => {
                self.transfer = Transfer::Base64(Decoder::default());
            }
            b"content-transfer-encoding" if value.eq_ignore_ascii_case(b"quoted-printable") => {
                self.transfer = Transfer::Quoted(Quoted::default());
            }
            _ if is_usual(value) => {}
            _ => sink(Field::plain(Target::Form, &name, value)),
        }
    }

    fn disposition(&mut self, value: &[u8], sink: &mut dyn FnMut(Field<'_>)) {
        let mut filenames = Vec::new();
        for ((key, value), is_extended) in parameters(value) {
            match key.as_slice() {
                b"name" => {
                    let name = value.get(..value.len().min(NAME)).unwrap_or_default();
                    if !is_extended || self.name.is_empty() {
                        self.name = name.to_vec();
                    }
                    if !is_name(&value) {
                        sink(Field::plain(Target::Form, name, &value));
                    }
                }
                _ if key.starts_with(b"filename") => {
                    // Only the plain parameter makes every server take the part for a file.
                    self.is_file |= !is_extended && !value.is_empty();
                    filenames.push(value);
                }
                _ if is_usual(&value) => {}
                _ => sink(Field::plain(Target::Form, &key, &value)),
            }
        }
        for filename in &filenames {
            let name = if self.name.is_empty() { &self.outer } else { &self.name };
            sink(Field { target: Target::Filename, name, value: filename, encoded: true });
            self.filename = filename.get(filename.len().saturating_sub(NAME)..).unwrap_or_default().to_vec();
        }
    }
}

/// Does a file's name end as a picture's, or in nothing that is told apart?
fn is_picture(name: &[u8]) -> bool {
    const PAGES: &[&[u8]] = &[b".html", b".htm", b".xhtml", b".shtml", b".js", b".jar", b".exe"];
    !PAGES.iter().any(|end| {
        name.len() >= end.len() && name.get(name.len() - end.len()..).is_some_and(|last| last.eq_ignore_ascii_case(end))
    })
}

/// Where a content stands.
fn target(has_content: bool, is_file: bool, shown: Shown) -> Target {
    match shown {
        _ if !has_content => Target::Text,
        Shown::Start => Target::Binary,
        _ if is_file => Target::Upload,
        _ => Target::Form,
    }
}

/// Does a header's value or parameter consist of tokens, as those that browsers and libraries write?
fn is_usual(value: &[u8]) -> bool {
    let is_token = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_./+:@\"=".contains(byte);
    // An identifier stands in brackets: `<a@b>`.
    let id = value.strip_prefix(b"<").and_then(|id| id.strip_suffix(b">"));
    let value = id.filter(|id| id.contains(&b'@')).unwrap_or(value);
    value.split(|byte| *byte == b';').enumerate().all(|(number, part)| {
        let part = part.trim_ascii();
        // Behind the first come parameters.
        part.iter().all(is_token) && (number == 0 || part.is_empty() || part.contains(&b'='))
    })
}
