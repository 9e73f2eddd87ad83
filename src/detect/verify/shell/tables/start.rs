//! Is the whole value a command line, of the kind that payloads start with?
//!
//! The strongest evidence comes first, and only the first row that holds is reported; rows of the same evidence can stand in
//! any order.

use crate::detect::matcher::Evidence::{ShellBare, ShellObfuscated};
use crate::detect::verify::shell::argument::{Arguments, has_word, is_convincing, is_short_line, sets_alias};
use crate::detect::verify::shell::names;
use crate::detect::verify::shell::pattern::Pattern;
use crate::detect::verify::shell::position::Position::Start;
use crate::detect::verify::shell::position::Positions;

/// Of a command that is known, or hidden.
pub(super) const RECOGNISED: &[Pattern] = &[
    Pattern {
        name: "value is a disguised command with a shell's arguments",
        positions: Positions::of(&[Start]),
        when: |command| command.is_hidden() && command.arguments() == Arguments::Shell,
        evidence: ShellObfuscated,
        example: "c'a't /etc/passwd",
        counter_example: "c'a't food",
    },
    Pattern {
        name: "value is a disguised command that needs no arguments",
        positions: Positions::of(&[Start]),
        when: |command| command.is_hidden() && command.runs_alone() && command.arguments() == Arguments::None,
        evidence: ShellObfuscated,
        example: "wh''oami",
        counter_example: "so''rt",
    },
    Pattern {
        name: "value is a disguised command with one word",
        positions: Positions::of(&[Start]),
        when: |command| command.is_hidden() && command.word.hidden && command.arguments() == Arguments::Word,
        evidence: ShellBare,
        example: "c'a't food",
        counter_example: "'cat' food",
    },
    Pattern {
        name: "value is a tool or a program with a shell's arguments",
        positions: Positions::of(&[Start]),
        when: |command| {
            command.arguments() == Arguments::Shell
                && command.view.len() <= 256
                && (command.is_tool() || command.is_program())
        },
        evidence: ShellBare,
        example: "/bin/fold /srv/x y",
        counter_example: "fold /srv/x y",
    },
    Pattern {
        name: "value is a common command and a short line",
        positions: Positions::of(&[Start]),
        when: |command| names::COMMON.has(command.name()) && is_short_line(command.view, command.end),
        evidence: ShellBare,
        example: "cat /srv/x.gz",
        counter_example: "cat / dog",
    },
    Pattern {
        name: "value is a tool with words",
        positions: Positions::of(&[Start]),
        when: |command| command.is_tool() && command.view.len() <= 64 && has_word(command.view, command.end),
        evidence: ShellBare,
        example: "useradd eve",
        counter_example: "useradd: adds a user",
    },
    Pattern {
        name: "value is the path of a command",
        positions: Positions::of(&[Start]),
        when: |command| command.is_program() && command.arguments() == Arguments::None,
        evidence: ShellBare,
        example: "/usr/bin/id",
        counter_example: "/srv/id",
    },
    Pattern {
        name: "value is an unmistakable command",
        positions: Positions::of(&[Start]),
        when: |command| command.is_unmistakable() && command.arguments() == Arguments::None,
        evidence: ShellBare,
        example: "'uname'",
        counter_example: "'id'",
    },
    Pattern {
        name: "value sets an alias",
        positions: Positions::of(&[Start]),
        when: |command| command.name() == b"alias" && sets_alias(command.view, command.end),
        evidence: ShellBare,
        example: "alias k=rm",
        counter_example: "alias k",
    },
    Pattern {
        name: "value is a command with convincing arguments",
        positions: Positions::of(&[Start]),
        when: |command| command.arguments() == Arguments::Shell && is_convincing(command.view, command.end),
        evidence: ShellBare,
        example: "fold -x http://x.example/a",
        counter_example: "fold -x x.example/a",
    },
];

/// Of a word that is no known command: nobody knows all programs.
pub(super) const UNKNOWN: &[Pattern] = &[Pattern {
    name: "value is the path of an unknown program",
    positions: Positions::of(&[Start]),
    when: |command| command.is_program() && command.end >= command.view.len() && command.name().len() > 1,
    evidence: ShellBare,
    example: "/usr/sbin/newtool",
    counter_example: "/srv/newtool",
}];
