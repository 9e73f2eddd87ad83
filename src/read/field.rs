//! A field: one value that a client put somewhere in a request, with its target and its name.

use super::target::Target;

/// The number of parameters, cookies or matrix parameters of one request that are taken apart; the rest is shown as one field.
pub const PARAMETERS: usize = 512;
/// The number of bytes of a name that are kept.
pub(super) const NAME: usize = 256;

/// The name of a raw text whose texts and attributes are shown, too, each by itself.
pub const RAW: &[u8] = b"<>";

/// One value of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field<'a> {
    /// What kind of place it is.
    pub target: Target,
    /// Its name as on the wire: of the parameter, the header, the cookie; `user.name` in JSON; empty if it has none.
    pub name: &'a [u8],
    /// The bytes.
    pub value: &'a [u8],
    /// Are the bytes percent-coded on the wire?
    pub encoded: bool,
}

impl<'a> Field<'a> {
    /// A value that is not percent-coded.
    pub fn plain(target: Target, name: &'a [u8], value: &'a [u8]) -> Self {
        Self { target, name, value, encoded: false }
    }
}

/// Is it no more than a name? A name that is not may be a payload and is also shown as a value: `<b>`, the names of operators
/// (`$ne`) and of prototypes.
pub(super) fn is_name(name: &[u8]) -> bool {
    let starts = |part: &[u8]| matches!(part.first(), Some(b'p' | b'P'));
    // Two underscores are the names of a language's own members.
    is_plain_name(name)
        && !name.starts_with(b"__")
        && !name.windows(5).any(|part| starts(part) && part.eq_ignore_ascii_case(b"proto"))
}

/// Does it consist of what names usually consist of?
fn is_plain_name(name: &[u8]) -> bool {
    name.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'[' | b']' | b'@'))
}
