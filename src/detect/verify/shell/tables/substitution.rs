//! Is a command injected as a substitution: `$(…)`, `<(…)`, back-quotes?
//!
//! The strongest evidence comes first, and only the first row that holds is reported; rows of the same evidence can stand in
//! any order.

use crate::detect::matcher::Evidence::ShellSubstitution;
use crate::detect::verify::shell::argument::Arguments;
use crate::detect::verify::shell::pattern::Pattern;
use crate::detect::verify::shell::position::Position::{BackQuote, Substitution};
use crate::detect::verify::shell::position::{
    Positions, before_back_quote, begins_sentence, is_last_span, is_role, is_used,
};

/// `$(CC)`, `$(RM)`: a variable that makefiles have for a program, alone.
fn is_make_variable(name: &[u8]) -> bool {
    matches!(
        name,
        b"ar"
            | b"as"
            | b"cc"
            | b"cpp"
            | b"cxx"
            | b"gcc"
            | b"install"
            | b"ld"
            | b"make"
            | b"mkdir"
            | b"mv"
            | b"rm"
            | b"strip"
    )
}

/// Of a command that is known, or hidden.
pub(super) const RECOGNISED: &[Pattern] = &[
    Pattern {
        name: "command substitution",
        positions: Positions::of(&[Substitution]),
        // `$(ECHO)` of a makefile is a variable: no command that wants a word.
        when: |command| match command.arguments() {
            Arguments::Prose => false,
            Arguments::None => !command.takes_words() && !is_make_variable(command.name()),
            Arguments::Shell | Arguments::Word => true,
        },
        evidence: ShellSubstitution,
        example: "x$(id)",
        counter_example: "x$(echo)",
    },
    Pattern {
        name: "back-quotes joined to other text",
        positions: Positions::of(&[BackQuote]),
        when: |command| {
            let joined = |byte: u8| !byte.is_ascii_whitespace() && byte != b'(' && byte != b'`';
            // `$(`id`)`: joined to the substitution around it.
            let is_inside = command.view.get(..command.start).is_some_and(|before| before.ends_with(b"$(`"));
            (is_inside || before_back_quote(command.view, command.start).is_none_or(joined))
                && command.is_back_quoted()
                && !is_role(command.view, command.start)
                && !(command.arguments() == Arguments::None && begins_sentence(command.view, command.start))
        },
        evidence: ShellSubstitution,
        example: "a`whoami`b",
        counter_example: "use `ls` or `cat` here",
    },
    Pattern {
        name: "the only back-quotes at the end, behind a word",
        positions: Positions::of(&[BackQuote]),
        when: |command| is_last_span(command.view, command.start) && command.arguments() == Arguments::Shell,
        evidence: ShellSubstitution,
        example: "x `curl k.example`",
        counter_example: "x `curl k.example` y",
    },
    Pattern {
        name: "the only back-quotes at the end, with an unmistakable command",
        positions: Positions::of(&[BackQuote]),
        when: |command| {
            is_last_span(command.view, command.start)
                && command.arguments() == Arguments::None
                && command.is_unmistakable()
        },
        evidence: ShellSubstitution,
        example: "x `whoami`",
        counter_example: "run `whoami`",
    },
    Pattern {
        name: "back-quotes in a parenthesis",
        positions: Positions::of(&[BackQuote]),
        when: |command| {
            before_back_quote(command.view, command.start) == Some(b'(')
                && command.arguments() == Arguments::Shell
                && command.is_back_quoted()
        },
        evidence: ShellSubstitution,
        example: "x (`cat /etc/passwd`)",
        counter_example: "the program (`cat`)",
    },
    Pattern {
        name: "back-quotes that a script uses",
        positions: Positions::of(&[BackQuote]),
        when: |command| is_used(command.view, command.start) && command.is_back_quoted(),
        evidence: ShellSubstitution,
        example: "print `id`",
        counter_example: "see `id`",
    },
];
