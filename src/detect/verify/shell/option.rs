//! Is the value an option or a transport by which another program runs, reads or writes what it names (argument injection, CWE-88)?
//!
//! No separator is needed: a value that starts with a dash is read as an option wherever it becomes an argument of its own.

use super::names;
use super::word::read;
use crate::detect::verify::bytes::{find, has_any};

/// A longer value, in bytes, is a text.
const LONGEST: usize = 256;
/// How Git's transport that runs a program is named in an address.
const TRANSPORT: &[u8] = b"ext::";
/// Parts of names of options that hold a program to run: `--exec`, `--upload-pack`, `ProxyCommand`, `--checkpoint-action`.
#[rustfmt::skip]
const RUNS: &[&[u8]] = &[
    b"exec", b"command", b"-cmd", b"action", b"-pack", b"askpass", b"pager", b"editor", b"program", b"-shell", b"script", b"hook", b"filter", b"launcher", b"eval", b"extension", b"split-string",
];
/// Parts of names of options that read, send or write a file.
#[rustfmt::skip]
const FILES: &[&[u8]] = &[b"output", b"file", b"config", b"write", b"include", b"load", b"log", b"data", b"html"];
/// Options of one letter that name a file which is written or sent.
const LETTERS: &[u8] = b"otxwdk";
/// Directories that a request has no business in.
#[rustfmt::skip]
const FOLDERS: &[&[u8]] = &[b"/etc/", b"/var/", b"/tmp/", b"/root/", b"/home/", b"/proc/", b"/dev/", b"/bin/", b"/usr/", b"/srv/", b"/opt/"];

/// A setting of Git that runs a program, wherever it stands.
const SSH_COMMAND: &[u8] = b"core.sshcommand";

/// `ext::sh -c …`: is the value a transport of Git that runs a known command?
pub(super) fn is_transport(view: &[u8]) -> bool {
    let command = view.strip_prefix(TRANSPORT).filter(|_| view.len() <= LONGEST);
    command.is_some_and(|command| names::is_command(read(command, 0).0.base()))
}

/// `core.sshCommand=…`: does the value set what Git runs?
pub(super) fn sets_ssh_command(view: &[u8]) -> bool {
    view.len() <= LONGEST
        && !view.starts_with(TRANSPORT)
        && view.contains(&b'=')
        && find(view, 0, SSH_COMMAND).is_some()
}

/// `--exec=…`: is the value an option that runs a program, and a program?
pub(super) fn runs_program(view: &[u8]) -> bool {
    option(view).is_some_and(|(name, value)| {
        let shell = matches!(name, b"e" | b"i" | b"c") && names::has(&names::ALONE, value);
        // Ghostscript writes into a pipe if it is told to, and Git has settings on its command line.
        let piped = find(view, 0, b"%pipe%").is_some()
            || name == b"dnosafer"
            || has_any(value, &[b"core.pager=", b"core.editor="]);
        let spaced = name == b"o" && find(value, 0, b"proxycommand=").is_some();
        // `-TvTT=…`: zip tests an archive with a program of one's choice.
        let tests = name.ends_with(b"tt") && is_program(value);
        has_any(name, RUNS) && is_program(value) || shell || piped || spaced || tests
    })
}

/// `ssh://-oproxycommand=x`, `eve@x -oq/tmp/`: is an option of ssh or of sendmail where a host or an address ends?
pub(super) fn is_behind_host(view: &[u8]) -> bool {
    let sends = || {
        let options: &[&[u8]] = &[b"\t-oq/", b" -oq/", b"\t-x/", b" -x/", b"\t-c/", b" -c/"];
        view.contains(&b'@') && has_any(view, options)
    };
    view.len() <= LONGEST && (find(view, 0, b"://-oproxycommand=").is_some() || sends())
}

/// Options that run what stands behind them, among the arguments of `find`, `zip`, `tar`, `curl` and Java, or of a package manager.
const RUN_LATER: &[&[u8]] = &[
    b" -exec ",
    b" -execdir ",
    b" -tt ",
    b" --exec=",
    b" --to-command=",
    b" --use-compress-program=",
    b"-xx:onoutofmemoryerror=",
    b"-xx:onerror=",
];

/// `x -exec id \;`, `a.zip -T -TT 'sh #'`: does an option that runs a program follow one name, or other options, and then a program?
pub(super) fn runs_program_later(view: &[u8]) -> bool {
    view.len() <= LONGEST
        && RUN_LATER.iter().any(|option| {
            let Some((name, told)) = find(view, 0, option).and_then(|at| view.split_at_checked(at)) else {
                return false;
            };
            // `find . -exec …`: a command line that somebody shows.
            let mut words = name.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).skip(1);
            let told = told.get(option.len()..).unwrap_or_default();
            let told = told.strip_prefix(b"'").or_else(|| told.strip_prefix(b"\"")).unwrap_or(told);
            words.all(|word| word.starts_with(b"-")) && is_program(told)
        })
}

/// `--output=/var/www/x`, `-o /etc/x`: is the value an option that names a file, and a file of the system?
pub(super) fn names_file(view: &[u8]) -> bool {
    option(view).is_some_and(|(name, value)| {
        // `-o/var/www/x`: a letter and its value may be joined.
        let joined = matches!(name, [letter, folder @ ..] if LETTERS.contains(letter) && is_in_folder(folder));
        let letter = matches!(name, [letter] if LETTERS.contains(letter));
        joined || is_in_folder(value.strip_prefix(b"@").unwrap_or(value)) && (has_any(name, FILES) || letter)
    })
}

/// The name and the value of the option that a short value is; the first dash is not part of the name.
fn option(view: &[u8]) -> Option<(&[u8], &[u8])> {
    let option = view.strip_prefix(b"-").filter(|_| view.len() <= LONGEST)?;
    let end = option.iter().position(|byte| *byte == b'=' || byte.is_ascii_whitespace()).unwrap_or(option.len());
    let (name, value) = option.split_at(end);
    let named = name.first().is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'-');
    // Without a value Git's setting is only mentioned.
    (named && find(view, 0, SSH_COMMAND).is_none()).then(|| (name, value.get(1..).unwrap_or_default().trim_ascii()))
}

/// Is it a known command, the path of a program, or a text with the blanks and substitutions of a shell?
fn is_program(text: &[u8]) -> bool {
    names::is_command(read(text, 0).0.base())
        || is_in_folder(text)
        || has_any(text, &[b"$ifs", b"${ifs", b"exec=", b"$(", b"`"])
}

fn is_in_folder(text: &[u8]) -> bool {
    FOLDERS.iter().any(|folder| text.starts_with(folder))
}
