//! Is a compound command, a function, a redirection or a file that is run injected behind a separator?
//!
//! Asked whether or not the word there is a known command. The strongest evidence comes first, and only the first row that holds is
//! reported.

use crate::detect::matcher::Evidence::{ShellBare, ShellCommand, ShellObfuscated};
use crate::detect::verify::shell::argument::Arguments;
use crate::detect::verify::shell::compound;
use crate::detect::verify::shell::pattern::Pattern;
use crate::detect::verify::shell::position::Position::{Start, Strong};
use crate::detect::verify::shell::position::Positions;

pub(super) const PATTERNS: &[Pattern] = &[
    Pattern {
        name: "the shell itself with code",
        positions: Positions::of(&[Start, Strong]),
        when: |command| {
            let code = [&b" -c"[..], b"<<<"].iter().any(|sign| command.rest().starts_with(sign));
            command.word.text() == b"$0" && code && command.arguments() != Arguments::Prose
        },
        evidence: ShellObfuscated,
        example: "x;$0 -c k",
        counter_example: "x;$0 and k",
    },
    Pattern {
        name: "separator and compound command",
        positions: Positions::of(&[Strong]),
        when: |command| compound::is_reserved(command.view, command.start),
        evidence: ShellCommand,
        example: "x;case k in *) :;;esac",
        counter_example: "x; case closed in 5 days (or more)",
    },
    Pattern {
        name: "function that is called",
        positions: Positions::of(&[Start, Strong]),
        when: |command| compound::defines_and_calls(command.view, command.start),
        evidence: ShellCommand,
        example: "x;k(){ :;};k",
        counter_example: "x;k(){ :;};k()",
    },
    Pattern {
        name: "redirection before a command, or into a file of the system",
        positions: Positions::of(&[Strong]),
        when: |command| compound::is_redirected(command.view, command.start),
        evidence: ShellCommand,
        example: "x;<k.txt fold",
        counter_example: "x;<k fold",
    },
    Pattern {
        name: "file that is run behind a separator",
        positions: Positions::of(&[Strong]),
        when: |command| compound::runs_file(command.view, command.start),
        evidence: ShellBare,
        example: "x;./k.sh",
        counter_example: "a/b;./k.sh",
    },
    Pattern {
        name: "variable that decides what runs",
        positions: Positions::of(&[Strong]),
        when: |command| compound::sets_search(command.view, command.start),
        evidence: ShellBare,
        example: "x;path=k;m.png",
        counter_example: "x;path=/;secure",
    },
];
