//! What is known of the simple command that may stand at a command position?
//!
//! A simple command after POSIX.1-2017, Shell Command Language, 2.9.1: assignments, then a command word, then its arguments.

use super::argument::Arguments;
use super::names;
use super::position::Position;
use super::word::{Word, read};
use std::cell::OnceCell;

/// A command position, the command word there, and what is known of both. Each fact that costs a look-up is found out when a
/// pattern first asks for it, and once.
pub(super) struct SimpleCommand<'a> {
    /// The value in which it stands.
    pub(super) view: &'a [u8],
    /// Where it starts: directly behind the separator.
    pub(super) start: usize,
    /// How it comes to stand there.
    pub(super) position: Position,
    /// The command word, behind assignments and commands that run commands.
    pub(super) word: Word,
    /// Where that ends, and the arguments start.
    pub(super) end: usize,
    known: OnceCell<bool>,
    alone: OnceCell<bool>,
    tool: OnceCell<bool>,
    arguments: OnceCell<Arguments>,
}

impl<'a> SimpleCommand<'a> {
    /// Reads the command word at `start`. None where the value ends or an operator that no command starts with follows, as in rows of separators: those
    /// have to be cheap.
    pub(super) fn read(view: &'a [u8], start: usize, position: Position) -> Option<Self> {
        if view.get(start).is_none_or(|byte| matches!(byte, b';' | b'|' | b'&' | b')' | b'}')) {
            return None;
        }
        if position == Position::Strong && is_field(view, start) {
            return None;
        }
        let (word, end) = command_word(view, start);
        Some(Self {
            view,
            start,
            position,
            word,
            end,
            known: OnceCell::new(),
            alone: OnceCell::new(),
            tool: OnceCell::new(),
            arguments: OnceCell::new(),
        })
    }

    /// The command's name: without directories, and without `.exe`.
    pub(super) fn name(&self) -> &[u8] {
        self.word.base()
    }

    /// Is it a command that payloads run, or a word that is hidden and may be one?
    pub(super) fn is_recognised(&self) -> bool {
        self.is_known() || self.is_hidden()
    }

    /// Did a pattern ask whether it is one, and is it?
    pub(super) fn was_recognised(&self) -> bool {
        self.known.get() == Some(&true)
    }

    /// Is it a command that payloads run?
    fn is_known(&self) -> bool {
        *self.known.get_or_init(|| names::is_command(self.name()))
    }

    /// Is it a variable that holds a shell, or a known command spelled to hide it?
    pub(super) fn is_hidden(&self) -> bool {
        let variable = self.word.is_variable_only();
        variable && self.word.text() != b"$0" || self.word.hidden && (variable || self.is_known())
    }

    /// Does a payload run it without arguments: `id`?
    pub(super) fn runs_alone(&self) -> bool {
        *self.alone.get_or_init(|| names::has(&names::ALONE, self.name()))
    }

    /// Has no prose a word like its name: `nslookup`?
    pub(super) fn is_tool(&self) -> bool {
        *self.tool.get_or_init(|| names::has(&names::TOOLS, self.name()))
    }

    /// Has nothing else a name like it: `whoami`?
    pub(super) fn is_unmistakable(&self) -> bool {
        names::UNMISTAKABLE.contains(&self.name())
    }

    /// May its argument be any word: `ping x`?
    pub(super) fn takes_words(&self) -> bool {
        names::TAKES_WORDS.has(self.name())
    }

    /// Is it spelled with the folder of a program: `/bin/x`?
    pub(super) fn is_program(&self) -> bool {
        let text = self.word.text();
        matches!(text.first(), Some(b'/' | b'c')) && names::FOLDERS.iter().any(|folder| text.starts_with(folder))
    }

    /// What follows it.
    pub(super) fn arguments(&self) -> Arguments {
        *self.arguments.get_or_init(|| match Arguments::of(self.view, self.end) {
            Arguments::Shell if self.is_numbered() => Arguments::Prose,
            arguments => arguments,
        })
    }

    /// `Contact | Route 41`: a word, a bar between blanks, and a command that is a word of headings with a number and no more?
    fn is_numbered(&self) -> bool {
        let number = self.rest().trim_ascii();
        let before = self.view.get(..self.start).unwrap_or_default().trim_ascii_end();
        let title = before.strip_suffix(b" |").unwrap_or_default();
        (1..6).contains(&number.len())
            && number.iter().all(u8::is_ascii_digit)
            && title.last().is_some_and(u8::is_ascii_alphanumeric)
            && self.word.text() == self.name()
            && names::HEADINGS.has(self.name())
    }

    /// The value from the end of the command word on.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.view.get(self.end..).unwrap_or_default()
    }

    /// Is nothing but its name there, and is that enough behind a strong separator?
    pub(super) fn stands_alone(&self) -> bool {
        self.position == Position::Strong
            && self.arguments() == Arguments::None
            && (self.runs_alone() || self.is_tool() || self.is_small_shell())
            && !self.is_listed()
    }

    /// `x|ash`, `x;/bin/ash`: a shell of small systems, which is also a tree.
    fn is_small_shell(&self) -> bool {
        let piped = self.start.checked_sub(1).and_then(|at| self.view.get(at)) == Some(&b'|');
        self.name() == b"ash" && (self.is_program() || piped && self.view.get(self.start) != Some(&b' '))
    }

    /// `the light works; ping geht`: two or more words of letters before the separator, a blank and one such word behind the
    /// command, which is no host.
    pub(super) fn goes_on_a_sentence(&self) -> bool {
        let before = self.view.get(..self.start.saturating_sub(1)).unwrap_or_default();
        let is_text = |text: &[u8]| {
            text.iter().all(|byte| byte.is_ascii_alphabetic() || !byte.is_ascii() || b" ,.'".contains(byte))
        };
        let words = before.split(|byte| *byte == b' ').filter(|word| word.len() > 1).count();
        let argument = self.rest().trim_ascii();
        !matches!(self.name(), b"curl" | b"wget" | b"nc")
            && self.view.get(self.start) == Some(&b' ')
            && words >= 2
            && is_text(before)
            && argument != b"localhost"
            && argument.iter().all(u8::is_ascii_alphabetic)
    }

    /// `Java; PowerShell`, `Windows | Bash`: does the name of a shell stand in a list of words? Alone it does nothing.
    fn is_listed(&self) -> bool {
        let before = self.view.get(..self.start.saturating_sub(1)).unwrap_or_default();
        names::SHELLS.contains(&self.name())
            && self.view.get(self.start) == Some(&b' ')
            && before.iter().any(u8::is_ascii_alphabetic)
            && !before
                .split(|byte| b";|".contains(byte))
                .next_back()
                .is_some_and(|last| names::runs_alone(last.trim_ascii()))
            && before.iter().all(|byte| byte.is_ascii_alphanumeric() || b" :;|,+#-".contains(byte))
    }

    /// Is it a string of another language rather than a word of the shell: `'cat'::type`, `"file"=x`?
    pub(super) fn is_string(&self) -> bool {
        let last = self.end.checked_sub(1).and_then(|at| self.view.get(at));
        last.is_some_and(|byte| matches!(byte, b'\'' | b'"'))
            && !self.word.hidden
            && self.rest().first().is_some_and(|byte| b":=,.]".contains(byte))
    }

    /// Is it inside back-quotes, with a second one behind it, and no sentence?
    pub(super) fn is_back_quoted(&self) -> bool {
        self.arguments() != Arguments::Prose && self.view.get(self.start..).is_some_and(|rest| rest.contains(&b'`'))
    }
}

/// The command word at `start`, behind assignments, reserved words and commands that run commands; and where it ends.
fn command_word(view: &[u8], start: usize) -> (Word, usize) {
    let (mut word, mut end) = read(view, start);
    if word.is_nothing() || is_parameter(view, (start, end), &word) {
        return (word, end);
    }
    // Each turn reads at most one more word, so that a row of runners stays cheap.
    for _ in 0..4 {
        if !is_skipped(&word) {
            break;
        }
        let (next, next_end) = read(view, end);
        if next.is_nothing() || !is_skipped(&next) && !names::is_command(next.base()) {
            break;
        }
        (word, end) = (next, next_end);
    }
    if word.is_variable_only() && view.get(end) == Some(&b'}') {
        end += 1;
    }
    (word, end)
}

/// `https://shop.example/?page=7&name=hot top 5`: is the assignment a parameter of an address, and what follows a heading? What is
/// dear is asked last.
fn is_parameter(view: &[u8], (start, end): (usize, usize), word: &Word) -> bool {
    let before = view.get(..start).unwrap_or_default();
    if !before.ends_with(b"&") || before.ends_with(b"&&") || !word.text().contains(&b'=') {
        return false;
    }
    let mut rest = view.get(end..).unwrap_or_default().iter().take_while(|byte| **byte != b'&');
    names::HEADINGS.has(read(view, end).0.text())
        && rest.all(|byte| byte.is_ascii_alphanumeric() || *byte == b' ')
        && memchr::memmem::find(before, b"://").is_some_and(|scheme| memchr::memchr(b'?', before) > Some(scheme))
}

/// May the command word be the next one: is this an assignment, a runner, or a variable that is empty?
fn is_skipped(word: &Word) -> bool {
    let text = word.text();
    let unset = text.len() >= 2 && text.starts_with(b"$") && text.iter().skip(1).all(u8::is_ascii_alphanumeric);
    names::RUNNERS.has(word.base())
        || unset
        || (text.is_empty() && word.hidden)
        || (text.contains(&b'=') && text.first().is_some_and(u8::is_ascii_alphabetic) && !word.hidden && !word.is_open)
}

/// `;"bash brothers";`: a field of a table. For the shell that is a word with a blank inside, which no command has.
fn is_field(view: &[u8], start: usize) -> bool {
    let Some(inside) = view.get(start..).and_then(|rest| rest.strip_prefix(b"\"")) else { return false };
    let plain = |byte: &&u8| byte.is_ascii_alphanumeric() || !byte.is_ascii() || b" ,'".contains(byte);
    let is_behind = start.checked_sub(1).and_then(|at| view.get(at)) == Some(&b';');
    let length = inside.iter().take(64).take_while(plain).count();
    let (text, after) = inside.split_at(length);
    is_behind
        && text.contains(&b' ')
        && !text.starts_with(b" ")
        && matches!(after, [b'"'] | [b'"', b';' | b',' | b'\n' | b'\r', ..])
}
