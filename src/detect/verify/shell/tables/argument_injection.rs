//! Does the value become an argument by which a program runs or writes what it names (CWE-88)?

use crate::detect::matcher::Evidence::ShellBare;
use crate::detect::verify::shell::option::{
    is_behind_host, is_transport, names_file, runs_program, runs_program_later, sets_ssh_command,
};
use crate::detect::verify::shell::pattern::ValuePattern;

/// Every row that holds is reported.
pub(super) const PATTERNS: &[ValuePattern] = &[
    ValuePattern {
        name: "transport of git that runs a command",
        when: |value| is_transport(value.view),
        evidence: ShellBare,
        example: "ext::sh -c x",
        counter_example: "ext::storage",
    },
    ValuePattern {
        name: "setting of git that runs a command",
        when: |value| sets_ssh_command(value.view),
        evidence: ShellBare,
        example: "core.sshcommand=x",
        counter_example: "core.sshcommand",
    },
    ValuePattern {
        name: "option behind a host or an address",
        when: |value| is_behind_host(value.view),
        evidence: ShellBare,
        example: "ssh://-oproxycommand=x",
        counter_example: "ssh://x -oproxycommand=x",
    },
    ValuePattern {
        name: "option that runs a program",
        when: |value| runs_program(value.view),
        evidence: ShellBare,
        example: "--upload-pack=bash",
        counter_example: "--upload-pack=x",
    },
    ValuePattern {
        name: "option that runs a program, behind a name",
        when: |value| runs_program_later(value.view),
        evidence: ShellBare,
        example: "x -exec id \\;",
        counter_example: "x -exec both",
    },
    ValuePattern {
        name: "option that names a file of the system",
        when: |value| names_file(value.view),
        evidence: ShellBare,
        example: "--output=/var/www/x",
        counter_example: "--output=x",
    },
];
