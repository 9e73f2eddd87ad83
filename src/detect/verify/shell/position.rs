//! Where in a value may a command stand, and what stands before it there?
//!
//! Command position after POSIX.1-2017, Shell Command Language, 2.9 and 2.10: behind a control operator, at the start of a
//! line, inside a command substitution (2.6.3); and at the start of the value, which an application may append to a command.

use super::names;
use crate::detect::verify::bytes::{find, word_before};
use crate::text::byte_set::ByteSet;

/// How a command may come to stand at a place, which says how much has to follow before it counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Position {
    /// The value starts.
    Start,
    /// A separator that little but the shell has: `;`, `|`, `||`, `&&`.
    Strong,
    /// A separator that addresses and prose have too: `&`.
    Weak,
    /// A new line: also in every longer text.
    Line,
    /// A command or process substitution: `$(`, `<(`, `>(`.
    Substitution,
    /// A command substitution with back-quotes, which are also Markdown's.
    BackQuote,
}

/// A set of positions.
#[derive(Clone, Copy, Debug)]
pub(super) struct Positions(u8);

impl Positions {
    /// The set of these.
    pub(super) const fn of(positions: &[Position]) -> Self {
        let (mut set, mut rest) = (0, positions);
        while let [first, more @ ..] = rest {
            set |= 1 << *first as u8;
            rest = more;
        }
        Self(set)
    }

    /// Is it one of them?
    pub(super) const fn contains(self, position: Position) -> bool {
        self.0 & (1 << position as u8) != 0
    }
}

/// At most so many separators of one value are looked at.
const SEPARATORS: usize = 4096;
/// A longer value, in bytes, is no fragment behind which the application's own command was cut off.
const FRAGMENT: usize = 256;

/// Visits the command positions behind the start of the value: where the command starts, and how it comes to stand there.
/// Returns how many bytes at the end were not looked at.
pub(super) fn each(view: &[u8], marks: ByteSet, mut visit: impl FnMut(usize, Position)) -> usize {
    if closes_quote(view) {
        visit(1, Position::Weak);
    }
    if let Some(start) = escaped_line(view, marks) {
        visit(start, Position::Strong);
    }
    let mut at = 0;
    // In a text with several spans of code each second back-quote ends one.
    let spans = marks.has(ByteSet::BACK_QUOTE) && view.iter().filter(|byte| **byte == b'`').count() > 2;
    let mut back_quotes = 0_usize;
    for _ in 0..SEPARATORS {
        let Some(next) = separator(view, at) else { break };
        at += next;
        let Some(position) = behind(view, at) else {
            at += 1;
            continue;
        };
        let run =
            view.get(at..).unwrap_or_default().iter().take(3).take_while(|byte| matches!(byte, b'|' | b'&')).count();
        at += run.max(1);
        if position == Position::Line {
            at += empty_lines(view.get(at..).unwrap_or_default());
        }
        back_quotes += usize::from(position == Position::BackQuote);
        if position != Position::BackQuote || !spans || back_quotes % 2 == 1 {
            visit(at, position);
        }
    }
    separator(view, at).map_or(0, |_| view.len() - at)
}

/// `x'& id & echo 'y`: do the quotes around the value stand around a command, and another one that takes the second quote?
pub(super) fn is_between_quotes(view: &[u8], start: usize, end: usize) -> bool {
    let before = view.get(..start.saturating_sub(1)).unwrap_or_default().trim_ascii_end();
    let after = view.get(end..).unwrap_or_default().trim_ascii_start();
    let Some(next) = after.strip_prefix(b"&").or_else(|| after.strip_prefix(b";")) else { return false };
    let next = next.trim_ascii_start();
    let (command, rest) = next.split_at(next.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count());
    let quote = before.last().filter(|byte| matches!(byte, b'\'' | b'"'));
    quote.is_some_and(|quote| rest.contains(quote)) && names::is_command(command)
}

/// How many bytes of empty lines come first: no command stands in them.
fn empty_lines(rest: &[u8]) -> usize {
    let blank = rest.get(..rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count()).unwrap_or_default();
    blank.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1)
}

/// How far it is to the next sign behind which a command may stand.
fn separator(view: &[u8], at: usize) -> Option<usize> {
    ByteSet::SEPARATOR.position(view.get(at..)?)
}

/// Which position is behind the separator at `at`? None behind a parenthesis that opens no substitution.
fn behind(view: &[u8], at: usize) -> Option<Position> {
    let before = at.checked_sub(1).and_then(|at| view.get(at));
    match view.get(at) {
        Some(b';') if ends_entity(view, at) => None,
        Some(b';' | b'|') => Some(Position::Strong),
        Some(b'&') if view.get(at + 1) == Some(&b'&') => Some(Position::Strong),
        Some(b'`') => Some(Position::BackQuote),
        Some(b'(') if before == Some(&b'$') && view.get(at + 1..).is_some_and(is_no_command) => None,
        Some(b'(') if matches!(before, Some(b'$' | b'<' | b'>')) => Some(Position::Substitution),
        Some(b'(') => None,
        Some(b'\n') => Some(Position::Line),
        _ => Some(Position::Weak),
    }
}

/// `&lt;script`, `&#x27;ls`, `&amp;#39;`: does the semicolon end a reference to a character? What it stands for is looked at decoded.
fn ends_entity(view: &[u8], at: usize) -> bool {
    let before = view.get(at.saturating_sub(12)..at).unwrap_or_default();
    let name = before.iter().rev().take_while(|byte| byte.is_ascii_alphanumeric()).count();
    let (before, name) = before.split_at(before.len() - name);
    let (before, is_known) = match before.strip_suffix(b"#") {
        Some(before) => {
            let digits = name.strip_prefix(b"x").unwrap_or(name);
            (before, (2..=5).contains(&digits.len()) && digits.iter().all(u8::is_ascii_hexdigit))
        }
        None => (before, matches!(name, b"lt" | b"gt" | b"amp" | b"quot" | b"apos" | b"nbsp")),
    };
    is_known && (before.ends_with(b"&") || before.ends_with(b"&amp;"))
}

/// `$((1 + 2))`, `$('.name').hide()`: is what opens with `$(` arithmetic, or a call of a function with that name?
fn is_no_command(inside: &[u8]) -> bool {
    let inside = inside.get(..inside.len().min(FRAGMENT)).unwrap_or_default();
    match inside {
        [b'(', rest @ ..] => {
            let end = find(rest, 0, b"))").unwrap_or(rest.len());
            let sum = rest.get(..end).unwrap_or_default();
            let is_sum = |byte: &u8| byte.is_ascii_alphanumeric() || b" _$+-*/%<>=!".contains(byte);
            sum.iter().all(is_sum) && sum.iter().any(|byte| b"+-*/%<>".contains(byte))
        }
        [quote @ (b'\'' | b'"'), rest @ ..] => {
            let end = rest.iter().position(|byte| byte == quote).unwrap_or(rest.len());
            matches!(rest.get(end + 1..), Some([b')', b'.' | b'[', ..]))
        }
        _ => false,
    }
}

/// `" ping x`: does the value start with a quote that only closes what the application opened?
fn closes_quote(view: &[u8]) -> bool {
    matches!(view.split_first(), Some((quote @ (b'"' | b'\''), rest))
        if rest.first() == Some(&b' ') && rest.len() <= FRAGMENT && !rest.contains(quote))
}

/// `\n/bin/id`: where a program's path starts behind a line break that is still in its escaped form.
fn escaped_line(view: &[u8], marks: ByteSet) -> Option<usize> {
    if !marks.has(ByteSet::BACKSLASH) || view.len() > FRAGMENT {
        return None;
    }
    let start = find(view, 0, b"\\n/")? + 2;
    let rest = view.get(start..)?;
    names::FOLDERS.iter().any(|folder| rest.starts_with(folder)).then_some(start)
}

/// Is this line the first of the value that holds anything, but what closes a string or a call before it?
pub(super) fn is_first_line(view: &[u8], start: usize) -> bool {
    view.get(..start)
        .is_some_and(|before| before.iter().all(|byte| byte.is_ascii_whitespace() || b"'\")".contains(byte)))
}

/// Stands nothing but an address or a number between the start of a short value and the separator: `192.0.2.7 & id`?
pub(super) fn is_behind_address(view: &[u8], start: usize) -> bool {
    if view.len() > 64 {
        return false;
    }
    let before = view.get(..start).unwrap_or_default();
    let address = before.strip_suffix(b"&").or_else(|| before.strip_suffix(b"\n")).unwrap_or(before).trim_ascii();
    address.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.')
        && (address.is_empty() || address.iter().filter(|byte| **byte == b'.').count() == 3)
}

/// Does a short value start with the separator, so that nothing was to be separated?
pub(super) fn separator_leads(view: &[u8], start: usize) -> bool {
    let before = view.get(..start).unwrap_or_default();
    before.iter().all(|byte| b";|& \"'".contains(byte)) && view.len() <= 64
}

/// What stands before the back-quote that ends at `start`; none at the start of the value.
pub(super) fn before_back_quote(view: &[u8], start: usize) -> Option<u8> {
    let before = view.get(..start.checked_sub(1)?)?;
    // ``run **`npm`**``: the emphasis of Markdown, on both sides of the span.
    let is_emphasis = before.ends_with(b" **") && {
        let span = view.get(start..).unwrap_or_default();
        let close = span.iter().position(|byte| *byte == b'`');
        close.and_then(|close| span.get(close + 1..)).is_some_and(|behind| behind.starts_with(b"**"))
    };
    if is_emphasis { Some(b' ') } else { before.last().copied() }
}

/// `` `cp` copies … ``: does the value begin with a span in back-quotes, and go on with a word as a sentence does?
pub(super) fn begins_sentence(view: &[u8], start: usize) -> bool {
    let span = view.get(start..).unwrap_or_default();
    let behind = span.iter().position(|byte| *byte == b'`').and_then(|end| span.get(end + 1..)).unwrap_or_default();
    start == 1 && matches!(behind, [b' ', next, ..] if next.is_ascii_alphabetic() || !next.is_ascii())
}

/// ``see :doc:`../cli` ``: does a role of reStructuredText stand before the back-quote?
pub(super) fn is_role(view: &[u8], start: usize) -> bool {
    let before = view.get(start.saturating_sub(32)..start.saturating_sub(1)).unwrap_or_default();
    let Some(role) = before.strip_suffix(b":") else { return false };
    let name = role.iter().rev().take_while(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(byte)).count();
    let opens = role.len().checked_sub(name + 1).and_then(|at| role.get(at));
    let apart = role.len().checked_sub(name + 2).and_then(|at| role.get(at));
    name > 1 && opens == Some(&b':') && apart.is_none_or(|byte| b" \n(:*".contains(byte))
}

/// Is this the only span in back-quotes, at the end of the value, behind a blank and a word that asks nobody to type it?
pub(super) fn is_last_span(view: &[u8], start: usize) -> bool {
    let (Some(before), Some(rest)) = (view.get(..start.saturating_sub(1)), view.get(start..)) else { return false };
    let only = rest.iter().position(|byte| *byte == b'`') == rest.len().checked_sub(1) && !before.contains(&b'`');
    let words = before.split(|byte| *byte == b' ').filter(|word| !word.is_empty()).count();
    let asks = [
        &b"run"[..],
        b"use",
        b"see",
        b"type",
        b"try",
        b"call",
        b"with",
        b"via",
        b"in",
        b"of",
        b"the",
        b"add",
        b"to",
        b"fix",
        b"from",
    ];
    only && before.ends_with(b" ") && words <= 2 && !asks.contains(&word_before(before.trim_ascii_end()))
}

/// Does a script's word that uses a result stand before the back-quote: `` print `id` ``?
pub(super) fn is_used(view: &[u8], start: usize) -> bool {
    let before = view.get(start.saturating_sub(16)..start.saturating_sub(2)).unwrap_or_default();
    let word = word_before(before);
    let whole = word.len() == before.len() || before.trim_ascii_end().len() == before.len() && !before.contains(&b' ');
    whole && matches!(word, b"print" | b"echo" | b"puts" | b"return" | b"eval" | b"exec" | b"system")
}
