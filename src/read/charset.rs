//! In which character encoding is a body? Converts UTF-16, UTF-32, UTF-7 and EBCDIC, which frameworks accept, to UTF-8.
//!
//! UTF-16 and UTF-32 are recognised by their byte order mark or by the zero bytes next to the first characters (RFC 4627 section 3,
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
    Widest(Widest),
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

/// UTF-32.
#[derive(Debug)]
struct Widest {
    little: bool,
    /// The first bytes of a character.
    held: Vec<u8>,
}

/// How long is a unit, and is it little-endian?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Units {
    Two(bool),
    Four(bool),
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
                let Some(units) = wide(&self.first, last) else { return };
                self.stage = match units {
                    Some(Units::Two(little)) => Stage::Wide(Wide { little, half: None, high: 0 }),
                    Some(Units::Four(little)) => Stage::Widest(Widest { little, held: Vec::new() }),
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
            Stage::Widest(widest) => widest.read(bytes, take),
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

/// Does a body that begins so look like UTF-16 or UTF-32?
pub(super) fn is_marked(first: &[u8]) -> bool {
    wide(first, true).flatten().is_some()
}

fn begins(byte: u8) -> bool {
    matches!(byte, b'{' | b'[' | b'<')
}

/// Is it one of these, and if so, which? Nothing if more bytes are needed.
fn wide(first: &[u8], last: bool) -> Option<Option<Units>> {
    match first {
        [0xff, 0xfe, 0, 0, ..] => Some(Some(Units::Four(true))),
        [0, 0, 0xfe, 0xff, ..] => Some(Some(Units::Four(false))),
        [0xff, 0xfe] | [0xff, 0xfe, 0] if !last => None,
        [0xff, 0xfe, ..] => Some(Some(Units::Two(true))),
        [0xfe, 0xff, ..] => Some(Some(Units::Two(false))),
        [a, b, c, d, ..] => match (*a == 0, *b == 0, *c == 0, *d == 0) {
            (false, true, false, true) => Some(Some(Units::Two(true))),
            (true, false, true, false) => Some(Some(Units::Two(false))),
            // Numbers of four bytes begin so, too, as those of a film's boxes: only what begins a document counts.
            (false, true, true, true) if begins(*a) => Some(Some(Units::Four(true))),
            (true, true, true, false) if begins(*d) => Some(Some(Units::Four(false))),
            _ => Some(None),
        },
        [a, b, ..] if *a != 0 && *b != 0 => Some(None),
        _ => last.then_some(None),
    }
}

impl Widest {
    fn read(&mut self, bytes: &[u8], take: &mut dyn FnMut(&[u8])) {
        self.held.extend_from_slice(bytes);
        let (units, rest) = self.held.as_chunks::<4>();
        let spelled = units.iter().map(|unit| {
            let unit = if self.little { u32::from_le_bytes(*unit) } else { u32::from_be_bytes(*unit) };
            char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER)
        });
        let text: String = spelled.filter(|one| *one != '\u{feff}').collect();
        self.held = rest.to_vec();
        if !text.is_empty() {
            take(text.as_bytes());
        }
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
