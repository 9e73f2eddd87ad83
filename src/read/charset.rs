//! In which character encoding is a body? Converts UTF-16, UTF-7 and EBCDIC, which frameworks accept, to UTF-8.
//!
//! UTF-16 is recognised by its byte order mark or by the zero bytes next to the first two characters (RFC 4627 section 3,
//! XML 1.0 appendix F); UTF-7 and EBCDIC by what the content type declares.

use super::ebcdic::Ebcdic;
use super::utf7::Utf7;

/// A body's characters as they stream.
#[derive(Debug, Default)]
pub(super) struct Charset {
    first: Vec<u8>,
    stage: Stage,
}

#[derive(Debug, Default)]
enum Stage {
    #[default]
    Undecided,
    Plain,
    Wide(Wide),
    Ebcdic(Ebcdic),
    Seven(Utf7),
}

#[derive(Debug)]
struct Wide {
    little: bool,
    /// The first byte of a unit.
    half: Option<u8>,
    /// The first unit of a surrogate pair.
    high: u16,
}

impl Charset {
    /// That of a body with this content type.
    pub(super) fn of(content_type: &[u8]) -> Self {
        let stage = declared(content_type).unwrap_or_default();
        Self { stage, ..Self::default() }
    }

    /// Does the content type declare one that is converted?
    pub(super) fn is_declared(&self) -> bool {
        matches!(self.stage, Stage::Ebcdic(_) | Stage::Seven(_))
    }

    /// Takes bytes; `take` gets them in UTF-8, or as they are if they are not UTF-16.
    pub(super) fn push(&mut self, bytes: &[u8], last: bool, take: &mut dyn FnMut(&[u8])) {
        match &mut self.stage {
            Stage::Undecided => {
                let known = self.first.len();
                self.first.extend_from_slice(bytes.get(..bytes.len().min(4)).unwrap_or_default());
                let Some(little) = wide(&self.first, last) else { return };
                self.stage = match little {
                    Some(little) => Stage::Wide(Wide { little, half: None, high: 0 }),
                    None => Stage::Plain,
                };
                let mut first = std::mem::take(&mut self.first);
                first.truncate(known);
                self.push(&first, false, take);
                self.push(bytes, false, take);
            }
            Stage::Plain if bytes.is_empty() => {}
            Stage::Plain => take(bytes),
            Stage::Wide(wide) => wide.read(bytes, take),
            Stage::Ebcdic(ebcdic) => ebcdic.read(bytes, take),
            Stage::Seven(seven) => {
                seven.read(bytes, take);
                if last {
                    seven.end(take);
                }
            }
        }
    }
}

/// What a content type says of it. Declared twice, one reader takes the first and another the last: the odd one counts.
fn declared(content_type: &[u8]) -> Option<Stage> {
    if !content_type.contains(&b'=') {
        return None;
    }
    let text = content_type.to_ascii_lowercase();
    memchr::memmem::find_iter(&text, b"charset=").find_map(|at| {
        let name = text.get(at + 8..).unwrap_or_default().trim_ascii_start();
        let name = name.strip_prefix(b"\"").unwrap_or(name);
        let is_seven = [&b"utf-7"[..], b"utf7", b"utf_7", b"unicode-1-1-utf-7", b"csunicode11utf7"];
        match is_seven.iter().any(|known| name.starts_with(known)) {
            true => Some(Stage::Seven(Utf7::default())),
            false => Ebcdic::of(name).map(Stage::Ebcdic),
        }
    })
}

/// Does a body that begins so look like UTF-16?
pub(super) fn is_marked(first: &[u8]) -> bool {
    wide(first, true).flatten().is_some()
}

/// Is it UTF-16, and if so, is it little-endian? Nothing if more bytes are needed.
fn wide(first: &[u8], last: bool) -> Option<Option<bool>> {
    match first {
        [0xff, 0xfe, ..] => Some(Some(true)),
        [0xfe, 0xff, ..] => Some(Some(false)),
        [a, b, c, d, ..] => match (*a == 0, *b == 0, *c == 0, *d == 0) {
            (false, true, false, true) => Some(Some(true)),
            (true, false, true, false) => Some(Some(false)),
            _ => Some(None),
        },
        [a, b, ..] if *a != 0 && *b != 0 => Some(None),
        _ => last.then_some(None),
    }
}

impl Wide {
    fn read(&mut self, bytes: &[u8], take: &mut dyn FnMut(&[u8])) {
        let mut text = String::new();
        for byte in bytes {
            let Some(half) = self.half.take() else {
                self.half = Some(*byte);
                continue;
            };
            let unit = if self.little { [*byte, half] } else { [half, *byte] };
            let unit = u16::from_be_bytes(unit);
            if (0xd800..0xdc00).contains(&unit) {
                self.high = unit;
                continue;
            }
            let high = std::mem::take(&mut self.high);
            let pair = [high, unit];
            let pair = if high == 0 { pair.get(1..).unwrap_or_default() } else { &pair };
            let spelled =
                char::decode_utf16(pair.iter().copied()).map(|one| one.unwrap_or(char::REPLACEMENT_CHARACTER));
            // The mark of the byte order is no text.
            text.extend(spelled.filter(|one| *one != '\u{feff}'));
        }
        if !text.is_empty() {
            take(text.as_bytes());
        }
    }
}
