//! Which tokens does a value have if it is read as SQL?
//!
//! The idea is libinjection's (Nick Galbreath, 2012): look at the kinds of tokens, not at the text. Unlike there, quotes are
//! tokens of their own and nothing is swallowed by an open string or a comment, so that one pass serves every context
//! that a payload may break out of.

use crate::detect::verify::bytes::tag;

/// The kind of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Number,
    Ident,
    Variable,
    Quote(u8),
    /// `=` and what else asks for equality.
    Equals,
    Compare,
    Logic,
    Arith,
    Star,
    Open,
    Close,
    Comma,
    Semi,
    Dot,
    /// `--`, `#` or an open `/*`.
    Comment,
    Other,
    Null,
    Not,
    Union,
    Select,
    All,
    From,
    Where,
    /// Starts a clause after the conditions: ORDER, GROUP, HAVING, LIMIT, PROCEDURE.
    Tail,
    By,
    Into,
    Is,
    In,
    Between,
    /// A verb of a statement other than SELECT.
    Verb,
    /// What a verb acts on: TABLE, DATABASE, …
    Object,
    Set,
    Delay,
    Case,
}

/// A token and where it stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// At most so many tokens of one value are read.
const TOKENS: usize = 16_384;
/// A comment that hides inside a keyword (`uni/**/on`) is at most this long, in bytes.
const HIDDEN: usize = 64;

/// Reads the tokens of a view in lower case; says where it stopped.
pub(super) fn lex(view: &[u8]) -> (Vec<Token>, usize) {
    let mut tokens = Vec::with_capacity((view.len() / 4).min(256));
    let mut at = 0;
    // No comment ends behind the last `*/`: without this, many open ones would be searched again and again.
    let last_end = view.windows(2).rposition(|pair| pair == b"*/").unwrap_or(0);
    while let Some(byte) = view.get(at).copied() {
        if tokens.len() >= TOKENS {
            break;
        }
        let rest = view.get(at..).unwrap_or_default();
        let (kind, length) = match byte {
            b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c | 0xa0 | 0 => {
                at += 1;
                continue;
            }
            // A no-break space, and quotes that a lax conversion takes for the plain one.
            0xc2 if rest.starts_with(b"\xc2\xa0") => {
                at += 2;
                continue;
            }
            0xc2 if rest.starts_with(b"\xc2\xb4") => (Kind::Quote(b'\''), 2),
            0xca if rest.starts_with(b"\xca\xbc") => (Kind::Quote(b'\''), 2),
            0xe2 if rest.starts_with(b"\xe2\x80\x98") || rest.starts_with(b"\xe2\x80\x99") => (Kind::Quote(b'\''), 3),
            b'/' if rest.starts_with(b"/*") => match comment(rest, at, last_end) {
                Some(length) => {
                    at += length;
                    continue;
                }
                None => (Kind::Comment, 2),
            },
            b'*' if rest.starts_with(b"*/") => {
                at += 2;
                continue;
            }
            b'a'..=b'z' | b'_' | 0x80.. => word(rest, at, last_end),
            b'0'..=b'9' => (Kind::Number, number(rest)),
            b'.' if rest.get(1).is_some_and(u8::is_ascii_digit) => {
                (Kind::Number, 1 + number(rest.get(1..).unwrap_or_default()))
            }
            b'@' => (
                Kind::Variable,
                1 + run(rest.get(1..).unwrap_or_default(), |byte| is_word(byte) || byte == b'@' || byte == b'.'),
            ),
            b'$' if let Some(length) = dollar_quote(rest) => (Kind::Quote(b'$'), length),
            _ => sign(rest, byte),
        };
        tokens.push(Token { kind, start: at, end: at + length });
        at += length;
    }
    (tokens, at.min(view.len()))
}

/// `$$`, `$tag$`: what opens and closes a string of PostgreSQL; and how long it is.
fn dollar_quote(rest: &[u8]) -> Option<usize> {
    let tag = rest.get(1..)?;
    let length = tag.iter().take(16).position(|byte| !is_word(*byte))?;
    (tag.get(length) == Some(&b'$') && !tag.first()?.is_ascii_digit()).then_some(length + 2)
}

/// How much of a comment is skipped; of MySQL's versioned ones (`/*!50000 union */`) only the opening. `None`: it is open.
fn comment(rest: &[u8], at: usize, last_end: usize) -> Option<usize> {
    let inside = rest.get(2..).unwrap_or_default();
    if inside.first() == Some(&b'!') {
        return Some(3 + run(inside.get(1..).unwrap_or_default(), |byte| byte.is_ascii_digit()));
    }
    if at + 2 > last_end {
        return None;
    }
    inside.windows(2).position(|pair| pair == b"*/").map(|end| end + 4)
}

fn word(rest: &[u8], at: usize, last_end: usize) -> (Kind, usize) {
    // Punctuation starts with c2 or e2, and a no-break space may stand alone: `and\u{a0}1`.
    let inside = |byte: u8| is_word(byte) || byte == b'$' || (byte >= 0x80 && !matches!(byte, 0xa0 | 0xc2 | 0xe2));
    let length = run(rest, inside).max(1);
    // A string between dollar signs ends behind its last word: `a$$`, `a$tag$`.
    let quoted = rest.get(..length).filter(|word| word.ends_with(b"$"));
    let length = quoted.and_then(|word| word.iter().position(|byte| *byte == b'$')).unwrap_or(length).max(1);
    let (head, after) = rest.split_at(length);
    let hidden = after.get(..after.len().min(HIDDEN)).unwrap_or_default();
    if hidden.starts_with(b"/*")
        && let Some(skipped) = comment(hidden, at + length, last_end)
        && let tail = after.get(skipped..).unwrap_or_default()
        && tail.first().is_some_and(u8::is_ascii_lowercase)
    {
        let tail = tail.get(..run(tail, is_word)).unwrap_or_default();
        let joined = [head, tail].concat();
        if [&b"union"[..], b"select", b"or", b"and", b"from", b"where", b"sleep"].contains(&&joined[..]) {
            return (keyword(&joined), length + skipped + tail.len());
        }
    }
    (keyword(head), length)
}

/// How long a tag of text is, which compares nothing: `l'<em>amour</em> -- tout`.
fn tag_of_text(rest: &[u8]) -> Option<usize> {
    const TAGS: &[&[u8]] = &[
        b"a", b"b", b"i", b"p", b"q", b"s", b"u", b"br", b"em", b"hr", b"li", b"ol", b"td", b"th", b"tr", b"ul",
        b"del", b"div", b"ins", b"sub", b"sup", b"code", b"font", b"mark", b"span", b"cite", b"small", b"strong",
    ];
    tag(rest).filter(|(name, _)| TAGS.contains(name)).map(|(_, length)| length)
}

fn sign(rest: &[u8], byte: u8) -> (Kind, usize) {
    let starts = |sign: &[u8]| rest.starts_with(sign);
    match byte {
        b'\'' | b'"' => (Kind::Quote(byte), 1),
        b'`' => (Kind::Quote(byte), 1),
        b'-' if starts(b"--") => (Kind::Comment, 2),
        b'#' => (Kind::Comment, 1),
        b'|' if starts(b"||") => (Kind::Logic, 2),
        b'&' if starts(b"&&") => (Kind::Logic, 2),
        b'<' if let Some(length) = tag_of_text(rest) => (Kind::Other, length),
        b'<' if starts(b"<=>") => (Kind::Equals, 3),
        // Of JavaScript and PHP; no database has them.
        b'=' | b'!' if starts(b"===") || starts(b"!==") => (Kind::Other, 3),
        b'=' if starts(b"==") => (Kind::Equals, 2),
        b'=' => (Kind::Equals, 1),
        b'<' | b'>' | b'!' if starts(b"<>") || starts(b"!=") || starts(b"<=") || starts(b">=") => (Kind::Compare, 2),
        b'<' | b'>' => (Kind::Compare, 1),
        b'*' => (Kind::Star, 1),
        b'+' | b'-' | b'/' | b'%' | b'^' | b'|' | b'&' | b'~' | b'!' => (Kind::Arith, 1),
        b'(' => (Kind::Open, 1),
        b')' => (Kind::Close, 1),
        b',' => (Kind::Comma, 1),
        b';' => (Kind::Semi, 1),
        b'.' => (Kind::Dot, 1),
        _ => (Kind::Other, 1),
    }
}

fn number(rest: &[u8]) -> usize {
    if rest.starts_with(b"0x") {
        return 2 + run(rest.get(2..).unwrap_or_default(), |byte| byte.is_ascii_hexdigit());
    }
    let length = run(rest, |byte| byte.is_ascii_digit() || byte == b'.');
    // An exponent, to which MySQL lets a word stick: `1e0union`.
    match rest.get(length..).unwrap_or_default() {
        [b'e', b'+' | b'-', digits @ ..] if digits.first().is_some_and(u8::is_ascii_digit) => {
            length + 2 + run(digits, |byte| byte.is_ascii_digit())
        }
        // `1.from`: a point without digits, behind which MySQL reads the next word.
        [b'f', b'r', b'o', b'm', ..] => length,
        [b'e', digits @ ..] if digits.first().is_some_and(u8::is_ascii_digit) => {
            length + 1 + run(digits, |byte| byte.is_ascii_digit())
        }
        _ => length,
    }
}

fn run(bytes: &[u8], belongs: impl Fn(u8) -> bool) -> usize {
    bytes.iter().position(|byte| !belongs(*byte)).unwrap_or(bytes.len())
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// The kind of a word.
fn keyword(word: &[u8]) -> Kind {
    match word {
        b"union" | b"intersect" | b"except" => Kind::Union,
        b"select" => Kind::Select,
        b"all" | b"distinct" | b"distinctrow" => Kind::All,
        b"from" => Kind::From,
        b"where" => Kind::Where,
        b"or" | b"and" | b"xor" => Kind::Logic,
        b"not" => Kind::Not,
        b"like" | b"rlike" | b"ilike" | b"regexp" | b"glob" => Kind::Compare,
        b"is" => Kind::Is,
        b"in" => Kind::In,
        b"between" => Kind::Between,
        b"null" | b"true" | b"false" => Kind::Null,
        b"order" | b"group" | b"having" | b"limit" | b"procedure" => Kind::Tail,
        b"by" => Kind::By,
        b"into" => Kind::Into,
        b"set" => Kind::Set,
        b"delay" | b"time" => Kind::Delay,
        b"case" => Kind::Case,
        b"drop" | b"delete" | b"insert" | b"update" | b"truncate" | b"alter" | b"create" | b"exec" | b"execute"
        | b"declare" | b"waitfor" | b"shutdown" | b"grant" | b"revoke" | b"replace" | b"merge" | b"call"
        | b"backup" | b"copy" | b"load" | b"attach" | b"rename" => Kind::Verb,
        b"table" | b"database" | b"schema" | b"view" | b"index" | b"user" | b"trigger" | b"function" | b"login"
        | b"role" | b"column" | b"sequence" => Kind::Object,
        _ => Kind::Ident,
    }
}
