//! Is a command injected on a line of its own?
//!
//! The strongest evidence comes first, and only the first row that holds is reported; rows of the same evidence can stand in
//! any order.

use crate::detect::matcher::Evidence::{ShellAlone, ShellCommand};
use crate::detect::verify::shell::argument::{Arguments, is_call, is_convincing};
use crate::detect::verify::shell::pattern::Pattern;
use crate::detect::verify::shell::position::Position::Line;
use crate::detect::verify::shell::position::{Positions, is_behind_address, is_first_line};

/// Of a command that is known, or hidden.
pub(super) const RECOGNISED: &[Pattern] = &[
    Pattern {
        name: "first line with a shell's arguments",
        positions: Positions::of(&[Line]),
        when: |command| {
            command.arguments() == Arguments::Shell
                && command.view.len() <= 128
                && is_first_line(command.view, command.start)
                && !is_call(command.rest())
        },
        evidence: ShellCommand,
        example: "\nfold /srv/x",
        counter_example: "x\nfold /srv/x",
    },
    Pattern {
        name: "line with convincing arguments",
        positions: Positions::of(&[Line]),
        when: |command| command.arguments() == Arguments::Shell && is_convincing(command.view, command.end),
        evidence: ShellCommand,
        example: "x\nwget http://x.example/a",
        counter_example: "x\nwget x.example/a",
    },
    Pattern {
        name: "line of an unmistakable command",
        positions: Positions::of(&[Line]),
        // On the first line that is a command without arguments.
        when: |command| {
            command.arguments() == Arguments::None
                && command.is_unmistakable()
                && !is_first_line(command.view, command.start)
        },
        evidence: ShellCommand,
        example: "x\nwhoami",
        counter_example: "x\nid",
    },
    Pattern {
        name: "line behind an address, and command without arguments",
        positions: Positions::of(&[Line]),
        when: |command| {
            command.arguments() == Arguments::None
                && command.runs_alone()
                && is_behind_address(command.view, command.start)
                && !is_first_line(command.view, command.start)
        },
        evidence: ShellAlone,
        example: "192.0.2.7\nid",
        counter_example: "192.0.2\nid",
    },
    Pattern {
        name: "line behind an address, and a command with one long word",
        positions: Positions::of(&[Line]),
        when: |command| {
            let word = command.rest().trim_ascii();
            command.takes_words()
                && word.len() >= 12
                && word.iter().all(u8::is_ascii_alphanumeric)
                && is_behind_address(command.view, command.start)
                && !is_first_line(command.view, command.start)
        },
        evidence: ShellAlone,
        example: "192.0.2.7\necho qpwoeirutyal",
        counter_example: "192.0.2.7\necho to",
    },
    Pattern {
        name: "first line of a command without arguments",
        positions: Positions::of(&[Line]),
        when: |command| {
            command.arguments() == Arguments::None
                && (command.runs_alone() || command.is_tool() || command.is_program())
                && is_first_line(command.view, command.start)
        },
        evidence: ShellAlone,
        example: "\nid",
        counter_example: "a\nid",
    },
];
