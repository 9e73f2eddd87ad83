//! Is it command injection? Looks for known commands in command position, spelled in any of the shell's ways.
//!
//! From the bottom up: `names` and `word` know single words, `argument` and its neighbours what stands around one, `command`
//! what is known of one simple command. `position` finds where commands may stand, and the rows of `tables` say which of them
//! are evidence of what. Quoting after POSIX.1-2017, Shell Command Language, 2.2; of `cmd.exe` the caret.

mod argument;
mod brace;
mod command;
mod compound;
pub(super) mod interpreter;
mod mail;
pub(super) mod names;
mod option;
mod own_line;
mod pattern;
mod position;
mod shown;
mod tables;
#[cfg(test)]
mod tests;
mod trick;
mod whole;
mod windows;
mod word;

use super::bytes::has_any;
use crate::detect::matcher::Evidence;
use crate::detect::verify::subject::Subject;
use crate::text::byte_set::ByteSet;
use command::SimpleCommand;
use pattern::{Found, Value};
use position::Position;
use std::cell::OnceCell;

/// What a command costs that the tables know, in nanoseconds of V8: all their patterns are tried on it and its arguments.
const RECOGNISED: u64 = 4_000;
/// A longer value, in bytes, is no form inside a form.
const FORM: usize = 512;

/// Reads the view as a command line, and where its blanks may be `+` also with these.
pub(super) fn verify(subject: &Subject<'_>, found: &mut dyn FnMut(Evidence)) {
    // `?a=1&amp;id=2`: a link that was escaped twice.
    if subject.is_name && subject.view.starts_with(b"amp;") && subject.view.len() <= 16 {
        return;
    }
    let shown = shown::is_shown(subject.view) || is_process(subject);
    // Looked at only where a command was found.
    let own = OnceCell::new();
    let own = || *own.get_or_init(|| own_line::of(subject));
    let keywords = OnceCell::new();
    let keywords = || *keywords.get_or_init(|| shown::is_keywords(subject.view));
    let mut weakened = shown;
    patterns(subject, &mut |_, evidence| {
        // A script has variables and patterns in its commands.
        let milder =
            if shown && evidence == Evidence::ShellObfuscated { Evidence::ShellShown } else { weaker(evidence) };
        let is_bare = matches!(evidence, Evidence::ShellBare | Evidence::ShellAlone);
        let is_shown = milder != evidence
            && (shown
                || is_bare && keywords()
                || match own() {
                    // That it is a command line is no news where one is asked for; elsewhere it is odd.
                    Some(own_line::Place::Any) => evidence != Evidence::ShellBare,
                    Some(own_line::Place::Run) => true,
                    None => false,
                });
        weakened |= is_shown;
        found(if is_shown { milder } else { evidence });
    });
    if weakened {
        let injected = shown::injected(subject.view, shown);
        if !injected.is_empty() {
            let injected = Subject { view: &injected, marks: ByteSet::of(&injected), ..*subject };
            patterns(&injected, &mut |_, evidence| found(evidence));
        }
    }
}

/// What evidence comes to in a text that shows commands.
fn weaker(evidence: Evidence) -> Evidence {
    match evidence {
        Evidence::ShellCommand | Evidence::ShellAlone | Evidence::ShellSubstitution | Evidence::ShellBare => {
            Evidence::ShellShown
        }
        other => other,
    }
}

/// `/usr/sbin/nginx -g x`: a program by its whole path with arguments, as machines tell each other what runs.
fn is_process(subject: &Subject<'_>) -> bool {
    let view = subject.view.strip_suffix(b";").unwrap_or(subject.view);
    let is_plain = !view.iter().any(|byte| b";|&$`<>\n".contains(byte));
    let is_program = subject.target.in_document() && view.starts_with(b"/") && is_plain;
    is_program && !shown::wants(view) && (!has_any(view, &[b" -c ", b" -e "]) || has_any(view, &[b" -c run-parts "]))
}

/// Reports each pattern that holds.
fn patterns(subject: &Subject<'_>, found: &mut Found<'_>) {
    let value = Value { view: subject.view, marks: subject.marks };
    subject.leave(read(subject, &value, found));
    tables::of_value_as_sent(&value, found);
    // A form inside a form: `|+dir+c:/`.
    let joined = || !value.view.contains(&b' ') || has_any(value.view, &[b"|+", b"+|", b"&+", b";+"]);
    if value.marks.has(ByteSet::PLUS) && value.view.len() <= FORM && joined() && !tables::is_source(value.view) {
        let blanks: Vec<u8> = value.view.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
        subject.leave(read(subject, &Value { view: &blanks, marks: value.marks }, found));
    }
}

/// Asks all tables but those for the value as it was sent. Returns how many bytes at the end were not looked at.
fn read(subject: &Subject<'_>, value: &Value<'_>, found: &mut Found<'_>) -> usize {
    let command = |start, position, found: &mut Found<'_>| {
        if let Some(command) = SimpleCommand::read(value.view, start, position) {
            tables::of_command(&command, found);
            subject.work(if command.was_recognised() { RECOGNISED } else { 0 });
        }
    };
    command(0, Position::Start, found);
    tables::of_argument(value, found);
    let unread = position::each(value.view, value.marks, |start, position| command(start, position, found));
    tables::of_value(value, found);
    unread
}
