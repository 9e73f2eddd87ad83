//! Which spellings hide a command: globs, brace expansion, variables, quotes?
//!
//! All of it is evidence of obfuscation, whatever follows. Not at the start of a line, where texts have such signs too.

use crate::detect::matcher::Evidence::ShellObfuscated;
use crate::detect::verify::shell::argument::Arguments;
use crate::detect::verify::shell::brace;
use crate::detect::verify::shell::pattern::Pattern;
use crate::detect::verify::shell::position::Position::{BackQuote, Start, Strong, Substitution, Weak};
use crate::detect::verify::shell::position::Positions;
use crate::detect::verify::shell::trick::assembled;

/// The command word can't be read from the value, so nothing more is asked of this command.
pub(super) const UNREADABLE: &[Pattern] = &[
    Pattern {
        name: "variable that the value sets",
        positions: Positions::of(&[Start, Strong, Weak, Substitution, BackQuote]),
        when: |command| assembled(command.view, command.start),
        evidence: ShellObfuscated,
        example: "k=nc&&$k -l 9",
        counter_example: "k=nc&&$j -l 9",
    },
    Pattern {
        name: "program by a path with wildcards",
        positions: Positions::of(&[Strong, Weak, Substitution, BackQuote]),
        when: |command| {
            const FOLDERS: &[&[u8]] = &[b"/???/", b"/bin/", b"/usr/", b"/b", b"/?", b"/*"];
            // `;\n/**#@-*/`: a comment.
            let is_comment = command.word.text().starts_with(b"/**");
            !is_comment && is_path_with_wildcards(command.word.text(), command.word.glob, FOLDERS)
        },
        evidence: ShellObfuscated,
        example: ";/b*/c?t /etc/x",
        counter_example: ";/srv/c?t /etc/x",
    },
    Pattern {
        name: "value is a program by a path of question marks",
        positions: Positions::of(&[Start]),
        when: |command| is_path_with_wildcards(command.word.text(), command.word.glob, &[b"/???"]),
        evidence: ShellObfuscated,
        example: "/???/c?t /etc/x",
        counter_example: "/bin/c?t /etc/x",
    },
];

/// Asked besides what the line is evidence of, whether or not the word is a known command.
pub(super) const EXPANDED: &[Pattern] = &[Pattern {
    name: "command by brace expansion",
    positions: Positions::of(&[Start, Strong, Weak, Substitution, BackQuote]),
    when: |command| brace::spells(command.view, command.start, command.position == Start),
    evidence: ShellObfuscated,
    example: "u{na,pti}me",
    counter_example: "a{1,3}",
}];

/// Asked besides what the line of a recognised command is evidence of.
pub(super) const DISGUISED: &[Pattern] = &[Pattern {
    name: "disguised command behind a separator",
    // At the start of the value the arguments have to be a shell's: the rows for it stand in `start.rs`.
    positions: Positions::of(&[Strong, Weak, Substitution, BackQuote]),
    when: |command| command.is_hidden() && command.arguments() != Arguments::Prose,
    evidence: ShellObfuscated,
    example: ";c'a't /etc/passwd",
    counter_example: "what's; this 'n' that",
}];

/// An absolute path of at least two parts that starts with one of the folders.
fn is_path_with_wildcards(text: &[u8], glob: bool, folders: &[&[u8]]) -> bool {
    glob && text.starts_with(b"/")
        && text.iter().filter(|byte| **byte == b'/').count() >= 2
        && folders.iter().any(|folder| text.starts_with(folder))
}
