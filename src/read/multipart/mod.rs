//! Which parts does a multipart body have?
//!
//! RFC 2046 and RFC 7578, read as the laxest server does. A line that starts with a declared boundary is a delimiter, whatever
//! the lines before it look like; so is any line `--…` that a `Content-…` header follows, so that a wrong declaration hides
//! nothing. CRLF, LF and a bare CR end lines. A part need not be closed, and parts may nest.

pub(super) mod parameter;
mod part;

use super::field::Field;
use part::Part;

/// A longer line, in bytes, is no delimiter. Boundaries have up to 70.
const LINE: usize = 1024;
/// The most parts of a body that are told apart: what follows is text.
const PARTS: usize = 8192;
/// The most delimiters that are known at a time.
const DELIMITERS: usize = 16;
/// How the first header of a part starts that has an undeclared boundary.
const HEADER: &[u8] = b"content-";

/// A multipart body as it streams.
///
/// ```text
/// Outside ─ delimiter ─→ Headers ─ empty line ─→ Content ─ delimiter ─→ Headers …
///    ↑                                              │
///    └───────────────── closing delimiter ──────────┘        after the last part that is told apart: Rest
/// ```
#[derive(Debug)]
pub(super) struct Multipart {
    /// Each as `--boundary`.
    delimiters: Vec<Vec<u8>>,
    /// Is the first of them the one that every server goes by?
    is_certain: bool,
    state: State,
    /// Bytes that mean something only together with the next ones.
    pending: Vec<u8>,
    /// Do they start a line?
    at_start: bool,
    /// A line break in a content: it belongs to the delimiter if one follows.
    held: &'static [u8],
    /// Does the next line of a header go on with the last one: because that was cut, or because it ended in a bare CR?
    joins: Join,
    part: Part,
    parts: usize,
    /// How many bytes came after the last part that is told apart.
    over: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Outside,
    Headers,
    Content,
    Rest,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Join {
    No,
    Cut,
    BareReturn,
}

impl Multipart {
    /// A body with the boundaries that its content type declares, each as `--boundary`. `is_certain`: every server reads the same
    /// one there.
    pub(super) fn new(delimiters: Vec<Vec<u8>>, is_certain: bool) -> Self {
        Self {
            is_certain: is_certain && delimiters.len() == 1,
            delimiters,
            state: State::Outside,
            pending: Vec::new(),
            at_start: true,
            held: b"",
            joins: Join::No,
            part: Part::default(),
            parts: 0,
            over: 0,
        }
    }

    /// A reader that starts further on in the body, in the middle of what was the last part here.
    pub(super) fn within(&self) -> Self {
        let part = self.part.continued();
        Self { state: State::Content, at_start: false, part, ..Self::new(self.delimiters.clone(), self.is_certain) }
    }

    pub(super) fn read(&mut self, bytes: &[u8], sink: &mut dyn FnMut(Field<'_>)) {
        if self.pending.is_empty() {
            let used = self.take(bytes, false, sink);
            self.pending.extend_from_slice(bytes.get(used..).unwrap_or_default());
        } else {
            let mut all = std::mem::take(&mut self.pending);
            all.extend_from_slice(bytes);
            let used = self.take(&all, false, sink);
            all.drain(..used);
            self.pending = all;
        }
    }

    /// The body has ended, closed or not. Returns the number of bytes after the last part that was told apart.
    pub(super) fn end(&mut self, sink: &mut dyn FnMut(Field<'_>)) -> usize {
        let pending = std::mem::take(&mut self.pending);
        self.take(&pending, true, sink);
        let held = std::mem::take(&mut self.held);
        self.content(held, sink);
        self.part.end(sink);
        std::mem::take(&mut self.over)
    }

    /// Takes as many bytes as mean something without those that follow, all if they are the `last`; returns how many.
    fn take(&mut self, bytes: &[u8], last: bool, sink: &mut dyn FnMut(Field<'_>)) -> usize {
        let mut at = 0;
        while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
            let used = match self.state {
                State::Rest => {
                    self.over += rest.len();
                    self.part.push(rest, sink);
                    Some(rest.len())
                }
                _ if self.at_start && rest.starts_with(b"--") => self.dashes(rest, last, sink),
                _ if self.at_start && rest == b"-" && !last => None,
                State::Headers => self.header(rest, last, sink),
                State::Outside | State::Content => self.lines(rest, last, sink),
            };
            let Some(used) = used else { break };
            at += used;
        }
        at
    }

    /// A line that starts with two dashes: a delimiter or not. Nothing, if more bytes are needed to know.
    fn dashes(&mut self, rest: &[u8], last: bool, sink: &mut dyn FnMut(Field<'_>)) -> Option<usize> {
        let (end, line_break) = line(rest, last)?;
        let text = rest.get(..end).unwrap_or_default();
        let after = rest.get(end + line_break.len()..).unwrap_or_default();
        let known = self.delimiters.iter().find(|delimiter| text.starts_with(delimiter));
        let closes = known.is_some_and(|known| text.get(known.len()..).is_some_and(|rest| rest.starts_with(b"--")));
        if known.is_none() {
            let start = after.get(..after.len().min(HEADER.len())).unwrap_or_default();
            let may_be = HEADER.get(..start.len()).is_some_and(|header| header.eq_ignore_ascii_case(start));
            if may_be && start.len() < HEADER.len() && !last {
                return None;
            }
            let is_first = self.delimiters.is_empty() && self.state == State::Outside && text.len() > 2;
            if !is_first && (!may_be || start.len() < HEADER.len() || line_break.is_empty()) {
                return Some(self.no_delimiter(text, line_break, sink));
            }
            if self.delimiters.len() < DELIMITERS {
                self.delimiters.push(text.trim_ascii_end().to_vec());
            }
        }
        let first = self.delimiters.first().filter(|_| self.is_certain);
        let is_first = first
            .and_then(|first| text.strip_prefix(first.as_slice()))
            .is_some_and(|rest| rest.trim_ascii().is_empty());
        self.delimiter(closes, !is_first, sink);
        Some(end + line_break.len())
    }

    fn no_delimiter(&mut self, text: &[u8], line_break: &'static [u8], sink: &mut dyn FnMut(Field<'_>)) -> usize {
        if self.state == State::Headers {
            self.header_line(text, line_break, sink);
        } else {
            let held = std::mem::replace(&mut self.held, line_break);
            self.content(held, sink);
            self.content(text, sink);
            self.at_start = !line_break.is_empty();
        }
        text.len() + line_break.len()
    }

    /// A delimiter ends a part, and starts another unless it closes. For some servers a doubtful one is a line like others.
    fn delimiter(&mut self, closes: bool, is_doubtful: bool, sink: &mut dyn FnMut(Field<'_>)) {
        self.held = b"";
        self.part.end(sink);
        let boundaries = std::mem::take(&mut self.part.boundaries);
        // Parts inside this one have its name, unless they have one of their own.
        let outer =
            if boundaries.is_empty() { std::mem::take(&mut self.part.outer) } else { self.part.name().to_vec() };
        self.part = Part::of(outer, is_doubtful);
        self.parts += 1;
        self.joins = Join::No;
        self.at_start = true;
        self.state = match closes {
            _ if self.parts > PARTS => State::Rest,
            true => State::Outside,
            false => State::Headers,
        };
    }

    /// Lines of a content, up to one that starts with two dashes.
    fn lines(&mut self, rest: &[u8], last: bool, sink: &mut dyn FnMut(Field<'_>)) -> Option<usize> {
        let held = std::mem::take(&mut self.held);
        self.content(held, sink);
        self.at_start = false;
        let mut from = 0;
        while let Some(dashes) = memchr::memmem::find(rest.get(from..).unwrap_or_default(), b"--") {
            let at = from + dashes;
            let before = rest.get(..at).unwrap_or_default();
            let line_break = ending(before);
            if !line_break.is_empty() {
                self.content(before.get(..at - line_break.len()).unwrap_or_default(), sink);
                (self.held, self.at_start) = (line_break, true);
                return Some(at);
            }
            from = at + rest.get(at..).unwrap_or_default().iter().take_while(|byte| **byte == b'-').count();
        }
        // What may be a line break before two dashes waits for them.
        let without = rest.strip_suffix(b"-").unwrap_or(rest);
        let line_break = if last { &b""[..] } else { ending(without) };
        let kept = if line_break.is_empty() { 0 } else { line_break.len() + rest.len() - without.len() };
        let now = rest.len() - kept;
        self.content(rest.get(..now).unwrap_or_default(), sink);
        (now > 0).then_some(now)
    }

    /// A line of the headers, or as much of a long one as there is.
    fn header(&mut self, rest: &[u8], last: bool, sink: &mut dyn FnMut(Field<'_>)) -> Option<usize> {
        let (end, line_break) = line(rest, last)?;
        let text = rest.get(..end).unwrap_or_default();
        self.header_line(text, line_break, sink);
        Some(end + line_break.len())
    }

    fn header_line(&mut self, text: &[u8], line_break: &'static [u8], sink: &mut dyn FnMut(Field<'_>)) {
        let joins = std::mem::replace(&mut self.joins, Join::No);
        if text.is_empty() && joins != Join::Cut {
            self.part.begin(sink);
            self.delimiters
                .extend(self.part.boundaries.iter().take(DELIMITERS.saturating_sub(self.delimiters.len())).cloned());
            self.state = State::Content;
            self.at_start = true;
            return;
        }
        let goes_on = match joins {
            Join::Cut => true,
            // In the middle of a header: servers that end lines with LF read it as a part of the value.
            Join::BareReturn => !text.contains(&b':'),
            Join::No => false,
        };
        self.part.header(text, !goes_on && !text.starts_with(b" ") && !text.starts_with(b"\t"), sink);
        self.at_start = !line_break.is_empty();
        self.joins = match line_break {
            b"" => Join::Cut,
            b"\r" => Join::BareReturn,
            _ => Join::No,
        };
    }

    fn content(&mut self, bytes: &[u8], sink: &mut dyn FnMut(Field<'_>)) {
        self.part.push(bytes, sink);
    }
}

/// The length of the first line and its line break, which is empty if the line is too long or the last one. Nothing, if more
/// bytes are needed to know.
fn line(rest: &[u8], last: bool) -> Option<(usize, &'static [u8])> {
    let near = rest.get(..LINE).unwrap_or(rest);
    let Some(end) = memchr::memchr2(b'\r', b'\n', near) else {
        return (last || near.len() == LINE).then_some((near.len(), b""));
    };
    match rest.get(end..) {
        Some([b'\n', ..]) => Some((end, b"\n")),
        Some([b'\r', b'\n', ..]) => Some((end, b"\r\n")),
        Some([b'\r']) if !last => None,
        _ => Some((end, b"\r")),
    }
}

/// The line break at the end.
fn ending(bytes: &[u8]) -> &'static [u8] {
    match bytes {
        [.., b'\r', b'\n'] => b"\r\n",
        [.., b'\n'] => b"\n",
        [.., b'\r'] => b"\r",
        _ => b"",
    }
}
