//! Which programs run the code that they get as an argument, and after which option?

use crate::detect::verify::word_list::WordList;

/// Shells of Unix, whose `-c` takes code.
static SHELLS: WordList = WordList::new("ash bash csh dash fish ksh mksh sh tcsh zsh");
/// Interpreters, each with the options that take code.
#[rustfmt::skip]
const CODE: &[(&[u8], &[&[u8]])] = &[
    (b"python", &[b"-c"]), (b"perl", &[b"-e"]), (b"ruby", &[b"-e"]), (b"php", &[b"-r"]), (b"node", &[b"-e", b"-p", b"--eval"]), (b"nodejs", &[b"-e", b"--eval"]),
    (b"deno", &[b"eval"]), (b"lua", &[b"-e"]), (b"osascript", &[b"-e"]), (b"awk", &[b"begin{", b"'begin{"]), (b"cmd", &[b"/c", b"/k", b"/r", b"/s"]),
    (b"powershell", &[b"-c", b"-command", b"-e", b"-ec", b"-enc", b"-encodedcommand", b"-nop", b"-noprofile", b"-w", b"-windowstyle", b"-ep", b"-executionpolicy", b"-file", b"iex"]),
    (b"pwsh", &[b"-c", b"-command", b"-e", b"-ec", b"-enc", b"-encodedcommand", b"-nop", b"-noprofile"]),
    (b"wscript", &[b"//e:"]), (b"mshta", &[b"javascript:", b"vbscript:", b"http"]), (b"rundll32", &[b"javascript:"]), (b"telnetd", &[b"-l"]),
];

/// Is it a program that runs code, with the option that takes it and something behind: `sh -c x`?
pub(in crate::detect::verify) fn takes_code(name: &[u8], arguments: &[u8]) -> bool {
    code(name, arguments).is_some_and(|code| !code.trim_ascii().is_empty())
}

/// The code behind the option; none if the program or the option is another.
pub(in crate::detect::verify) fn code<'a>(name: &[u8], arguments: &'a [u8]) -> Option<&'a [u8]> {
    let arguments = arguments.trim_ascii_start();
    let length = arguments.iter().position(u8::is_ascii_whitespace).unwrap_or(arguments.len());
    let (option, code) = arguments.split_at(length);
    // `bash -lc x`, `python3.11 -c x`.
    let of_shell = SHELLS.has(name) && option.len() <= 5 && option.starts_with(b"-") && option.contains(&b'c');
    let plain = name
        .iter()
        .rposition(|byte| !byte.is_ascii_digit() && *byte != b'.')
        .map_or(name, |end| name.get(..=end).unwrap_or_default());
    let takes = CODE.iter().any(|(known, options)| *known == plain && options.contains(&option));
    (of_shell || takes).then_some(code)
}
