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
    b"exec", b"command", b"-cmd", b"action", b"-pack", b"askpass", b"pager", b"editor", b"program", b"-shell", b"script", b"hook", b"filter",
];
/// Parts of names of options that read, send or write a file.
#[rustfmt::skip]
const FILES: &[&[u8]] = &[b"output", b"file", b"config", b"write", b"include", b"load", b"log", b"data"];
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
    option(view).is_some_and(|(name, value)| has_any(name, RUNS) && is_program(value))
}

/// `--output=/var/www/x`, `-o /etc/x`: is the value an option that names a file, and a file of the system?
pub(super) fn names_file(view: &[u8]) -> bool {
    option(view).is_some_and(|(name, value)| is_in_folder(value) && (has_any(name, FILES) || name == b"o"))
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
