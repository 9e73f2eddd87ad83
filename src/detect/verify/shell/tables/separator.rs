//! Is a command injected behind a separator: `;`, `|`, `&`, `||`, `&&`?
//!
//! The strongest evidence comes first, and only the first row that holds is reported; rows of the same evidence can stand in
//! any order.

use crate::detect::matcher::Evidence::{ShellAlone, ShellBare, ShellCommand};
use crate::detect::verify::shell::argument::{
    Arguments, first_sign, has_flag_or_path_later, has_more, has_word, is_unknown_line, lacks_code, mentions_secret,
    sets_alias,
};
use crate::detect::verify::shell::names;
use crate::detect::verify::shell::pattern::Pattern;
use crate::detect::verify::shell::position::Position::{Strong, Weak};
use crate::detect::verify::shell::position::{Positions, is_behind_address, is_between_quotes, separator_leads};
use crate::detect::verify::shell::whole::is_written;

/// Of a command that is known, or hidden.
pub(super) const RECOGNISED: &[Pattern] = &[
    Pattern {
        name: "separator and command with a shell's arguments",
        positions: Positions::of(&[Strong]),
        when: |command| command.arguments() == Arguments::Shell && !lacks_code(command.rest()),
        evidence: ShellCommand,
        example: "; fold /srv/x",
        counter_example: "tea; fold your hands now",
    },
    Pattern {
        name: "separator and command with a flag or a system file behind a word",
        positions: Positions::of(&[Strong]),
        when: |command| command.arguments() == Arguments::Prose && has_flag_or_path_later(command.view, command.end),
        evidence: ShellCommand,
        example: "; openssl s_client -connect x",
        counter_example: "tea; openssl is a library",
    },
    Pattern {
        name: "separator and command that needs no arguments, with one word",
        positions: Positions::of(&[Strong]),
        when: |command| command.arguments() == Arguments::Word && command.runs_alone(),
        evidence: ShellCommand,
        example: "x; dir secrets",
        counter_example: "x; find secrets",
    },
    Pattern {
        name: "separator and command that takes any word, with one word",
        positions: Positions::of(&[Strong]),
        when: |command| {
            command.arguments() == Arguments::Word && command.takes_words() && !command.goes_on_a_sentence()
        },
        evidence: ShellCommand,
        example: "x; ping localhost",
        counter_example: "x; find localhost",
    },
    Pattern {
        name: "separator and command with a file of secrets",
        positions: Positions::of(&[Strong]),
        when: |command| command.arguments() == Arguments::Word && mentions_secret(command.view, command.end),
        evidence: ShellCommand,
        example: "x; fold passwd",
        counter_example: "x; fold paper",
    },
    Pattern {
        name: "separator and tool with words",
        positions: Positions::of(&[Strong]),
        when: |command| match command.arguments() {
            Arguments::None => false,
            Arguments::Word => command.is_tool() && !command.goes_on_a_sentence(),
            Arguments::Shell => {
                command.is_tool()
                    && (has_word(command.view, command.end) || first_sign(command.view, command.end) == Some(b'('))
            }
            // `ipconfig says no`: words and nothing else.
            Arguments::Prose => {
                let is_sign = |byte: &u8| !byte.is_ascii_alphabetic() && *byte != b' ';
                command.is_tool()
                    && (has_word(command.view, command.end) && command.rest().iter().any(is_sign)
                        || first_sign(command.view, command.end) == Some(b'('))
            }
        },
        evidence: ShellCommand,
        example: "x; useradd eve",
        counter_example: "x; useradd, as we know, adds a user",
    },
    Pattern {
        name: "separator and interpreter with arguments",
        positions: Positions::of(&[Strong, Weak]),
        when: |command| {
            names::INTERPRETERS.contains(&command.name())
                && has_more(command.view, command.end)
                && (command.arguments() == Arguments::Shell || names::is_run_by_name(command.rest()))
                && !command.stands_alone()
        },
        evidence: ShellCommand,
        example: "& powershell iex(iwr x)",
        counter_example: "& powershelling iex(iwr x)",
    },
    Pattern {
        name: "separator and command of windows with its subcommand",
        positions: Positions::of(&[Strong, Weak]),
        when: |command| names::is_subcommand(command.name(), command.rest()) && !command.stands_alone(),
        evidence: ShellCommand,
        example: "& net user eve",
        counter_example: "tea & net weight",
    },
    Pattern {
        name: "ampersand and command with a shell's arguments",
        positions: Positions::of(&[Weak]),
        // `B&W`, `R&D`
        when: |command| command.arguments() == Arguments::Shell && command.name().len() > 1,
        evidence: ShellCommand,
        example: "& type %windir%\\win.ini",
        counter_example: "& type of the thing",
    },
    Pattern {
        name: "ampersand and a text that is written into a file",
        positions: Positions::of(&[Weak]),
        when: |command| matches!(command.name(), b"echo" | b"printf") && is_written(command.rest()),
        evidence: ShellCommand,
        example: "x &echo k >m.txt",
        counter_example: "x &echo k >m",
    },
    Pattern {
        name: "ampersand and unmistakable command",
        positions: Positions::of(&[Weak]),
        when: |command| command.arguments() == Arguments::None && command.is_unmistakable(),
        evidence: ShellCommand,
        example: "x & whoami",
        counter_example: "x & id",
    },
    Pattern {
        name: "ampersand behind a closed quote, a command without arguments, and another one",
        positions: Positions::of(&[Weak]),
        when: |command| command.runs_alone() && is_between_quotes(command.view, command.start, command.end),
        evidence: ShellCommand,
        example: "x'& id & echo '",
        counter_example: "x'& id & more",
    },
    Pattern {
        name: "ampersand behind an address or nothing, and command without arguments",
        positions: Positions::of(&[Weak]),
        // `&copy`: an entity.
        when: |command| {
            let is_apart = command.view.get(command.start) == Some(&b' ') || !command.view.starts_with(b"&");
            command.arguments() == Arguments::None
                && command.runs_alone()
                && is_apart
                && is_behind_address(command.view, command.start)
        },
        evidence: ShellAlone,
        example: "192.0.2.7 & id",
        counter_example: "2 & id",
    },
    Pattern {
        name: "separator and command without arguments",
        positions: Positions::of(&[Strong]),
        when: |command| command.stands_alone(),
        evidence: ShellAlone,
        example: "x|id",
        counter_example: "cats | sort",
    },
    Pattern {
        name: "value starts with the separator",
        positions: Positions::of(&[Strong]),
        when: |command| {
            // `; host needed`
            let is_apart = command.view.get(command.start) == Some(&b' ');
            let is_given = match command.arguments() {
                Arguments::None => false,
                Arguments::Prose => !is_apart,
                Arguments::Shell | Arguments::Word => true,
            };
            is_given && separator_leads(command.view, command.start)
        },
        evidence: ShellAlone,
        example: "|less news",
        counter_example: "more|less news",
    },
    Pattern {
        name: "separator and alias that is set",
        positions: Positions::of(&[Strong]),
        when: |command| command.name() == b"alias" && sets_alias(command.view, command.end),
        evidence: ShellBare,
        example: "x; alias k=rm",
        counter_example: "x; alias k",
    },
];

/// Of a word that is no known command: nobody knows all commands.
pub(super) const UNKNOWN: &[Pattern] = &[Pattern {
    name: "unknown command with a flag or a system file",
    positions: Positions::of(&[Strong]),
    when: |command| is_unknown_line(command.view, command.word.text(), command.end),
    evidence: ShellBare,
    example: "x; newtool -v /srv",
    counter_example: "x; newtool is very good",
}];
