//! Is it command injection? Looks for known commands in command position, spelled in any of the shell's ways.
//!
//! Command position and quoting after POSIX.1-2017, Shell Command Language, 2.2, 2.9 and 2.10; of `cmd.exe` the caret.

mod argument;
mod brace;
mod mail;
mod names;
mod option;
mod shown;
mod trick;
mod windows;
mod word;

use super::Subject;
use super::bytes::{find, has_any, word_before};
use crate::detect::matcher::Evidence;
use crate::text::byte_set::ByteSet;
use argument::{Arguments, convincing, first_sign, has_word, later, mentions_secret, short_line, unknown_line};
use option::smuggled;
use trick::{assembled, computes, downloads_and_runs, forks, recalls, slices};
use word::{Word, read};

/// How a command may come to stand here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Position {
    /// The value starts.
    Start,
    /// `;`, `|`, `||`, `&&`.
    Strong,
    /// `&`: also in addresses.
    Weak,
    /// A new line: also in every longer text.
    Line,
    /// `$(`, `<(`, `>(`.
    Substitution,
    /// A back-quote: also in Markdown.
    BackQuote,
}

/// At most so many command positions of one value are looked at.
const POSITIONS: usize = 4096;

/// Reads the view as a command line.
pub(super) fn verify(subject: &Subject<'_>, found: &mut dyn FnMut(Evidence)) {
    let shown = shown::is_shown(subject.view);
    let found = &mut |evidence| found(if shown { weaker(evidence) } else { evidence });
    subject.leave(commands(subject.view, subject.marks, found));
    if subject.marks.has(ByteSet::LINE) && mail::commands(subject.view) {
        found(Evidence::ShellMail);
    }
    // A form inside a form: `|+dir+c:/`.
    let joined = || !subject.view.contains(&b' ') || has_any(subject.view, &[b"|+", b"+|", b"&+", b";+"]);
    if subject.marks.has(ByteSet::PLUS) && subject.view.len() <= 512 && joined() {
        let blanks: Vec<u8> = subject.view.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
        subject.leave(commands(&blanks, subject.marks, found));
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

/// Says how many bytes at the end were not looked at.
fn commands(view: &[u8], marks: ByteSet, found: &mut dyn FnMut(Evidence)) -> usize {
    command(view, 0, Position::Start, found);
    if smuggled(view) {
        found(Evidence::ShellBare);
    }
    if let Some((quote @ (b'"' | b'\''), rest)) = view.split_first()
        && rest.first() == Some(&b' ')
        && rest.len() <= 256
        && !rest.contains(quote)
    {
        // A quote that only closes what the application opened.
        command(view, 1, Position::Weak, found);
    }
    if marks.has(ByteSet::BACKSLASH)
        && view.len() <= 256
        && let Some(line) = find(view, 0, b"\\n/")
        && names::FOLDERS.iter().any(|folder| view.get(line + 2..).is_some_and(|rest| rest.starts_with(folder)))
    {
        // A line break still in its escaped form.
        command(view, line + 2, Position::Strong, found);
    }
    let mut at = 0;
    // In a text with several spans of code each second back-quote ends one.
    let spans = marks.has(ByteSet::BACK_QUOTE) && view.iter().filter(|byte| **byte == b'`').count() > 2;
    let mut quotes = 0_usize;
    for _ in 0..POSITIONS {
        let Some(next) = separator(view, at) else { break };
        at += next;
        let before = at.checked_sub(1).and_then(|at| view.get(at)).copied();
        let position = match view.get(at) {
            Some(b';' | b'|') => Position::Strong,
            Some(b'&') if view.get(at + 1) == Some(&b'&') => Position::Strong,
            Some(b'`') => Position::BackQuote,
            Some(b'(') if matches!(before, Some(b'$' | b'<' | b'>')) => Position::Substitution,
            Some(b'(') => {
                at += 1;
                continue;
            }
            Some(b'\n') => Position::Line,
            _ => Position::Weak,
        };
        let run =
            view.get(at..).unwrap_or_default().iter().take(3).take_while(|byte| matches!(byte, b'|' | b'&')).count();
        let start = at + run.max(1);
        quotes += usize::from(position == Position::BackQuote);
        if position != Position::BackQuote || !spans || quotes % 2 == 1 {
            command(view, start, position, found);
        }
        at = start;
    }
    if marks.has(ByteSet::PIPE) && downloads_and_runs(view) {
        found(Evidence::ShellPipe);
    }
    if windows::control_flow(view, marks) {
        found(Evidence::ShellBatch);
    }
    if marks.has(ByteSet::DOLLAR) && (computes(view, b"$((") || computes(view, b"$[")) {
        found(Evidence::ShellSubstitution);
    }
    if marks.has(ByteSet::DOLLAR) && slices(view) || recalls(view) {
        found(Evidence::ShellObfuscated);
    }
    if marks.has(ByteSet::OPEN) && forks(view) {
        found(Evidence::ShellCommand);
    }
    separator(view, at).map_or(0, |_| view.len() - at)
}

/// How far it is to the next sign behind which a command may stand.
fn separator(view: &[u8], at: usize) -> Option<usize> {
    ByteSet::SEPARATOR.position(view.get(at..)?)
}

/// Does a known command stand at `start`, and do its arguments look like a shell's?
fn command(view: &[u8], start: usize, position: Position, found: &mut dyn FnMut(Evidence)) {
    let (name, at) = command_word(view, start);
    if position != Position::Line && assembled(view, start) {
        return found(Evidence::ShellObfuscated);
    }
    if name.is_nothing() {
        return;
    }
    let known = names::is_command(name.base());
    let variable = name.is_variable_only() && name.text() != b"$0";
    let hidden = variable || (name.hidden && (known || name.is_variable_only()));
    if name.glob && name.text().starts_with(b"/") && name.text().iter().filter(|byte| **byte == b'/').count() >= 2 {
        let binary =
            [&b"/???/"[..], b"/bin/", b"/usr/", b"/b", b"/?", b"/*"].iter().any(|start| name.text().starts_with(start));
        let whole = position != Position::Start || name.text().starts_with(b"/???");
        if binary && whole && position != Position::Line {
            return found(Evidence::ShellObfuscated);
        }
    }
    if position != Position::Line && brace::spells(view, start, position == Position::Start) {
        found(Evidence::ShellObfuscated);
    }
    let program = matches!(name.text().first(), Some(b'/' | b'c'))
        && names::FOLDERS.iter().any(|folder| name.text().starts_with(folder));
    if !known && !hidden {
        // Nobody knows all commands: a flag or a file of the system behind a separator tells one too.
        if position == Position::Strong && unknown_line(view, name.text(), at)
            || position == Position::Start && program && at >= view.len() && name.base().len() > 1
        {
            found(Evidence::ShellBare);
        }
        return;
    }
    // `'cat'::type`, `"file"=x`: a string, not a word of the shell.
    let quoted = at.checked_sub(1).and_then(|at| view.get(at)).is_some_and(|byte| matches!(byte, b'\'' | b'"'));
    if quoted && !name.hidden && view.get(at).is_some_and(|byte| b":=,.]".contains(byte)) {
        return;
    }
    let alone = names::has(&names::ALONE, name.base());
    let tool = names::has(&names::TOOLS, name.base());
    let arguments = Arguments::of(view, at);
    let first_line = position == Position::Line
        && view
            .get(..start)
            .is_some_and(|before| before.iter().all(|byte| byte.is_ascii_whitespace() || b"'\")".contains(byte)));
    match position {
        // `$(ECHO)` of a makefile: a variable.
        Position::Substitution if arguments == Arguments::None && names::TAKES_WORDS.has(name.base()) => {}
        Position::Substitution if arguments != Arguments::Prose => found(Evidence::ShellSubstitution),
        Position::BackQuote => {
            let before = start.checked_sub(2).and_then(|at| view.get(at)).copied();
            let quoted = before.is_none_or(|byte| !byte.is_ascii_whitespace() && byte != b'(' && byte != b'`')
                || (before == Some(b'(') && arguments == Arguments::Shell)
                || prints(view.get(start.saturating_sub(16)..start.saturating_sub(2)).unwrap_or_default());
            if quoted && arguments != Arguments::Prose && view.get(start..).is_some_and(|rest| rest.contains(&b'`')) {
                found(Evidence::ShellSubstitution);
            }
        }
        Position::Strong if arguments == Arguments::Shell => found(Evidence::ShellCommand),
        Position::Strong if arguments == Arguments::Prose && later(view, at) => found(Evidence::ShellCommand),
        Position::Strong if alone && arguments == Arguments::None => found(Evidence::ShellAlone),
        Position::Strong if arguments == Arguments::Word && (alone || names::TAKES_WORDS.has(name.base())) => {
            found(Evidence::ShellCommand);
        }
        Position::Strong if arguments == Arguments::Word && mentions_secret(view, at) => found(Evidence::ShellCommand),
        Position::Strong if tool && arguments == Arguments::None => found(Evidence::ShellAlone),
        Position::Strong
            if tool && (arguments != Arguments::Prose || has_word(view, at) || first_sign(view, at) == Some(b'(')) =>
        {
            found(Evidence::ShellCommand);
        }
        Position::Strong | Position::Weak
            if names::INTERPRETERS.contains(&name.base()) && has_more(view, at)
                || names::is_subcommand(name.base(), view.get(at..).unwrap_or_default()) =>
        {
            found(Evidence::ShellCommand);
        }
        // A value that starts with the separator: nothing was to be separated.
        Position::Strong if arguments != Arguments::None && leads(view, start) => found(Evidence::ShellAlone),
        Position::Line if first_line && view.len() <= 128 && arguments == Arguments::Shell => {
            found(Evidence::ShellCommand);
        }
        Position::Line if first_line && (alone || tool || program) && arguments == Arguments::None => {
            found(Evidence::ShellAlone);
        }
        Position::Weak if arguments == Arguments::Shell => found(Evidence::ShellCommand),
        Position::Weak if arguments == Arguments::None && names::UNMISTAKABLE.contains(&name.base()) => {
            found(Evidence::ShellCommand);
        }
        Position::Line if arguments == Arguments::Shell && convincing(view, at) => found(Evidence::ShellCommand),
        Position::Line if arguments == Arguments::None && names::UNMISTAKABLE.contains(&name.base()) => {
            found(Evidence::ShellCommand);
        }
        Position::Start if hidden && arguments == Arguments::Shell => found(Evidence::ShellObfuscated),
        Position::Start if hidden && alone && arguments == Arguments::None => found(Evidence::ShellObfuscated),
        Position::Start if hidden && arguments == Arguments::Word && name.hidden => found(Evidence::ShellBare),
        Position::Start if (tool || program) && view.len() <= 256 && arguments == Arguments::Shell => {
            found(Evidence::ShellBare);
        }
        Position::Start if names::COMMON.has(name.base()) && short_line(view, at) => found(Evidence::ShellBare),
        Position::Start if tool && view.len() <= 64 && has_word(view, at) => found(Evidence::ShellBare),
        Position::Start if (program || names::UNMISTAKABLE.contains(&name.base())) && arguments == Arguments::None => {
            found(Evidence::ShellBare);
        }
        Position::Start | Position::Strong if name.base() == b"alias" && is_alias(view, at) => {
            found(Evidence::ShellBare)
        }
        Position::Start if arguments == Arguments::Shell && convincing(view, at) => found(Evidence::ShellBare),
        _ => {}
    }
    if hidden && !matches!(position, Position::Start | Position::Line) && arguments != Arguments::Prose {
        found(Evidence::ShellObfuscated);
    }
}

/// Does a short value start with the separator, and go on as a command line: no sentence, no list?
fn leads(view: &[u8], start: usize) -> bool {
    let before = view.get(..start).unwrap_or_default();
    before.iter().all(|byte| b";|& \"'".contains(byte)) && view.len() <= 64
}

/// Does a script's word that uses a result stand before the back-quote?
fn prints(before: &[u8]) -> bool {
    let word = word_before(before);
    let whole = word.len() == before.len() || before.trim_ascii_end().len() == before.len() && !before.contains(&b' ');
    whole && matches!(word, b"print" | b"echo" | b"puts" | b"return" | b"eval" | b"exec" | b"system")
}

/// Does anything follow on the line?
fn has_more(view: &[u8], at: usize) -> bool {
    view.get(at) == Some(&b' ') && first_sign(view, at).is_some_and(|sign| !b";|&\n".contains(&sign))
}

/// The command's word, behind assignments, keywords and commands that run commands.
fn command_word(view: &[u8], start: usize) -> (Word, usize) {
    let (mut word, mut at) = read(view, start);
    if word.is_nothing() {
        return (word, at);
    }
    for _ in 0..4 {
        let text = word.text();
        let unset = text.len() >= 2 && text.starts_with(b"$") && text.iter().skip(1).all(u8::is_ascii_alphanumeric);
        let skipped = names::RUNNERS.has(word.base())
            || unset
            || (text.is_empty() && word.hidden)
            || (text.contains(&b'=') && text.first().is_some_and(u8::is_ascii_alphabetic) && !word.hidden);
        if !skipped {
            break;
        }
        let (next, end) = read(view, at);
        if next.text().is_empty() || !names::is_command(next.base()) {
            break;
        }
        (word, at) = (next, end);
    }
    if word.is_variable_only() && view.get(at) == Some(&b'}') {
        at += 1;
    }
    (word, at)
}

/// `alias x=…`, `alias 'x'=…`.
fn is_alias(view: &[u8], at: usize) -> bool {
    let rest = view.get(at..(at + 64).min(view.len())).unwrap_or_default().trim_ascii_start();
    let text = rest.strip_prefix(b"-").and_then(|flags| flags.splitn(2, |byte| *byte == b' ').nth(1)).unwrap_or(rest);
    let name = text.iter().take_while(|byte| !byte.is_ascii_whitespace() && **byte != b'=').count();
    name > 0 && text.get(name) == Some(&b'=') && text.get(name + 1).is_some_and(|next| *next != b' ' && *next != b'=')
}
