//! Which tables of patterns are asked about a command or a value, and in which order?
//!
//! A new pattern needs a row in one of the tables and no other code.

mod argument_injection;
mod compound;
mod new_line;
mod separator;
mod spelling;
mod start;
mod substitution;
mod value;

use super::command::SimpleCommand;
#[cfg(test)]
use super::pattern::ValuePattern;
use super::pattern::{Found, Pattern, Value, report_all, report_first};
use super::position::Position;

/// Asks about one simple command.
///
/// The order is part of the result in two places: a word that can't be read is no command that other tables know, and a
/// disguised command is reported after what its line is evidence of.
pub(super) fn of_command(command: &SimpleCommand<'_>, found: &mut Found<'_>) {
    if command.position == Position::Start && is_source(command.view) {
        return;
    }
    if report_first(compound::PATTERNS, command, found)
        || report_first(spelling::UNREADABLE, command, found)
        || command.word.is_nothing()
    {
        return;
    }
    report_first(spelling::EXPANDED, command, found);
    let (recognised, unknown) = lines(command.position);
    if !command.is_recognised() {
        report_first(unknown, command, found);
    } else if !command.is_string() {
        report_first(recognised, command, found);
        report_first(spelling::DISGUISED, command, found);
    }
}

/// `git+https://x.example/a.git`: where a package comes from, after PEP 440 and npm's documentation.
pub(super) fn is_source(view: &[u8]) -> bool {
    let scheme = view.get(..view.iter().take(32).position(|byte| *byte == b':').unwrap_or(0)).unwrap_or_default();
    let mut parts = scheme.split(|byte| *byte == b'+');
    let tool = parts.next().unwrap_or_default();
    matches!(tool, b"git" | b"hg" | b"svn" | b"bzr")
        && matches!(parts.next(), Some(b"https" | b"http" | b"ssh" | b"file" | b"git"))
}

/// The tables of a position: for commands that are known or hidden, and for other words.
const fn lines(position: Position) -> (&'static [Pattern], &'static [Pattern]) {
    match position {
        Position::Start => (start::RECOGNISED, start::UNKNOWN),
        Position::Strong | Position::Weak => (separator::RECOGNISED, separator::UNKNOWN),
        Position::Line => (new_line::RECOGNISED, &[]),
        Position::Substitution | Position::BackQuote => (substitution::RECOGNISED, &[]),
    }
}

/// Asks whether the value is an argument that its program reads as an option or a transport.
pub(super) fn of_argument(value: &Value<'_>, found: &mut Found<'_>) {
    report_all(argument_injection::PATTERNS, value, found);
}

/// Asks about the value as a whole.
pub(super) fn of_value(value: &Value<'_>, found: &mut Found<'_>) {
    report_all(value::PATTERNS, value, found);
}

/// Asks about the value as it was sent: `+` is no blank in a command of a mail server.
pub(super) fn of_value_as_sent(value: &Value<'_>, found: &mut Found<'_>) {
    report_all(value::AS_SENT, value, found);
}

/// The tables of which only the first row that holds is reported; for the tests.
#[cfg(test)]
pub(super) const OF_COMMANDS: &[&[Pattern]] = &[
    compound::PATTERNS,
    spelling::UNREADABLE,
    spelling::EXPANDED,
    spelling::DISGUISED,
    start::RECOGNISED,
    start::UNKNOWN,
    separator::RECOGNISED,
    separator::UNKNOWN,
    new_line::RECOGNISED,
    substitution::RECOGNISED,
];

/// The tables of which every row that holds is reported; for the tests.
#[cfg(test)]
pub(super) const OF_VALUES: &[&[ValuePattern]] = &[argument_injection::PATTERNS, value::PATTERNS, value::AS_SENT];
