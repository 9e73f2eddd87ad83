//! What does the query of a request to the console say: which user, which part of a list, for how long?

use crate::clock::Span;
use crate::decode::percent;
use crate::text::untrusted;

/// Which user a command is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UserRef {
    /// By name or address, as in the log.
    Name {
        /// The name.
        name: Vec<u8>,
        /// Where the name comes from, as in the log: `header:x-user-id`, `address`.
        source: Option<String>,
    },
    /// By the id that the console and messages show, or at least its first eight digits.
    Id(String),
}

/// A part of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// How many come before it.
    pub offset: usize,
    /// How many it has at most.
    pub limit: usize,
}

/// As many users are in one answer unless the request says otherwise, and as many at most: each costs the read of a bucket.
const USUAL: usize = 50;
const MOST: usize = 100;

/// The most of a name or a reason that is kept, in UTF-16 units.
const LONGEST: usize = 256;

/// The query of a request target, without its question mark.
#[derive(Clone, Copy, Debug)]
pub struct Query<'a>(pub &'a [u8]);

impl Query<'_> {
    /// The user that is meant.
    pub fn user(self) -> Option<UserRef> {
        if let Some(name) = self.parameter("user") {
            return Some(UserRef::Name { name, source: self.text("source") });
        }
        let id = self.parameter("id").and_then(|id| String::from_utf8(id).ok());
        let is_id = |id: &String| (8..=32).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_hexdigit());
        id.filter(is_id).map(|id| UserRef::Id(id.to_ascii_lowercase()))
    }

    /// The part of a list that is asked for; none if it is not given by numbers, or is too long.
    pub fn part(self) -> Option<Part> {
        let offset = usize::try_from(self.number("offset", 0)?).ok()?;
        let limit = usize::try_from(self.number("limit", USUAL as u64)?).ok()?;
        (1..=MOST).contains(&limit).then_some(Part { offset, limit })
    }

    /// A number, or `absent` where there is no such parameter; none if it is no number.
    pub fn number(self, name: &str, absent: u64) -> Option<u64> {
        match self.value(name) {
            None => Some(absent),
            Some(digits) => std::str::from_utf8(&digits).ok()?.parse().ok(),
        }
    }

    /// A span of time of at most `longest`.
    pub fn span(self, name: &str, longest: Span) -> Option<Span> {
        Span::try_from(self.text(name)?).ok().filter(|span| *span <= longest)
    }

    /// A text, cut and without what does not show; none if nothing shows.
    pub fn text(self, name: &str) -> Option<String> {
        let text = untrusted::clean_bytes(&self.parameter(name)?, LONGEST);
        let shows = |char: char| !char.is_whitespace() && char != char::REPLACEMENT_CHARACTER;
        text.contains(shows).then_some(text)
    }

    /// The value of a parameter; none if it is empty.
    fn parameter(self, name: &str) -> Option<Vec<u8>> {
        self.value(name).filter(|value| !value.is_empty())
    }

    /// The value of a parameter, decoded; none if there is no such parameter.
    fn value(self, name: &str) -> Option<Vec<u8>> {
        let value = self
            .0
            .split(|byte| *byte == b'&')
            .find_map(|pair| pair.strip_prefix(name.as_bytes())?.strip_prefix(b"="))?;
        let spaced: Vec<u8> = value.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
        let mut decoded = Vec::new();
        Some(if percent::decode(&spaced, &mut decoded) { decoded } else { spaced })
    }
}
