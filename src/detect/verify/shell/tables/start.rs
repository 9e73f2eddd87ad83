//! Is the whole value a command line, of the kind that payloads start with?
//!
//! The strongest evidence comes first, and only the first row that holds is reported; rows of the same evidence can stand in
//! any order.

use crate::detect::matcher::Evidence::{ShellBare, ShellObfuscated};
use crate::detect::verify::shell::argument::{Arguments, has_word, is_convincing, is_short_line, sets_alias};
use crate::detect::verify::shell::interpreter;
use crate::detect::verify::shell::names;
use crate::detect::verify::shell::pattern::Pattern;
use crate::detect::verify::shell::position::Position::Start;
use crate::detect::verify::shell::position::Positions;
use crate::detect::verify::shell::whole::{is_host, is_sum, is_written};

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
        // `'crontab' est mort`: a message about it.
        when: |command| {
            let is_quoted = matches!(command.view.first(), Some(b'\'' | b'"'));
            command.is_tool() && !is_quoted && command.view.len() <= 64 && has_word(command.view, command.end)
        },
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
        name: "value is an interpreter with code",
        positions: Positions::of(&[Start]),
        when: |command| command.view.len() <= 256 && interpreter::takes_code(command.name(), command.rest()),
        evidence: ShellBare,
        example: "perl -e print",
        counter_example: "perl -v print",
    },
    Pattern {
        name: "value is a program that connects, and a host",
        positions: Positions::of(&[Start]),
        when: |command| {
            const CONNECT: &[&[u8]] = &[b"curl", b"wget", b"nslookup"];
            CONNECT.contains(&command.name()) && is_host(command.rest())
        },
        evidence: ShellBare,
        example: "curl k.example.net",
        counter_example: "curl k.example.net and so on",
    },
    Pattern {
        name: "value is a sum for a program that computes",
        positions: Positions::of(&[Start]),
        when: |command| match command.name() {
            b"expr" => is_sum(command.rest()),
            b"set" => command.rest().trim_ascii_start().strip_prefix(b"/a").is_some_and(is_sum),
            _ => false,
        },
        evidence: ShellBare,
        example: "expr 6 + 7",
        counter_example: "expr a + b",
    },
    Pattern {
        name: "value writes a text into a file",
        positions: Positions::of(&[Start]),
        when: |command| matches!(command.name(), b"echo" | b"printf") && is_written(command.rest()),
        evidence: ShellBare,
        example: "echo k > ../m.txt",
        counter_example: "echo k > m",
    },
    Pattern {
        name: "value is an escaped command",
        positions: Positions::of(&[Start]),
        when: |command| command.view.starts_with(b"\\") && command.runs_alone() && command.end >= command.view.len(),
        evidence: ShellBare,
        example: "\\id",
        counter_example: "\\id of x",
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
        // A program of Java names its configuration.
        when: |command| {
            let is_convincing = command.arguments() == Arguments::Shell && is_convincing(command.view, command.end);
            is_convincing && command.name() != b"java"
        },
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
