//! Which strings and keys does a JSON body have?
//!
//! A streaming pushdown machine for RFC 8259. It checks tokens, not the grammar: a lenient parser behind the proxy may read
//! what a strict one refuses.

use super::field::{Field, NAME, is_name};
use super::piece::Piece;
use super::shape;
use super::target::Target;

/// How deep objects and arrays may nest; beyond, the body is text.
const DEPTH: usize = 64;

/// A JSON body as it streams.
#[derive(Debug, Default)]
pub(super) struct Json {
    state: State,
    /// For each open container: is it an object, and how long was the path before it?
    open: Vec<(bool, usize)>,
    /// The names on the way to here: `user.name`.
    path: Vec<u8>,
    /// Is the next string of the innermost object a key?
    key_next: bool,
    string: Piece,
    /// The word without quotation marks so far.
    word: Vec<u8>,
    /// The first half of a surrogate pair.
    high: u32,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Between,
    String,
    /// A word without quotation marks, which a lax reader takes for a string.
    Bare,
    Escape,
    /// So many digits of `\uXXXX` are there, with this value.
    Unicode(u8, u32),
}

impl Json {
    /// Takes bytes; returns how many of them were JSON. If that is fewer than were given, the rest is something else.
    pub(super) fn read(&mut self, bytes: &[u8], sink: &mut dyn FnMut(Field<'_>)) -> usize {
        let mut at = 0;
        while let Some(byte) = bytes.get(at).copied() {
            match self.state {
                State::Between => {
                    if !self.between(byte) {
                        return at;
                    }
                }
                State::Bare if (byte.is_ascii_alphanumeric() || byte == b'_') && self.word.len() < NAME => {
                    self.word.push(byte);
                }
                State::Bare if matches!(byte, b',' | b'}' | b']' | b' ' | b'\r' | b'\n') => {
                    let word = std::mem::take(&mut self.word);
                    self.extend(&word, sink);
                    self.end_string(sink);
                    continue;
                }
                State::Bare => {
                    self.state = State::Between;
                    return at;
                }
                State::String => {
                    let rest = bytes.get(at..).unwrap_or_default();
                    let run = rest.iter().position(|byte| matches!(byte, b'"' | b'\\')).unwrap_or(rest.len());
                    self.extend(rest.get(..run).unwrap_or_default(), sink);
                    at += run;
                    match bytes.get(at) {
                        Some(b'"') => self.end_string(sink),
                        Some(_) => self.state = State::Escape,
                        None => return at,
                    }
                }
                State::Escape => self.escape(byte, sink),
                State::Unicode(digits, value) => match char::from(byte).to_digit(16) {
                    Some(digit) if digits == 3 => self.unicode(value << 4 | digit, sink),
                    Some(digit) => self.state = State::Unicode(digits + 1, value << 4 | digit),
                    None => {
                        self.state = State::String;
                        self.extend(b"\\u", sink);
                        continue;
                    }
                },
            }
            at += 1;
        }
        at
    }

    /// The word that turned out not to be JSON, before what [`Json::read`] left.
    pub(super) fn take_word(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.word)
    }

    /// The body has ended: shows the string that is still open.
    pub(super) fn end(&mut self, sink: &mut dyn FnMut(Field<'_>)) {
        if self.state == State::Bare {
            let word = self.take_word();
            self.extend(&word, sink);
        }
        if self.state != State::Between {
            self.key_next = false;
            self.end_string(sink);
        }
    }

    /// Outside strings: may this byte stand here?
    fn between(&mut self, byte: u8) -> bool {
        match byte {
            b'"' => self.state = State::String,
            b'{' | b'[' if self.open.len() >= DEPTH => return false,
            b'{' | b'[' => {
                self.open.push((byte == b'{', self.path.len()));
                self.key_next = byte == b'{';
            }
            b'}' | b']' => {
                let Some((_, length)) = self.open.pop() else { return false };
                self.path.truncate(length);
                self.key_next = false;
            }
            b',' => {
                if let Some((object, length)) = self.open.last().copied() {
                    self.key_next = object;
                    self.path.truncate(length);
                }
            }
            b':' => self.key_next = false,
            // Letters of true, false and null, and what numbers are made of.
            b' ' | b'\t' | b'\r' | b'\n' | b'0'..=b'9' | b'+' | b'-' | b'.' | b'E' => {}
            b't' | b'r' | b'u' | b'e' | b'f' | b'a' | b'l' | b's' | b'n' => {}
            byte if byte.is_ascii_alphabetic() && self.is_value() => {
                self.state = State::Bare;
                self.word.push(byte);
            }
            0xef | 0xbb | 0xbf if self.open.is_empty() => {}
            _ => return false,
        }
        true
    }

    /// Does a value of a member or an item stand here?
    fn is_value(&self) -> bool {
        !self.key_next && !self.open.is_empty()
    }

    fn end_string(&mut self, sink: &mut dyn FnMut(Field<'_>)) {
        self.state = State::Between;
        self.high = 0;
        let target = Target::Json;
        if !std::mem::take(&mut self.key_next) {
            let name = &self.path;
            return self.string.end(&mut |value| sink(Field { target, name, value, encoded: false }));
        }
        let length = self.open.last().map_or(0, |(_, length)| *length);
        self.path.truncate(length);
        if length > 0 {
            self.path.push(b'.');
        }
        let key = self.string.bytes();
        self.path.extend_from_slice(key.get(..key.len().min(NAME)).unwrap_or_default());
        self.path.truncate(NAME);
        let name = &self.path;
        self.string.end(&mut |key| {
            if !is_name(key) {
                // A prototype has two names, one inside the other.
                let value = if shape::has(key, b"proto") { name } else { key };
                sink(Field { target, name, value, encoded: false });
            }
        });
    }

    fn escape(&mut self, byte: u8, sink: &mut dyn FnMut(Field<'_>)) {
        self.state = State::String;
        let plain = match byte {
            b'u' => {
                self.state = State::Unicode(0, 0);
                return;
            }
            b'n' => b"\n",
            b't' => b"\t",
            b'r' => b"\r",
            b'b' => b"\x08",
            b'f' => b"\x0c",
            b'"' => b"\"",
            b'\\' => b"\\",
            b'/' => b"/",
            // Not an escape of JSON's: both bytes stay.
            other => return self.extend(&[b'\\', other], sink),
        };
        self.extend(plain, sink);
    }

    fn unicode(&mut self, unit: u32, sink: &mut dyn FnMut(Field<'_>)) {
        self.state = State::String;
        let high = std::mem::take(&mut self.high);
        let code = match unit {
            0xd800..=0xdbff => {
                self.high = unit;
                return;
            }
            0xdc00..=0xdfff if high != 0 => 0x1_0000 + ((high - 0xd800) << 10) + (unit - 0xdc00),
            _ => unit,
        };
        let mut utf8 = [0; 4];
        let text = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER).encode_utf8(&mut utf8);
        self.extend(text.as_bytes(), sink);
    }

    fn extend(&mut self, bytes: &[u8], sink: &mut dyn FnMut(Field<'_>)) {
        let name = &self.path;
        self.string.extend(bytes, &mut |value| sink(Field { target: Target::Json, name, value, encoded: false }));
    }
}

/// Shows the end of a long body, cut anywhere: whatever stands between two quotes, in a string or not.
pub(super) fn tail(bytes: &[u8], sink: &mut dyn FnMut(Field<'_>)) {
    for value in bytes.split(|byte| *byte == b'"').filter(|value| value.len() > 1) {
        sink(Field { target: Target::Json, name: b"", value, encoded: false });
    }
}
